# SPDX-License-Identifier: MIT
"""Cost per update: measured by command, stored as data beside the machine's name."""

from __future__ import annotations

import json
import os
import platform
import time
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from seawall.analytics.examples import example_columns
from seawall.analytics.spec import Analytic, output_names

STORED = "costs.json"
ROWS = 200_000
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Costs:
    """Nanoseconds per update in a batch, by name, and where they were measured."""

    machine: str
    measured: str
    ns: dict[str, float]


def machine_name() -> str:
    """Processor, system and Python, on one line."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    cores = os.cpu_count() or 1
    return f"{model}, {cores} cores, {platform.system()}, Python {platform.python_version()}"


def stored_costs() -> Costs:
    """Costs that were measured when they were last written."""
    text = (files("seawall.analytics") / STORED).read_text(encoding="utf-8")
    found = json.loads(text)
    return Costs(found["machine"], found["measured"], dict(found["cost_ns_per_update"]))


def measure(analytic: Analytic, rows: int = ROWS, rounds: int = ROUNDS) -> float | None:
    """Median time of one update within a batch, ns; none for a fit.

    Parameters
    ----------
    analytic : Analytic
        From the registry; books have five levels.
    rows, rounds : int
        Length of a batch, and how many are timed after one that is not.
    """
    if analytic.batch is None:
        return None
    arrays = analytic.columns(example_columns(analytic, rows))
    levels = max((a.shape[1] for a in arrays if a.ndim == 2), default=0)
    params = analytic.vector()
    out = np.empty((rows, len(output_names(analytic, levels))))
    seconds = []
    for _ in range(rounds + 1):
        state = np.zeros(analytic.state_size(params, levels))
        began = time.perf_counter()
        analytic.batch(state, params, out, *arrays)
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds[1:])) / rows * 1e9


def write_costs(costs: dict[str, float], path: Path) -> None:
    """Store measured costs as JSON."""
    value = {
        "machine": machine_name(),
        "measured": time.strftime("%Y-%m-%d", time.gmtime()),
        "cost_ns_per_update": {k: round(v, 2) for k, v in costs.items()},
    }
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")

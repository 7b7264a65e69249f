# SPDX-License-Identifier: MIT
"""GARCH(1,1)'s volatility of 100,000 returns, parameters given."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import Columns, Task, run_row
from seawall.analytics.registry import analytic
from seawall.analytics.spec import run


def make(x: Columns) -> Task:
    params = {"omega": 0.02, "alpha": 0.08, "gamma": 0.0, "beta": 0.9, "backcast": 0.5}
    return Task(
        lambda: run(analytic("garch_filter"), {"value": x["x"]}, params)["vol"], x["x"].size,
        "returns/s", values=lambda got: got[-1_000:],
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-garch-filter", "ours", "seawall", make)

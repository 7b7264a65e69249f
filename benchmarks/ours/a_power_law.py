# SPDX-License-Identifier: MIT
"""The start and exponent of a power-law tail, over all starts of 10,000 values."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from rows import Columns, Task, run_row
from seawall.analytics.econophysics.power_law import scan


def make(x: Columns) -> Task:
    values = x["x"]

    def run() -> tuple[float, float]:
        ordered = np.sort(values)
        at, rate, _ = scan(np.log(ordered), np.empty(values.size), 2, False)
        return float(ordered[at]), 1.0 + rate

    return Task(
        run, values.size, "starts/s", lambda got: {"xmin": got[0], "alpha": got[1]},
        note="the search alone; fit() compares rival laws and bootstraps a p-value besides",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-power-law", "ours", "seawall", make)

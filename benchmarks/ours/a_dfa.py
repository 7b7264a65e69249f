# SPDX-License-Identifier: MIT
"""Detrended fluctuation analysis of 100,000 values."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from rows import Columns, Task, run_row
from seawall.analytics.econophysics import dfa


def make(x: Columns) -> Task:
    values = x["x"]
    steps = int(np.floor(np.log(0.1 * values.size / 4) / np.log(1.2)))
    scales = np.unique(np.floor(4 * 1.2 ** np.arange(steps + 1)))

    def run() -> float:
        spread = np.empty(scales.size)
        dfa.fluctuations(values, scales, 1, False, spread)
        return float(dfa.slope(scales, spread)[0])

    return Task(run, values.size, "values/s", lambda got: {"alpha": got})


if __name__ == "__main__":
    run_row("A-dfa", "ours", "seawall", make)

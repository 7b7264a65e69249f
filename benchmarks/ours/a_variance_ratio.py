# SPDX-License-Identifier: MIT
"""Variance ratios of 20,000 prices over four horizons."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import Columns, Task, run_row
from seawall.analytics.econophysics import variance_ratio


def make(x: Columns) -> Task:
    return Task(
        lambda: variance_ratio.fit(x["price"]), x["price"].size, "prices/s",
        numbers=lambda got: {"z": got.robust_z[-1]},
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-variance-ratio", "ours", "seawall", make)

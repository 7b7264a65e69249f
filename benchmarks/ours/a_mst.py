# SPDX-License-Identifier: MIT
"""Spanning tree of 50 instruments from 500 rows of returns."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import Columns, Task, run_row
from seawall.analytics.networks import mst


def make(x: Columns) -> Task:
    return Task(
        lambda: mst.fit(x["x"], samples=0), 1, "trees/s",
        numbers=lambda got: {"length": got.length},
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-mst", "ours", "seawall", make)

# SPDX-License-Identifier: MIT
"""Spillovers among 8 instruments from 500 rows of returns."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import Columns, Task, run_row
from seawall.analytics.networks import spillover


def make(x: Columns) -> Task:
    return Task(
        lambda: spillover.fit(x["x"]), 1, "tables/s", numbers=lambda got: {"total": got.total}
    )


if __name__ == "__main__":
    run_row("A-spillover", "ours", "seawall", make)

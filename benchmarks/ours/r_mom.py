# SPDX-License-Identifier: MIT
"""Median of the means of 251 blocks of 1,000 values."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import Columns, Task, run_row
from seawall.robust import median_of_means


def make(x: Columns) -> Task:
    return Task(lambda: median_of_means(x["x"], 251)[0], 1, "samples/s", lambda got: {"mean": got})


if __name__ == "__main__":
    run_row("R-mom", "ours", "seawall", make, input="R-column")

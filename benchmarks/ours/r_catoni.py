# SPDX-License-Identifier: MIT
"""Catoni's mean of 1,000 values with the narrow influence."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import Columns, Task, run_row
from seawall.robust import catoni_mean


def make(x: Columns) -> Task:
    return Task(lambda: catoni_mean(x["x"]).mean, 1, "samples/s", lambda got: {"mean": got})


if __name__ == "__main__":
    run_row("R-catoni", "ours", "seawall", make, input="R-column")

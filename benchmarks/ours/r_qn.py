# SPDX-License-Identifier: MIT
"""Qn of 1,000 values."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import Columns, Task, run_row
from seawall.robust import qn


def make(x: Columns) -> Task:
    return Task(lambda: qn(x["x"])[0], 1, "samples/s", numbers=lambda got: {"scale": got})


if __name__ == "__main__":
    run_row("R-qn", "ours", "seawall", make, input="R-column")

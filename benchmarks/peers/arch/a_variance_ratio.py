# SPDX-License-Identifier: MIT
"""A-variance-ratio with arch."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from arch.unitroot import VarianceRatio

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    def run() -> float:
        return [VarianceRatio(np.log(x["price"]), q).stat for q in (2, 5, 10, 20)][-1]

    return Task(run, x["price"].size, "prices/s", lambda got: {"z": got})


if __name__ == "__main__":
    run_row("A-variance-ratio", "arch", "arch", make)

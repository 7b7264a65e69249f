# SPDX-License-Identifier: MIT
"""R-mom with numpy: no package has the estimator."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    def run() -> float:
        return float(np.median([block.mean() for block in np.array_split(x["x"], 251)]))

    return Task(run, 1, "samples/s", lambda got: {"mean": got})


if __name__ == "__main__":
    run_row("R-mom", "numpy", "numpy", make, input="R-column")

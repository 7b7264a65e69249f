# SPDX-License-Identifier: MIT
"""R-qn with robpy."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from robpy.univariate import Qn

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    return Task(
        lambda: Qn().fit(x["x"]).scale,
        1,
        "samples/s",
        lambda got: {"scale": got},
        why="another correction for small samples",
    )


if __name__ == "__main__":
    run_row("R-qn", "robpy", "robpy", make, input="R-column")

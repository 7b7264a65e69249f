# SPDX-License-Identifier: MIT
"""R-qn with statsmodels."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from statsmodels.robust.scale import qn_scale

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    return Task(
        lambda: qn_scale(x["x"]), 1, "samples/s", lambda got: {"scale": got},
        why="without the correction for small samples",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("R-qn", "statsmodels", "statsmodels", make, input="R-column")

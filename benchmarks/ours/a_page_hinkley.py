# SPDX-License-Identifier: MIT
"""Page and Hinkley's test over a million values, begun as river begins it."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import Columns, Task, run_row
from seawall.robust.change import page_hinkley


def make(x: Columns) -> Task:
    return Task(
        lambda: page_hinkley(x["x"], river=True), x["x"].size, "values/s",
        numbers=lambda got: {"detections": got.size}, values=lambda got: got,
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-page-hinkley", "ours", "seawall", make)

# SPDX-License-Identifier: MIT
"""ADWIN over a million values, whose window begins anew after a cut."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import Columns, Task, run_row
from seawall.robust.change import adwin


def make(x: Columns) -> Task:
    return Task(
        lambda: adwin(x["x"], keep_newest=False), x["x"].size, "values/s",
        numbers=lambda got: {"detections": got.detections.size},
        values=lambda got: got.detections,
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-adwin", "ours", "seawall", make)

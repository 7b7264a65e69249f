# SPDX-License-Identifier: MIT
"""Sample entropy of 5,000 values."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import Columns, Task, run_row
from seawall.analytics.econophysics.sample_entropy import entropy_of


def make(x: Columns) -> Task:
    reach = 0.2 * float(x["x"].std())
    return Task(
        lambda: entropy_of(x["x"], 2, reach)[0], x["x"].size, "values/s",
        numbers=lambda got: {"entropy": got},
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-sample-entropy", "ours", "seawall", make)

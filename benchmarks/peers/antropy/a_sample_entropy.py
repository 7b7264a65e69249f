# SPDX-License-Identifier: MIT
"""A-sample-entropy with antropy."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import antropy

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    reach = 0.2 * float(x["x"].std())
    return Task(
        lambda: antropy.sample_entropy(x["x"], 2, tolerance=reach), x["x"].size, "values/s",
        numbers=lambda got: {"entropy": got},
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-sample-entropy", "antropy", "antropy", make)

# SPDX-License-Identifier: MIT
"""A-dfa with antropy."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import antropy

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    return Task(
        lambda: antropy.detrended_fluctuation(x["x"]), x["x"].size, "values/s",
        numbers=lambda got: {"alpha": got},
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-dfa", "antropy", "antropy", make)

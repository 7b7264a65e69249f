# SPDX-License-Identifier: MIT
"""Ledoit and Wolf's covariance of 1,000 rows by 50 columns."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import Columns, Task, run_row
from seawall.robust import LedoitWolf


def make(x: Columns) -> Task:
    return Task(
        lambda: LedoitWolf().fit(x["rows"]), 1, "fits/s", values=lambda fit: fit.covariance_
    )


if __name__ == "__main__":
    run_row("R-ledoit-wolf", "ours", "seawall", make, input="R-mrcd")

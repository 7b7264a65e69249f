# SPDX-License-Identifier: MIT
"""MRCD of 1,000 rows by 50 columns, a fifth of them in a tight cluster."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import Columns, Task, run_row
from seawall.robust import MRCD


def make(x: Columns) -> Task:
    rows = x["rows"]
    bad = rows.shape[0] // 5

    def numbers(fit: MRCD) -> dict[str, float]:
        return {"log_det": fit.log_det_, "rho": fit.rho_, "bad_kept": (fit.support_ < bad).sum()}

    return Task(lambda: MRCD().fit(rows), 1, "fits/s", numbers)


if __name__ == "__main__":
    run_row("R-mrcd", "ours", "seawall", make)

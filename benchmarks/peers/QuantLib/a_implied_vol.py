# SPDX-License-Identifier: MIT
"""A-implied-vol with QuantLib, one option at a time."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import QuantLib as ql

from rows import Columns, Task, run_row

FEW = 50_000


def make(x: Columns) -> Task:
    names = ("price", "forward", "strike", "years", "call", "vol")
    rows = list(zip(*(x[name][:FEW].tolist() for name in names), strict=True))
    years = x["years"][: len(rows)]

    def run() -> list[float]:
        # The guess is the answer's size, as a caller with the last smile would give.
        return [
            ql.blackFormulaImpliedStdDev(
                ql.Option.Call if call > 0 else ql.Option.Put, strike, forward, price, 1.0, 0.0,
                vol * t**0.5, 1e-12,
            )
            for price, forward, strike, t, call, vol in rows
        ]  # fmt: skip

    return Task(
        run, len(rows), "options/s", values=lambda got: np.array(got) / np.sqrt(years),
        note=f"the first {len(rows):,} options, its guess being the answer",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-implied-vol", "QuantLib", "QuantLib", make)

# SPDX-License-Identifier: MIT
"""A-implied-vol with vollib, one option at a time."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from vollib.black.implied_volatility import implied_volatility

from rows import Columns, Task, run_row

FEW = 20_000


def make(x: Columns) -> Task:
    names = ("price", "forward", "strike", "years", "call")
    rows = list(zip(*(x[name][:FEW].tolist() for name in names), strict=True))

    def run() -> list[float]:
        return [
            implied_volatility(price, forward, strike, 0.0, years, "c" if call > 0 else "p")
            for price, forward, strike, years, call in rows
        ]

    return Task(
        run, len(rows), "options/s", values=lambda got: got,
        note=f"the first {len(rows):,} options: it takes them one by one",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-implied-vol", "vollib", "vollib", make)

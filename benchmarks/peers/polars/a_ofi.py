# SPDX-License-Identifier: MIT
"""A-ofi with a polars expression, on all threads that polars takes."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import polars as pl

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    table = pl.DataFrame({name: x[name] for name in ("bid_px", "bid_qty", "ask_px", "ask_qty")})
    b, qb, a, qa = (pl.col(name) for name in table.columns)

    def when(condition: pl.Expr, size: pl.Expr) -> pl.Expr:
        return pl.when(condition).then(size).otherwise(0.0)

    e = (
        when(b >= b.shift(), qb)
        - when(b <= b.shift(), qb.shift())
        - when(a <= a.shift(), qa)
        + when(a >= a.shift(), qa.shift())
    )
    step = table.height // 10_000

    def values(got: pl.DataFrame) -> np.ndarray:
        return got.to_numpy()[::step]

    return Task(
        lambda: table.select(e=e).with_columns(ofi=pl.col("e").cum_sum()), table.height,
        "quotes/s", values=values, note=f"{pl.thread_pool_size()} threads",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-ofi", "polars", "polars", make)

# SPDX-License-Identifier: MIT
"""VPIN bucket by bucket over five million trades, with its floor and its rank."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import Columns, Task, run_row
from seawall.analytics.flow import vpin_rank


def make(x: Columns) -> Task:
    return Task(
        lambda: vpin_rank.fit(x["qty"], x["side"], bucket=x["bucket"]), x["qty"].size, "trades/s",
        values=lambda got: got.vpin[49:],
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-vpin", "ours", "seawall", make)

# SPDX-License-Identifier: MIT
"""Order flow imbalance of five million quotes: each contribution and the running sum."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import Columns, Task, run_row
from seawall.analytics.registry import analytic
from seawall.analytics.spec import run


def make(x: Columns) -> Task:
    return Task(
        lambda: run(analytic("ofi"), x), x["bid_px"].size, "quotes/s",
        values=lambda got: got.values[:: x["bid_px"].size // 10_000],
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-ofi", "ours", "seawall", make)

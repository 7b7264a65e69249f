# SPDX-License-Identifier: MIT
"""A-ofi with pandas."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import pandas as pd

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    table = pd.DataFrame({name: x[name] for name in ("bid_px", "bid_qty", "ask_px", "ask_qty")})

    def run() -> pd.DataFrame:
        before = table.shift()
        e = (
            table["bid_qty"].where(table["bid_px"] >= before["bid_px"], 0.0)
            - before["bid_qty"].where(table["bid_px"] <= before["bid_px"], 0.0)
            - table["ask_qty"].where(table["ask_px"] <= before["ask_px"], 0.0)
            + before["ask_qty"].where(table["ask_px"] >= before["ask_px"], 0.0)
        )
        return pd.DataFrame({"e": e, "ofi": e.cumsum()})

    step = len(table) // 10_000
    return Task(run, len(table), "quotes/s", values=lambda got: got.to_numpy()[::step])


if __name__ == "__main__":
    run_row("A-ofi", "pandas", "pandas", make)

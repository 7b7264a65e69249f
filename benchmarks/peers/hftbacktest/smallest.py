# SPDX-License-Identifier: MIT
"""The smallest backtest of W6 with hftbacktest, which takes book events and no bars.

A hundred top-of-book updates, and W2's strategy compiled and run over them.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from feed import events_of
from w2 import simulate

from smallest_bars import columns

closes = columns()
count = len(closes["close"])
ticks = np.round(np.array(closes["close"]) * 10).astype(np.int32)
# Each bar's close as the best bid and the tick above it as the best ask; old levels go first.
rows = []
for i in range(count):
    ts = closes["ts_ns"][i]
    if i:
        rows += [(ts, 1, ticks[i - 1], 0), (ts, 0, ticks[i - 1] + 1, 0)]
    rows += [(ts, 1, ticks[i], 1_000), (ts, 0, ticks[i] + 1, 1_000)]
table = np.array(rows, dtype=np.int64)
events = events_of(
    {
        "ts_ns": table[:, 0],
        "kind": np.full(len(table), 2),
        "is_bid": table[:, 1],
        "px_ticks": table[:, 2],
        "qty_lots": table[:, 3],
        "n_snapshot": np.array(2),
    }
)
fills, n_orders, _ = simulate(events, "risk-averse")
print(len(fills), n_orders)

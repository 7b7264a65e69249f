# SPDX-License-Identifier: MIT
"""The signals of the EMA cross for vectorbt: levels at a bar's close, moved to the next bar."""

from __future__ import annotations

import numpy as np
import vectorbt as vbt

from contract import FEE_RATE, START_CASH


def averages(close, spans):
    """One column per span, each started from the first close (vectorbt's own moving average)."""
    return vbt.MA.run(close, window=spans, ewm=True, adjust=False).ma.to_numpy()


def next_bar_signals(fast, slow, slow_spans):
    """Entries and exits on the bar whose open fills them: the bar after the deciding one."""
    wants_long = fast > slow
    decided = np.arange(len(wants_long))[:, None] >= slow_spans
    entries = np.zeros(wants_long.shape, dtype=bool)
    exits = np.zeros(wants_long.shape, dtype=bool)
    entries[1:] = (wants_long & decided)[:-1]
    exits[1:] = (~wants_long & decided)[:-1]
    return entries, exits


def simulate(close, open_, entries, exits):
    """One unit long per entry, filled at the open, on vectorbt's default engine."""
    return vbt.Portfolio.from_signals(
        close,
        entries,
        exits,
        price=open_,
        size=1.0,
        fees=FEE_RATE,
        init_cash=START_CASH,
        freq="1min",
    )

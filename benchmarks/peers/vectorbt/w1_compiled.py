# SPDX-License-Identifier: MIT
"""W1-compiled with vectorbt's from_order_func: a numba callback per bar."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import pandas as pd
import vectorbt as vbt
from numba import njit
from vectorbt.portfolio import nb
from w1_vectorised import fills_of

from arrays import bars_pnl, fills_outcome, load_bars, save_fills
from contract import FAST_SPAN, FEE_RATE, SLOW_SPAN, START_CASH, arguments, report, timed

# Slots of the callback's state.
FAST, SLOW, LONG_WANTED, STARTED = range(4)
FAST_ALPHA = 2.0 / (FAST_SPAN + 1)
SLOW_ALPHA = 2.0 / (SLOW_SPAN + 1)


@njit
def order_func_nb(c, open_, state):
    """Act on the decision of the bar before at this open, then decide on this bar's close."""
    close = c.close[c.i, c.col]
    order = nb.order_nothing_nb()
    if state[LONG_WANTED] == 1.0 and c.position_now == 0.0:
        order = nb.order_nb(size=1.0, price=open_[c.i], fees=FEE_RATE)
    elif state[LONG_WANTED] == 0.0 and c.position_now > 0.0:
        order = nb.order_nb(size=-1.0, price=open_[c.i], fees=FEE_RATE)
    if state[STARTED] == 0.0:
        state[FAST] = state[SLOW] = close
        state[STARTED] = 1.0
    else:
        state[FAST] += FAST_ALPHA * (close - state[FAST])
        state[SLOW] += SLOW_ALPHA * (close - state[SLOW])
    if c.i >= SLOW_SPAN:
        state[LONG_WANTED] = 1.0 if state[FAST] > state[SLOW] else 0.0
    return order


def main() -> None:
    args = arguments()
    bars = load_bars(args.inputs / "W1")
    close = pd.Series(bars["close"], index=pd.to_datetime(bars["ts_ns"]))
    open_ = bars["open"]

    def run(close=close, open_=open_):
        portfolio = vbt.Portfolio.from_order_func(
            close, order_func_nb, open_, np.zeros(4), init_cash=START_CASH, freq="1min"
        )
        return portfolio, portfolio.final_value()

    run(close[:1000], open_[:1000])
    laps, (portfolio, final_value) = timed(run, args.repeats)
    fills = fills_of(portfolio)
    save_fills(args, "W1-compiled", "vectorbt", fills)
    outcome = {**fills_outcome(fills), "pnl": bars_pnl(fills, bars["close"][-1])}
    outcome["reported_pnl"] = round(float(final_value) - START_CASH, 4)
    report("W1-compiled", "vectorbt", "vectorbt", laps, len(close), "bars/s", outcome)


if __name__ == "__main__":
    main()

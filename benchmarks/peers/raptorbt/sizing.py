# SPDX-License-Identifier: MIT
"""How raptorbt is told to trade one unit."""

from __future__ import annotations

import raptorbt


def one_unit(bars):
    """The sizing that gives one unit at every price of these bars.

    Signals and `enter()` size by capital only, so the capital is put between the cost of one and
    of two units, and the lot size rounds it down. A check on the fills follows each run.
    """
    budget = bars["high"].max() * 1.01
    if budget >= 2 * bars["low"].min():
        raise ValueError("the price range is too wide to size one unit by capital")
    return raptorbt.InstrumentConfig(lot_size=1.0, alloted_capital=budget)

# SPDX-License-Identifier: MIT
"""Grids out of bars: one row per close."""

from __future__ import annotations

from typing import Final

import numpy as np

from seawall.model.errors import ResearchError
from seawall.model.events import BarField
from seawall.model.market import Market
from seawall.signals.from_events import with_peers
from seawall.signals.grid import Grid

HALF_SPREAD_BPS: Final = 1.0
"""Bars tell no spread: half of one that is taken, bps."""
LEAST_BARS: Final = 3


def grids_of_bars(market: Market, half_spread_bps: float = HALF_SPREAD_BPS) -> tuple[Grid, ...]:
    """Make a grid of every instrument of a market that has bars.

    Parameters
    ----------
    market : Market
        With bars.
    half_spread_bps : float
        Half spread that a trade pays, bps: bars do not tell it.

    Raises
    ------
    ResearchError
        When no instrument has at least three bars.
    """
    bars = market.bars
    of_stream = np.array(market.instrument_of_stream(), dtype=np.int64)
    of_bar = of_stream[bars[BarField.STREAM]] if bars.shape[1] else np.empty(0, np.int64)
    known = []
    for n, instrument in enumerate(market.instruments):
        own = bars[:, of_bar == n]
        if own.shape[1] < LEAST_BARS:
            continue
        ts = np.ascontiguousarray(own[BarField.TS])
        tick, lot = float(instrument.tick), float(instrument.lot)
        close = own[BarField.CLOSE] * tick
        columns = {
            "mid": close,
            "half_spread_bps": np.full(ts.size, half_spread_bps),
            "high": own[BarField.HIGH] * tick,
            "low": own[BarField.LOW] * tick,
            "volume": own[BarField.VOLUME] * lot,
        }
        fee = float(instrument.fees[0].taker) * 1e4
        # The usual distance, known from the first bars: a later gap changes nothing before.
        step = int(np.median(np.diff(ts[:100])))
        name = f"{instrument.venue} {instrument.symbol}"
        known.append((instrument, Grid(name, "bars", ts, step, fee, columns)))
    if not known:
        raise ResearchError("no instrument has bars", mend="import bars, or give events")
    return with_peers(known)

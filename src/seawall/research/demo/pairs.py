# SPDX-License-Identifier: MIT
"""Which pair of strategies fits a market."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seawall.engine.strategy import Strategy
from seawall.engine.terms import instrument_names
from seawall.model.events import EventKind
from seawall.model.market import Market
from seawall.research.demo.quoter import DefendedQuoter, NaiveQuoter
from seawall.research.demo.trend import DefendedTrend, NaiveTrend

SIZE = 10
"""A quote is so many median trades large: large enough to matter, small against depth."""


@dataclass(frozen=True)
class Pair:
    """One strategy, naive and defended.

    Parameters
    ----------
    naive, defended : Strategy
        The variants.
    symbol : str
        Instrument that is traded; empty for all.
    """

    naive: Strategy
    defended: Strategy
    symbol: str


def pair_for(market: Market) -> Pair:
    """Choose the trend follower for bars, the quoter for events."""
    if market.bars.shape[1]:
        n = len(market.instruments)
        return Pair(NaiveTrend(n), DefendedTrend(n), "" if n > 1 else market.instruments[0].symbol)
    chosen, quantity = busiest(market)
    instrument = market.instruments[chosen]
    tick = float(instrument.tick)
    fee = float(instrument.fees[0].maker)
    name = instrument_names(market.instruments)[chosen]
    return Pair(
        NaiveQuoter(name, quantity, tick, fee),
        DefendedQuoter(name, quantity, tick, fee),
        name,
    )


def busiest(market: Market) -> tuple[int, float]:
    """Instrument with the most trades, and the size of a quote in it."""
    ev = market.events
    trades = ev[ev["kind"] == EventKind.TRADE]
    inst = np.asarray(market.instrument_of_stream())[trades["stream"]]
    counts = np.bincount(inst, minlength=len(market.instruments))
    chosen = int(np.argmax(counts))
    sizes = trades["qty"][inst == chosen]
    lots = SIZE * max(1, int(np.median(sizes))) if sizes.size else 1
    return chosen, lots * float(market.instruments[chosen].lot)

# SPDX-License-Identifier: MIT
"""Rates of orders at the best prices: what ``fill_probability`` wants to know.

Formula: while a best price stands, growth of its size is arrivals, and shrinkage beyond what
was traded is cancels.  unit = mean growth; arrivals = growth / unit / time, markets =
traded / unit / time, cancels = cancelled / integral of size over time, each the mean of
both sides; inside = how often a better price appears while the spread is wider than a tick,
per side and second of such time.
Unit: rates per second; unit in base currency.
Assumption: rows in order of time, trades with the book before them, quotes with ``qty`` 0.
An order that comes and goes between two quotes is unseen, so all rates are too low on slow
feeds.  Growth and shrinkage between two quotes cancel out.
Cost: O(rows), a whole sample at once.
Source: Cont, Stoikov and Talreja (2010), Operations Research 58(3), section 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seawall.analytics.jit import Array, Times, entry
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

GREW, GREW_BY, TRADED, CANCELLED, SIZE_TIME, TIME, INSIDE, WIDE_TIME = range(8)


@dataclass(frozen=True, slots=True)
class QueueRates:
    """Rates by the second; ``seconds`` of the sample, ``orders`` that came."""

    arrivals: float
    markets: float
    cancels: float
    unit: float
    inside: float
    wide_share: float
    seconds: float
    orders: int

    def params(self) -> dict[str, float]:
        """Parameters for ``fill_probability`` where the spread is one tick."""
        return {"arrivals": self.arrivals, "markets": self.markets, "cancels": self.cancels,
                "unit": self.unit}  # fmt: skip


@entry
def tally(
    ts: Times, best: Array, level: Array, other: Array, price: Array, qty: Array, side: Array,
    tick: float, out: Array,
) -> None:  # fmt: skip
    """Add up what happened on one side; prices of the ask are given negated."""
    known, traded, then = False, 0.0, 0
    px, size, across = 0.0, 0.0, 0.0
    for i in range(ts.size):
        if not (abs(best[i] + level[i] + other[i] + qty[i]) < 1e300 and best[i] < -other[i]):
            known = False
            continue
        if qty[i] > 0.0:
            if known and side[i] < 0.0 and price[i] == px:
                traded += qty[i]
            if side[i] < 0.0:
                out[TRADED] += qty[i]
            continue
        if known:
            seconds = (ts[i] - then) * 1e-9
            out[TIME] += seconds
            out[SIZE_TIME] += seconds * size
            wide = -across - px > 1.5 * tick
            if wide:
                out[WIDE_TIME] += seconds
            if best[i] == px:
                change = level[i] - max(size - traded, 0.0)
                if change > 0.0:
                    out[GREW] += 1.0
                    out[GREW_BY] += change
                else:
                    out[CANCELLED] -= change
            elif best[i] > px and wide:
                out[INSIDE] += 1.0
        known, traded, then = True, 0.0, ts[i]
        px, size, across = best[i], level[i], other[i]


def fit(
    ts: Times, bid_px: Array, bid_qty: Array, ask_px: Array, ask_qty: Array, price: Array,
    qty: Array, side: Array, *, tick: float = 0.0,
) -> QueueRates:  # fmt: skip
    """Measure the rates.

    Raises
    ------
    ResearchError
        When no size ever grew, or nothing was traded.
    """
    with np.errstate(invalid="ignore"):
        spreads = (ask_px - bid_px)[ask_px > bid_px]
    tick = tick or (float(spreads.min()) if spreads.size else 1.0)
    bid, ask = np.zeros(8), np.zeros(8)
    tally(ts, bid_px, bid_qty, -ask_px, price, qty, side, tick, bid)
    tally(ts, -ask_px, ask_qty, bid_px, -price, qty, -side, tick, ask)
    both = bid + ask
    if both[GREW] == 0.0 or both[TRADED] == 0.0 or both[SIZE_TIME] == 0.0:
        raise ResearchError(
            f"{int(both[GREW])} arrivals, {both[TRADED]:g} traded",
            where="rates at the best prices",
            mend="give quotes and trades in one table, quotes with qty 0",
        )
    unit = both[GREW_BY] / both[GREW]
    wide = both[WIDE_TIME]
    return QueueRates(
        float(both[GREW] / both[TIME]), float(both[TRADED] / unit / both[TIME]),
        float(both[CANCELLED] / both[SIZE_TIME]), float(unit),
        float(both[INSIDE] / wide) if wide > 0.0 else 0.0, float(wide / both[TIME]),
        float(both[TIME] / 2.0), int(both[GREW]),
    )  # fmt: skip


ANALYTIC = Analytic(
    name="queue_rates", group="fills",
    inputs=("ts", "bid_px", "bid_qty", "ask_px", "ask_qty", "price", "qty", "side"),
    doc=__doc__, fit=fit,
    params=(Param("tick", 0.0, "tick, quote currency; 0: the smallest spread", 0.0),),
    need=Need(seconds=300.0),
)  # fmt: skip

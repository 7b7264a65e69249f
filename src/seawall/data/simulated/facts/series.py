# SPDX-License-Identifier: MIT
"""What measures read: minutes of trading, and short recordings of trades and book."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Minutes:
    """One-minute closes and volumes.

    Parameters
    ----------
    close, volume : ndarray, shape (n,)
        Last trade price and traded quantity of each minute.
    """

    close: Floats
    volume: Floats


@dataclass(frozen=True, slots=True)
class Recording:
    """Minutes of trades and book of one instrument.

    Parameters
    ----------
    trade_ts, top_ts : ndarray of int64
        ns, one clock, ascending.
    price, qty, buy : ndarray
        Trades: price, quantity, taker bought.
    mid : ndarray
        Mid price after each change of the best prices.
    levels : ndarray, shape (m, 10, 4)
        Ten levels every 100 ms: bid price, bid quantity, ask price, ask quantity.
    tick : float
        Price step.
    """

    trade_ts: Ints
    price: Floats
    qty: Floats
    buy: npt.NDArray[np.bool_]
    top_ts: Ints
    mid: Floats
    levels: Floats
    tick: float

    def cut(self, start: int, end: int) -> Recording:
        """Part of the recording between two times, ns."""
        t = (self.trade_ts >= start) & (self.trade_ts < end)
        q = (self.top_ts >= start) & (self.top_ts < end)
        origin = int(min(self.trade_ts[0], self.top_ts[0]))
        step = 100_000_000
        a, b = (start - origin) // step, (end - origin) // step
        return Recording(
            self.trade_ts[t], self.price[t], self.qty[t], self.buy[t], self.top_ts[q],
            self.mid[q], self.levels[max(0, a) : max(0, b)], self.tick,
        )  # fmt: skip

    def mid_at(self, ts: Ints) -> Floats:
        """Mid price in force at each time."""
        at = np.searchsorted(self.top_ts, ts, side="right") - 1
        out: Floats = self.mid[np.clip(at, 0, len(self.mid) - 1)]
        return out


def orders_of(rec: Recording) -> tuple[Ints, Floats, Floats]:
    """Merge prints of one millisecond and side into aggressor orders.

    Returns
    -------
    ts, sign, qty : ndarray
        Time of the first print, +1 for a buying taker, total quantity.
    """
    ms = rec.trade_ts // 1_000_000
    new = np.ones(len(ms), dtype=bool)
    new[1:] = (ms[1:] != ms[:-1]) | (rec.buy[1:] != rec.buy[:-1])
    first = np.flatnonzero(new)
    qty = np.add.reduceat(rec.qty, first) if len(first) else np.empty(0)
    return rec.trade_ts[first], np.where(rec.buy[first], 1.0, -1.0), qty

# SPDX-License-Identifier: MIT
"""Books of a market as ladders in base currency, as fresh as the feeds allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from seawall.analytics.jit import Array, Table, entry
from seawall.analytics.manipulation.rows import rows_of
from seawall.model.instrument import Instrument, InstrumentKind
from seawall.model.market import Market

Column = npt.NDArray[Any]
SIDES = ("bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys")


@entry
def freshen(pxs: Table, qtys: Table, top_px: Array, top_qty: Array, side: float) -> None:
    """Put the best quote of the ticker over a book that is told less often, in place."""
    levels = pxs.shape[1]
    old_px, old_qty = np.zeros(levels), np.zeros(levels)
    for i in range(top_px.size):
        for k in range(levels):
            old_px[k], old_qty[k] = pxs[i, k], qtys[i, k]
        pxs[i, 0], qtys[i, 0] = top_px[i], top_qty[i]
        n = 1
        for k in range(levels):
            # Only what is worse than the best can still stand behind it.
            if n < levels and (top_px[i] - old_px[k]) * side > 0.0:
                pxs[i, n], qtys[i, n] = old_px[k], old_qty[k]
                n += 1
        for k in range(n, levels):
            pxs[i, k], qtys[i, k] = pxs[i, n - 1], 0.0


@dataclass(frozen=True, slots=True)
class Ladders:
    """Book of one instrument after each message.

    Parameters
    ----------
    instrument : Instrument
        Whose book it is.
    ts : array of int64
        Receive times, ns UTC, ascending.
    sides : mapping of str to array of shape (rows, levels)
        ``bid_pxs``, ``bid_qtys``, ``ask_pxs``, ``ask_qtys``; sizes in base currency.
    """

    instrument: Instrument
    ts: npt.NDArray[np.int64]
    sides: dict[str, Column]

    @property
    def taker_bps(self) -> float:
        """Taker fee of the first tier, basis points."""
        return float(self.instrument.fees[0].taker) * 1e4


def ladders_of(market: Market, instrument: Instrument, levels: int = 10) -> Ladders:
    """Make the ladders of one instrument of a market.

    Raises
    ------
    ResearchError
        When the market has no quotes of it.
    """
    rows = rows_of(market, instrument, levels)
    quotes = rows.columns["qty"] == 0.0
    c = {name: np.ascontiguousarray(rows.columns[name][quotes]) for name in SIDES}
    if rows.ticker and rows.depth:
        for side, sign in (("bid", 1.0), ("ask", -1.0)):
            top = [np.ascontiguousarray(rows.columns[f"{side}_{w}"][quotes]) for w in ("px", "qty")]
            freshen(c[f"{side}_pxs"], c[f"{side}_qtys"], top[0], top[1], sign)
    size = float(instrument.contract_size)
    for side in ("bid", "ask"):
        if instrument.kind is InstrumentKind.INVERSE:
            c[f"{side}_qtys"] *= size / c[f"{side}_pxs"]
        elif size != 1.0:
            c[f"{side}_qtys"] *= size
    return Ladders(instrument, rows.columns["ts"][quotes], c)


def aligned(
    ladders: tuple[Ladders, ...],
) -> tuple[npt.NDArray[np.int64], dict[str, Column], npt.NDArray[np.int64]]:
    """Columns of several books at every moment at which one of them changed.

    Returns
    -------
    ts : array of int64
        Moments from which all books are known, ns UTC.
    columns : mapping of str to array
        Inputs of the edges: names without a number, with ``_2`` and with ``_3``.
    age : array of int64
        Age of the book that was heard longest ago, ns.
    """
    start = max(int(x.ts[0]) for x in ladders)
    ts = np.unique(np.concatenate([x.ts for x in ladders]))
    ts = ts[ts >= start]
    columns: dict[str, Column] = {}
    age = np.zeros(ts.size, dtype=np.int64)
    for number, one in enumerate(ladders, start=1):
        at = np.searchsorted(one.ts, ts, side="right") - 1
        age = np.maximum(age, ts - one.ts[at])
        tail = "" if number == 1 else f"_{number}"
        for name in SIDES:
            columns[name + tail] = one.sides[name][at]
    return ts, columns, age

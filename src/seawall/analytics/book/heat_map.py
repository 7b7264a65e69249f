# SPDX-License-Identifier: MIT
"""Liquidity heat map: how much lay at each price, at each time, ready to be drawn.

Formula: cell (t, p) = integral over the time column t of the size shown in the price row p,
over the time that the column knows; bids and asks apart.
Unit: base currency; borders of columns in ns UTC, of rows in quote currency.
Assumption: a book stands until the next row, ``hold`` seconds at most; levels that are
not shown count as nought, so that the map ends where the levels end.  A column without
a book is not-a-number.
Cost: O(rows x levels + columns x rows of the map), a whole sample at once.
Source: definition.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.jit import Array, Table, Times, entry
from seawall.analytics.spec import Analytic, Param
from seawall.model.errors import ResearchError


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The map.

    Parameters
    ----------
    times : array of columns + 1
        Borders of the columns, ns UTC.
    prices : array of rows + 1
        Borders of the rows, quote currency, rising.
    bid, ask : array of shape (columns, rows)
        Mean size shown.
    best_bid, best_ask : array of columns
        Mean best prices.
    """

    times: npt.NDArray[np.int64]
    prices: Array
    bid: Table
    ask: Table
    best_bid: Array
    best_ask: Array


@entry
def paint(
    ts: Times, ends: Times, pxs: Table, qtys: Table, start: int, width: float, low: float,
    height: float, grid: Table, known: Array, best: Array,
) -> None:  # fmt: skip
    """Add size times seconds to the cells of one side."""
    columns, rows = grid.shape
    for i in range(ts.size):
        now = ts[i]
        while now < ends[i]:
            column = min(int((now - start) / width), columns - 1)
            until = ends[i]
            if column < columns - 1:
                until = min(until, max(start + int((column + 1) * width), now + 1))
            seconds = (until - now) * 1e-9
            known[column] += seconds
            best[column] += seconds * pxs[i, 0]
            for k in range(pxs.shape[1]):
                row = (pxs[i, k] - low) / height
                if 0.0 <= row < rows and 0.0 < qtys[i, k] < 1e300:
                    grid[column, int(row)] += seconds * qtys[i, k]
            now = until


def fit(
    ts: Times, bid_pxs: Table, bid_qtys: Table, ask_pxs: Table, ask_qtys: Table, *,
    columns: float = 300.0, rows: float = 120.0, bps: float = 0.0, hold: float = 60.0,
) -> HeatMap:  # fmt: skip
    """Paint the map of a whole sample.

    Parameters
    ----------
    ts, bid_pxs, bid_qtys, ask_pxs, ask_qtys : arrays
        Books in order of time; unsound ones are left out.
    columns, rows : float
        Cells of time and of price.
    bps : float
        How far beyond the lowest and highest mid the prices reach, basis points; 0: to the
        furthest level in most books (95 %).
    hold : float
        Seconds for which a book stands at most.

    Raises
    ------
    ResearchError
        When fewer than two books are sound, or all carry the same time.
    """
    with np.errstate(invalid="ignore"):
        if bid_pxs.shape[1]:
            ok = (bid_pxs[:, 0] > 0.0) & (ask_pxs[:, 0] > bid_pxs[:, 0])
            ok &= np.isfinite(ask_pxs[:, 0])
        else:
            ok = np.zeros(ts.size, dtype=bool)
    t = ts[ok]
    if t.size < 2 or t[-1] <= t[0]:
        raise ResearchError(
            f"{t.size} sound books at one time or none make no map",
            mend="give books in order of time, bids below asks",
        )
    sides = [np.ascontiguousarray(x[ok]) for x in (bid_pxs, bid_qtys, ask_pxs, ask_qtys)]
    low, high = _range(sides[0], sides[2], bps)
    n, m = int(columns), int(rows)
    ends = np.minimum(np.append(t[1:], t[-1]), t + int(hold * 1e9))
    width, height = (int(t[-1]) - int(t[0])) / n, (high - low) / m
    grids, bests = [], []
    for pxs, qtys in ((sides[0], sides[1]), (sides[2], sides[3])):
        grid, known, best = np.zeros((n, m)), np.zeros(n), np.zeros(n)
        paint(t, ends, pxs, qtys, int(t[0]), width, low, height, grid, known, best)
        with np.errstate(invalid="ignore", divide="ignore"):
            grids.append(grid / known[:, None])
            bests.append(best / known)
    times = int(t[0]) + np.rint(np.arange(n + 1) * width).astype(np.int64)
    prices = np.linspace(low, high, m + 1)
    return HeatMap(times, prices, grids[0], grids[1], bests[0], bests[1])


def _range(bids: Table, asks: Table, bps: float) -> tuple[float, float]:
    if bps > 0.0:
        mid = 0.5 * (bids[:, 0] + asks[:, 0])
        return float(mid.min()) * (1.0 - bps * 1e-4), float(mid.max()) * (1.0 + bps * 1e-4)
    with np.errstate(all="ignore"):
        low = np.nanquantile(np.nanmin(np.where(bids > 0.0, bids, np.nan), axis=1), 0.05)
        high = np.nanquantile(np.nanmax(np.where(asks < np.inf, asks, np.nan), axis=1), 0.95)
    return float(low), float(high) * (1.0 + 1e-12)


ANALYTIC = Analytic(
    name="heat_map", group="book",
    inputs=("ts", "bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys"), doc=__doc__, fit=fit,
    params=(
        Param("columns", 300, "cells of time", 1, 100_000, True),
        Param("rows", 120, "cells of price", 1, 100_000, True),
        Param("bps", 0.0, "reach beyond the mids, basis points; 0: the levels' own", 0.0, 1e4),
        Param("hold", 60.0, "seconds for which a book stands at most", 1e-3, 1e7),
    ),
)  # fmt: skip

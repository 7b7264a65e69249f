# SPDX-License-Identifier: MIT
"""Relistings: one ticker, two coins.

An exchange that delists a coin can give its ticker to another one, or bring it back in
another denomination.  Prices on both sides of such a gap must never be joined, so the
catalogue stores each part as a symbol of its own: the first keeps the name, the second is
``LUNA.2/USDT``, and so on.  The later part gets the suffix because only then is it known
that there are two; a suffix on the first part would tell a strategy the future.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from seawall.model.time import NS_PER_DAY

LEAST_GAP_NS = 3 * NS_PER_DAY
"""Shortest silence that can hide a relisting."""

LEAST_JUMP = float(np.log(3.0))
"""Smallest absolute log price change across the silence."""

_SIGMAS = 6.0
_MAD_TO_SIGMA = 1.4826


def segment_symbol(symbol: str, number: int) -> str:
    """Symbol of the ``number``-th listing under one ticker, counted from 1.

    >>> segment_symbol("LUNA/USDT", 2)
    'LUNA.2/USDT'
    """
    if number == 1:
        return symbol
    base, _, rest = symbol.partition("/")
    return f"{base}.{number}/{rest}"


def relisting_rows(ts: npt.NDArray[np.int64], price: npt.NDArray[np.float64]) -> list[int]:
    """Rows that begin a new listing.

    A row begins one when at least three days passed since the row before and the log
    price moved by more than log 3 and more than six robust standard deviations of a move
    over such a time (median absolute deviation of one-row moves, grown with the square
    root of the time).

    Parameters
    ----------
    ts : ndarray of int64
        Times in order, ns.
    price : ndarray of float64
        Positive prices.

    Returns
    -------
    list of int
        Indices, ascending; empty in the usual case.
    """
    gaps = np.diff(ts)
    silent = np.flatnonzero(gaps >= LEAST_GAP_NS)
    if not silent.size:
        return []
    moves = np.diff(np.log(price))
    usual = float(np.median(gaps[gaps > 0])) if (gaps > 0).any() else 1.0
    sigma = float(np.median(np.abs(moves - np.median(moves)))) * _MAD_TO_SIGMA
    out = []
    for n in silent:
        bound = max(LEAST_JUMP, _SIGMAS * sigma * float(np.sqrt(gaps[n] / usual)))
        if abs(moves[n]) > bound:
            out.append(int(n) + 1)
    return out

# SPDX-License-Identifier: MIT
"""Prints of one order put together again.

A large order that takes several levels is printed several times.  Signs then repeat by
construction, and every model in which signs follow one another is fooled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]
FEW_TRADES = 10


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders of takers: first time, mean price weighted with size, size, side; prints merged."""

    ts: Times
    price: Vector
    qty: Vector
    side: Vector
    merged: int


def orders_of(ts: Times, price: Vector, qty: Vector, side: Vector, *, gap: float) -> Orders:
    """Leave unsound rows out and merge consecutive prints of one side.

    Parameters
    ----------
    ts, price, qty, side : arrays
        Prints in order of time.
    gap : float
        Seconds after the print before within which a print belongs to the same order; a
        negative number merges nothing.

    Raises
    ------
    ResearchError
        When fewer than ten trades are left.
    """
    ok = np.isfinite(price) & np.isfinite(qty) & (price > 0.0) & (qty > 0.0) & (np.abs(side) == 1.0)
    ts, price, qty, side = ts[ok], price[ok], qty[ok], side[ok]
    if gap >= 0.0 and ts.size:
        first = np.concatenate(([True], (np.diff(ts) > int(gap * 1e9)) | (np.diff(side) != 0.0)))
        starts = np.flatnonzero(first)
        size = np.add.reduceat(qty, starts)
        paid = np.add.reduceat(price * qty, starts)
        merged = int(ts.size - starts.size)
        ts, side, qty, price = ts[starts], side[starts], size, paid / size
    else:
        merged = 0
    if ts.size < FEW_TRADES:
        raise ResearchError(
            f"{ts.size} sound trades are too few: {FEW_TRADES} at least",
            mend="prices and sizes must be positive, sides +1 or -1; a quote has no side",
        )
    return Orders(ts, price, qty, side, merged)


def share_doubts(share: float, sign_autocorrelation: float) -> tuple[str, ...]:
    """Why the part of the spread that pays for information should not be relied on."""
    out = []
    if not 0.0 <= share <= 1.0:
        out.append(
            "the adverse share lies outside 0 to 1: prices go on moving the way of the last order,"
            " so the spread does not hold the whole impact"
        )
    if sign_autocorrelation > 0.3:
        out.append("signs repeat: orders are split, and more than the last sign foretells them")
    return tuple(out)

# SPDX-License-Identifier: MIT
"""Glosten and Harris: what of the spread passes and what stays, growing with size.

Formula: dP = c0 dQ + c1 d(Q V) + z0 Q + z1 Q V + e; half-spread of an order of size V:
(c0 + c1 V) that passes and (z0 + z1 V) that stays; share = what stays over both, at the mean
size; spread = 2 (c0 + z0 + (c1 + z1) V) there.
Unit: c0, z0 quote currency; c1, z1 quote currency per base currency; share none.
Assumption: the sign is the taker's, the fair price moves by trades and by noise that is
independent of them; prints of one side within ``gap``
seconds are one order.
Cost: O(trades), a whole sample at once; errors by Newey and West.
Source: Glosten and Harris (1988), Journal of Financial Economics 21(1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seawall.analytics.costs.prints import Times, Vector, orders_of, share_doubts
from seawall.analytics.costs.regress import ols
from seawall.analytics.spec import Analytic, Need, Param


@dataclass(frozen=True, slots=True)
class GlostenHarris:
    """Components of the spread; ``errors`` of c0, c1, z0, z1 in that order."""

    c0: float
    c1: float
    z0: float
    z1: float
    errors: tuple[float, ...]
    mean_size: float
    spread: float
    adverse_share: float
    r2: float
    trades: int
    merged: int
    doubts: tuple[str, ...]


def fit(
    ts: Times, price: Vector, qty: Vector, side: Vector, *, gap: float = 0.001
) -> GlostenHarris:
    """Estimate by least squares.

    Raises
    ------
    ResearchError
        With too few trades, or when all sizes or all sides are alike.
    """
    o = orders_of(ts, price, qty, side, gap=gap)
    signed = o.side * o.qty
    x = np.column_stack((np.diff(o.side), np.diff(signed), o.side[1:], signed[1:]))
    found = ols(np.diff(o.price), x)
    c0, c1, z0, z1 = (float(b) for b in found.beta)
    size = float(o.qty.mean())
    passes, stays = c0 + c1 * size, z0 + z1 * size
    half = passes + stays
    share = stays / half if half != 0.0 else float("nan")
    repeats = float(np.mean(o.side[1:] * o.side[:-1]))
    return GlostenHarris(
        c0, c1, z0, z1, tuple(float(e) for e in found.errors), size, 2.0 * half,
        share, found.r2, int(o.ts.size), o.merged, share_doubts(share, repeats),
    )  # fmt: skip


ANALYTIC = Analytic(
    name="glosten_harris", group="costs", inputs=("ts", "price", "qty", "side"), doc=__doc__,
    fit=fit,
    params=(Param("gap", 0.001, "s between prints of one order; -1: none are merged", -1.0, 1e3),),
    need=Need(seconds=900.0),
)  # fmt: skip

# SPDX-License-Identifier: MIT
"""EDGE: the spread from open, high, low and close, efficiently weighted.

Formula: with logs o, h, l, c, middle of the range m = (h + l) / 2 and a prime for the bar
before, the products (m - o)(o - m') and (m - c')(c' - m'), and (m - o)(o - c') and
(o - c')(c' - m'), centred on bars in which the price moved and scaled by how often open and
close are no extremes, are two estimates of the squared spread; the result weighs each with
the variance of the other.
Unit: fraction of the price.
Assumption: a random walk with bounce; bars of one length without gaps.  A negative squared
spread gives the root of its size with a minus when ``signed``, else without.
Cost: O(bars), a whole sample at once.
Source: Ardia, Guidotti and Kroencke (2024), Journal of Financial Economics 161.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.spec import Analytic, Param


@dataclass(frozen=True, slots=True)
class EdgeSpread:
    """Spread as a fraction of the price, and the bars it was found from."""

    spread: float
    bars: int


def fit(
    open: npt.NDArray[np.float64],
    high: npt.NDArray[np.float64],
    low: npt.NDArray[np.float64],
    close: npt.NDArray[np.float64],
    *,
    signed: float = 0.0,
) -> EdgeSpread:
    """Estimate the spread from bars; rows that are not finite are left out.

    Returns
    -------
    EdgeSpread
        Not-a-number with fewer than three bars, or where no price moved.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        o, h, l, c = (np.log(x) for x in (open, high, low, close))  # noqa: E741
    m = 0.5 * (h + l)
    o, h, l, m, h1, l1, c1, m1 = o[1:], h[1:], l[1:], m[1:], h[:-1], l[:-1], c[:-1], m[:-1]  # noqa: E741
    sound = np.isfinite(o + m + c1 + m1)
    o, h, l, m, h1, l1, c1, m1 = (x[sound] for x in (o, h, l, m, h1, l1, c1, m1))  # noqa: E741
    if o.size < 2:
        return EdgeSpread(float("nan"), int(o.size))
    moved = ((h != l) | (l != c1)).astype(float)
    p_open = np.mean(moved * (o != h)) + np.mean(moved * (o != l))
    p_close = np.mean(moved * (c1 != h1)) + np.mean(moved * (c1 != l1))
    if moved.sum() < 2 or p_open == 0 or p_close == 0:
        return EdgeSpread(float("nan"), int(o.size))

    def centred(r: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(r - r.mean() / moved.mean() * moved)

    first, third, fifth = centred(m - o), centred(m - c1), centred(o - c1)
    inner = -4.0 / p_open * first * (o - m1) - 4.0 / p_close * third * (c1 - m1)
    outer = -4.0 / p_open * first * (o - c1) - 4.0 / p_close * fifth * (c1 - m1)
    spread_inner, spread_outer = inner.mean(), outer.mean()
    total = inner.var() + outer.var()
    weight = outer.var() / total if total > 0.0 else 0.5
    squared = weight * spread_inner + (1.0 - weight) * spread_outer
    root = float(np.sqrt(abs(squared)))
    return EdgeSpread(-root if signed and squared < 0 else root, int(o.size) + 1)


ANALYTIC = Analytic(
    name="edge", group="flow", inputs=("open", "high", "low", "close"), doc=__doc__, fit=fit,
    params=(Param("signed", 0.0, "1: a minus when the squared spread is negative", 0, 1, True),),
)  # fmt: skip

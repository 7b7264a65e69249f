# SPDX-License-Identifier: MIT
"""Weibull law of waits for a fill, with orders that were withdrawn.

Formula: S(t) = exp(-(t / scale)^shape); maximises sum of ln hazard over fills less the sum of
(t / scale)^shape over all; shape solves sum t^c ln t / sum t^c - 1 / c = mean of ln t over
fills, scale = (sum t^c / fills)^(1/c).
Unit: scale and median seconds; shape none.  Below 1 the longer an order has waited the less
likely the next second fills it, as where queues differ; 1 is an exponential law.
Assumption: as ``kaplan_meier``; one law for all orders.  ``ks`` is the largest distance from
the Kaplan-Meier curve: large means another law.  Waits of 0 are taken as a thousandth of
the shortest other.
Cost: O(n) per step of the search, some ten steps.
Source: Lawless (2003), Statistical Models and Methods for Lifetime Data, chapter 5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from seawall.analytics.fills.kaplan_meier import fit as curve
from seawall.analytics.fills.kaplan_meier import sound_waits
from seawall.analytics.jit import Array
from seawall.analytics.spec import Analytic, Need
from seawall.model.errors import ResearchError


@dataclass(frozen=True, slots=True)
class Weibull:
    """Shape and scale with standard errors, likelihood, and the distance from the curve."""

    shape: float
    scale: float
    shape_error: float
    scale_error: float
    median: float
    loglik: float
    loglik_exponential: float
    ks: float
    orders: int
    observed: int

    def chance(self, seconds: float) -> float:
        """Chance to be filled within a time."""
        return float(-np.expm1(-((seconds / self.scale) ** self.shape)))


def fit(duration: Array, observed: Array) -> Weibull:
    """Estimate by maximum likelihood.

    Raises
    ------
    ResearchError
        When fewer than two fills at different times are there.
    """
    t, d = sound_waits(duration, observed)
    if not (t > 0.0).any() or np.unique(t[d > 0.0]).size < 2:
        raise ResearchError("two fills at different times are needed", mend="give more orders")
    t = np.maximum(t, 1e-3 * t[t > 0.0].min())
    unit, fills = float(t.max()), float(d.sum())
    x = np.log(t / unit)
    mean_fill = float((d * x).sum()) / fills

    def slope(c: float) -> float:
        w = np.exp(c * x)
        return float((w * x).sum() / w.sum()) - 1.0 / c - mean_fill

    from scipy.optimize import brentq

    low, high = 1e-3, 1.0
    while slope(high) < 0.0 and high < 1e6:
        high *= 2.0
    shape = float(brentq(slope, low, high, xtol=1e-14, rtol=1e-14))
    total = float(np.exp(shape * x).sum())
    scale = unit * (total / fills) ** (1.0 / shape)
    errors = _errors(np.log(t / scale), d, shape, scale)
    free = fills * (np.log(shape) - shape * np.log(scale)) + (shape - 1.0) * float(
        (d * np.log(t)).sum()
    )
    rate = fills / float(t.sum())
    km = curve(t, d)
    distance = np.abs(km.waiting - np.exp(-((km.seconds / scale) ** shape))).max()
    return Weibull(
        shape, scale, errors[0], errors[1],
        scale * math.log(2.0) ** (1.0 / shape), float(free - fills),
        fills * math.log(rate) - fills, float(distance), int(t.size), int(fills),
    )  # fmt: skip


def _errors(z: Array, d: Array, shape: float, scale: float) -> tuple[float, float]:
    """Standard errors of shape and scale from the observed information; z = ln(t / scale)."""
    w = np.exp(shape * z)
    fills = float(d.sum())
    cc = fills / shape**2 + float((w * z * z).sum())
    ss = (shape / scale**2) * (shape + 1.0) * float(w.sum()) - shape * fills / scale**2
    cs = (fills - float((w * (1.0 + shape * z)).sum())) / scale
    det = cc * ss - cs * cs
    if not det > 0.0:
        return float("nan"), float("nan")
    return float(np.sqrt(ss / det)), float(np.sqrt(cc / det))


ANALYTIC = Analytic(
    name="weibull", group="fills", inputs=("duration", "observed"), doc=__doc__, fit=fit,
    need=Need(seconds=300.0),
)  # fmt: skip

# SPDX-License-Identifier: MIT
"""Share of orders that still wait after a time, with orders that were withdrawn counted right.

Formula: S(t) = product over fills t_i <= t of (1 - d_i / n_i), n_i orders at risk just
before; variance by Greenwood; interval on the scale of ln(-ln S); mean wait within
``horizon`` = integral of S.
Unit: seconds; S none.
Assumption: why an order was watched no longer says nothing about when it would have been
filled.  For orders that are cancelled because the price ran away that is false: then 1 - S
is the fill chance of orders that are kept, at best.
Cost: O(n log n), a whole sample at once.
Source: Kaplan and Meier (1958), Journal of the American Statistical Association 53; Lo,
MacKinlay and Zhang (2002), Journal of Financial Economics 65(1), for limit orders.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seawall.analytics.jit import Array
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError


@dataclass(frozen=True, slots=True)
class KaplanMeier:
    """The curve.

    Parameters
    ----------
    seconds : array
        Times at which orders were filled, rising.
    waiting, low, high : arrays
        Share that waits after each, and its 95 % interval.
    at_risk, filled : arrays
        Orders watched just before, and filled at each time.
    median : float
        Time by which half are filled; not-a-number when fewer are.
    mean : float
        Mean wait, no more than the horizon counted for any order.
    orders, observed : int
        Orders, and those that were filled.
    """

    seconds: Array
    waiting: Array
    low: Array
    high: Array
    at_risk: Array
    filled: Array
    median: float
    mean: float
    orders: int
    observed: int

    def chance(self, seconds: float) -> float:
        """Chance to be filled within a time."""
        at = int(np.searchsorted(self.seconds, seconds, side="right")) - 1
        return 1.0 - float(self.waiting[at]) if at >= 0 else 0.0


def sound_waits(duration: Array, observed: Array) -> tuple[Array, Array]:
    """Waits that are finite and not negative, with 1.0 or 0.0 for those observed.

    Raises
    ------
    ResearchError
        When none was filled.
    """
    ok = np.isfinite(duration) & np.isfinite(observed) & (duration >= 0.0)
    t, d = duration[ok], (observed[ok] > 0.5).astype(np.float64)
    if d.sum() == 0.0:
        raise ResearchError(
            f"none of {t.size} orders was filled", mend="give waits of which some ended in a fill"
        )
    return t, d


def fit(duration: Array, observed: Array, *, horizon: float = 0.0) -> KaplanMeier:
    """Estimate the curve; ``horizon`` 0 is the longest wait.

    Raises
    ------
    ResearchError
        When no order was filled.
    """
    t, d = sound_waits(duration, observed)
    order = np.argsort(t, kind="stable")
    t, d = t[order], d[order]
    times, first = np.unique(t, return_index=True)
    risk = (t.size - first).astype(np.float64)
    fills = np.add.reduceat(d, first)
    keep = fills > 0.0
    times, risk, fills = times[keep], risk[keep], fills[keep]
    with np.errstate(divide="ignore", invalid="ignore"):
        s = np.cumprod(1.0 - fills / risk, dtype=np.float64)
        green = np.cumsum(fills / (risk * (risk - fills)))
        width = 1.959963984540054 * np.sqrt(green) / np.abs(np.log(s))
        low, high = s ** np.exp(width), s ** np.exp(-width)
    low, high = np.where(s > 0.0, low, np.nan), np.where(s > 0.0, high, np.nan)
    half = np.flatnonzero(s <= 0.5)
    end = horizon or float(t[-1])
    edges = np.concatenate(([0.0], np.minimum(times, end), [end]))
    mean = float((np.diff(edges) * np.concatenate(([1.0], s))).sum())
    return KaplanMeier(
        times, s, low, high, risk, fills, float(times[half[0]]) if half.size else float("nan"),
        mean, int(t.size), int(d.sum()),
    )  # fmt: skip


ANALYTIC = Analytic(
    name="kaplan_meier", group="fills", inputs=("duration", "observed"), doc=__doc__, fit=fit,
    params=(Param("horizon", 0.0, "s over which the mean wait counts; 0: the longest", 0.0),),
    need=Need(seconds=300.0),
)  # fmt: skip

# SPDX-License-Identifier: MIT
"""Precision and recall of crash alerts: what a crash is, and which alerts came in time.

A crash is a move of the price by ``size`` within ``horizon`` seconds; it counts from its
*breach*, the first moment at which the move is complete.  An alert is right when a breach
follows within ``horizon`` seconds: one that comes with the breach or after it is late, and
late is wrong.  The base rate is the share of time after which a breach follows: what alerts at
random would score.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from seawall.analytics.hawkes.crash_alert import ANALYTIC
from seawall.analytics.jit import Array, entry
from seawall.analytics.spec import run
from seawall.model.errors import ResearchError

if TYPE_CHECKING:
    from collections.abc import Sequence

Vector = npt.NDArray[np.float64]


@entry
def _breaches(time: Array, log: Array, horizon: float, size: float, sign: float, out: Array) -> int:
    """Times at which the price has moved ``size`` against its best of the last horizon."""
    n, first, quiet = 0, 0, -math.inf
    top = np.empty(time.size, np.int64)  # a queue of falling highs
    head, tail = 0, 0
    for i in range(time.size):
        value = sign * log[i]
        while tail > head and sign * log[top[tail - 1]] <= value:
            tail -= 1
        top[tail] = i
        tail += 1
        while time[top[head]] < time[i] - horizon or top[head] < first:
            head += 1
        if sign * log[top[head]] - value >= size and time[i] >= quiet:
            out[n] = time[i]
            n += 1
            quiet = time[i] + horizon  # the rest of the same fall is the same crash
            first = i
    return n


def breaches(
    time: npt.ArrayLike, price: npt.ArrayLike, *, horizon: float, size: float, both: bool = False
) -> Vector:
    """Times at which crashes are complete.

    Parameters
    ----------
    time, price : arrays
        Trades or mids in order; seconds, and quote currency.
    horizon : float
        Seconds within which the move must happen, and for which nothing else counts after.
    size : float
        Fall of the log price, above 0.
    both : bool
        Whether rises count as well.

    Raises
    ------
    ResearchError
        When prices are not positive, or time goes back.
    """
    t = np.ascontiguousarray(time, dtype=np.float64)
    p = np.asarray(price, dtype=np.float64)
    if not (p > 0.0).all() or (np.diff(t) < 0.0).any() or t.shape != p.shape:
        raise ResearchError("prices must be positive, times in order", mend="clean them first")
    found = []
    for sign in (1.0, -1.0) if both else (1.0,):
        out = np.empty(t.size)
        found.append(out[: _breaches(t, np.log(p), horizon, size, sign, out)].copy())
    return np.sort(np.concatenate(found))


@dataclass(frozen=True, slots=True)
class AlertScore:
    """How good alerts were.

    Parameters
    ----------
    alerts, right : int
        Alerts, and those followed by a breach within the horizon.
    crashes, warned : int
        Breaches, and those with an alert within the horizon before.
    precision, recall, f1 : float
        Shares, and their harmonic mean; not-a-number without alerts or crashes.
    base_rate : float
        Precision of alerts at random times.
    lead : float
        Median seconds from the first alert in time to the breach.
    """

    alerts: int
    right: int
    crashes: int
    warned: int
    precision: float
    recall: float
    f1: float
    base_rate: float
    lead: float


def score(alerts: npt.ArrayLike, crashes: npt.ArrayLike, *, horizon: float, span: float
          ) -> AlertScore:  # fmt: skip
    """Judge alerts against breaches.

    Parameters
    ----------
    alerts, crashes : arrays
        Times, seconds, in order.
    horizon : float
        Seconds that an alert may lie before a breach.
    span : float
        Seconds that were watched.
    """
    a, c = np.asarray(alerts, dtype=np.float64), np.asarray(crashes, dtype=np.float64)
    following = np.searchsorted(c, a, side="right")
    ahead = np.where(following < c.size, np.append(c, np.inf)[following] - a, np.inf)
    right = int((ahead <= horizon).sum())
    before = [a[(a < one) & (a >= one - horizon)] for one in c]
    leads = [float(one - hits[0]) for one, hits in zip(c, before, strict=True) if hits.size]
    precision = right / a.size if a.size else math.nan
    recall = len(leads) / c.size if c.size else math.nan
    both = precision + recall
    f1 = 2.0 * precision * recall / both if both > 0.0 else (0.0 if both == 0.0 else math.nan)
    covered = float(np.minimum(np.diff(c, prepend=-np.inf), horizon).sum()) if c.size else 0.0
    return AlertScore(
        a.size, right, c.size, len(leads), precision, recall, f1, min(covered / span, 1.0),
        float(np.median(leads)) if leads else math.nan,
    )  # fmt: skip


def alerts_of(time: Vector, side: Vector, **params: float) -> Vector:
    """Times of the alerts of :mod:`crash_alert` over a stream of trades."""
    got = run(ANALYTIC, {"time": time, "side": side}, params)["alert"]
    found: Vector = np.asarray(time)[np.abs(got) == 1.0]
    return found


@dataclass(frozen=True, slots=True)
class ChosenAlert:
    """Levels chosen on the first part of a stream, judged on the rest.

    Parameters
    ----------
    spike, branching, imbalance : float
        Levels with the best F1 on the first part.
    trials : int
        Settings that were compared there.
    before, after : AlertScore
        On the first part, and on the rest, which had no say.
    """

    spike: float
    branching: float
    imbalance: float
    trials: int
    before: AlertScore
    after: AlertScore


def choose(
    time: Vector, side: Vector, price: Vector, *, horizon: float, size: float, share: float = 0.5,
    both: bool = False, spikes: Sequence[float] = (2.0, 3.0, 5.0, 8.0, 12.0, 20.0),
    branchings: Sequence[float] = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8),
    imbalances: Sequence[float] = (0.0, 0.5), **params: float,
) -> ChosenAlert:  # fmt: skip
    """Choose levels on the first ``share`` of the time and judge them on the rest.

    Parameters
    ----------
    time, side, price : arrays
        Trades in order.
    horizon, size, both
        What a crash is, as in :func:`breaches`.
    share : float
        Part of the time on which levels are chosen.
    spikes, branchings, imbalances : sequences of float
        Levels that are tried.
    **params : float
        Other parameters of the alert.
    """
    t = np.asarray(time, dtype=np.float64)
    cut = t[0] + share * (t[-1] - t[0])
    crashes = breaches(t, price, horizon=horizon, size=size, both=both)
    trials = []
    for spike, branching, imbalance in product(spikes, branchings, imbalances):
        found = alerts_of(t, side, spike=spike, branching=branching, imbalance=imbalance, **params)
        one = score(found[found <= cut], crashes[crashes <= cut], horizon=horizon, span=cut - t[0])
        rest = score(found[found > cut], crashes[crashes > cut], horizon=horizon, span=t[-1] - cut)
        trials.append((one.f1 if math.isfinite(one.f1) else -1.0, spike, branching, imbalance,
                       one, rest))  # fmt: skip
    best = max(trials, key=lambda trial: trial[0])
    return ChosenAlert(best[1], best[2], best[3], len(trials), best[4], best[5])

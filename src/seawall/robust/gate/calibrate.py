# SPDX-License-Identifier: MIT
"""Limits for a stated rate of false alarms, from paths of the same estimator without drift."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from seawall.robust.base import Floats
from seawall.robust.gate import _kernels as at
from seawall.robust.gate.check import Limits
from seawall.robust.gate.errors import GateError
from seawall.robust.gate.learner import Learner, MakesModel
from seawall.robust.gate.loss_watch import watch_path
from seawall.robust.gate.nulls import (
    ANCHOR_SHARE,
    Advance,
    Held,
    Lengths,
    anchor_distance_of,
    bootstrap,
    draws_of,
    held_paths,
    hold_out,
    lengths_for,
    null_paths,
    parametric,
    tail_of,
)
from seawall.robust.gate.profile import ECONOMIC, Calibration, GateProfile
from seawall.robust.gate.reference import Reference
from seawall.robust.gate.rehearsal import rollback_rate

NULLS = ("parametric", "bootstrap", "left-out")
STATISTICS = at.MEASURES + 1
"""Six distances, and CUSUM and Page-Hinkley of the seventh, the golden loss."""
EULER = 0.5772156649015329
REHEARSALS = 4
CLOSE = 1.15
"""A rehearsed rate within 15 % of the stated one is taken."""
SEEN = 10.0
"""Fewest paths beyond a limit for it to count as seen rather than extrapolated."""


def calibrated(
    reference: Reference,
    *,
    false_alarm_rate: float,
    warn_share: float = 0.8,
    learner: MakesModel | None = None,
    every: int = 50,
    economic: Limits = ECONOMIC,
    nulls: tuple[str, ...] = NULLS,
    paths: int = 200,
    seed: int = 1,
    advance: Advance = lambda amount: None,
) -> GateProfile:
    """Find limits at which a model without drift is rolled back at a stated rate.

    The learner itself is run over rows without drift: t rows of the golden covariance and
    tail; golden rows drawn in long stretches; and every golden window against a reference
    that has not seen it.  So the number of rows, features, tails, the sampling error of the
    reference, serial dependence of rows and of checks are those of the real run.  One number
    decides all limits: each statistic's path maximum is centred at its median and scaled by
    its distance to the 90th percentile, and the limit on the largest of them is set so
    that a path exceeds it with ``1 - exp(-rate * checks)``.  So the stated rate is that of
    all statistics together, per check.  Because a model that was rolled back stands near
    the limit it passed, one excursion makes several rollbacks: the whole machine is
    rehearsed on the same rows and the limits are widened until it keeps the rate.

    Parameters
    ----------
    reference : Reference
        Fitted to the golden set.
    false_alarm_rate : float
        Rollbacks per check without drift; for one in 90 days at a check an hour give
        ``1 / (90 * 24)``.
    warn_share : float
        A check warns beyond this share of an acting limit (of its logarithm for the
        spectrum).  CUSUM and Page-Hinkley, which only warn, get limits of their own that a
        path without drift passes as rarely as the acting ones, or once in two paths.
    learner : MakesModel, optional
        How the model learns; :class:`Learner` as it is when absent.
    every : int
        Rows between checks.
    economic : Limits
        No limit is narrower than these.
    nulls : tuple of str
        ``"parametric"``, ``"bootstrap"``, ``"left-out"`` (left out itself when fewer than
        three windows are long enough); the widest limit counts.
    paths : int
        Per null.
    seed : int
        Of the draws.
    advance : callable
        Called with the paths done, of ``paths * len(nulls)``.

    Returns
    -------
    GateProfile
        Named ``"calibrated"``, with its :class:`Calibration`.

    Raises
    ------
    GateError
        A rate, null or memory that makes no sense.
    """
    own = Learner() if learner is None else learner
    if not (0.0 < false_alarm_rate < 0.5 and 0.0 < warn_share <= 1.0 and paths >= 20):
        raise GateError(
            f"rate {false_alarm_rate}, warn share {warn_share}, {paths} paths",
            mend="give 0 < rate < 0.5 per check, 0 < share <= 1, at least 20 paths",
        )
    if not nulls or any(name not in NULLS for name in nulls):
        raise GateError(f"nulls {nulls}", mend=f"choose from {', '.join(NULLS)}")
    lengths = lengths_for(own.halflife, every)
    tau = anchor_distance_of(reference)
    made = _nulls(reference, own, nulls, lengths, paths, seed, advance)
    losses = [n.measures[:, :, at.LOSS] for n in made]
    widest = max(losses, key=lambda loss: float(loss.mean()))
    base = GateProfile(
        "calibrated", Limits(), Limits(), tau, float(widest.mean()), max(float(widest.std()), 1e-12)
    )
    maxima = [path_maxima(n.measures, base) for n in made]
    checks = [n.measures.shape[1] for n in made]
    aim, rehearsed = false_alarm_rate, 0.0
    for _ in range(REHEARSALS):
        act, far = _limits(maxima, aim, checks)
        profile = _profile(base, act.wider(economic), warn_share)
        rehearsed = max(rollback_rate(n.stages(), own, profile, lengths) for n in made)
        if rehearsed <= CLOSE * false_alarm_rate:
            break
        aim *= false_alarm_rate / rehearsed
    note = Calibration(
        rate_per_check=false_alarm_rate,
        warn_share=warn_share,
        every=every,
        paths=paths,
        checks=lengths.checks,
        nulls=nulls,
        degrees_of_freedom=tail_of(reference),
        extrapolated=far,
        independent=sum(s.shape[0] for s in reference.segments) / lengths.rows,
        seed=seed,
        rehearsed_per_check=rehearsed,
    )
    return replace(profile, calibration=note)


def _profile(base: GateProfile, act: Limits, warn_share: float) -> GateProfile:
    warn = replace(scaled(act, warn_share, ANCHOR_SHARE), cusum=act.cusum,
                   page_hinkley=act.page_hinkley)  # fmt: skip
    return replace(base, warn=warn, act=replace(act, cusum=math.inf, page_hinkley=math.inf))


@dataclass(frozen=True)
class _Null:
    """Distances without drift, and the rows to run the machine over."""

    measures: Floats
    stages: Callable[[], Iterable[tuple[Reference, Floats]]]


def _nulls(
    reference: Reference, learner: MakesModel, nulls: tuple[str, ...], lengths: Lengths,
    paths: int, seed: int, advance: Advance,
) -> list[_Null]:  # fmt: skip
    """Measure each null; one that has too few windows is left out."""
    out: list[_Null] = []
    for name in nulls:
        if name == "left-out":
            held = hold_out(reference, lengths)
            found = _Null(held_paths(held, learner, lengths), partial(_held_stages, held))
            advance(float(paths))
        else:
            worlds = parametric(reference, seed) if name == "parametric" else bootstrap(reference)
            found = _Null(
                null_paths(worlds, learner, lengths, paths, seed, advance=advance),
                partial(draws_of, worlds, lengths, min(paths, 50), seed),
            )
        if found.measures.shape[0] >= 2:
            out.append(found)
    if not out:
        raise GateError(
            "no null has enough golden rows", mend="add the parametric one, or longer windows"
        )
    return out


def _held_stages(held: tuple[Held, ...]) -> Iterable[tuple[Reference, Floats]]:
    return [(h.reference, h.rows) for h in held]


def path_maxima(measures: Floats, profile: GateProfile) -> Floats:
    """Largest value of every statistic per path, shape (paths, statistics)."""
    out = np.empty((measures.shape[0], STATISTICS))
    out[:, : at.LOSS] = measures[:, :, : at.LOSS].max(axis=1)
    for path in range(measures.shape[0]):
        out[path, at.LOSS :] = watch_path(measures[path, :, at.LOSS], profile)
    return out


def _limits(maxima: list[Floats], rate: float, checks: list[int]) -> tuple[Limits, bool]:
    """Widest limits over the nulls at which a path alarms as often as the rate says."""
    each, far = [], False
    for largest, n in zip(maxima, checks, strict=True):
        p = -math.expm1(-rate * n)
        distances, rare = joint_limits(largest[:, : at.LOSS], p)
        watched, _ = joint_limits(largest[:, at.LOSS :], min(p, 0.5))
        each.append(np.concatenate([distances, watched]))
        far = far or rare
    return limits_from(np.max(each, axis=0)), far


def scaled(limits: Limits, share: float, anchor_base: float) -> Limits:
    """Return a corridor that is narrower by a share; the anchor rate's base stays."""
    return Limits(
        limits.mahalanobis * share,
        limits.spectrum_min**share,
        limits.spectrum_max**share,
        limits.kl * share,
        limits.kl_reverse * share,
        anchor_base + max(limits.anchor_share - anchor_base, 0.0) * share,
    )


def joint_limits(maxima: Floats, p: float) -> tuple[Floats, bool]:
    """One limit per statistic such that any of them is passed with chance p.

    Returns
    -------
    float64 array
        Limits.
    bool
        Whether a Gumbel law had to be fitted because p is too rare for the paths.
    """
    middle = np.median(maxima, axis=0)
    spread = np.quantile(maxima, 0.9, axis=0) - middle
    spread = np.maximum(spread, 1e-9 * (1.0 + np.abs(middle)))
    largest = ((maxima - middle) / spread).max(axis=1)
    far = p * largest.size < SEEN
    u = gumbel_quantile(largest, p) if far else float(np.quantile(largest, 1.0 - p))
    return middle + u * spread, far


def gumbel_quantile(maxima: Floats, p: float) -> float:
    """Value that a maximum passes with chance p, by the Gumbel law with the same L-moments.

    Few maxima know their spread badly: it is widened by ``1 + 1 / sqrt(n)``.
    """
    x = np.sort(maxima)
    n = x.size
    weights = (2.0 * np.arange(n) - n + 1.0) / (n * (n - 1.0))
    scale = float(weights @ x) / math.log(2.0) * (1.0 + 1.0 / math.sqrt(n))
    place = float(x.mean()) - EULER * float(weights @ x) / math.log(2.0)
    return place - scale * math.log(-math.log1p(-p))


def limits_from(values: Floats) -> Limits:
    """Name limits; the spectrum's are logarithms."""
    distance, high, low, kl, reverse, anchor, cusum, rise = values.tolist()
    return Limits(distance, math.exp(-low), math.exp(high), kl, reverse, min(anchor, 1.0),
                  cusum, rise)  # fmt: skip

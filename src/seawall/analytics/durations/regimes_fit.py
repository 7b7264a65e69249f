# SPDX-License-Identifier: MIT
"""Durations of two regimes whose transitions depend on lagged factors of the market.

Formula: ln x_i in state j is normal with mean m_j and deviation s_j; the probability of the
fast state (the lower mean) after state j is logistic(g_j . (1, z_(i-1))).  Fitted by EM with a
weighted logistic regression for each g_j.
Unit: ln seconds for m and s, none for g (factors are standardised within the fit).
Assumption: two regimes and log-normal durations: the published model's emissions and factors
are not public, so this is a reconstruction.  Fast and slow are regimes of arrival, not proven
kinds of traders; clocks that batch events make modes of their own.
Cost: O(events x factors^2) per round, some 20 to 100 rounds.
Source: Li, Chen and Xing (2023), Economic Modelling 118, 106082, for the idea; Diebold, Lee
and Weinbach (1994) for transitions that move.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.durations.regimes_em import smooth
from seawall.analytics.hawkes.samples import MERGE, apart
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
ROUNDS, TOLERANCE = 300, 1e-8  # gain of the log-likelihood per duration that ends EM
FEW = 500
RIDGE = 1e-3  # weight of a standard normal prior on coefficients: they stay finite
FACTORS = ("ln of the duration before", "ln of the size of the trade", "sign kept")


@dataclass(frozen=True, slots=True)
class RegimeDurations:
    """A fitted model.

    Parameters
    ----------
    mean, deviation : array of 2
        Of the logarithm of durations, slow state first.
    gamma : array of shape (2, 1 + k)
        Coefficients of the logit of the fast state after the slow and after the fast one,
        for standardised factors.
    center, scale : arrays of k
        By which factors were standardised.
    start : float
        Probability of the fast state at the begin.
    loglik, bic : float
        Log-likelihood of durations, and Schwarz's criterion.
    share_fast : float
        Mean filtered probability of the fast state.
    persistence : array of 2
        Mean probability to stay slow, and to stay fast.
    durations, rounds : int
        Durations and rounds of EM.
    doubts : tuple of str
        Why it should not be relied on.
    """

    mean: Vector
    deviation: Vector
    gamma: Vector
    center: Vector
    scale: Vector
    start: float
    loglik: float
    bic: float
    share_fast: float
    persistence: Vector
    durations: int
    rounds: int
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filtered:
    """What a model says about durations, each from the past only.

    Parameters
    ----------
    fast : array
        Probability of the fast regime with the duration itself known.
    fast_ahead : array
        That before the duration is known.
    expected : array
        Expected duration before it is known, seconds.
    log_score : array
        Logarithm of the density that was given to the duration that came.
    """

    fast: Vector
    fast_ahead: Vector
    expected: Vector
    log_score: Vector


def fit(time: Vector, qty: Vector, side: Vector, *, factors: float = 1.0, merge: float = 0.0
        ) -> RegimeDurations:  # fmt: skip
    """Fit the times between trades, with the factors of :data:`FACTORS`.

    Parameters
    ----------
    time, qty, side : arrays
        Trades in order; those of one time count once, with their whole size.
    factors : float
        0 for transitions that do not move.
    merge : float
        Seconds within which a trade joins the one before.
    """
    x, z = trade_factors(time, qty, side, merge)
    return fit_durations(x, z if factors else None)


def trade_factors(time: Vector, qty: Vector, side: Vector, merge: float = 0.0
                  ) -> tuple[Vector, Vector]:  # fmt: skip
    """Durations between trades and the factors known before each of them.

    Raises
    ------
    ResearchError
        When times are not finite or go back.
    """
    time = np.asarray(time, dtype=np.float64)
    if not np.isfinite(time).all() or (np.diff(time) < 0.0).any():
        raise ResearchError("times are not finite or go back", mend="sort and clean them first")
    first = apart(time, merge)
    size = np.add.reduceat(np.asarray(qty, np.float64), np.flatnonzero(first))
    sign = np.sign(np.add.reduceat(np.asarray(side) * np.asarray(qty), np.flatnonzero(first)))
    x = np.diff(time[first])
    kept = np.append(0.0, (sign[1:] == sign[:-1]).astype(np.float64))
    z = np.column_stack((np.log(x[:-1]), np.log(np.maximum(size[1:-1], 1e-300)), kept[1:-1]))
    return x[1:], z


def fit_durations(durations: npt.ArrayLike, factors: npt.ArrayLike | None = None
                  ) -> RegimeDurations:  # fmt: skip
    """Fit durations with factors known before each.

    Parameters
    ----------
    durations : array of n
        Seconds, above 0.
    factors : array of shape (n, k), optional
        Row i: what was known when duration i began; constant transitions without.

    Raises
    ------
    ResearchError
        With fewer than fifty durations, or values that are not finite or above 0.
    """
    x = np.ascontiguousarray(durations, dtype=np.float64)
    z = np.empty((x.size, 0)) if factors is None else np.asarray(factors, dtype=np.float64)
    if x.size < 50 or not (x > 0.0).all() or not np.isfinite(x).all() or not np.isfinite(z).all():
        raise ResearchError(
            f"{x.size} durations cannot be fitted", mend="give fifty or more, finite and above 0"
        )
    center, scale = z.mean(axis=0), z.std(axis=0)
    scale = np.where(scale > 0.0, scale, 1.0)
    u = np.column_stack((np.ones(x.size), (z - center) / scale))
    state = _start(np.log(x), u.shape[1])
    last, rounds = -math.inf, 0
    for rounds in range(1, ROUNDS + 1):
        value, smoothed, pairs, _, _ = _expect(np.log(x), u, state)
        if value - last < TOLERANCE * x.size and rounds > 5:
            break
        last = value
        state = _maximise(np.log(x), u, state, smoothed, pairs)
    return _report(x, u, state, center, scale, rounds)


def filtered(model: RegimeDurations, durations: npt.ArrayLike,
             factors: npt.ArrayLike | None = None) -> Filtered:  # fmt: skip
    """Run a fitted model over other durations, using the past only."""
    x = np.ascontiguousarray(durations, dtype=np.float64)
    z = np.empty((x.size, 0)) if factors is None else np.asarray(factors, dtype=np.float64)
    u = np.column_stack((np.ones(x.size), (z - model.center) / model.scale))
    state = _State(model.mean, model.deviation, model.gamma, model.start)
    density = _density(np.log(x), state)
    _, _, _, fast, ahead = _expect(np.log(x), u, state)
    of_state = np.exp(model.mean + 0.5 * model.deviation**2)
    expected = (1.0 - ahead) * of_state[0] + ahead * of_state[1]
    score = np.log((1.0 - ahead) * density[:, 0] + ahead * density[:, 1]) - np.log(x)
    return Filtered(fast, ahead, expected, score)


@dataclass(frozen=True, slots=True)
class _State:
    mean: Vector
    deviation: Vector
    gamma: Vector
    start: float


def _start(log: Vector, size: int) -> _State:
    low, high = np.quantile(log, (0.25, 0.75))
    gamma = np.zeros((2, size))
    gamma[:, 0] = (-1.0, 1.0)
    spread = max(0.5 * float(log.std()), 1e-3)
    return _State(np.array([high, low]), np.array([spread, spread]), gamma, 0.5)


def _density(log: Vector, state: _State) -> Vector:
    score = (log[:, None] - state.mean) / state.deviation
    return np.exp(-0.5 * score**2) / (state.deviation * math.sqrt(2.0 * math.pi)) + 1e-300


def _logistic(a: Vector) -> Vector:
    found: Vector = 1.0 / (1.0 + np.exp(-np.clip(a, -30.0, 30.0)))
    return found


def _expect(log: Vector, u: Vector, state: _State) -> tuple[float, Vector, Vector, Vector, Vector]:
    n = log.size
    fast, ahead, smoothed, pairs = np.empty(n), np.empty(n), np.empty(n), np.zeros((n, 4))
    stay = np.ascontiguousarray(_logistic(u @ state.gamma.T))
    value = smooth(_density(log, state), stay, state.start, fast, ahead, smoothed, pairs)
    return float(value), smoothed, pairs, fast, ahead


def _maximise(log: Vector, u: Vector, state: _State, smoothed: Vector, pairs: Vector) -> _State:
    weight = np.stack((1.0 - smoothed, smoothed))
    mass = np.maximum(weight.sum(axis=1), 1e-9)
    mean = weight @ log / mass
    square = (weight * (log[None, :] - mean[:, None]) ** 2).sum(axis=1) / mass
    floor = 1e-3 * float(log.var()) + 1e-12  # a state on a single value is no state
    gamma = np.stack([
        _logit(u, pairs[:, 2 * j + 1], pairs[:, 2 * j] + pairs[:, 2 * j + 1], state.gamma[j])
        for j in range(2)
    ])  # fmt: skip
    return _State(mean, np.sqrt(np.maximum(square, floor)), gamma, float(smoothed[0]))


def _logit(u: Vector, hit: Vector, weight: Vector, gamma: Vector) -> Vector:
    """Two Newton steps of a weighted logistic regression: enough within a round of EM."""
    for _ in range(2):
        p = _logistic(u @ gamma)
        grad = u.T @ (hit - weight * p) - RIDGE * gamma
        hess = (u * (weight * p * (1.0 - p))[:, None]).T @ u + RIDGE * np.eye(gamma.size)
        gamma = gamma + np.clip(np.linalg.solve(hess, grad), -2.0, 2.0)
    return gamma


def _report(x: Vector, u: Vector, state: _State, center: Vector, scale: Vector, rounds: int
            ) -> RegimeDurations:  # fmt: skip
    if state.mean[1] > state.mean[0]:  # name the states by their means
        state = _State(
            state.mean[::-1].copy(), state.deviation[::-1].copy(), -state.gamma[::-1].copy(),
            1.0 - state.start,
        )  # fmt: skip
    value, _, pairs, fast, _ = _expect(np.log(x), u, state)
    loglik = value - float(np.log(x).sum())
    sums = np.maximum(pairs.sum(axis=0), 1e-12)
    stay = np.array([sums[0] / (sums[0] + sums[1]), sums[3] / (sums[2] + sums[3])])
    share = float(fast.mean())
    out = []
    if x.size < FEW:
        out.append(f"only {x.size} durations: fewer than {FEW}")
    if min(share, 1.0 - share) < 0.01:
        out.append("a regime with hardly any durations")
    if rounds >= ROUNDS:
        out.append("EM did not settle")
    apart = (state.mean[0] - state.mean[1]) / float(np.hypot(*state.deviation))
    if apart < 0.5:
        out.append("the regimes overlap: two are not shown")
    size = 5 + state.gamma.size
    return RegimeDurations(
        state.mean, state.deviation, state.gamma, center, scale, state.start, loglik,
        size * math.log(x.size) - 2.0 * loglik, share, stay, x.size, rounds, tuple(out),
    )  # fmt: skip


ANALYTIC = Analytic(
    name="regime_durations_fit", group="durations", inputs=("time", "qty", "side"), doc=__doc__,
    fit=fit,
    params=(Param("factors", 1.0, "0: transitions that do not move", 0.0, 1.0, True), MERGE),
    need=Need(seconds=900.0),
)  # fmt: skip

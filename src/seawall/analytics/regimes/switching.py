# SPDX-License-Identifier: MIT
"""Regression whose coefficients and variance switch with a hidden Markov chain.

Formula: y_t = x_t' b_s + e_t, e_t normal with variance v_s, s_t a Markov chain; expectation
and maximisation: weighted least squares per regime with smoothed probabilities as weights.
Regressors are a constant and ``lags`` past values.  Regimes are sorted by volatility.
Unit: coefficients in the unit of the values per that of the regressor; sd in that of the
values; durations in rows.
Assumption: rows are one series without gaps.  Smoothed probabilities know the future; for a
signal filter with the fitted parameters (``SwitchingFit.filter``).
Cost: O(rows states^2) per step; some 20 to 300 steps from each start.
Source: Hamilton (1989), Econometrica 57(2); Hamilton (1990), Journal of Econometrics 45.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.regimes.hmm_em import em
from seawall.analytics.regimes.laws import durations, stationary
from seawall.analytics.regimes.markov_chain import smooth
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
STEPS = 500
ROWS_PER_STATE = 20
FLOOR = 1e-6


@dataclass(frozen=True, slots=True)
class SwitchingFit:
    """A fitted regression; regimes from the calmest on.

    Parameters
    ----------
    coefficients : tuple of tuple of float
        Per regime: the constant, then lags or the regressors given.
    sd : tuple of float
        Standard deviation of the errors of each regime.
    move : tuple of tuple of float
        Probability of going from the regime of the row to that of the column.
    mass, duration : tuple of float
        Stationary law, and rows that a regime lasts.
    loglik, bic : float
        Log-likelihood, and Schwarz's criterion (smaller is better).
    rows, steps : int
        Rows that were used, and steps of the run that won.
    doubts : tuple of str
        Why it should not be relied on.
    """

    coefficients: tuple[tuple[float, ...], ...]
    sd: tuple[float, ...]
    move: tuple[tuple[float, ...], ...]
    mass: tuple[float, ...]
    duration: tuple[float, ...]
    loglik: float
    bic: float
    rows: int
    steps: int
    doubts: tuple[str, ...]

    def filter(self, value: npt.ArrayLike, regressors: npt.ArrayLike | None = None) -> Vector:
        """Probabilities of the regimes given the rows so far, (rows, regimes).

        With lags the first rows are those whose past is known: fewer rows come back.
        """
        y, x = design(np.asarray(value, dtype=np.float64), self._lags(regressors), regressors)
        dense = _log_densities(y, x, np.array(self.coefficients), np.array(self.sd))
        k = len(self.sd)
        out, late, pairs = np.empty((y.size, k)), np.empty((y.size, k)), np.empty((k, k))
        smooth(dense, np.array(self.mass), np.array(self.move), out, late, pairs)
        return out

    def _lags(self, regressors: npt.ArrayLike | None) -> int:
        return 0 if regressors is not None else len(self.coefficients[0]) - 1


def design(y: Vector, lags: int, regressors: npt.ArrayLike | None = None) -> tuple[Vector, Vector]:
    """Left side and regressors (a constant first) of the rows whose past is known."""
    if regressors is not None:
        rest = np.asarray(regressors, dtype=np.float64)
        rest = rest[:, None] if rest.ndim == 1 else rest
        return y, np.column_stack((np.ones(y.size), rest))
    past = [y[lags - j - 1 : y.size - j - 1] for j in range(lags)]
    return y[lags:], np.column_stack([np.ones(y.size - lags), *past])


def fit(
    value: Vector, *, states: float = 2.0, lags: float = 0.0, starts: float = 5.0,
    seed: float = 0.0, regressors: npt.ArrayLike | None = None,
) -> SwitchingFit:  # fmt: skip
    """Fit the regression.

    Parameters
    ----------
    value : array
        Left side; rows that are not finite are left out before lags are taken.
    states : int
        Regimes.
    lags : int
        Past values among the regressors.
    starts : int
        Starts of the search.
    seed : int
        Of the starts after the first.
    regressors : array of shape (rows, p), optional
        Regressors in place of lags.

    Raises
    ------
    ResearchError
        With fewer than 20 rows per regime, or values that are all alike.
    """
    y = np.asarray(value, dtype=np.float64)
    given = None if regressors is None else np.asarray(regressors, dtype=np.float64)
    sound = np.isfinite(y)
    if given is not None:
        given = given[:, None] if given.ndim == 1 else given
        sound &= np.isfinite(given).all(axis=1)
        given = given[sound]
    y = y[sound]
    k = int(states)
    if y.size - int(lags) < ROWS_PER_STATE * k or float(np.ptp(y)) == 0.0:
        raise ResearchError(
            f"{y.size} rows cannot tell {k} regimes",
            mend=f"give {ROWS_PER_STATE * k + int(lags)} rows or more that are not all alike",
        )
    left, x = design(y, int(lags), given)
    rng = np.random.default_rng(int(seed))
    best: tuple[Vector, Vector, Vector, Vector] | None = None
    best_loglik, best_steps = -np.inf, 0
    for number in range(max(int(starts), 1)):
        guess = _start(left, x, k, rng if number else None)
        found, loglik, steps = _search(left, x, guess)
        if loglik > best_loglik:
            best, best_loglik, best_steps = found, loglik, steps
    assert best is not None
    return _result(best, best_loglik, left.size, x.shape[1], best_steps)


def _start(
    y: Vector, x: Vector, k: int, rng: np.random.Generator | None
) -> tuple[Vector, Vector, Vector, Vector]:
    common = np.linalg.lstsq(x, y, rcond=None)[0]
    size = np.abs(y - x @ common)
    edges = np.quantile(size, 1.0 - 0.5 ** np.arange(1, k))
    band = np.searchsorted(edges, size)
    sd = np.array([np.sqrt(np.mean(size[band == j] ** 2)) for j in range(k)])
    sd = np.maximum(sd, 1e-3 * np.std(y))
    slopes, stay = np.tile(common, (k, 1)), 0.95
    if rng is not None:
        sd = sd * np.exp(rng.normal(0.0, 0.5, k))
        slopes = slopes + rng.normal(size=slopes.shape) * np.std(y) / (np.std(x, axis=0) + 1.0)
        stay = float(rng.uniform(0.7, 0.99))
    move = np.full((k, k), (1.0 - stay) / max(k - 1, 1))
    np.fill_diagonal(move, stay if k > 1 else 1.0)
    return np.full(k, 1.0 / k), move, slopes, sd


def _search(
    y: Vector, x: Vector, guess: tuple[Vector, Vector, Vector, Vector]
) -> tuple[tuple[Vector, Vector, Vector, Vector], float, int]:
    start, move, slopes, sd = guess
    floor = FLOOR * float(np.var(y))
    if x.shape[1] == 1:  # a mean alone: the hidden Markov model, in one compiled piece
        history, mean = np.empty(STEPS), np.ascontiguousarray(slopes[:, 0])
        steps = em(np.ascontiguousarray(y), start, move, mean, sd, 0.0, 0.0, floor, STEPS,
                   1e-8 * y.size, history)  # fmt: skip
        return (start, move, mean[:, None], sd), float(history[steps - 1]), steps
    k = start.size
    early, late, pairs = np.empty((y.size, k)), np.empty((y.size, k)), np.empty((k, k))
    before, steps = -np.inf, 0
    while steps < STEPS:
        steps += 1
        loglik = smooth(_log_densities(y, x, slopes, sd), start, move, early, late, pairs)
        if loglik - before < 1e-8 * y.size:
            break
        before = loglik
        start = late[0].copy()
        move = pairs / np.maximum(pairs.sum(axis=1, keepdims=True), 1e-300)
        slopes, sd = slopes.copy(), sd.copy()
        for j in range(k):
            weighted = x * late[:, j : j + 1]
            slopes[j] = np.linalg.lstsq(weighted.T @ x, weighted.T @ y, rcond=None)[0]
            left = y - x @ slopes[j]
            mass = max(float(late[:, j].sum()), 1e-12)
            sd[j] = np.sqrt(max(float(late[:, j] @ (left * left)) / mass, floor))
    return (start, move, slopes, sd), float(loglik), steps


def _log_densities(y: Vector, x: Vector, slopes: Vector, sd: Vector) -> Vector:
    z = (y[:, None] - x @ slopes.T) / sd
    return np.asarray(-0.5 * z * z - np.log(sd) - 0.5 * np.log(2.0 * np.pi))


def _result(
    found: tuple[Vector, Vector, Vector, Vector], loglik: float, rows: int, p: int, steps: int
) -> SwitchingFit:
    _, move, slopes, sd = found
    order = np.argsort(sd)
    move, slopes, sd = move[np.ix_(order, order)], slopes[order], sd[order]
    mass, last = stationary(move), durations(move)
    k = sd.size
    doubts = [f"regime {j + 1} holds {100 * mass[j]:.2g} % of the rows"
              for j in range(k) if mass[j] < 0.01]  # fmt: skip
    doubts += [f"regime {j + 1} lasts {last[j]:.2g} rows" for j in range(k) if last[j] < 3.0]
    if steps >= STEPS:
        doubts.append("the search did not end")
    free = k * (k - 1) + k * (p + 1) + (k - 1)
    return SwitchingFit(
        tuple(tuple(r) for r in slopes.tolist()), tuple(sd.tolist()),
        tuple(tuple(r) for r in move.tolist()), tuple(mass.tolist()), tuple(last.tolist()), loglik,
        float(-2.0 * loglik + free * np.log(rows)), rows, steps, tuple(doubts),
    )  # fmt: skip


ANALYTIC = Analytic(
    name="markov_switching_fit", group="regimes", inputs=("value",), doc=__doc__, fit=fit,
    params=(
        Param("states", 2, "regimes", 1, 8, whole=True),
        Param("lags", 0, "past values among the regressors", 0, 50, whole=True),
        Param("starts", 5, "starts of the search", 1, 200, whole=True),
        Param("seed", 0, "of the starts after the first", 0, 2**31, whole=True),
    ),
    need=Need(seconds=900.0),
)  # fmt: skip

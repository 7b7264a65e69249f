# SPDX-License-Identifier: MIT
"""Hidden Markov model of volatility regimes, fitted by expectation and maximisation.

Formula: returns are drawn from state j with mean m_j and scale s_j (Student's t with ``dof``
degrees of freedom, normal with 0); states follow a Markov chain.  Baum and Welch's steps,
forward and backward probabilities normalised row by row; t-weights (dof + 1)/(dof + z^2).
States are sorted by volatility.
Unit: mean and sd in that of the values (sd of the law, not its scale), durations in rows;
log-likelihood in nats.
Assumption: rows are one series without gaps.  Each start takes a few steps, the best one
goes on to the end.  A state that holds under 1 % of the rows or lasts under 3 rows is a
doubt: it is an outlier's, not the market's.  Fit on the past, then run ``hmm_filter``:
smoothed probabilities know the future.
Cost: O(rows states^2) per step, about 80 ns per row with four states.
Source: Baum, Petrie, Soules and Weiss (1970); Peel and McLachlan (2000), Statistics and
Computing 10, for the t-weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.regimes.hmm_em import em, filtered
from seawall.analytics.regimes.laws import durations, stationary
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
SHORT_STEPS, LONG_STEPS = 15, 500
LEAST_MASS, LEAST_ROWS = 0.01, 3.0
ROWS_PER_STATE = 25


@dataclass(frozen=True, slots=True)
class HmmFit:
    """A fitted model; states from the calmest on.

    Parameters
    ----------
    mean, sd : tuple of float
        Of the law of each state.
    move : tuple of tuple of float
        Probability of going from the state of the row to that of the column.
    start : tuple of float
        Probabilities before the first row.
    dof : float
        Degrees of freedom; 0 normal.
    mass, duration : tuple of float
        Share of rows of each state by the stationary law, and rows that it lasts.
    loglik, bic : float
        Log-likelihood, and Schwarz's criterion (smaller is better).
    rows, steps : int
        Rows that were used, and steps of the run that won.
    doubts : tuple of str
        Why it should not be relied on.
    """

    mean: tuple[float, ...]
    sd: tuple[float, ...]
    move: tuple[tuple[float, ...], ...]
    start: tuple[float, ...]
    dof: float
    mass: tuple[float, ...]
    duration: tuple[float, ...]
    loglik: float
    bic: float
    rows: int
    steps: int
    doubts: tuple[str, ...]

    @property
    def scale(self) -> Vector:
        """Scales of the laws: sd but for Student's factor."""
        shrink = np.sqrt((self.dof - 2.0) / self.dof) if self.dof > 0.0 else 1.0
        return np.asarray(np.array(self.sd) * shrink)

    def filter(self, value: npt.ArrayLike) -> Vector:
        """Probabilities of the states given the rows so far, shape (rows, states).

        From the stationary law on; the same as ``hmm_filter`` row by row.
        """
        x = np.ascontiguousarray(value, dtype=np.float64)
        out = np.empty((x.size, len(self.sd)))
        filtered(x, np.array(self.mass), np.array(self.move), np.array(self.mean), self.scale,
                 self.dof, out)  # fmt: skip
        return out

    @property
    def parameters(self) -> dict[str, float]:
        """Parameters of ``hmm_filter``; for four states or fewer."""
        out = {"states": float(len(self.sd)), "dof": self.dof}
        for i, (mean, sd) in enumerate(zip(self.mean, self.sd, strict=True)):
            out[f"mean_{i + 1}"], out[f"sd_{i + 1}"] = mean, sd
            out |= {f"move_{i + 1}{j + 1}": p for j, p in enumerate(self.move[i])}
        return out


def fit(
    value: Vector, *, states: float = 4.0, dof: float = 5.0, starts: float = 5.0,
    sticky: float = 0.0, floor: float = 1e-4, tolerance: float = 1e-6, seed: float = 0.0,
) -> HmmFit:  # fmt: skip
    """Fit a model to one series.

    Rows that are not finite are left out; the rows around them count as neighbours.

    Parameters
    ----------
    value : array
        Returns.
    states : int
        Number of states, 1 to 8.
    dof : float
        Degrees of freedom above 2 of the emissions; 0 normal.
    starts : int
        Starts: one from quantiles of the absolute value, the others shaken from it.
    sticky : float
        Moves that every state is taken to have made to itself beforehand.
    floor : float
        Least variance of a state, in that of the sample.
    tolerance : float
        Rise of the log-likelihood per row times 100 below which it ends.
    seed : int
        Of the shaken starts.

    Raises
    ------
    ResearchError
        With fewer than 25 rows per state, or values that are all alike.
    """
    x = np.asarray(value, dtype=np.float64)
    x = np.ascontiguousarray(x[np.isfinite(x)])
    k = int(states)
    if x.size < ROWS_PER_STATE * k or float(np.ptp(x)) == 0.0:
        raise ResearchError(
            f"{x.size} rows, or rows all alike, cannot tell {k} states",
            mend=f"give {ROWS_PER_STATE * k} rows or more that are not all alike",
        )
    unit = float(np.std(x))
    scaled = x / unit
    rng = np.random.default_rng(int(seed))
    history = np.empty(LONG_STEPS)
    best: tuple[Vector, ...] | None = None
    best_loglik = -np.inf
    for number in range(max(int(starts), 1)):
        guess = _start(scaled, k, dof, rng if number else None)
        used = em(scaled, *guess, dof, sticky, floor, SHORT_STEPS, 0.0, history)
        if history[used - 1] > best_loglik:
            best, best_loglik = guess, history[used - 1]
    assert best is not None
    used = em(scaled, *best, dof, sticky, floor, LONG_STEPS, tolerance * x.size / 100.0, history)
    loglik = float(history[used - 1]) - x.size * np.log(unit)
    return _result(best, unit, dof, loglik, x.size, used)


def _start(x: Vector, k: int, dof: float, rng: np.random.Generator | None) -> tuple[Vector, ...]:
    """Bands of the absolute value by quantiles, the outer ones thinner."""
    away = np.abs(x - np.median(x))
    edges = 1.0 - 0.5 ** np.arange(1, k)  # a half, a quarter, ...
    band = np.searchsorted(np.quantile(away, edges), away)
    sd = np.array([np.sqrt(np.mean(away[band == j] ** 2)) if (band == j).any() else 1.0
                   for j in range(k)])  # fmt: skip
    sd = np.maximum(sd, 1e-3)
    mean, stay = np.full(k, float(np.mean(x))), 0.9
    if rng is not None:
        sd = np.sort(sd * np.exp(rng.normal(0.0, 0.4, k)))
        mean = mean + 0.1 * sd * rng.normal(size=k)
        stay = float(rng.uniform(0.6, 0.99))
    if dof > 2.0:
        sd = sd * np.sqrt((dof - 2.0) / dof)
    move = np.full((k, k), (1.0 - stay) / max(k - 1, 1)) + (
        stay - (1.0 - stay) / max(k - 1, 1)
    ) * np.eye(k)
    return np.full(k, 1.0 / k), move / move.sum(axis=1, keepdims=True), mean, sd


def _result(
    found: tuple[Vector, ...], unit: float, dof: float, loglik: float, rows: int, steps: int
) -> HmmFit:
    start, move, mean, scale = found
    order = np.argsort(scale)
    start, move, mean, scale = start[order], move[np.ix_(order, order)], mean[order], scale[order]
    sd = scale * (np.sqrt(dof / (dof - 2.0)) if dof > 2.0 else 1.0) * unit
    mass, last = stationary(move), durations(move)
    k = sd.size
    doubts = []
    for j in range(k):
        if mass[j] < LEAST_MASS:
            doubts.append(f"state {j + 1} holds {100 * mass[j]:.2g} % of the rows")
        if last[j] < LEAST_ROWS:
            doubts.append(f"state {j + 1} lasts {last[j]:.2g} rows")
    if steps == LONG_STEPS:
        doubts.append("the search did not end")
    if np.any(np.diff(sd) < 0.02 * sd[1:]):
        doubts.append("two states have the same volatility: fewer states would do")
    free = k * (k - 1) + 2 * k + (k - 1)
    return HmmFit(
        tuple((mean * unit).tolist()), tuple(sd.tolist()), tuple(tuple(r) for r in move.tolist()),
        tuple(start.tolist()), dof, tuple(mass.tolist()), tuple(last.tolist()), float(loglik),
        float(-2.0 * loglik + free * np.log(rows)), rows, steps, tuple(doubts),
    )  # fmt: skip


ANALYTIC = Analytic(
    name="hmm_fit", group="regimes", inputs=("value",), doc=__doc__, fit=fit,
    params=(
        Param("states", 4, "number of states", 1, 8, whole=True),
        Param("dof", 5.0, "degrees of freedom of the emissions, above 2; 0 normal", 0.0, 1e3),
        Param("starts", 5, "starts of the search", 1, 200, whole=True),
        Param("sticky", 0.0, "moves of every state to itself taken for granted", 0.0, 1e6),
        Param("floor", 1e-4, "least variance of a state, in that of the sample", 0.0, 1.0),
        Param("tolerance", 1e-6, "rise of the log-likelihood per 100 rows that ends it", 0.0, 1.0),
        Param("seed", 0, "of the shaken starts", 0, 2**31, whole=True),
    ),
    need=Need(seconds=900.0),
)  # fmt: skip

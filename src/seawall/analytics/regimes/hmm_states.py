# SPDX-License-Identifier: MIT
"""How many volatility regimes a series has: four is a habit, not a finding.

Formula: models with 1 to ``most`` states are fitted (``hmm_fit``) to the first ``share`` of the
rows; Schwarz's criterion on those, and on the rest the mean log-density of each row given the
rows before it (filtered, parameters kept).  Beside them stands a GJR-GARCH with Student's t
errors, fitted and judged on the same rows.
Unit: log-score in nats per row, higher is better; criterion in nats times two, lower is better.
Assumption: rows are one series without gaps, in time order.  ``edge`` is the gain of the best
model with more than one state over GARCH; with ``error`` its standard error by blocks of 50
rows, below twice of which it shows nothing.
Cost: that of the fits.
Source: Schwarz (1978), Annals of Statistics 6; Amisano and Giacomini (2007), Journal of
Business and Economic Statistics 25, for comparing log-scores.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.regimes import garch_filter, garch_fit, hmm_fit
from seawall.analytics.regimes.hmm_em import filtered
from seawall.analytics.regimes.laws import log_densities
from seawall.analytics.spec import Analytic, Need, Param, run
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
BLOCK = 50
LEAST_ROWS = 500


@dataclass(frozen=True, slots=True)
class HmmStates:
    """Models by their number of states.

    Parameters
    ----------
    states : tuple of int
        1 to the most.
    bic : tuple of float
        Schwarz's criterion on the rows of the fit.
    log_score : tuple of float
        Mean log-density of a later row, nats.
    garch_log_score : float
        That of the GJR-GARCH.
    best_bic, best_score : int
        States of the model that wins by each.
    edge, error : float
        Gain in log-score of the best model with several states over GARCH; standard error.
    rows, held_out : int
        Rows of the fit, and later rows.
    doubts : tuple of str
        Doubts of the fits, by the number of states.
    """

    states: tuple[int, ...]
    bic: tuple[float, ...]
    log_score: tuple[float, ...]
    garch_log_score: float
    best_bic: int
    best_score: int
    edge: float
    error: float
    rows: int
    held_out: int
    doubts: tuple[str, ...]


def fit(
    value: Vector, *, most: float = 5.0, dof: float = 5.0, share: float = 0.7, starts: float = 5.0
) -> HmmStates:
    """Fit models with 1 to ``most`` states and judge them on later rows.

    Parameters
    ----------
    value : array
        Returns in time order; rows that are not finite are left out.
    most : int
        Largest number of states.
    dof : float
        Degrees of freedom of the emissions; 0 normal.
    share : float
        Share of the rows that is fitted.
    starts : int
        Starts of each fit.

    Raises
    ------
    ResearchError
        With fewer than 500 rows.
    SettingsError
        When the package arch is not installed.
    """
    x = np.asarray(value, dtype=np.float64)
    x = np.ascontiguousarray(x[np.isfinite(x)])
    if x.size < LEAST_ROWS:
        raise ResearchError(f"{x.size} rows tell nothing", mend=f"give {LEAST_ROWS} or more")
    cut = int(share * x.size)
    fits = [hmm_fit.fit(x[:cut], states=float(k), dof=dof, starts=starts)
            for k in range(1, int(most) + 1)]  # fmt: skip
    scores = np.array([_scores(one, x)[cut:] for one in fits])
    rival = _garch_scores(x, cut)
    means = scores.mean(axis=1)
    best = 1 + int(np.argmax(means[1:])) if len(fits) > 1 else 0
    gain = scores[best] - rival
    blocks = gain[: gain.size // BLOCK * BLOCK].reshape(-1, BLOCK).mean(axis=1)
    error = float(blocks.std(ddof=1) / np.sqrt(blocks.size)) if blocks.size > 1 else math.nan
    bic = [one.bic for one in fits]
    return HmmStates(
        tuple(range(1, len(fits) + 1)), tuple(bic), tuple(means.tolist()), float(rival.mean()),
        1 + int(np.argmin(bic)), 1 + int(np.argmax(means)), float(gain.mean()), error, cut,
        int(x.size - cut),
        tuple(f"{k} states: {d}" for k, one in enumerate(fits, 1) for d in one.doubts),
    )  # fmt: skip


def _scores(one: hmm_fit.HmmFit, x: Vector) -> Vector:
    """Log-density of every row given the rows before it."""
    law, move = np.array(one.mass), np.array(one.move)
    early = np.empty((x.size, law.size))
    mean, scale = np.array(one.mean), one.scale
    filtered(x, law, move, mean, scale, one.dof, early)
    prior = np.vstack((law, early[:-1] @ move))
    dense = log_densities(x, mean, scale, one.dof)
    top = dense.max(axis=1, keepdims=True)
    return np.asarray(np.log((prior * np.exp(dense - top)).sum(axis=1)) + top[:, 0])


def _garch_scores(x: Vector, cut: int) -> Vector:
    """Log-densities of the later rows under the GJR-GARCH of the first ones."""
    unit = 1.0 / float(np.std(x[:cut]))
    one = garch_fit.fit(x[:cut], model=1.0, student=1.0, unit=unit)
    vol = run(garch_filter.ANALYTIC, {"value": x * unit}, one.parameters)["vol"][cut:]
    nu = dict(zip(one.names, one.values, strict=True))["nu"]
    scale = vol * np.sqrt((nu - 2.0) / nu)  # of a law with unit variance
    z = x[cut:] * unit / scale
    constant = math.lgamma(0.5 * (nu + 1.0)) - math.lgamma(0.5 * nu) - 0.5 * math.log(nu * math.pi)
    log = constant - np.log(scale) - 0.5 * (nu + 1.0) * np.log1p(z * z / nu)
    return np.asarray(log + math.log(unit))


ANALYTIC = Analytic(
    name="hmm_states", group="regimes", inputs=("value",), doc=__doc__, fit=fit,
    params=(
        Param("most", 5, "largest number of states", 2, 8, whole=True),
        Param("dof", 5.0, "degrees of freedom of the emissions, above 2; 0 normal", 0.0, 1e3),
        Param("share", 0.7, "share of the rows that is fitted", 0.1, 0.95),
        Param("starts", 5, "starts of each fit", 1, 200, whole=True),
    ),
    need=Need(seconds=900.0),
)  # fmt: skip

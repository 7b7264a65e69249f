# SPDX-License-Identifier: MIT
"""Cointegration of two instruments: Engle-Granger and Johansen, with the half-life.

Formula: ln left = a + beta ln right + u by least squares; Engle-Granger tests u for a unit
root with MacKinnon's critical values for residuals, not the ordinary ones; Johansen's trace
test for rank 0; u_t = phi u_{t-1}: theta = -ln phi, half_life = ln 2 / theta,
sigma_eq = sd(residual) / sqrt(1 - phi^2), phi corrected by Kendall's + (1 + 3 phi) / n;
z = last u / sd(u).
Unit: p between 0 and 1; half_life rows, not-a-number unless 0 < phi < 1; spread log price.
Assumption: one relation over the whole sample; of many pairs some pass by chance, so a search
must correct for their number.
Cost: O(n lags^2) once, no streaming.
Source: Engle and Granger (1987), Econometrica 55; MacKinnon (2010), Queen's working paper
1227; Johansen (1991), Econometrica 59; Kendall (1954), Biometrika 41.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from seawall.analytics.arbitrage.unit_root import dickey_fuller
from seawall.analytics.jit import Array
from seawall.analytics.spec import Analytic, Need
from seawall.model.errors import ResearchError

LEAST_ROWS = 50


@dataclass(frozen=True, slots=True)
class Cointegration:
    """What the tests say of a pair.

    Parameters
    ----------
    rows : int
        Length of the sample.
    beta, intercept : float
        Of ln left on ln right.
    adf_stat, adf_p : float
        Engle-Granger statistic of the residual and its p-value; small speaks for
        cointegration.
    trace_stat, trace_95 : float
        Johansen's trace statistic for rank 0 and its 95 % critical value.
    phi, half_life : float
        Autoregression of the residual, corrected for its bias, and rows until half is back.
    sigma_eq, z : float
        Stationary standard deviation of the residual; where its last value is.
    """

    rows: int
    beta: float
    intercept: float
    adf_stat: float
    adf_p: float
    trace_stat: float
    trace_95: float
    phi: float
    half_life: float
    sigma_eq: float
    z: float


def _tools() -> tuple[Any, Any]:
    try:
        values = import_module("statsmodels.tsa.adfvalues")
        vecm = import_module("statsmodels.tsa.vector_ar.vecm")
    except ImportError as absent:
        raise ResearchError(
            "cointegration needs statsmodels",
            where="seawall.analytics.arbitrage.cointegration",
            mend="pip install 'seawall[analysis]'",
        ) from absent
    return values.mackinnonp, vecm.coint_johansen


def fit(left_px: Array, right_px: Array) -> Cointegration:
    """Test a pair of price series.

    Raises
    ------
    ResearchError
        When the sample is short, constant or not positive, or statsmodels is absent.
    """
    bad = ~(np.isfinite(left_px) & np.isfinite(right_px) & (left_px > 0) & (right_px > 0))
    if bad.any() or left_px.size < LEAST_ROWS:
        raise ResearchError(
            f"{left_px.size} rows, {int(bad.sum())} of them no prices",
            where="cointegration",
            mend=f"give at least {LEAST_ROWS} rows of positive prices of the same moments",
        )
    y, x = np.log(left_px), np.log(right_px)
    if np.ptp(x) == 0.0 or np.ptp(y) == 0.0:
        raise ResearchError("a series that never moves is no pair", where="cointegration")
    p_value, johansen = _tools()
    dx = x - x.mean()
    beta = float(dx @ (y - y.mean()) / (dx @ dx))
    intercept = float(y.mean() - beta * x.mean())
    u = y - intercept - beta * x
    if u.std() < 1e-12:
        raise ResearchError("one series is the other, scaled", where="cointegration")
    stat = dickey_fuller(u)[0]
    p = p_value(stat, regression="c", N=2)
    trace = johansen(np.column_stack((y, x)), 0, 1)
    phi = float(u[:-1] @ u[1:] / (u[:-1] @ u[:-1]))
    phi = min(phi + (1.0 + 3.0 * phi) / u.size, 1.0)
    moving = 0.0 < phi < 1.0
    noise = float(np.std(u[1:] - phi * u[:-1], ddof=1))
    return Cointegration(
        int(u.size), beta, intercept, float(stat), float(p), float(trace.lr1[0]),
        float(trace.cvt[0, 1]), phi,
        -math.log(2.0) / math.log(phi) if moving else math.nan,
        noise / math.sqrt(1.0 - phi * phi) if moving else math.nan,
        float(u[-1] / u.std(ddof=1)),
    )  # fmt: skip


ANALYTIC = Analytic(
    name="cointegration",
    group="arbitrage",
    doc=__doc__,
    inputs=("left_px", "right_px"),
    fit=fit,
    need=Need(seconds=300.0),
)

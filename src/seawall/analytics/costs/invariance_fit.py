# SPDX-License-Identifier: MIT
"""Whether the number of trades follows trading activity with the power 2/3.

Formula: ln N = a + b ln W + e over days or markets, W = sigma V P; invariance says b = 2/3;
z = (b - 2/3) / se; ``residuals`` in order of the rows, positive: more trades than activity.
Unit: none.
Assumption: printed trades stand for bets, which order splitting and robots break; rows are
comparable days of the same or of many markets.
Cost: O(rows); errors by Newey and West.
Source: Kyle and Obizhaeva (2016), Econometrica 84(4); Benzaquen, Donier and Bouchaud (2016),
Market Microstructure and Liquidity 2(3-4), for trades.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seawall.analytics.costs.regress import Vector, ols
from seawall.analytics.spec import Analytic, Need
from seawall.model.errors import ResearchError


@dataclass(frozen=True, slots=True)
class InvarianceFit:
    """Slope, its error, distance from 2/3 in errors, fit and residuals of the sound rows."""

    slope: float
    slope_error: float
    z: float
    intercept: float
    r2: float
    rows: int
    residuals: Vector


def fit(daily_vol: Vector, turnover: Vector, trades: Vector) -> InvarianceFit:
    """Estimate the power.

    Raises
    ------
    ResearchError
        With fewer than five sound rows, or when activity is the same in all.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y = np.log(daily_vol * turnover), np.log(trades)
    ok = np.isfinite(x) & np.isfinite(y)
    if ok.sum() < 5:
        raise ResearchError(
            f"{int(ok.sum())} sound rows are too few", mend="give five days or markets at least"
        )
    found = ols(y[ok], np.column_stack((x[ok], np.ones(int(ok.sum())))))
    slope, error = float(found.beta[0]), float(found.errors[0])
    z = (slope - 2.0 / 3.0) / error if error > 0.0 else float("nan")
    return InvarianceFit(
        slope, error, z, float(found.beta[1]), found.r2, found.rows, found.residuals
    )


ANALYTIC = Analytic(
    name="invariance_fit", group="costs", inputs=("daily_vol", "turnover", "trades"),
    doc=__doc__, fit=fit,
    need=Need(bars=250, bar_s=86_400.0),
)  # fmt: skip

# SPDX-License-Identifier: MIT
"""SABR fitted to the smile of one expiry, or to many at once, beta fixed.

Formula: least squares of Hagan's volatility (``sabr_vol``) less the market's over the
strikes, in ln(alpha), atanh(rho) and ln(nu), by Levenberg and Marquardt with exact
derivatives; from the parabola through the smile and up to four starts until two meet.
Unit: alpha in forward^(1 - beta), rho none, nu per square root of a year; rmse in volatility
(times 100: vol points); ``lowest_g`` none, its strike in that of the forward.
Assumption: one expiry with one forward (the first row's); beta and rho are hardly told apart,
so that beta is given: 1 for coins.  Do not read it beyond the strikes that were fitted.
``lowest_g`` is Durrleman's g between the outer strikes: below 0 the density is negative and
the smile has a butterfly arbitrage, which is told as a doubt.
Cost: O(strikes) per evaluation, a whole smile at once.
Source: Hagan, Kumar, Lesniewski and Woodward (2002); Le Floc'h and Kennedy (2014), Explicit
SABR calibration, for the first start; Durrleman (2010), Quantitative Finance 10(7).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.options import sabr_search as found
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
FEW_STRIKES = 5
EDGE = 1e-3


@dataclass(frozen=True, slots=True)
class SabrFit:
    """A fitted smile.

    Parameters
    ----------
    alpha, beta, rho, nu : float
        Parameters of the model.
    rmse : float
        Root of the mean squared error, in volatility.
    worst : float
        Largest error of a strike, in volatility.
    strikes : int
        Strikes that were fitted.
    lowest_g : float
        Least value of Durrleman's g between the outer strikes; below 0 is an arbitrage.
    lowest_g_strike : float
        Where it is.
    doubts : tuple of str
        Why it should not be relied on.
    """

    alpha: float
    beta: float
    rho: float
    nu: float
    rmse: float
    worst: float
    strikes: int
    lowest_g: float
    lowest_g_strike: float
    doubts: tuple[str, ...]


def fit(
    forward: Vector, strike: Vector, years: Vector, vol: Vector, *, beta: float = 1.0
) -> SabrFit:
    """Fit alpha, rho and nu to the volatilities of one expiry.

    Rows that are not finite are left out.

    Raises
    ------
    ResearchError
        With fewer than three strikes, or several expiries or forwards.
    """
    columns = _sound(forward, strike, years, vol)
    if columns[1].size < 3 or np.ptp(columns[2]) > 0 or np.ptp(columns[0]) > 0:
        raise ResearchError(
            f"{columns[1].size} strikes over {np.unique(columns[2]).size} expiries are no smile",
            mend="give one expiry with one forward and three strikes or more",
        )
    return _search(columns, np.array([0, columns[1].size]), beta)[0]


def fit_expiries(
    forward: Vector, strike: Vector, years: Vector, vol: Vector, *, beta: float = 1.0
) -> tuple[SabrFit, ...]:
    """Fit every expiry of a surface, in the order of time to expiry.

    Rows that are not finite are left out; rows of one expiry share their forward.

    Raises
    ------
    ResearchError
        When an expiry has fewer than three strikes.
    """
    columns = _sound(forward, strike, years, vol)
    order = np.argsort(columns[2], kind="stable")
    columns = [x[order] for x in columns]
    breaks = np.flatnonzero(np.diff(columns[2])) + 1
    starts = np.concatenate(([0], breaks, [order.size])).astype(np.int64)
    if np.diff(starts).min() < 3:
        few = columns[2][starts[int(np.argmin(np.diff(starts)))]] if order.size else np.nan
        raise ResearchError(
            f"the expiry in {few:g} years has fewer than three strikes",
            mend="leave it out, or give more of its strikes",
        )
    return _search(columns, starts, beta)


def alpha_at_money(
    forward: float,
    years: float,
    vol: float,
    *,
    beta: float = 1.0,
    rho: float = 0.0,
    nu: float = 1.0,
) -> float:
    """Alpha that gives a volatility at the money: least positive root of Hagan's cubic.

    Parameters
    ----------
    forward, years : float
        Of the expiry.
    vol : float
        Lognormal volatility at the money.
    beta, rho, nu : float
        The other parameters.

    Raises
    ------
    ResearchError
        When no positive alpha gives it.
    """
    size = forward ** (1.0 - beta)
    roots = np.roots([
        (1.0 - beta) ** 2 * years / (24.0 * size * size), rho * beta * nu * years / (4.0 * size),
        1.0 + (2.0 - 3.0 * rho * rho) * nu * nu * years / 24.0, -vol * size,
    ])  # fmt: skip
    real = roots.real[(np.abs(roots.imag) < 1e-9 * np.abs(roots.real)) & (roots.real > 0.0)]
    if not real.size:
        raise ResearchError(
            f"no alpha gives {vol:g} at the money with beta {beta:g}, rho {rho:g}, nu {nu:g}",
            mend="give a positive volatility, or a smaller nu^2 T",
        )
    return float(real.min())


def _sound(*columns: Vector) -> list[Vector]:
    rows = [np.ascontiguousarray(x, dtype=np.float64) for x in columns]
    forward, strike, years, vol = rows
    sound = np.isfinite(forward + strike + years + vol) & (vol > 0) & (strike > 0)
    return rows if sound.all() else [x[sound] for x in rows]


def _search(columns: list[Vector], starts: npt.NDArray[np.int64], beta: float) -> tuple[
    SabrFit, ...
]:  # fmt: skip
    out = np.zeros((starts.size - 1, found.RESULTS))
    found.search(starts, *columns, float(beta), out)
    forward, years = columns[0][starts[:-1]].tolist(), columns[2][starts[:-1]].tolist()
    counts = np.diff(starts).tolist()
    return tuple(
        _result(row, beta, n, f, t)
        for row, n, f, t in zip(out.tolist(), counts, forward, years, strict=True)
    )


def _result(row: list[float], beta: float, n: int, forward: float, years: float) -> SabrFit:
    alpha, rho, nu = row[:3]
    doubts = []
    if n < FEW_STRIKES:
        doubts.append(f"only {n} strikes")
    at_edge = abs(rho) >= math.tanh(found.TURN_HIGH - EDGE)
    log_nu = math.log(nu)
    if at_edge or not found.NU_LOW + EDGE < log_nu < found.NU_HIGH - EDGE:
        doubts.append("a parameter is at its bound")
    if nu * nu * years > 1.0:
        doubts.append("nu^2 T above 1: the expansion is outside its range")
    at = forward * math.exp(row[found.AT])
    if row[found.LOWEST] < 0.0:
        doubts.append(f"butterfly arbitrage: the density is negative near {at:.6g}")
    return SabrFit(
        alpha, beta, rho, nu, math.sqrt(row[found.SSE] / n), row[found.WORST], n,
        row[found.LOWEST], at, tuple(doubts),
    )  # fmt: skip


ANALYTIC = Analytic(
    name="sabr_fit", group="options", inputs=("forward", "strike", "years", "vol"),
    doc=__doc__, fit=fit, params=(Param("beta", 1.0, "backbone, not fitted", 0.0, 1.0),),
    need=Need(expiry_days=30.0),
)  # fmt: skip

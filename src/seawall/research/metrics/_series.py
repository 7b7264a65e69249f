# SPDX-License-Identifier: MIT
"""Figures of a series of returns: definitions, not conventions of a library."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError
from seawall.research.metrics._kernel import SCAN, Floats, scan_returns

NAN = float("nan")
_FLAT = 1e-10  # spread below this share of the mean is rounding, not risk
_NOISE = 1e-15  # and so is a spread below the resolution of returns in doubles


@dataclass(frozen=True, slots=True)
class SeriesFigures:
    """Figures of one series of periodic returns; NaN where undefined.

    Ratios are annual (``sqrt`` of time), standard deviations use n - 1, and growth
    starts at 1 so that a first loss is a drawdown.

    Parameters
    ----------
    periods : int
        Number of returns.
    total_return, annual_return : float
        Fractions; the annual one is compound.  -1 for an account that was wiped out.
    volatility, downside_deviation : float
        Annual fractions; the latter is the root mean square of returns below the
        risk-free rate over *all* periods.
    sharpe, sortino, calmar : float
        Annual; Calmar is the annual return over the absolute drawdown.
    max_drawdown, average_drawdown, ulcer : float
        Fractions; the first two are negative, the averages run over all periods.
    longest_underwater : int
        Periods, longest stretch below an earlier peak.
    omega, profit_factor, win_rate : float
        Gains over losses in excess of the rate, gains over losses, share above zero.
    skew, kurtosis : float
        Standardised central moments (divisor n, a normal has kurtosis 3).
    var_95, var_99, es_95, es_99 : float
        Historical loss over one period, positive; VaR is the lower quantile, the
        (floor((1-a) n) + 1)-th largest loss, and ES its exact tail mean.
    beta, alpha, information_ratio, tracking_error : float
        Against the benchmark; the last three annual.
    sharpe_period : float
        Sharpe ratio per period.
    """

    periods: int
    total_return: float = NAN
    annual_return: float = NAN
    volatility: float = NAN
    downside_deviation: float = NAN
    sharpe: float = NAN
    sortino: float = NAN
    calmar: float = NAN
    max_drawdown: float = NAN
    average_drawdown: float = NAN
    ulcer: float = NAN
    longest_underwater: int = 0
    omega: float = NAN
    profit_factor: float = NAN
    win_rate: float = NAN
    skew: float = NAN
    kurtosis: float = NAN
    var_95: float = NAN
    var_99: float = NAN
    es_95: float = NAN
    es_99: float = NAN
    beta: float = NAN
    alpha: float = NAN
    information_ratio: float = NAN
    tracking_error: float = NAN
    sharpe_period: float = NAN


def series_figures(
    returns: npt.ArrayLike,
    *,
    periods_per_year: float,
    benchmark: npt.ArrayLike | None = None,
    rate: float = 0.0,
    years: float | None = None,
) -> SeriesFigures:
    """Compute all figures of a series of simple returns.

    Parameters
    ----------
    returns : array_like, shape (n,)
        Simple returns per period, fractions.
    periods_per_year : float
        For annual figures; 365 for daily returns of a market that never closes.
    benchmark : array_like, shape (n,), optional
        Returns of the benchmark over the same periods.
    rate : float
        Risk-free rate per period, fraction.
    years : float, optional
        Length for the compound annual return; n over ``periods_per_year`` if absent.

    Raises
    ------
    ResearchError
        When a return is not finite, or the benchmark has another length.
    """
    r = _checked(returns)
    n = r.shape[0]
    if n == 0:
        return SeriesFigures(periods=0)
    x = r if rate == 0.0 else r - rate
    s = dict(zip(SCAN, scan_returns(r, x).tolist(), strict=True))
    mean, sd = s["mean"], float(np.sqrt(s["m2"]))
    moving = sd > max(_FLAT * abs(mean), _NOISE)
    sd_sample = sd * float(np.sqrt(n / (n - 1))) if n > 1 else NAN
    root = float(np.sqrt(periods_per_year))
    below = float(np.sqrt(s["mean_square_below"]))
    length = n / periods_per_year if years is None else years
    annual = _compound(s["growth"], length)
    ratio = mean / sd_sample if moving and n > 1 else NAN
    beta, alpha, info, error = _relative(r, x, benchmark, rate, periods_per_year)
    return SeriesFigures(
        periods=n,
        total_return=s["growth"] - 1.0,
        annual_return=annual,
        volatility=(sd_sample * root if moving else 0.0) if n > 1 else NAN,
        downside_deviation=below * root,
        sharpe=ratio * root,
        sortino=_over(mean, below) * root,
        calmar=_over(annual, -s["max_drawdown"]),
        max_drawdown=s["max_drawdown"],
        average_drawdown=s["mean_drawdown"],
        ulcer=float(np.sqrt(s["mean_square_drawdown"])),
        longest_underwater=int(s["longest_underwater"]),
        omega=_over(s["excess_gains"], s["excess_losses"]),
        profit_factor=_over(s["gains"], s["losses"]),
        win_rate=s["wins"] / n,
        skew=s["m3"] / sd**3 if moving else NAN,
        kurtosis=s["m4"] / sd**4 if moving else NAN,
        **_tails(r),
        beta=beta,
        alpha=alpha,
        information_ratio=info,
        tracking_error=error,
        sharpe_period=ratio,
    )


def _checked(returns: npt.ArrayLike) -> Floats:
    r = np.ascontiguousarray(returns, dtype=np.float64)
    if not np.isfinite(r).all():
        raise ResearchError(
            "returns hold a value that is not a number",
            where=f"row {int(np.flatnonzero(~np.isfinite(r))[0])}",
            mend="clean the equity series first; a missing return is not a zero return",
        )
    return r


def tail_risk(returns: npt.ArrayLike, tail: float) -> tuple[float, float]:
    """Historical value at risk and expected shortfall of a series of returns.

    Parameters
    ----------
    returns : array_like, shape (n,)
        Simple returns, fractions.
    tail : float
        Tail probability, 0.05 for the 95 % figures.

    Returns
    -------
    var, es : float
        Positive losses; VaR is the lower quantile, ES counts the fractional
        observation at the quantile (Rockafellar and Uryasev 2002).  NaN with fewer than
        ``1 / tail`` returns, where the quantile is beyond the sample.
    """
    r = np.asarray(returns, dtype=np.float64)
    n = r.shape[0]
    mass = tail * n
    if mass < 1.0 - 1e-9:
        return NAN, NAN
    # 0.05 * 100 is not exactly 5 in binary; the rank must not depend on that.
    k = int(np.floor(mass + 1e-9))
    worst = np.partition(r, min(k, n - 1))[: k + 1]
    quantile = float(worst.max())
    inside = float(worst.sum()) - quantile if k < n else float(worst.sum())
    # Adding zero turns a negative zero into the plain one.
    return 0.0 - quantile, 0.0 - (inside + (mass - k) * quantile) / mass


def _tails(r: Floats) -> dict[str, float]:
    var_95, es_95 = tail_risk(r, 0.05)
    var_99, es_99 = tail_risk(r, 0.01)
    return {"var_95": var_95, "es_95": es_95, "var_99": var_99, "es_99": es_99}


def _over(top: float, bottom: float) -> float:
    return top / bottom if bottom > 0.0 else NAN


def _compound(growth: float, years: float) -> float:
    if growth <= 0.0:
        return -1.0
    if not years > 0.0:
        return NAN
    with np.errstate(over="ignore"):
        return float(np.expm1(np.log(growth) / years))


def _relative(
    r: Floats, x: Floats, benchmark: npt.ArrayLike | None, rate: float, per_year: float
) -> tuple[float, float, float, float]:
    """Beta, annual alpha, information ratio and tracking error."""
    if benchmark is None:
        return NAN, NAN, NAN, NAN
    b = np.asarray(benchmark, dtype=np.float64)
    n = r.shape[0]
    if b.shape != r.shape:
        raise ResearchError(
            f"the benchmark has {b.shape[0]} returns and the run {n}",
            mend="give both over the same periods",
        )
    if not np.isfinite(b).all():
        raise ResearchError(
            "the benchmark holds a value that is not a number",
            where=f"row {int(np.flatnonzero(~np.isfinite(b))[0])}",
            mend="give positive prices without gaps",
        )
    if n < 2:
        return NAN, NAN, NAN, NAN
    db = b - b.mean()
    spread = float(db @ db)
    beta = float(db @ (x - x.mean())) / spread if spread > 0.0 else NAN
    alpha = (float(x.mean()) - beta * float(b.mean() - rate)) * per_year
    active = r - b
    error = float(active.std(ddof=1))
    info = float(active.mean()) / error * float(np.sqrt(per_year)) if error > 0.0 else NAN
    return beta, alpha, info, error * float(np.sqrt(per_year))

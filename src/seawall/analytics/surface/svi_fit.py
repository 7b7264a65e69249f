# SPDX-License-Identifier: MIT
"""Raw SVI smile of one expiry without butterfly arbitrage.

Formula: least squares of sqrt(w(k)/T) less the market's volatility, with w(k) = a +
b (rho (k - m) + sqrt((k - m)^2 + s^2)), k = ln(K/F); Lee's bound b (1 + |rho|) <= 2 and a
positive least variance hold by construction, Durrleman's g(k) = (1 - k w'/2w)^2 -
w'^2/4 (1/w + 1/4) + w''/2 >= 0 by a penalty on a grid that reaches beyond the strikes.
Unit: a, b of total variance, rho none, m and s of log-moneyness; rmse in volatility.
Assumption: one expiry with one forward (the first row's).  Five parameters need more than
five strikes.  ``lowest_g`` tells what the penalty left; below 0 there is an arbitrage.
Cost: O(strikes + grid) per evaluation, some 10 to 40 steps from up to four starts.
Source: Gatheral (2004), A parsimonious arbitrage-free implied volatility parameterization;
Gatheral and Jacquier (2014), Quantitative Finance 14(1); Lee (2004) for the wings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.spec import Analytic, Need
from seawall.analytics.surface.svi import LEE, Svi
from seawall.analytics.surface.svi_search import search
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
GRID = 81
BEYOND = 0.5  # how far the grid reaches beyond the strikes, in their range
FEW_STRIKES = 7
FINE = 401
HARDER = (10.0, 100.0, 1e3)
WINGS, EARLIER = 1.0, 30.0  # penalty of g, and of variance below an earlier expiry
CENTRE, ROUND = 0.5, 1.5  # farthest m and largest s, in half ranges of the strikes
EARLIER_MARGIN = 1.003
STARTS = ((-0.3, 0.3), (0.3, 0.3), (0.0, 1.0), (-0.6, 0.1))
"""Rho, and s in units of the strikes' half range."""


@dataclass(frozen=True, slots=True)
class SviFit:
    """A fitted smile.

    Parameters
    ----------
    a, b, rho, m, s : float
        Raw parameters.
    years, forward : float
        Time to expiry, years; forward.
    rmse, worst : float
        Root mean squared and largest error of a strike, in volatility.
    strikes : int
        Strikes that were fitted.
    lowest_g : float
        Least value of Durrleman's g over the grid; below 0 is an arbitrage.
    lowest_g_strike : float
        Where it is.
    doubts : tuple of str
        Why it should not be relied on.
    """

    a: float
    b: float
    rho: float
    m: float
    s: float
    years: float
    forward: float
    rmse: float
    worst: float
    strikes: int
    lowest_g: float
    lowest_g_strike: float
    doubts: tuple[str, ...]

    @property
    def smile(self) -> Svi:
        """Its parameters alone."""
        return Svi(self.a, self.b, self.rho, self.m, self.s)


def fit(
    forward: Vector, strike: Vector, years: Vector, vol: Vector,
    *, weight: Vector | None = None, earlier: Svi | None = None,
) -> SviFit:  # fmt: skip
    """Fit one expiry.

    Rows that are not finite are left out.

    Parameters
    ----------
    forward, strike, years, vol : array
        One row per strike.
    weight : array, optional
        Weight of the error of each row; 1 for all without it.
    earlier : Svi, optional
        Smile of an earlier expiry, below which variance must not fall.

    Raises
    ------
    ResearchError
        With fewer than five strikes, or several expiries or forwards.
    """
    forward, strike, years, vol = (
        np.asarray(x, dtype=np.float64) for x in (forward, strike, years, vol)
    )
    weight = np.ones(vol.size) if weight is None else np.asarray(weight, dtype=np.float64)
    sound = np.isfinite(forward + strike + years + vol + weight)
    sound &= (vol > 0) & (strike > 0) & (forward > 0) & (years > 0)
    if sound.sum() < 5 or np.ptp(years[sound]) > 0 or np.ptp(forward[sound]) > 0:
        raise ResearchError(
            f"{sound.sum()} strikes over {np.unique(years[sound]).size} expiries are no smile",
            mend="give one expiry with one forward and five strikes or more",
        )
    f, t = float(forward[sound][0]), float(years[sound][0])
    order = np.argsort(strike[sound])
    k = np.ascontiguousarray(np.log(strike[sound] / f)[order])
    market = np.ascontiguousarray(vol[sound][order])
    scaled = np.ascontiguousarray(weight[sound][order] / np.mean(weight[sound]))
    reach = BEYOND * (k[-1] - k[0])
    grid = np.linspace(min(k[0], -0.01) - reach, max(k[-1], 0.01) + reach, GRID)
    floor = (
        np.zeros(GRID)
        if earlier is None
        else np.maximum(EARLIER_MARGIN * earlier.variance(grid), 0.0)
    )
    smile = _best(k, market, scaled, t, grid, floor)
    return _result(smile, k, market, t, f, grid)


def _best(k: Vector, vol: Vector, weight: Vector, t: float, grid: Vector, floor: Vector) -> Svi:
    """Best smile of some starts; two that meet are taken for the one minimum."""
    w, half = vol * vol * t, 0.5 * float(k[-1] - k[0])
    # Beyond these bounds lie parabolas written with giant s and m, whose wings explode.
    low = np.array([-25.0, -25.0, -3.8, k[0] - CENTRE * half, np.log(1e-3 * half)])
    high = np.array([5.0, 5.0, 3.8, k[-1] + CENTRE * half, np.log(ROUND * half)])
    best, best_sse, met = np.zeros(5), np.inf, 0
    for rho, width in STARTS:
        b = max(float(np.ptp(w)) / half, 0.05 * float(w.min()) / half, 1e-8)
        middle = k[int(np.argmin(w))]
        logs = np.log([0.9 * w.min(), b, width * half])
        x = np.array([logs[0], logs[1], np.arctanh(rho), middle, logs[2]])
        sse = search(x, k, vol, weight, t, grid, floor, WINGS, EARLIER, low, high)
        met += abs(sse - best_sse) <= 1e-4 * sse
        if sse < best_sse:
            best, best_sse = x, sse
        if met or best_sse < 1e-16:
            break
    fine = np.linspace(grid[0], grid[-1], FINE)
    for harder in HARDER:
        smile = _smile(best)
        if smile.g(fine).min() >= 0.0:
            break
        search(best, k, vol, weight, t, grid, floor, WINGS * harder, EARLIER,
               low, high)  # fmt: skip
    return _smile(best)


def _smile(x: Vector) -> Svi:
    rho, s = float(np.tanh(x[2])), float(np.exp(x[4]))
    b = min(float(np.exp(x[1])), LEE / (1.0 + abs(rho)))
    return Svi(float(np.exp(x[0]) - b * s * np.sqrt(1.0 - rho * rho)), b, rho, float(x[3]), s)


def _result(smile: Svi, k: Vector, vol: Vector, t: float, f: float, grid: Vector) -> SviFit:
    left = np.sqrt(smile.variance(k) / t) - vol
    fine = np.linspace(grid[0], grid[-1], FINE)
    g = smile.g(fine)
    at = int(np.argmin(g))
    doubts = []
    if k.size < FEW_STRIKES:
        doubts.append(f"only {k.size} strikes")
    if g[at] < 0.0:
        doubts.append(
            f"butterfly arbitrage: the density is negative near {f * np.exp(fine[at]):.6g}"
        )
    if smile.wing >= LEE * (1.0 - 1e-9):
        doubts.append("a wing is as steep as Lee's bound")
    return SviFit(
        smile.a, smile.b, smile.rho, smile.m, smile.s, t, f, float(np.sqrt(np.mean(left**2))),
        float(np.abs(left).max()), int(k.size), float(g[at]), float(f * np.exp(fine[at])),
        tuple(doubts),
    )  # fmt: skip


ANALYTIC = Analytic(
    name="svi_fit", group="surface", inputs=("forward", "strike", "years", "vol"),
    doc=__doc__, fit=fit,
    need=Need(expiry_days=30.0),
)  # fmt: skip

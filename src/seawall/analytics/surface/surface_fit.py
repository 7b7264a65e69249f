# SPDX-License-Identifier: MIT
"""Volatility surface out of the implied volatilities of a chain.

Formula: one SVI smile per expiry (``svi_fit``), from the shortest on, each kept above the
total variance of the one before by a penalty; linear in total variance between expiries.
Unit: as in ``svi_fit``; rmse and worst in volatility (times 100: vol points).
Assumption: rows of one expiry share their forward; expiries with fewer strikes than asked
for, or closer than an hour, are left out and named in ``doubts``, and so is every place at
which an arbitrage is left.
Cost: that of one ``svi_fit`` per expiry.
Source: Gatheral and Jacquier (2014), Quantitative Finance 14(1), section 5; Breeden and
Litzenberger (1978), Journal of Business 51(4), for the density.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from seawall.analytics.spec import Analytic, Param
from seawall.analytics.surface import svi_fit
from seawall.analytics.surface.arbitrage import check
from seawall.analytics.surface.surface import VolSurface
from seawall.analytics.surface.svi import Svi
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
HOUR = 1.0 / (365.0 * 24.0)


def fit(
    forward: Vector, strike: Vector, years: Vector, vol: Vector,
    *, few: float = 5.0, weight: Vector | None = None,
) -> VolSurface:  # fmt: skip
    """Fit every expiry of a chain, rows in any order.

    Rows that are not finite are left out.

    Parameters
    ----------
    forward, strike, years, vol : array
        One row per option.
    few : int
        Strikes below which an expiry is left out, 5 or more.
    weight : array, optional
        Weight of the error of each row; 1 for all without it.

    Raises
    ------
    ResearchError
        When no expiry can be fitted.
    """
    forward, strike, years, vol = (
        np.asarray(x, dtype=np.float64) for x in (forward, strike, years, vol)
    )
    weight = np.ones(vol.size) if weight is None else np.asarray(weight, dtype=np.float64)
    sound = np.isfinite(forward + strike + years + vol + weight)
    sound &= (vol > 0) & (strike > 0) & (forward > 0) & (years > 0)
    fits: list[svi_fit.SviFit] = []
    reach: list[tuple[float, float]] = []
    doubts: list[str] = []
    earlier: Svi | None = None
    for t in np.unique(years[sound]):
        rows = sound & (years == t)
        if rows.sum() < few or t < HOUR:
            doubts.append(f"the expiry in {t:.4g} years with {rows.sum()} strikes is left out")
            continue
        one = svi_fit.fit(forward[rows], strike[rows], years[rows], vol[rows],
                          weight=weight[rows], earlier=earlier)  # fmt: skip
        k = np.log(strike[rows] / one.forward)
        fits.append(one)
        reach.append((float(k.min()), float(k.max())))
        earlier = one.smile
    if not fits:
        raise ResearchError(
            f"none of {np.unique(years[sound]).size} expiries has {few:g} strikes",
            mend="give more strikes per expiry",
        )
    return _surface(fits, reach, doubts)


def _surface(
    fits: list[svi_fit.SviFit], reach: list[tuple[float, float]], doubts: list[str]
) -> VolSurface:
    rows = sum(f.strikes for f in fits)
    squares = sum(f.strikes * f.rmse**2 for f in fits)
    years, forwards = tuple(f.years for f in fits), tuple(f.forward for f in fits)
    smiles, places = tuple(f.smile for f in fits), tuple(reach)
    for one in fits:
        doubts += [f"{one.years:.4g} years: {d}" for d in one.doubts if "arbitrage" not in d]
    for b in check(VolSurface(years, forwards, smiles, places)):
        doubts.append(f"{b.kind} arbitrage at {b.years:.4g} years near {b.strike:.6g}")
    return VolSurface(
        years, forwards, smiles, places, float(np.sqrt(squares / rows)),
        max(f.worst for f in fits), rows, tuple(doubts),
    )  # fmt: skip


ANALYTIC = Analytic(
    name="surface_fit", group="surface", inputs=("forward", "strike", "years", "vol"),
    doc=__doc__, fit=fit,
    params=(Param("few", 5, "strikes below which an expiry is left out", 5, 1e3, whole=True),),
)  # fmt: skip

# SPDX-License-Identifier: MIT
"""Risk-neutral law of the price at expiry, out of one smile.

Formula: f(K) = d2C/dK2 = g(k) n(d2) / (K sqrt(w)) with w the total variance of the SVI smile
(``svi_fit``), k = ln(K/F), d2 = -k/sqrt(w) - sqrt(w)/2 and Durrleman's g; moments and
quantiles by the trapezoid rule over k.
Unit: mass none (1 when the wings are sound), mean over forward (1 without arbitrage), sd,
skew and excess kurtosis of the log price, quantiles in units of the quote currency.
Assumption: one expiry with one forward; probabilities are those of the pricing measure, with
the wings of the fitted smile beyond the outer strikes.
Cost: one ``svi_fit`` and 4,001 evaluations.
Source: Breeden and Litzenberger (1978), Journal of Business 51(4).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.spec import Analytic, Need
from seawall.analytics.surface import svi_fit
from seawall.analytics.surface.svi import durrleman

Vector = npt.NDArray[np.float64]
WIDE, POINTS = 12.0, 4_001
LEVELS = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class RiskNeutral:
    """Law of the price at one expiry.

    Parameters
    ----------
    years, forward : float
        Time to expiry, years; forward.
    mass, mean : float
        Integral of the density; mean over the forward.
    sd, skew, kurtosis : float
        Of the log price; kurtosis in excess of the normal one.
    quantiles : tuple of float
        Prices below which lie 1, 5, 25, 50, 75, 95 and 99 %.
    rmse : float
        Of the smile, in volatility.
    doubts : tuple of str
        Why it should not be relied on.
    """

    years: float
    forward: float
    mass: float
    mean: float
    sd: float
    skew: float
    kurtosis: float
    quantiles: tuple[float, ...]
    rmse: float
    doubts: tuple[str, ...]


def density_of(
    vol: Callable[[Vector], Vector], strike: Vector, forward: float, years: float,
    *, step: float = 2e-3,
) -> Vector:  # fmt: skip
    """Density at strikes out of any smile that is a function of the strike.

    Parameters
    ----------
    vol : callable
        Implied volatility by strike.
    strike : array
        Where it is wanted.
    forward, years : float
        Of the expiry.
    step : float
        Step of the derivatives in log-moneyness (five points, fourth order).
    """
    k = np.log(np.asarray(strike, dtype=np.float64) / forward)
    w = [vol(forward * np.exp(k + j * step)) ** 2 * years for j in (-2, -1, 0, 1, 2)]
    first = (w[0] - 8.0 * w[1] + 8.0 * w[3] - w[4]) / (12.0 * step)
    second = (-w[0] + 16.0 * w[1] - 30.0 * w[2] + 16.0 * w[3] - w[4]) / (12.0 * step * step)
    return np.asarray(durrleman(k, w[2], first, second) * _bell(k, w[2]) / strike)


def fit(forward: Vector, strike: Vector, years: Vector, vol: Vector) -> RiskNeutral:
    """Fit the smile of one expiry and sum its density up.

    Raises
    ------
    ResearchError
        With fewer than five strikes, or several expiries or forwards.
    """
    one = svi_fit.fit(forward, strike, years, vol)
    smile = one.smile
    spread = WIDE * float(np.sqrt(smile.variance(np.zeros(1))[0]))
    k = np.linspace(-spread, spread, POINTS)
    w = smile.variance(k)
    pdf = durrleman(k, w, *smile.slopes(k)) * _bell(k, w)  # of k
    mass = float(np.trapezoid(pdf, k))
    middle = float(np.trapezoid(pdf * k, k)) / mass
    moments = [float(np.trapezoid(pdf * (k - middle) ** j, k)) / mass for j in (2, 3, 4)]
    below = np.concatenate(([0.0], np.cumsum(0.5 * (pdf[1:] + pdf[:-1]) * np.diff(k)))) / mass
    quantiles = one.forward * np.exp(np.interp(LEVELS, below, k))
    doubts = list(one.doubts)
    if abs(mass - 1.0) > 1e-3:
        doubts.append(f"the density holds {mass:.4f}: a wing is too heavy")
    return RiskNeutral(
        one.years, one.forward, mass, float(np.trapezoid(pdf * np.exp(k), k)),
        float(np.sqrt(moments[0])), moments[1] / moments[0] ** 1.5,
        moments[2] / moments[0] ** 2 - 3.0, tuple(quantiles.tolist()), one.rmse, tuple(doubts),
    )  # fmt: skip


def _bell(k: Vector, w: Vector) -> Vector:
    root = np.sqrt(w)
    d2 = -k / root - 0.5 * root
    return np.asarray(np.exp(-0.5 * d2 * d2) / (root * np.sqrt(2.0 * np.pi)))


ANALYTIC = Analytic(
    name="risk_neutral_density", group="surface", inputs=("forward", "strike", "years", "vol"),
    doc=__doc__, fit=fit,
    need=Need(expiry_days=30.0),
)  # fmt: skip

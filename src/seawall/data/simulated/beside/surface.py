# SPDX-License-Identifier: MIT
"""The volatility surface that a simulated option chain is quoted around: the ground truth.

Surface SVI: w(k, theta) = theta/2 (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2)) with
phi = eta theta^-gamma (1 + theta)^(gamma - 1), free of butterfly arbitrage for
eta (1 + |rho|) <= 2 and gamma <= 1/2, and of calendar arbitrage as theta rises in time
(Gatheral and Jacquier 2014, Quantitative Finance 14(1)).  Variance at the money comes from
the simulated market: the recent variance of the value (a fading mean) returns to its long mean
at the rate kappa, theta(T) = mean T + (now - mean)(1 - exp(-kappa T)) / kappa.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.model.errors import SettingsError

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TrueSurface:
    """Volatilities and prices of all strikes and times at one moment.

    Parameters
    ----------
    now, mean : float
        Variance at the moment and the one it returns to, per year.
    kappa : float
        Rate of return, per year.
    rho, eta, gamma : float
        Skew, level and power of the curvature.
    """

    now: float
    mean: float
    kappa: float = 8.0
    rho: float = -0.35
    eta: float = 0.9
    gamma: float = 0.35

    def __post_init__(self) -> None:
        free = abs(self.rho) < 1.0 and 0.0 < self.eta * (1.0 + abs(self.rho)) <= 2.0
        if not (free and 0.0 < self.gamma <= 0.5):
            raise SettingsError(
                f"rho={self.rho:g}, eta={self.eta:g}, gamma={self.gamma:g} allow an arbitrage",
                where="surface of the simulated options",
                mend="keep eta (1 + |rho|) within 2 and gamma within 1/2",
            )
        if not (self.now > 0.0 and self.mean > 0.0 and self.kappa > 0.0):
            raise SettingsError(
                f"variances {self.now:g} and {self.mean:g}, rate {self.kappa:g}",
                mend="all three must be above 0",
            )

    def theta(self, years: npt.ArrayLike) -> Vector:
        """Total variance at the money."""
        t = np.asarray(years, dtype=np.float64)
        fade = -np.expm1(-self.kappa * t) / self.kappa
        return np.asarray(self.mean * t + (self.now - self.mean) * fade)

    def variance(self, k: npt.ArrayLike, years: npt.ArrayLike) -> Vector:
        """Total variance at log-moneyness k = ln(K / F); both broadcast."""
        theta = self.theta(years)
        x = self.eta * theta**-self.gamma * (1.0 + theta) ** (self.gamma - 1.0) * np.asarray(k)
        root = np.sqrt((x + self.rho) ** 2 + 1.0 - self.rho**2)
        return np.asarray(0.5 * theta * (1.0 + self.rho * x + root))

    def vol(self, k: npt.ArrayLike, years: npt.ArrayLike) -> Vector:
        """Implied volatility, 1.00 is 100 % a year."""
        return np.asarray(np.sqrt(self.variance(k, years) / np.asarray(years)))


def black(forward: Vector, strike: Vector, years: Vector, vol: Vector, call: Vector) -> Vector:
    """Undiscounted premiums of calls (+1) and puts (-1)."""
    from scipy.special import ndtr

    s = vol * np.sqrt(years)
    d = np.log(forward / strike) / s + 0.5 * s
    return np.asarray(call * (forward * ndtr(call * d) - strike * ndtr(call * (d - s))))

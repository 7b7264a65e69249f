# SPDX-License-Identifier: MIT
"""A volatility surface: smiles of some expiries and what lies between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.surface.svi import Svi, durrleman
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class VolSurface:
    """Smiles by expiry; total variance is linear in time between them at one log-moneyness.

    Before the first expiry and after the last one the volatility of that expiry is kept.
    Linear interpolation of total variance between smiles that do not cross has no calendar
    arbitrage.  Log-moneyness is that to the forward of the same time, which is interpolated
    in its logarithm.

    Parameters
    ----------
    years : tuple of float
        Times to expiry, years of 365 days, rising.
    forwards : tuple of float
        Forwards of the expiries.
    smiles : tuple of Svi
        Smiles of the expiries.
    reach : tuple of (float, float)
        Log-moneyness of the outer strikes that each smile was fitted to.
    rmse, worst : float
        Root mean squared and largest error over all rows, in volatility.
    rows : int
        Options that were fitted.
    doubts : tuple of str
        Why it should not be relied on.
    """

    years: tuple[float, ...]
    forwards: tuple[float, ...]
    smiles: tuple[Svi, ...]
    reach: tuple[tuple[float, float], ...]
    rmse: float = 0.0
    worst: float = 0.0
    rows: int = 0
    doubts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.years)
        rising = all(a < b for a, b in zip(self.years, self.years[1:], strict=False))
        if not n or not rising or self.years[0] <= 0.0:
            raise ResearchError(
                f"{n} expiries at {self.years[:4]} years are no surface",
                mend="give one or more expiries with rising times above 0",
            )
        if len(self.forwards) != n or len(self.smiles) != n or len(self.reach) != n:
            raise ResearchError("forwards, smiles and reach must have one entry per expiry")

    def forward(self, years: float) -> float:
        """Forward of a time, interpolated in its logarithm."""
        return float(np.exp(np.interp(years, self.years, np.log(self.forwards))))

    def variance(self, k: npt.ArrayLike, years: float) -> Vector:
        """Total variance at log-moneyness k and a time.

        Raises
        ------
        ResearchError
            When the time is not above 0.
        """
        i, share, scale = self._between(years)
        at = np.asarray(k, dtype=np.float64)
        early = self.smiles[i].variance(at)
        if share == 0.0:
            return np.asarray(early * scale)
        late = self.smiles[i + 1].variance(at)
        return np.asarray((1.0 - share) * early + share * late)

    def slopes(self, k: npt.ArrayLike, years: float) -> tuple[Vector, Vector]:
        """First and second derivative of total variance by log-moneyness."""
        i, share, scale = self._between(years)
        at = np.asarray(k, dtype=np.float64)
        first, second = self.smiles[i].slopes(at)
        if share == 0.0:
            return first * scale, second * scale
        first_late, second_late = self.smiles[i + 1].slopes(at)
        return (
            np.asarray((1.0 - share) * first + share * first_late),
            np.asarray((1.0 - share) * second + share * second_late),
        )

    def vol(self, strike: npt.ArrayLike, years: float) -> Vector:
        """Implied volatility at strikes and a time; 1.00 is 100 % a year."""
        k = np.log(np.asarray(strike, dtype=np.float64) / self.forward(years))
        return np.asarray(np.sqrt(self.variance(k, years) / years))

    def price(self, strike: npt.ArrayLike, years: float, call: npt.ArrayLike = 1.0) -> Vector:
        """Undiscounted prices of calls (+1) or puts (-1)."""
        from scipy.special import ndtr

        f = self.forward(years)
        x = np.asarray(strike, dtype=np.float64)
        side = np.asarray(call, dtype=np.float64)
        s = np.sqrt(self.variance(np.log(x / f), years))
        d = np.log(f / x) / s + 0.5 * s
        return np.asarray(side * (f * ndtr(side * d) - x * ndtr(side * (d - s))))

    def density(self, strike: npt.ArrayLike, years: float) -> Vector:
        """Risk-neutral density of the price at expiry, per unit of the quote currency.

        Second derivative of the call by the strike (Breeden and Litzenberger 1978), here
        g(k) n(d2) / (K sqrt(w)) with Durrleman's g.
        """
        x = np.asarray(strike, dtype=np.float64)
        k = np.log(x / self.forward(years))
        w = self.variance(k, years)
        d2 = -k / np.sqrt(w) - 0.5 * np.sqrt(w)
        bell = np.exp(-0.5 * d2 * d2) / np.sqrt(2.0 * np.pi)
        return np.asarray(self.g(k, years) * bell / (x * np.sqrt(w)))

    def g(self, k: npt.ArrayLike, years: float) -> Vector:
        """Durrleman's function; below zero the density is negative."""
        at = np.asarray(k, dtype=np.float64)
        return durrleman(at, self.variance(at, years), *self.slopes(at, years))

    def _between(self, years: float) -> tuple[int, float, float]:
        """Expiry before, share of the one after, and scale of variance outside all of them."""
        if not years > 0.0:
            raise ResearchError(f"{years!r} years to expiry", mend="give a time above 0")
        if years <= self.years[0]:
            return 0, 0.0, years / self.years[0]
        if years >= self.years[-1]:
            return len(self.years) - 1, 0.0, years / self.years[-1]
        i = int(np.searchsorted(self.years, years, side="right")) - 1
        return i, (years - self.years[i]) / (self.years[i + 1] - self.years[i]), 1.0

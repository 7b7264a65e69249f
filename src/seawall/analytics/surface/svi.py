# SPDX-License-Identifier: MIT
"""Stochastic-volatility-inspired smiles: three ways to write one, and its conditions.

Total variance w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + s^2)) at log-moneyness
k = ln(K/F).  Source: Gatheral (2004); Gatheral and Jacquier (2014), Quantitative Finance
14(1), whose sections 3.1 to 3.3 give the raw, the natural and the jump-wing form.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
LEE = 2.0
"""Largest slope of total variance in either wing (Lee 2004)."""


@dataclass(frozen=True, slots=True)
class Svi:
    """Raw parameters of one smile.

    Parameters
    ----------
    a, b, rho, m, s : float
        Level, angle, tilt, shift and roundness of total variance.
    """

    a: float
    b: float
    rho: float
    m: float
    s: float

    def variance(self, k: Vector) -> Vector:
        """Total variance at log-moneyness k."""
        x = np.asarray(k, dtype=np.float64) - self.m
        return np.asarray(self.a + self.b * (self.rho * x + np.sqrt(x * x + self.s * self.s)))

    def slopes(self, k: Vector) -> tuple[Vector, Vector]:
        """First and second derivative of total variance by k."""
        x = np.asarray(k, dtype=np.float64) - self.m
        root = np.sqrt(x * x + self.s * self.s)
        return self.b * (self.rho + x / root), self.b * self.s * self.s / root**3

    def g(self, k: Vector) -> Vector:
        """Durrleman's function; where it is below zero the density is negative."""
        return durrleman(np.asarray(k, dtype=np.float64), self.variance(k), *self.slopes(k))

    @property
    def least(self) -> float:
        """Least total variance of the smile."""
        return float(self.a + self.b * self.s * np.sqrt(1.0 - self.rho**2))

    @property
    def wing(self) -> float:
        """Slope of the steeper wing; above :data:`LEE` there is an arbitrage."""
        return self.b * (1.0 + abs(self.rho))


@dataclass(frozen=True, slots=True)
class NaturalSvi:
    """Natural parameters: w = delta + omega/2 (1 + zeta rho x + sqrt((zeta x + rho)^2 + 1 - rho^2)).

    Parameters
    ----------
    delta, mu, rho, omega, zeta : float
        Level, centre, tilt, size and curvature, with x = k - mu.
    """  # noqa: E501

    delta: float
    mu: float
    rho: float
    omega: float
    zeta: float


@dataclass(frozen=True, slots=True)
class JumpWings:
    """Parameters that a trader reads: of variance per year and of implied volatility.

    Parameters
    ----------
    v, psi, p, c, v_least : float
        Variance and skew at the money, slopes of the put and call wing, least variance.
    """

    v: float
    psi: float
    p: float
    c: float
    v_least: float


def durrleman(k: Vector, w: Vector, first: Vector, second: Vector) -> Vector:
    """G(k) of total variance and its derivatives: the density over the lognormal one."""
    lean = 1.0 - 0.5 * k * first / w
    return np.asarray(lean * lean - 0.25 * first * first * (1.0 / w + 0.25) + 0.5 * second)


def to_natural(raw: Svi) -> NaturalSvi:
    """Natural form of a raw smile."""
    side = np.sqrt(1.0 - raw.rho**2)
    omega = 2.0 * raw.b * raw.s / side
    return NaturalSvi(
        float(raw.a - 0.5 * omega * side * side), float(raw.m + raw.rho * raw.s / side),
        raw.rho, float(omega), float(side / raw.s),
    )  # fmt: skip


def from_natural(one: NaturalSvi) -> Svi:
    """Raw form of a natural smile."""
    side = np.sqrt(1.0 - one.rho**2)
    return Svi(
        float(one.delta + 0.5 * one.omega * side * side), 0.5 * one.omega * one.zeta, one.rho,
        one.mu - one.rho / one.zeta, float(side / one.zeta),
    )  # fmt: skip


def to_jump_wings(raw: Svi, years: float) -> JumpWings:
    """Jump-wing form of a raw smile of an expiry in ``years``."""
    root = float(np.hypot(raw.m, raw.s))
    w = raw.a + raw.b * (root - raw.rho * raw.m)
    return JumpWings(
        w / years, 0.5 * raw.b / np.sqrt(w) * (raw.rho - raw.m / root),
        raw.b * (1.0 - raw.rho) / np.sqrt(w), raw.b * (1.0 + raw.rho) / np.sqrt(w),
        raw.least / years,
    )  # fmt: skip

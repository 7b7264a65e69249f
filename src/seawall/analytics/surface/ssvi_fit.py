# SPDX-License-Identifier: MIT
"""Surface SVI: one skew and one curvature law for all expiries, free of static arbitrage.

Formula: w(k, theta) = theta/2 (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2)) with
phi(theta) = eta theta^-gamma (1 + theta)^(gamma - 1); least squares in volatility over
rho, eta, gamma and the variance theta of every expiry at the money, which rises by
construction.  No butterfly: theta phi (1 + |rho|) < 4 and theta phi^2 (1 + |rho|) <= 4;
no calendar arbitrage: 0 <= d(theta phi)/d theta <= (1 + sqrt(1 - rho^2)) phi/rho^2.
Unit: theta in total variance; rho, eta, gamma none; rmse in volatility.
Assumption: rows of one expiry share their forward.  Three shape parameters for the whole
surface: short crypto smiles are fitted worse than by ``svi_fit``; ``doubts`` names each
condition that fails.
Cost: O(rows) per evaluation, 3 + expiries unknowns.
Source: Gatheral and Jacquier (2014), Quantitative Finance 14(1), theorems 4.1 and 4.2 and
equation (4.5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.spec import Analytic
from seawall.analytics.surface.svi import NaturalSvi, Svi, from_natural
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SsviFit:
    """A fitted surface.

    Parameters
    ----------
    rho, eta, gamma : float
        Skew, and level and power of the curvature.
    years, forwards, theta : tuple of float
        Time, forward and total variance at the money of every expiry.
    rmse, worst : float
        Root mean squared and largest error of a row, in volatility.
    rows : int
        Options that were fitted.
    doubts : tuple of str
        Why it should not be relied on.
    """

    rho: float
    eta: float
    gamma: float
    years: tuple[float, ...]
    forwards: tuple[float, ...]
    theta: tuple[float, ...]
    rmse: float
    worst: float
    rows: int
    doubts: tuple[str, ...]

    def smile(self, theta: float) -> Svi:
        """Raw smile at a total variance at the money."""
        phi = self.eta * theta**-self.gamma * (1.0 + theta) ** (self.gamma - 1.0)
        return from_natural(NaturalSvi(0.0, 0.0, self.rho, theta, phi))


def total_variance(k: Vector, theta: Vector, rho: float, eta: float, gamma: float) -> Vector:
    """Total variance at log-moneyness k and variance at the money theta, which broadcast."""
    x = eta * theta**-gamma * (1.0 + theta) ** (gamma - 1.0) * k
    return np.asarray(0.5 * theta * (1.0 + rho * x + np.sqrt((x + rho) ** 2 + 1.0 - rho * rho)))


def fit(forward: Vector, strike: Vector, years: Vector, vol: Vector) -> SsviFit:
    """Fit a whole surface, rows in any order.

    Rows that are not finite are left out.

    Raises
    ------
    ResearchError
        With fewer rows than unknowns.
    """
    from scipy.optimize import least_squares

    forward, strike, years, vol = (
        np.asarray(x, dtype=np.float64) for x in (forward, strike, years, vol)
    )
    sound = np.isfinite(forward + strike + years + vol)
    sound &= (vol > 0) & (strike > 0) & (forward > 0) & (years > 0)
    forward, strike, years, vol = (x[sound] for x in (forward, strike, years, vol))
    times, at = np.unique(years, return_inverse=True)
    if vol.size < 4 + times.size:
        raise ResearchError(
            f"{vol.size} rows cannot tell {3 + times.size} parameters",
            mend="give more strikes of every expiry",
        )
    k = np.log(strike / forward)
    level = np.array([vol[at == i][np.argmin(np.abs(k[at == i]))] for i in range(times.size)])
    rises = np.maximum(np.diff(level**2 * times, prepend=0.0), 1e-8)

    def errors(x: Vector) -> Vector:
        theta = np.cumsum(np.exp(x[3:]))[at]
        w = total_variance(k, theta, np.tanh(x[0]), np.exp(x[1]), 1.0 / (1.0 + np.exp(-x[2])))
        return np.asarray(np.sqrt(w / years) - vol)

    start = np.concatenate(([np.arctanh(-0.2), 0.0, 0.0], np.log(rises)))
    found = least_squares(errors, start, method="trf", x_scale="jac", max_nfev=200)
    rho, eta = float(np.tanh(found.x[0])), float(np.exp(found.x[1]))
    gamma = float(1.0 / (1.0 + np.exp(-found.x[2])))
    theta = np.cumsum(np.exp(found.x[3:]))
    return SsviFit(
        rho, eta, gamma, tuple(times.tolist()),
        tuple(float(forward[at == i][0]) for i in range(times.size)), tuple(theta.tolist()),
        float(np.sqrt(np.mean(found.fun**2))), float(np.abs(found.fun).max()), int(vol.size),
        conditions(theta, rho, eta, gamma),
    )  # fmt: skip


def conditions(theta: Vector, rho: float, eta: float, gamma: float) -> tuple[str, ...]:
    """Conditions of no static arbitrage that fail at these variances, with their place."""
    phi = eta * theta**-gamma * (1.0 + theta) ** (gamma - 1.0)
    lean = 1.0 + abs(rho)
    rise = phi * (1.0 - gamma + (gamma - 1.0) * theta / (1.0 + theta))  # d(theta phi)/d theta
    cap = np.inf if rho == 0.0 else (1.0 + np.sqrt(1.0 - rho * rho)) * phi / (rho * rho)
    out = []
    for name, bad in (
        ("butterfly: theta phi (1 + |rho|) is 4 or more", theta * phi * lean >= 4.0),
        ("butterfly: theta phi^2 (1 + |rho|) exceeds 4", theta * phi * phi * lean > 4.0),
        ("calendar: theta phi falls", rise < 0.0),
        ("calendar: theta phi rises too fast", rise > cap),
    ):
        if np.any(bad):
            out.append(f"{name} at theta {theta[int(np.argmax(bad))]:.4g}")
    return tuple(out)


ANALYTIC = Analytic(
    name="ssvi_fit", group="surface", inputs=("forward", "strike", "years", "vol"),
    doc=__doc__, fit=fit,
)  # fmt: skip

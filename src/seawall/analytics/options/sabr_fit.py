# SPDX-License-Identifier: MIT
"""SABR fitted to the smile of one expiry, beta fixed.

Formula: least squares of Hagan's volatility (``sabr_vol``) less the market's over the
strikes, in ln(alpha), atanh(rho) and ln(nu), by Levenberg and Marquardt from up to four
starts.
Unit: alpha in forward^(1 - beta), rho none, nu per square root of a year; rmse in volatility
(times 100: vol points).
Assumption: one expiry with one forward (the first row's); beta and rho are hardly told apart,
so that beta is given: 1 for coins.  Do not read it beyond the strikes that were fitted.
Cost: O(strikes) per evaluation, a whole smile at once.
Source: Hagan, Kumar, Lesniewski and Woodward (2002); Marquardt (1963), SIAM Journal 11(2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.options.sabr_vol import batch as sabr_batch
from seawall.analytics.spec import Analytic, Param
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
LOW = np.array([-40.0, -3.8, -7.0])  # |rho| < 0.999, nu > 0.0009
HIGH = np.array([40.0, 3.8, 4.0])
STARTS = ((-0.2, 1.0), (-0.6, 2.0), (0.4, 1.0), (0.0, 0.3))
FEW_STRIKES = 5


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
    sound = np.isfinite(forward + strike + years + vol) & (vol > 0) & (strike > 0)
    forward, strike, years, vol = (
        np.ascontiguousarray(x[sound], dtype=np.float64) for x in (forward, strike, years, vol)
    )
    if strike.size < 3 or np.ptp(years) > 0 or np.ptp(forward) > 0:
        raise ResearchError(
            f"{strike.size} strikes over {np.unique(years).size} expiries are no smile",
            mend="give one expiry with one forward and three strikes or more",
        )
    out = np.empty((strike.size, 1))

    def errors(x: Vector) -> Vector:
        params = np.array([np.exp(x[0]), beta, np.tanh(x[1]), np.exp(x[2])])
        sabr_batch(params, params, out, forward, strike, years)
        return np.asarray(out[:, 0] - vol)

    at_money = float(vol[np.argmin(np.abs(np.log(strike / forward)))])
    level = np.log(at_money) + (1.0 - beta) * np.log(forward[0])
    best, best_sse, firsts = LOW, np.inf, 0
    for rho, nu in STARTS:
        x, sse = _least_squares(errors, np.array([level, np.arctanh(rho), np.log(nu)]))
        if sse < best_sse * (1.0 - 1e-9):
            best, best_sse, firsts = x, sse, 0
        elif sse <= best_sse * (1.0 + 1e-6):
            firsts += 1
        if firsts >= 1 or best_sse < 1e-20:
            break  # two starts that meet are taken for the one minimum
    left = errors(best)
    edge = bool(np.any((best <= LOW + 1e-3) | (best >= HIGH - 1e-3)))
    doubts = []
    if strike.size < FEW_STRIKES:
        doubts.append(f"only {strike.size} strikes")
    if edge:
        doubts.append("a parameter is at its bound")
    if np.exp(2.0 * best[2]) * years[0] > 1.0:
        doubts.append("nu^2 T above 1: the expansion is outside its range")
    return SabrFit(
        float(np.exp(best[0])), beta, float(np.tanh(best[1])), float(np.exp(best[2])),
        float(np.sqrt(np.mean(left**2))), float(np.abs(left).max()), int(strike.size),
        tuple(doubts),
    )  # fmt: skip


def _least_squares(errors: object, x: Vector) -> tuple[Vector, float]:
    """Levenberg and Marquardt with central differences within the bounds."""
    assert callable(errors)
    damping = 1e-3
    left = errors(x)
    sse = float(left @ left)
    step = 1e-6
    for _ in range(100):
        jacobian = np.empty((left.size, 3))
        for k in range(3):
            up, down = x.copy(), x.copy()
            up[k] += step
            down[k] -= step
            jacobian[:, k] = (errors(up) - errors(down)) / (2.0 * step)
        normal, slope = jacobian.T @ jacobian, jacobian.T @ left
        gain = 0.0
        for _ in range(12):
            damped = normal + damping * np.diag(np.diag(normal) + 1e-12)
            after = np.clip(x - np.linalg.solve(damped, slope), LOW, HIGH)
            tried = errors(after)
            new = float(tried @ tried)
            if new < sse:
                gain, moved = sse - new, float(np.abs(after - x).max())
                x, left, sse = after, tried, new
                damping = max(0.2 * damping, 1e-12)
                break
            damping *= 5.0
        if gain == 0.0 or (gain <= 1e-13 * sse and moved < 1e-8) or sse < 1e-26:
            break
    return x, sse


ANALYTIC = Analytic(
    name="sabr_fit", group="options", inputs=("forward", "strike", "years", "vol"),
    doc=__doc__, fit=fit, params=(Param("beta", 1.0, "backbone, not fitted", 0.0, 1.0),),
)  # fmt: skip

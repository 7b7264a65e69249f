# SPDX-License-Identifier: MIT
"""Heston's model fitted to the volatilities of a whole surface.

Formula: least squares of the implied volatility of the model's price less the market's over
all rows, in ln v0, ln kappa, ln theta, ln sigma and atanh rho, by Levenberg and Marquardt
with exact derivatives: those of the price (``heston_errors``) over vega; from up to five
starts until two of them meet.
Unit: v0, theta variance per year, kappa per year; rmse in volatility (times 100: vol points),
of implied volatilities that are inverted exactly.
Assumption: rows of one expiry share their forward; an option whose vega in the model is
below a thousandth of the largest of its expiry counts by its price over that vega.  kappa,
theta and sigma are hardly told apart by short smiles: read ``doubts``.  Feller's condition
may be broken.
Cost: O(expiries nodes + rows nodes) per step, some 10 to 15 steps per start.
Source: Heston (1993), Review of Financial Studies 6(2); Cui, del Bano Rollin and Germano
(2017), European Journal of Operational Research 263(2); Marquardt (1963).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.options.heston_errors import prices
from seawall.analytics.options.implied_vol import batch as implied_batch
from seawall.analytics.spec import Analytic, Param
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
LOW = np.array([-11.5, -5.3, -11.5, -4.6, -3.45])  # 1e-5, 0.005, 1e-5, 0.01, rho -0.998
HIGH = np.array([2.3, 4.6, 2.3, 3.0, 3.45])  # 10, 100, 10, 20, rho 0.998
FEW_ROWS = 10
VEGA_FLOOR = 1e-3
ROOT_TWO_PI = float(np.sqrt(2.0 * np.pi))
ROUNDS = 60
STARTS = ((2.0, 1.0, -0.3), (6.0, 2.5, 0.0), (0.7, 0.6, -0.6), (1.0, 0.5, 0.3), (12.0, 4.0, -0.1))
"""Kappa, sigma and rho; v0 and theta start at the short and the long variance at the money."""


@dataclass(frozen=True, slots=True)
class HestonFit:
    """A fitted surface.

    Parameters
    ----------
    v0, kappa, theta, sigma, rho : float
        Parameters of the model.
    rmse : float
        Root of the mean squared error, in volatility.
    worst : float
        Largest error of a row, in volatility.
    rows, expiries : int
        Options and expiries that were fitted.
    steps : int
        Steps of all starts together.
    feller : bool
        Whether 2 kappa theta exceeds sigma squared.
    doubts : tuple of str
        Why it should not be relied on.
    """

    v0: float
    kappa: float
    theta: float
    sigma: float
    rho: float
    rmse: float
    worst: float
    rows: int
    expiries: int
    steps: int
    feller: bool
    doubts: tuple[str, ...]


class _Surface:
    """Rows sorted by expiry, with what the market pays for them."""

    def __init__(self, forward: Vector, strike: Vector, years: Vector, vol: Vector) -> None:
        from scipy.special import ndtr

        order = np.argsort(years, kind="stable")
        self.forward, self.strike, self.years, self.vol = (
            np.ascontiguousarray(x[order]) for x in (forward, strike, years, vol)
        )
        self.starts = np.concatenate(
            ([0], np.flatnonzero(np.diff(self.years)) + 1, [years.size])
        ).astype(np.int64)
        self.call = np.where(self.strike >= self.forward, 1.0, -1.0)
        s = self.vol * np.sqrt(self.years)
        d = np.log(self.forward / self.strike) / s + 0.5 * s
        self.paid = self.call * (
            self.forward * ndtr(self.call * d) - self.strike * ndtr(self.call * (d - s))
        )
        vega = self.forward * np.sqrt(self.years / (2 * np.pi)) * np.exp(-0.5 * d * d)
        most = np.maximum.reduceat(vega, self.starts[:-1])
        self.floor = VEGA_FLOOR * np.repeat(most, np.diff(self.starts))
        self._log = np.log(self.forward / self.strike)
        self._root = np.sqrt(self.years)

    def errors(self, x: Vector, nodes: int) -> tuple[Vector, Vector]:
        """Errors in volatility and their derivatives at transformed parameters."""
        p, chain = np.exp(x), np.exp(x)
        p[4] = np.tanh(x[4])
        chain[4] = 1.0 - p[4] ** 2
        price, slope = np.empty(self.vol.size), np.empty((self.vol.size, 5))
        prices(p, nodes, self.starts, self.forward, self.strike, self.years, self.call,
               price, slope)  # fmt: skip
        vol = self._invert(price)
        with np.errstate(invalid="ignore", divide="ignore"):
            d = self._log / (vol * self._root) + 0.5 * vol * self._root
        vega = self.forward * self._root * np.exp(-0.5 * d * d) / ROOT_TWO_PI
        told = vega > self.floor
        left = np.where(told, vol - self.vol, (price - self.paid) / self.floor)
        over = 1.0 / np.where(told, vega, self.floor)
        return left, slope * (over[:, None] * chain)

    def vols(self, x: Vector, nodes: int) -> Vector:
        """Volatilities of the model, not-a-number where its price is below every one."""
        p = np.exp(x)
        p[4] = np.tanh(x[4])
        price, slope = np.empty(self.vol.size), np.empty((self.vol.size, 5))
        prices(p, nodes, self.starts, self.forward, self.strike, self.years, self.call,
               price, slope)  # fmt: skip
        return self._invert(price)

    def _invert(self, price: Vector) -> Vector:
        out, zero = np.empty((price.size, 1)), np.zeros(1)
        implied_batch(zero, zero, out, price, self.forward, self.strike, self.years, self.call)
        return out[:, 0]


def fit(
    forward: Vector, strike: Vector, years: Vector, vol: Vector, *,
    starts: float = 2.0, nodes: float = 32.0,
) -> HestonFit:  # fmt: skip
    """Fit the five parameters to rows of one surface, in any order.

    Rows that are not finite are left out.

    Parameters
    ----------
    forward, strike, years, vol : array
        One row per option.
    starts : int
        Starts that are tried at most, 1 to 5.
    nodes : int
        Nodes of the integral, a multiple of four.

    Raises
    ------
    ResearchError
        With fewer than five rows.
    """
    forward, strike, years, vol = (
        np.asarray(x, dtype=np.float64) for x in (forward, strike, years, vol)
    )
    sound = np.isfinite(forward + strike + years + vol) & (vol > 0) & (years > 0)
    sound &= (strike > 0) & (forward > 0)
    if sound.sum() < 5:
        raise ResearchError(
            f"{sound.sum()} sound rows cannot tell five parameters",
            mend="give forward, strike, years and vol of at least five options",
        )
    surface = _Surface(forward[sound], strike[sound], years[sound], vol[sound])
    count = int(nodes) // 4 * 4
    best, best_sse, steps = LOW, np.inf, 0
    for x in _starts(surface)[: int(starts)]:
        x, sse, used = _least_squares(surface, x, count)
        steps += used
        met = best_sse < np.inf and abs(sse - best_sse) <= 1e-4 * best_sse
        if sse < best_sse:
            best, best_sse = x, sse
        if met or best_sse < 1e-12 * surface.vol.size:
            break
    return _result(surface, best, count, steps)


def _starts(surface: _Surface) -> list[Vector]:
    off = np.abs(np.log(surface.strike / surface.forward))
    variance = []
    for begin, end in zip(surface.starts[:-1], surface.starts[1:], strict=True):
        variance.append(surface.vol[begin + int(np.argmin(off[begin:end]))] ** 2)
    level = [np.log(variance[0]), np.log(variance[-1])]
    return [
        np.clip(np.array([level[0], np.log(k), level[1], np.log(s), np.arctanh(r)]), LOW, HIGH)
        for k, s, r in STARTS
    ]


def _least_squares(surface: _Surface, x: Vector, nodes: int) -> tuple[Vector, float, int]:
    """Levenberg and Marquardt within the bounds."""
    damping = 1e-2
    left, slope = surface.errors(x, nodes)
    sse = float(left @ left)
    for step in range(ROUNDS):
        normal, pull = slope.T @ slope, slope.T @ left
        held = ((x <= LOW) & (pull > 0)) | ((x >= HIGH) & (pull < 0))
        normal[held], normal[:, held], pull[held] = 0.0, 0.0, 0.0
        scale = np.diag(normal) + 1e-14
        gain = moved = 0.0
        for _ in range(8):
            after = np.clip(x - np.linalg.solve(normal + np.diag(damping * scale), pull), LOW, HIGH)
            tried, tried_slope = surface.errors(after, nodes)
            new = float(tried @ tried)
            if new < sse:
                gain, moved = sse - new, float(np.abs(after - x).max())
                x, left, slope, sse = after, tried, tried_slope, new
                damping = max(0.1 * damping, 1e-9)
                break
            damping *= 6.0
        if gain <= 1e-7 * sse or moved < 1e-9 or sse < 1e-20 * x.size:
            return x, sse, step + 1
    return x, sse, ROUNDS


def _result(surface: _Surface, x: Vector, nodes: int, steps: int) -> HestonFit:
    vols = surface.vols(x, 2 * nodes)
    left = np.where(np.isfinite(vols), vols - surface.vol, surface.vol)
    v0, kappa, theta, sigma = (float(v) for v in np.exp(x[:4]))
    rho = float(np.tanh(x[4]))
    doubts = []
    if surface.vol.size < FEW_ROWS:
        doubts.append(f"only {surface.vol.size} rows")
    for name, at, low, high in zip(
        ("v0", "kappa", "theta", "sigma", "rho"), x, LOW, HIGH, strict=True
    ):
        if not low + 1e-6 < at < high - 1e-6:
            doubts.append(f"{name} is at its bound")
    if kappa * surface.years[-1] < 0.5:
        doubts.append("the longest expiry is too short to tell kappa from theta")
    if not np.isfinite(vols).all():
        doubts.append(f"{int((~np.isfinite(vols)).sum())} rows are worth nothing in the model")
    return HestonFit(
        v0, kappa, theta, sigma, rho, float(np.sqrt(np.mean(left**2))),
        float(np.abs(left).max()), int(left.size), int(surface.starts.size - 1), steps,
        2.0 * kappa * theta > sigma * sigma, tuple(doubts),
    )  # fmt: skip


ANALYTIC = Analytic(
    name="heston_fit", group="options", inputs=("forward", "strike", "years", "vol"),
    doc=__doc__, fit=fit,
    params=(
        Param("starts", 2, "starts that are tried at most", 1, 5, whole=True),
        Param("nodes", 32, "nodes of the integral", 8, 512, whole=True),
    ),
)  # fmt: skip

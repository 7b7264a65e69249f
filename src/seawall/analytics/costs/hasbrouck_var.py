# SPDX-License-Identifier: MIT
"""Hasbrouck's lambda: what a trade does to the price in the end, by a vector autoregression.

Formula: r_t = c + sum a_i r_{t-i} + sum_{i>=0} b_i x_{t-i} + u, x_t = d + sum f_i r_{t-i} +
sum g_i x_{t-i} + v; the impulse response of r to a unit of v, summed over ``horizon`` trades,
is the permanent impact; trade_share = the part of the variance of the efficient price that
comes by way of trades, (sum theta_x)^2 s_v^2 / ((sum theta_r)^2 s_u^2 + (sum theta_x)^2 s_v^2).
Unit: r in basis points (``log`` = 1) or in quote currency (0); x the sign, or the sign
times the root of the money (``root`` = 1); shares none.
Assumption: trades move quotes at once and quotes move later trades; r of a trade is the mid
before the next trade over the mid before this one, so nothing of later trades is in it.
Rows in order; rows that are not finite are left out with all that need them as lags.
Cost: O(trades x lags^2), a whole sample at once.
Source: Hasbrouck (1991), Journal of Finance 46(1); Review of Financial Studies 4(3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.costs.regress import least_squares
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HasbrouckVar:
    """Impact of a trade.

    Parameters
    ----------
    immediate : float
        Response within the same row, per unit of x.
    permanent : float
        Response summed over the horizon.
    response : array of horizon + 1
        Summed response after 0, 1, … rows.
    trade_share : float
        Share of the variance of the efficient price that trades bring.
    r2 : float
        Of the equation of returns.
    rows : int
        Rows that were used.
    """

    immediate: float
    permanent: float
    response: Vector
    trade_share: float
    r2: float
    rows: int


def fit(
    mid: Vector, side: Vector, qty: Vector, *,
    lags: float = 5.0, horizon: float = 20.0, log: float = 1.0, root: float = 0.0,
) -> HasbrouckVar:  # fmt: skip
    """Estimate from trades with the mid that prevailed before each.

    Raises
    ------
    ResearchError
        When fewer rows are sound than coefficients are wanted.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.diff(1e4 * np.log(mid)) if log else np.diff(mid)
        x = (side * np.sqrt(mid * qty) if root else side)[:-1]
    return _fit(r, x, int(lags), int(horizon))


def _fit(r: Vector, x: Vector, p: int, horizon: int) -> HasbrouckVar:
    if r.size < 10 * (2 * p + 2):
        raise ResearchError(
            f"{max(r.size, 0)} rows are too few for {p} lags", mend="give more trades or fewer lags"
        )
    design = [x[p:]]
    for k in range(1, p + 1):
        design += [r[p - k : -k], x[p - k : -k]]
    table = np.column_stack((np.ones(r.size - p), *design))
    y, z = r[p:], x[p:]
    ok = np.isfinite(table).all(axis=1) & np.isfinite(y)
    table, y, z = table[ok], y[ok], z[ok]
    if len(table) < 10 * table.shape[1]:
        raise ResearchError(
            f"{len(table)} sound rows are too few for {p} lags",
            mend="mids must be positive and sides +1 or -1; give more trades or fewer lags",
        )
    both = np.delete(table, 1, axis=1)
    first, second = least_squares(table, y), least_squares(both, z)
    u, v = y - table @ first, z - both @ second
    a, b = first[2::2], np.concatenate(([first[1]], first[3::2]))
    f, g = second[1::2], second[2::2]
    trade = _response(a, b, f, g, horizon, 0.0, 1.0)
    quote = _response(a, b, f, g, horizon, 1.0, 0.0)
    by_trade = float(trade[-1] ** 2 * (v @ v))
    whole = by_trade + float(quote[-1] ** 2 * (u @ u))
    spread = float(((y - y.mean()) ** 2).sum())
    return HasbrouckVar(
        float(b[0]), float(trade[-1]), trade, by_trade / whole if whole > 0.0 else float("nan"),
        1.0 - float(u @ u) / spread if spread > 0.0 else float("nan"), len(y),
    )  # fmt: skip


def _response(
    a: Vector, b: Vector, f: Vector, g: Vector, horizon: int, du: float, dv: float
) -> Vector:
    """Summed response of the return to a shock of the return (du) or of the trade (dv)."""
    p = a.size
    r, x = np.zeros(horizon + 1 + p), np.zeros(horizon + 1 + p)
    for t in range(p, horizon + 1 + p):
        back_r, back_x = r[t - p : t][::-1], x[t - p : t][::-1]
        x[t] = f @ back_r + g @ back_x + (dv if t == p else 0.0)
        r[t] = a @ back_r + b[1:] @ back_x + b[0] * x[t] + (du if t == p else 0.0)
    return np.cumsum(r[p:])


ANALYTIC = Analytic(
    name="hasbrouck_var", group="costs", inputs=("mid", "side", "qty"), doc=__doc__, fit=fit,
    params=(
        Param("lags", 5, "lags of both equations", 1, 100, True),
        Param("horizon", 20, "trades over which the response is summed", 1, 10_000, True),
        Param("log", 1, "1: basis points; 0: quote currency", 0, 1, True),
        Param("root", 0, "1: sign times the root of the money; 0: the sign", 0, 1, True),
    ),
    need=Need(seconds=900.0),
)  # fmt: skip

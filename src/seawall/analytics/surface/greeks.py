# SPDX-License-Identifier: MIT
"""Greeks of options on a surface: Black's, and with the smile moving with the forward.

Under sticky moneyness volatility is a function of k = ln(K/F), so that a move of the forward
also moves the volatility of a strike by -sigma'(k)/F.  The adjusted delta adds vega times
that.  Of a coin-settled option the hedge is the net delta: F d(price in coin)/dF.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.options import black_greeks
from seawall.analytics.spec import run
from seawall.analytics.surface.surface import VolSurface

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SmileGreeks:
    """Greeks per option; in coin when they were asked for in coin.

    Parameters
    ----------
    vol, price, delta, gamma, vega, theta, vanna, volga : array
        At the volatility of the surface, as in ``black_greeks``.
    skew : array
        d sigma / d forward under sticky moneyness, per quote unit.
    smile_delta : array
        Delta with that move of the smile.
    net_delta : array
        Hedge of a coin-settled option, coins of forward per option, smile kept at the strike.
    smile_net_delta : array
        That hedge with the smile moving.
    """

    vol: Vector
    price: Vector
    delta: Vector
    gamma: Vector
    vega: Vector
    theta: Vector
    vanna: Vector
    volga: Vector
    skew: Vector
    smile_delta: Vector
    net_delta: Vector
    smile_net_delta: Vector


def smile_greeks(
    surface: VolSurface, strike: npt.ArrayLike, years: float, call: npt.ArrayLike = 1.0,
    *, coin: bool = False,
) -> SmileGreeks:  # fmt: skip
    """Greeks of options of one expiry.

    Parameters
    ----------
    surface : VolSurface
        Surface.
    strike : array
        Strikes.
    years : float
        Time to expiry.
    call : array
        +1 call, -1 put.
    coin : bool
        Whether premium and greeks are in coin (inverse options).
    """
    f = surface.forward(years)
    x, side = np.broadcast_arrays(np.asarray(strike, dtype=np.float64), call)
    x, side = np.atleast_1d(x), np.atleast_1d(np.asarray(side, dtype=np.float64))
    k = np.log(x / f)
    vol = np.sqrt(surface.variance(k, years) / years)
    by_k = surface.slopes(k, years)[0] / (2.0 * vol * years)
    columns = {"forward": np.full(x.size, f), "strike": x, "years": np.full(x.size, years),
               "call": side, "vol": vol}  # fmt: skip
    got = run(black_greeks.ANALYTIC, columns, {"coin": float(coin)})
    skew = -by_k / f
    quote_vega = got["vega"] * (f if coin else 1.0)
    return SmileGreeks(
        vol, got["price"], got["delta"], got["gamma"], got["vega"], got["theta"], got["vanna"],
        got["volga"], skew, got["delta"] + got["vega"] * skew, got["net_delta"],
        got["net_delta"] + quote_vega * skew,
    )  # fmt: skip

# SPDX-License-Identifier: MIT
"""Tables for analytics out of a simulated option chain: its stream, its end, its futures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seawall.analytics.options.implied_vol import ANALYTIC as IMPLIED
from seawall.analytics.spec import run
from seawall.analytics.surface.chain import Chain, Vector

if TYPE_CHECKING:
    import polars as pl

    from seawall.data.simulated.beside.chain import SimulatedChain


def quotes_table(chain: SimulatedChain) -> pl.DataFrame:
    """One row per changed quote in order of time; the premium is the middle of the quote.

    Parameters
    ----------
    chain : SimulatedChain
        The quotes.
    """
    import polars as pl

    middle = 0.5 * (pl.col("bid") + pl.col("ask"))
    return chain.quotes.with_columns(
        middle.alias("option_price"), pl.col("mark_vol").alias("vol")
    ).drop("true_vol")


def last_chain(chain: SimulatedChain) -> Chain:
    """Every option's last quote as the venue left it, with the volatilities that it implies.

    A quote that did not change since it was told still stands, so it is read against the
    forward and the time of the last look.

    Parameters
    ----------
    chain : SimulatedChain
        The quotes.
    """
    import polars as pl

    rows = chain.quotes.group_by("expiry", "strike", "call", maintain_order=True).last()
    now = rows.group_by("expiry").agg(pl.col("forward").sort_by("ts").last(), pl.col("years").min())
    rows = rows.drop("forward", "years").join(now, on="expiry", maintain_order="left")
    forward, strike, years, call = (
        rows[n].to_numpy().astype(np.float64) for n in ("forward", "strike", "years", "call")
    )
    bid, ask = rows["bid"].to_numpy(), rows["ask"].to_numpy()
    middle = 0.5 * (bid + ask)
    vol, bid_vol, ask_vol = (
        _vol(price, forward, strike, years, call) for price in (middle, bid, ask)
    )
    return Chain(forward, strike, years, call, vol, bid_vol, ask_vol, middle)


def _vol(price: Vector, forward: Vector, strike: Vector, years: Vector, call: Vector) -> Vector:
    columns = {"option_price": price, "forward": forward, "strike": strike, "years": years,
               "call": call}  # fmt: skip
    return run(IMPLIED, columns)["vol"]


def futures_table(chain: SimulatedChain, days: float) -> pl.DataFrame:
    """Quotes of the dated future whose expiry is nearest to some days, beside the spot.

    Parameters
    ----------
    chain : SimulatedChain
        Whose futures are listed beside it.
    days : float
        Days to expiry at the start of the run.
    """
    import polars as pl

    nearest = min(chain.config.days, key=lambda d: abs(d - days))
    rows = chain.futures.filter(pl.col("days") == nearest)
    return rows.rename({"price": "perp_px", "spot": "spot_px"})

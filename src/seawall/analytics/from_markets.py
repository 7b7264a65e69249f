# SPDX-License-Identifier: MIT
"""Tables for analytics that read several instruments at the same moments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from seawall.analytics.from_market import LEVELS, table_of
from seawall.model.errors import ResearchError
from seawall.model.instrument import Instrument
from seawall.model.market import Market

if TYPE_CHECKING:
    import polars as pl

PAIRS: Final = {"perp_px": "spot_px", "left_px": "right_px"}
BOOKS: Final = tuple(f"{name}_{n}" for n in (2, 3) for name in LEVELS)
JOINT: Final = frozenset((*PAIRS, *PAIRS.values(), *BOOKS, "mids"))
"""Inputs that take more than one instrument."""


def joint_table(
    market: Market, inputs: Sequence[str], chosen: Sequence[Instrument] = ()
) -> pl.DataFrame:
    """Books of several instruments at the messages of the first, as known by then.

    Parameters
    ----------
    market : Market
        With the events of all.
    inputs : sequence of str
        Names from ``spec.INPUTS``, one of :data:`JOINT` among them.
    chosen : sequence of Instrument
        Which, in the order of the inputs; otherwise the first that fit together: a perpetual
        and its spot, two coins of one venue, one symbol at several venues, three spots
        that close a triangle.

    Raises
    ------
    ResearchError
        When the market has no such instruments.
    """
    import polars as pl

    wanted = set(inputs)
    picks = list(chosen) or fitting(market, wanted)
    least = 3 if any(n.endswith("_3") for n in wanted) else 2
    if len(picks) < least:
        held = ", ".join(f"{i.symbol} at {i.venue}" for i in market.instruments)
        raise ResearchError(
            f"{len(picks)} instruments do not fit together; {least} are needed",
            where=f"market of {held}",
            mend="name them with --symbol A,B",
        )
    tables = [_renamed(table_of(market, one, ("bid_pxs",)), k + 1) for k, one in enumerate(picks)]
    out = tables[0]
    for table in tables[1:]:
        out = out.join_asof(table, on="ts", strategy="backward")
    out = out.drop_nulls()
    first, second = pl.col("mid_1"), pl.col("mid_2")
    named = [first.alias(a) for a in PAIRS] + [second.alias(b) for b in PAIRS.values()]
    return out.with_columns(*named)


def panel_table(market: Market, bar_s: float) -> pl.DataFrame:
    """Closes of every instrument of a market, one row per instrument and bar.

    Parameters
    ----------
    market : Market
        With events or bars of several instruments.
    bar_s : float
        Length of a bar that is made of trades, seconds.
    """
    import polars as pl

    frames = []
    for one in market.instruments:
        table = table_of(market, one, ("close",), bar_s=bar_s)
        name = pl.lit(f"{one.symbol} {one.venue}").alias("symbol")
        frames.append(table.select(name, "ts", "close"))
    return pl.concat(frames)


def fitting(market: Market, wanted: set[str]) -> list[Instrument]:
    """Instruments of a market that belong together for these inputs."""
    all_ = list(market.instruments)
    if wanted & {"perp_px", "spot_px"}:
        for perp in all_:
            base, derivative, _ = perp.symbol.partition(":")
            spots = [i for i in all_ if i.symbol == base and i.venue == perp.venue]
            if derivative and spots:
                return [perp, spots[0]]
        return []
    if wanted & {"left_px", "right_px"}:
        spots = [i for i in all_ if ":" not in i.symbol and i.venue == all_[0].venue]
        return spots[:2]
    if any(n.endswith("_3") for n in wanted):
        return triangle(all_)
    return [i for i in all_ if i.symbol == all_[0].symbol]


def triangle(instruments: Sequence[Instrument]) -> list[Instrument]:
    """Three spots of one venue that close a triangle, as A/Q, B/A, B/Q; else none."""
    spots = {(i.venue, i.symbol): i for i in instruments if ":" not in i.symbol}
    for venue, symbol in spots:
        base, _, quote = symbol.partition("/")  # B/A
        for at, other in spots:
            middle, _, last = other.partition("/")  # A/Q
            third = spots.get((venue, f"{base}/{last}"))
            if at == venue and middle == quote and third is not None:
                return [spots[at, other], spots[venue, symbol], third]
    return []


def _renamed(table: pl.DataFrame, number: int) -> pl.DataFrame:
    """Only the books, numbered: those of the first keep their names."""
    import polars as pl

    after = "" if number == 1 else f"{number}_"
    books = [
        pl.col(c).alias(f"{prefix}_{after}{c[len(prefix) + 1 :]}")
        for prefix in LEVELS.values()
        for c in table.columns
        if c.startswith(f"{prefix}_")
    ]
    best = ["bid_price", "bid_qty", "ask_price", "ask_qty"] if number == 1 else []
    mid = (0.5 * (pl.col("bid_price") + pl.col("ask_price"))).alias(f"mid_{number}")
    return table.select("ts", *best, *books, mid)

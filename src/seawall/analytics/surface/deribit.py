# SPDX-License-Identifier: MIT
"""Deribit's option chains as :class:`Chain`: premiums in coin, expiry at 08:00 UTC.

Three tables are understood, told apart by their columns: book summaries with a forward;
summaries of marks without one, whose forward follows from parity; and hourly chains of
volatilities and deltas, whose forward follows from the deltas.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from seawall.analytics.surface.chain import Chain, delta_forward, parity_forward
from seawall.model.errors import FormatError

if TYPE_CHECKING:
    import polars as pl

Vector = npt.NDArray[np.float64]
YEAR_S = 365.0 * 86_400.0
EXPIRY_HOUR = 8
NO_ASK = 900.0
"""Ask volatilities of this many percent or more stand for no sensible ask."""


def deribit_chain(table: pl.DataFrame, at: datetime) -> Chain:
    """Read one chain.

    Parameters
    ----------
    table : polars.DataFrame
        Rows of one moment.
    at : datetime
        That moment; UTC where it names no zone.

    Raises
    ------
    FormatError
        When the columns are none of the three kinds.
    """
    names = set(table.columns)
    now = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    if {"underlying_price", "expire_date", "mark_price", "bid_price"} <= names:
        return _summaries(table, now)
    if {"maturity", "mark_price", "mark_iv"} <= names:
        return _marks(table, now)
    if {"expiry_date", "delta", "mark_iv", "bid_iv"} <= names:
        return _volatilities(table, now)
    raise FormatError(
        "the columns are those of no Deribit chain that is known",
        where=f"columns: {', '.join(table.columns[:12])}",
        mend="give underlying_price and expire_date, or maturity and mark_iv, or delta and bid_iv",
    )


def _summaries(table: pl.DataFrame, now: float) -> Chain:
    expiry = np.array([
        datetime.strptime(d, "%d%b%y").replace(hour=EXPIRY_HOUR, tzinfo=UTC).timestamp()
        for d in table["expire_date"].to_list()
    ])  # fmt: skip
    years = (expiry - now) / YEAR_S
    quoted = _column(table, "underlying_price")
    forward = _per_expiry(years, lambda rows: float(np.median(quoted[rows])))
    strike, call = _column(table, "strike_price"), _call(table, "option_type")
    vols = [
        _vols(_column(table, name), forward, strike, years, call)
        for name in ("mark_price", "bid_price", "ask_price")
    ]
    return Chain(
        forward, strike, years, call, vols[0], vols[1], vols[2],
        _column(table, "mark_price") * forward,
    )  # fmt: skip


def _marks(table: pl.DataFrame, now: float) -> Chain:
    expiry = np.array([
        datetime.fromisoformat(d).replace(tzinfo=UTC).timestamp()
        for d in table["maturity"].to_list()
    ])  # fmt: skip
    years, call = (expiry - now) / YEAR_S, _call(table, "option_type")
    strike, mark = _column(table, "strike"), _column(table, "mark_price")

    def parity(rows: npt.NDArray[np.bool_]) -> float:
        calls = dict(zip(strike[rows & (call > 0)], mark[rows & (call > 0)], strict=True))
        puts = dict(zip(strike[rows & (call < 0)], mark[rows & (call < 0)], strict=True))
        both = np.array(sorted(set(calls) & set(puts)), dtype=np.float64)
        return parity_forward(
            both, np.array([calls[x] for x in both]), np.array([puts[x] for x in both]), coin=True
        )

    forward = _per_expiry(years, parity)
    none = np.full(years.size, np.nan)
    vol = _column(table, "mark_iv") / 100.0
    return Chain(forward, strike, years, call, vol, none, none, mark * forward)


def _volatilities(table: pl.DataFrame, now: float) -> Chain:
    days = table["expiry_date"].to_list()
    expiry = np.array(
        [datetime(d.year, d.month, d.day, EXPIRY_HOUR, tzinfo=UTC).timestamp() for d in days]
    )
    years, call = (expiry - now) / YEAR_S, _call(table, "type")
    strike, vol = _column(table, "strike"), _column(table, "mark_iv") / 100.0
    delta = _column(table, "delta")
    call_delta = np.where(call > 0, delta, 1.0 + delta)
    forward = _per_expiry(
        years, lambda rows: delta_forward(strike[rows], years[rows], vol[rows], call_delta[rows])
    )
    bid, ask = _column(table, "bid_iv"), _column(table, "ask_iv")
    none = np.full(years.size, np.nan)
    return Chain(
        forward, strike, years, call, vol, np.where(bid > 0, bid / 100.0, np.nan),
        np.where(ask < NO_ASK, ask / 100.0, np.nan), none,
    )  # fmt: skip


def _vols(coin: Vector, forward: Vector, strike: Vector, years: Vector, call: Vector) -> Vector:
    from seawall.analytics.options.implied_vol import ANALYTIC
    from seawall.analytics.spec import run

    columns = {"option_price": coin, "forward": forward, "strike": strike, "years": years,
               "call": call}  # fmt: skip
    return run(ANALYTIC, columns, {"coin": 1.0})["vol"]


def _per_expiry(years: Vector, give: object) -> Vector:
    assert callable(give)
    out = np.full(years.size, np.nan)
    for t in np.unique(years):
        rows = years == t
        out[rows] = give(rows)
    return out


def _column(table: pl.DataFrame, name: str) -> Vector:
    values = table[name].cast(float).fill_null(float("nan")).to_numpy()
    return np.array(values, dtype=np.float64)


def _call(table: pl.DataFrame, name: str) -> Vector:
    first = table[name].str.slice(0, 1).str.to_uppercase().to_numpy()
    return np.where(first == "C", 1.0, -1.0)

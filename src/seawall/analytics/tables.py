# SPDX-License-Identifier: MIT
"""Columns for analytics out of a table with other names, and quotes joined to trades."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from seawall.analytics.spec import INPUTS, Analytic
from seawall.model.errors import FormatError

if TYPE_CHECKING:
    import numpy.typing as npt
    import polars as pl

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "ts": ("ts", "local_ts_ns"),
    "bid_px": ("bid_px", "bid_price", "bid_price_1"),
    "bid_qty": ("bid_qty", "bid_amount", "bid_qty_1"),
    "ask_px": ("ask_px", "ask_price", "ask_price_1"),
    "ask_qty": ("ask_qty", "ask_amount", "ask_qty_1"),
    "qty": ("qty", "amount", "size"),
    "forward": ("forward", "underlying_price"),
    "strike": ("strike", "strike_price"),
    "option_price": ("option_price", "mark_price"),
}
"""Names under which a column may stand, the first that exists is taken."""

_LEVELS: Final = {
    "bid_pxs": "bid_price_", "bid_qtys": "bid_qty_", "ask_pxs": "ask_price_",
    "ask_qtys": "ask_qty_", "mids": "mid_", "covariates": "x_", "returns": "return_",
    "bid_pxs_2": "bid_price_2_", "bid_qtys_2": "bid_qty_2_", "ask_pxs_2": "ask_price_2_",
    "ask_qtys_2": "ask_qty_2_", "bid_pxs_3": "bid_price_3_", "bid_qtys_3": "bid_qty_3_",
    "ask_pxs_3": "ask_price_3_", "ask_qtys_3": "ask_qty_3_",
}  # fmt: skip
_RETURNS_OF: Final = "returns:"  # before the name of a column of prices


def read_table(path: Path) -> pl.DataFrame:
    """Read a Parquet or CSV file.

    Raises
    ------
    FormatError
        When the file is neither.
    """
    import polars as pl

    try:
        return pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path)
    except pl.exceptions.PolarsError as problem:
        raise FormatError(
            "the file cannot be read as a table",
            where=str(path),
            mend="give a Parquet file (.parquet) or a CSV file with a heading",
        ) from problem


def join_mid(trades: pl.DataFrame, quotes: pl.DataFrame) -> pl.DataFrame:
    """Add the mid of the last quote strictly before each trade as a column ``mid``."""
    import polars as pl

    names = {n: _named(quotes, n) for n in ("ts", "bid_px", "ask_px")}
    at = _named(trades, "ts")
    mids = quotes.select(
        pl.col(names["ts"]).alias("_quote_ts"),
        ((pl.col(names["bid_px"]) + pl.col(names["ask_px"])) / 2).alias("mid"),
    ).sort("_quote_ts")
    return trades.sort(at).join_asof(
        mids, left_on=at, right_on="_quote_ts", strategy="backward", allow_exact_matches=False
    )


def columns_of(
    analytic: Analytic, table: pl.DataFrame, named: Mapping[str, str] | None = None
) -> dict[str, npt.NDArray[np.float64]]:
    """Find the inputs of an analytic in a table.

    Parameters
    ----------
    analytic : Analytic
        Whose inputs are wanted.
    table : polars.DataFrame
        The table.
    named : mapping of str to str, optional
        Column of the table by input, before the usual names; ``returns:close`` takes the log
        returns of a column.

    Raises
    ------
    FormatError
        When an input is not there.
    """
    named = named or {}
    out: dict[str, npt.NDArray[np.float64]] = {}
    for name in analytic.inputs:
        if name == "returns":
            out[name] = _returns(table, named.get(name, _LEVELS[name]))
        elif named.get(name, "").startswith(_RETURNS_OF):
            out[name] = _log_returns(analytic, table, name, named[name][len(_RETURNS_OF) :])
        elif INPUTS[name].levels:
            prefix = named.get(name, _LEVELS[name])
            found = [
                c for c in table.columns if c.startswith(prefix) and c[len(prefix) :].isdigit()
            ]
            if not found:
                raise _missing(analytic, name, table)
            found.sort(key=lambda c: int(c[len(prefix) :]))
            out[name] = table.select(found).to_numpy()
        elif name == "side" and name not in named and "side" not in table.columns:
            out[name] = _side(analytic, table)
        elif name == "kind" and name not in named and "kind" not in table.columns:
            out[name] = 0.5 * (1.0 - _side(analytic, table))  # 0 bought, 1 sold
        elif name == "time" and name not in named and "time" not in table.columns:
            ts = table[_named(table, "ts")].to_numpy()
            out[name] = (ts - ts[:1].sum()) / 1e9
        else:
            column = named.get(name) or _named(table, name)
            if column not in table.columns:
                raise _missing(analytic, name, table)
            out[name] = table[column].to_numpy()
    return out


def _returns(table: pl.DataFrame, prefix: str) -> npt.NDArray[np.float64]:
    """Columns of returns by their prefix, or those of a long table of closes."""
    if found := [c for c in table.columns if c.startswith(prefix)]:
        return table.select(found).to_numpy().astype(np.float64)
    from seawall.analytics.networks.panel import panel_of

    return panel_of(table).complete().returns


def _log_returns(
    analytic: Analytic, table: pl.DataFrame, name: str, column: str
) -> npt.NDArray[np.float64]:
    """Log returns of a column of prices, not-a-number in the first row."""
    if column not in table.columns:
        raise _missing(analytic, name, table)
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log(table[column].to_numpy().astype(np.float64))
    return np.asarray(np.diff(logs, prepend=np.nan))


def _side(analytic: Analytic, table: pl.DataFrame) -> npt.NDArray[np.float64]:
    for column, bought in (("taker_buy", 1.0), ("is_buyer_maker", -1.0)):
        if column in table.columns:
            return np.where(table[column].to_numpy(), bought, -bought)
    raise _missing(analytic, "side", table)


def _named(table: pl.DataFrame, name: str) -> str:
    for column in ALIASES.get(name, (name,)):
        if column in table.columns:
            return column
    return name


def _missing(analytic: Analytic, name: str, table: pl.DataFrame) -> FormatError:
    mend = f"name the column with --column {name}=COLUMN"
    if name == "mid":
        mend += ", or join one with --quotes FILE"
    return FormatError(
        f"{analytic.name} needs {name!r} ({INPUTS[name].meaning}), and the table lacks it",
        where=f"columns: {', '.join(table.columns[:12])}",
        mend=mend,
    )

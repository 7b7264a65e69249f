# SPDX-License-Identifier: MIT
"""Columns for analytics out of a table with other names, and quotes joined to trades."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from seawall.analytics.spec import INPUTS, Analytic
from seawall.model.errors import FormatError

if TYPE_CHECKING:
    import numpy.typing as npt
    import polars as pl

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "ts": ("ts", "local_ts_ns", "timestamp", "date", "Date", "time_utc", "datetime"),
    **{name: (name, name.capitalize()) for name in ("open", "high", "low", "close", "volume")},
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
_UNITS: Final = ((10**11, 10**9), (10**14, 10**6), (10**17, 10**3))
"""Largest time in a unit, and ns in that unit: seconds, milliseconds, microseconds."""

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


def stamps(table: pl.DataFrame, column: str = "") -> npt.NDArray[np.int64]:
    """Times of the rows, ns UTC; whole numbers are s, ms, us or ns by their size.

    Raises
    ------
    FormatError
        When there is no column of times.
    """
    import polars as pl

    name = column or _named(table, "ts")
    if name not in table.columns:
        raise FormatError(
            "the table has no times",
            where=f"columns: {', '.join(table.columns[:12])}",
            mend=f"name a column of times one of {', '.join(ALIASES['ts'])}",
        )
    values = table[name]
    if values.dtype == pl.String:
        values = values.str.to_datetime(time_zone="UTC", strict=False)
    if values.dtype.is_temporal():
        values = values.cast(pl.Datetime("ns")).cast(pl.Int64)
    whole = values.cast(pl.Int64, strict=False).fill_null(0).to_numpy()
    largest = int(np.abs(whole).max()) if whole.size else 0
    unit = next((u for limit, u in _UNITS if largest < limit), 1)
    return np.asarray(whole * unit, dtype=np.int64)


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
        else:
            out[name] = _one(analytic, table, name, named.get(name, ""))
    return out


def _one(analytic: Analytic, table: pl.DataFrame, name: str, column: str) -> npt.NDArray[Any]:
    """One plain column: as it was named, under a usual name, or worked out from others."""
    column = column or _named(table, name)
    if column in table.columns and not (name == "side" and table[column].dtype == _words()):
        return stamps(table, column) if name == "ts" else table[column].to_numpy()
    if column == name:
        if name in ("side", "kind"):
            side = _side(analytic, table)
            return side if name == "side" else 0.5 * (1.0 - side)  # 0 bought, 1 sold
        if name == "time":
            ts = stamps(table)
            return np.asarray((ts - ts[:1].sum()) / 1e9)
        if name == "value" and _named(table, "close") in table.columns:
            return 100.0 * _log_returns(analytic, table, name, _named(table, "close"))
        worked = _worked_out(table, name)
        if worked is not None:
            return worked
    raise _missing(analytic, name, table)


def _words() -> Any:
    import polars as pl

    return pl.String


def _worked_out(table: pl.DataFrame, name: str) -> npt.NDArray[Any] | None:
    """Columns that follow from others, or for which another is a near stand-in."""

    def has(*names: str) -> list[npt.NDArray[np.float64]] | None:
        columns = [_named(table, n) for n in names]
        if not set(columns) <= set(table.columns):
            return None
        return [table[c].to_numpy().astype(np.float64) for c in columns]

    if name == "turnover" and (found := has("close", "volume")):
        return found[0] * found[1]  # the close stands for the mean price of the bar
    if name == "mid" and (found := has("bid_px", "ask_px")):
        return 0.5 * (found[0] + found[1])
    if name == "signed_volume" and (found := has("bought", "sold")):
        return found[0] - found[1]
    if name in ("bid_px", "ask_px", "bid_qty", "ask_qty") and f"{name}s" in _LEVELS:
        best = f"{_LEVELS[f'{name}s']}1"
        return table[best].to_numpy() if best in table.columns else None
    return None


def panel_names(
    analytic: Analytic, table: pl.DataFrame, named: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Instruments in the order of the columns of returns; empty where there are none."""
    if "returns" not in analytic.inputs:
        return ()
    prefix = (named or {}).get("returns", _LEVELS["returns"])
    if found := [c[len(prefix) :] for c in table.columns if c.startswith(prefix)]:
        return tuple(found)
    from seawall.analytics.networks.panel import panel_of

    return panel_of(table).complete().names


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
    if "side" in table.columns and table["side"].dtype.is_numeric():
        return table["side"].to_numpy().astype(np.float64)
    if "side" in table.columns:
        words = table["side"].cast(_words()).str.to_lowercase().to_numpy()
        return np.where(words == "buy", 1.0, np.where(words == "sell", -1.0, np.nan))
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

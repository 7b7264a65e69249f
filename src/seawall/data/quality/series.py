# SPDX-License-Identifier: MIT
"""Checks that look along a series: order, duplicates, gaps, wild prices, clocks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from seawall.data.catalogue.kinds import FREE_KINDS, interval_ns, is_bars
from seawall.data.quality.report import Clock, Finding
from seawall.data.quality.rows import examples
from seawall.model.time import format_time_ns

_WINDOW = 101  # rows of the rolling median; half of them would have to be wrong to move it
_WILD_MAD = 20.0
_LEAST_BAND = 0.005  # log price; below it a print is no worse than an ordinary jump
_SHOWN = 10


def out_of_order(ts: pl.Series) -> Finding | None:
    """Rows whose time lies before that of an earlier row of the file."""
    if ts.is_sorted():
        return None
    values = ts.to_numpy()
    late = np.flatnonzero(values < np.maximum.accumulate(values))
    shown = tuple(
        f"row {int(n)}: {format_time_ns(int(values[n]))} after {format_time_ns(int(values[n - 1]))}"
        for n in late[:5]
    )
    return Finding("time going backwards (sorted)", len(late), shown)


def split_duplicates(frame: pl.DataFrame, kind: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part repeated rows from a series that is in order; the first of each stays.

    Bars repeat by their time, trades by their id, messages of a book by all that they
    say.  Trades without an id are never called repeated: two equal prints in one
    millisecond are ordinary.
    """
    if kind == "liquidations" or kind in FREE_KINDS:
        return frame, _none_of(frame)
    key, name = _identity(frame, kind)
    if len(key) == 1 and bool((np.diff(frame[key[0]].to_numpy()) > 0).all()):
        return frame, _none_of(frame)  # the usual case: strictly ascending
    what = pl.struct(key) if len(key) > 1 else pl.col(key[0])
    repeated = ~what.is_first_distinct()
    if "seq" in frame.columns:
        repeated &= pl.col("seq") >= 0
    mask = frame.select(repeated.alias("x")).to_series()
    refused = frame.filter(mask).with_columns(reason=pl.lit(name))
    return (frame.filter(~mask) if len(refused) else frame), refused


def split_stored(
    frame: pl.DataFrame, stored: pl.DataFrame | None, kind: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part rows that an earlier import already stored; equal files then add nothing.

    Rows with a column that the stored ones lack say something that these do not, and stay.
    """
    if stored is None or stored.is_empty():
        return frame, _none_of(frame)
    values = _values(frame)
    alike = _alike(stored, frame.select(values))
    if alike is None:
        return frame, _none_of(frame)
    kept, same = _part(frame, alike, values, "already in the catalogue")
    if kind == "trades":
        numbered = stored.filter(pl.col("seq") >= 0)
        kept, other = _part(kept, numbered, ["seq"], "another trade of this id is in the catalogue")
    elif is_bars(kind):
        kept, other = _part(kept, stored, ["ts"], "another bar of this time is in the catalogue")
    else:
        return kept, same
    return kept, pl.concat([same, other])


def _part(
    frame: pl.DataFrame, stored: pl.DataFrame, key: list[str], reason: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    keys = stored.select(key).unique()
    known = frame.join(keys, on=key, how="semi", nulls_equal=True, maintain_order="left")
    if known.is_empty():
        return frame, _none_of(frame)
    kept = frame.join(keys, on=key, how="anti", nulls_equal=True, maintain_order="left")
    return kept, known.with_columns(reason=pl.lit(reason))


def _alike(stored: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame | None:
    """Stored rows in the columns and types of a frame; none where they cannot be compared."""
    if not set(frame.columns) <= set(stored.columns):
        return None
    out = []
    for name, dtype in frame.schema.items():
        held = stored.schema[name]
        if held != dtype and not (held.is_numeric() and dtype.is_numeric()):
            return None
        cast = pl.col(name).cast(dtype, strict=False)
        out.append(pl.when(cast.cast(held) == pl.col(name)).then(cast).alias(name))
    return stored.select(out)


def _values(frame: pl.DataFrame) -> list[str]:
    return [c for c in frame.columns if not c.startswith("_")]


def _identity(frame: pl.DataFrame, kind: str) -> tuple[list[str], str]:
    """Columns that make a row the same row, and what to call a second one."""
    if is_bars(kind):
        return ["ts"], "second bar of the same time"
    if kind == "trades":
        return ["seq"], "duplicate trade id"
    return _values(frame), "duplicate row"


def _none_of(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.clear().with_columns(reason=pl.lit(None, dtype=pl.String))


def bar_gaps(ts: npt.NDArray[np.int64], kind: str) -> list[Finding]:
    """Missing bars between the first and the last of a series in order."""
    step = interval_ns(kind)
    jumps = np.diff(ts)
    wide = np.flatnonzero(jumps > step)
    found = []
    if wide.size:
        missing = int((jumps[wide] // step - 1).sum())
        order = wide[np.argsort(-jumps[wide], kind="stable")][:_SHOWN]
        shown = tuple(
            f"{int(jumps[n] // step - 1)} bars between {format_time_ns(int(ts[n]))} and "
            f"{format_time_ns(int(ts[n + 1]))}"
            for n in order
        )
        found.append(Finding("gaps in time", len(wide), shown))
        found.append(Finding("missing bars", missing))
    off = int(np.count_nonzero(jumps % step)) if step else 0
    if off:
        found.append(Finding("bars off the grid", off))
    return found


def sequence_gaps(messages: pl.DataFrame) -> Finding | None:
    """Find breaks in the sequence numbers of a depth stream, one per missing stretch."""
    from seawall.data.feed.sequence import broken_links

    ts = messages["ts"].to_numpy()
    broken = np.flatnonzero(broken_links(messages))
    if not broken.size:
        return None
    seq = messages["seq"].to_numpy()
    shown = tuple(
        f"after {int(seq[n - 1])} comes {int(seq[n])} at {format_time_ns(int(ts[n]))}"
        for n in broken[:_SHOWN]
    )
    return Finding("gaps in sequence", len(broken), shown)


def wild_prices(frame: pl.DataFrame, column: str) -> Finding | None:
    """Prices far from the rolling median of their neighbours that come back at once.

    A price is wild when its log lies more than 20 median absolute deviations (at least
    0.5 %) from the centred rolling median of 101 rows and the next row is back inside the
    band.  Wild prices are kept: an insurance-fund trade is real.  They are named so that
    an estimator which cannot bear them is not fed with them.
    """
    if len(frame) < _WINDOW:
        return None
    log = frame.select(x=pl.col(column).log(), n=pl.int_range(pl.len()))
    band = log.with_columns(m=_middle(pl.col("x")))
    band = band.with_columns(d=(pl.col("x") - pl.col("m")).abs())
    far = band.with_columns(
        far=pl.col("d") > (_WILD_MAD * _middle(pl.col("d"))).clip(lower_bound=_LEAST_BAND)
    )
    back = far.filter(pl.col("far") & ~pl.col("far").shift(-1).fill_null(value=True))
    if back.is_empty():
        return None
    rows = frame[back["n"]]
    return Finding("wild price that comes back", len(rows), examples(rows))


def _middle(column: pl.Expr) -> pl.Expr:
    return column.rolling_median(_WINDOW, min_samples=_WINDOW // 2, center=True)


def clock_of(frame: pl.DataFrame) -> Clock | None:
    """Receive minus venue time of a series, ns; none where the venue's time is unknown."""
    if "venue_ts" not in frame.columns:
        return None
    lag = frame.filter(pl.col("venue_ts") > 0).select(x=pl.col("ts") - pl.col("venue_ts"))["x"]
    if lag.is_empty() or (lag.min() == 0 and lag.max() == 0):
        return None
    return Clock(
        int(lag.min()),  # type: ignore[arg-type]
        int(lag.median()),  # type: ignore[arg-type]
        int(lag.quantile(0.99, "nearest")),  # type: ignore[arg-type]
    )

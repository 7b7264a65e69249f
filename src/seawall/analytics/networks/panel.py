# SPDX-License-Identifier: MIT
"""Returns of many instruments side by side, out of long tables of closes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from seawall.model.errors import FormatError, ResearchError

if TYPE_CHECKING:
    import polars as pl

Matrix = npt.NDArray[np.float64]
NAMES: Final = ("ticker", "symbol", "instrument")
TIMES: Final = ("ts", "date", "Date", "time", "timestamp")
CLOSES: Final = ("close", "Close")


@dataclass(frozen=True, slots=True)
class Panel:
    """Log returns on one clock.

    Parameters
    ----------
    ts : array of int64
        Close of each interval, ns UTC.
    names : tuple of str
        Instruments, in the order of the columns.
    returns : array of shape (times, instruments)
        Log returns over the interval that ends at ``ts``; not-a-number where the instrument
        did not trade at both ends.
    """

    ts: npt.NDArray[np.int64]
    names: tuple[str, ...]
    returns: Matrix

    def between(self, start: str, end: str) -> Panel:
        """Rows with start <= time < end, written as ISO dates or times in UTC."""
        low, high = (np.datetime64(t, "ns").astype(np.int64) for t in (start, end))
        rows = (self.ts >= low) & (self.ts < high)
        return Panel(self.ts[rows], self.names, self.returns[rows])

    def only(self, names: tuple[str, ...]) -> Panel:
        """These instruments alone, in this order.

        Raises
        ------
        ResearchError
            When one of them is not there.
        """
        if lost := [n for n in names if n not in self.names]:
            raise ResearchError(
                f"there is no instrument {lost[0]!r}", mend=f"there are: {', '.join(self.names)}"
            )
        columns = [self.names.index(n) for n in names]
        return Panel(self.ts, names, np.ascontiguousarray(self.returns[:, columns]))

    def complete(self, share: float = 0.98) -> Panel:
        """Instruments that have at least this share of the rows, and rows that have them all.

        An instrument whose price never moves is left out: it correlates with nothing.
        """
        known = np.isfinite(self.returns)
        with np.errstate(invalid="ignore"):
            moves = np.nansum(np.abs(self.returns) > 0.0, axis=0) > 0.01 * len(self.ts)
        keep = (known.mean(axis=0) >= share) & moves if len(self.ts) else moves
        rows = known[:, keep].all(axis=1)
        names = tuple(n for n, k in zip(self.names, keep, strict=True) if k)
        return Panel(self.ts[rows], names, np.ascontiguousarray(self.returns[rows][:, keep]))


def panel_of(table: pl.DataFrame, *, every_ns: int = 0) -> Panel:
    """Log returns of a long table, one row per instrument and time.

    A return is taken between two times that lie one interval apart, never across a gap, so a
    ticker that stops and comes back as another coin makes no jump.

    Parameters
    ----------
    table : polars.DataFrame
        With the instrument (``ticker`` or ``symbol``), the time (``ts`` or ``date``) and ``close``.
    every_ns : int
        Interval; 0 takes the most common distance between neighbouring times.

    Raises
    ------
    FormatError
        When one of the three columns is missing, or a time is there twice.
    """
    import polars as pl

    name, time, close = (_found(table, options) for options in (NAMES, TIMES, CLOSES))
    stamp = pl.col(time)
    if table[time].dtype.is_temporal():
        stamp = stamp.cast(pl.Datetime("ns")).cast(pl.Int64)
    long = table.select(pl.col(name).alias("n"), stamp.alias("t"), pl.col(close).alias("c"))
    if long.select(pl.struct("n", "t").is_duplicated().any()).item():
        raise FormatError(
            "an instrument has two closes at one time", mend="drop the rows that are there twice"
        )
    wide = long.pivot(on="n", index="t", values="c").sort("t")
    ts = wide["t"].to_numpy().astype(np.int64)
    names = tuple(c for c in wide.columns if c != "t")
    prices = wide.select(names).to_numpy().astype(np.float64)
    gaps = np.diff(ts)
    if every_ns == 0 and gaps.size:
        values, counts = np.unique(gaps, return_counts=True)
        every_ns = int(values[np.argmax(counts)])
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log(np.where(prices > 0.0, prices, np.nan))
    returns = np.diff(logs, axis=0)
    returns[gaps != every_ns] = np.nan
    return Panel(ts[1:], names, np.ascontiguousarray(returns))


def _found(table: pl.DataFrame, options: tuple[str, ...]) -> str:
    for option in options:
        if option in table.columns:
            return option
    raise FormatError(
        f"the table has no column {' or '.join(options)}",
        where=f"columns: {', '.join(table.columns[:12])}",
        mend="give one row per instrument and time, with the close",
    )


def sound_rows(returns: npt.ArrayLike, least: int, what: str) -> Matrix:
    """Rows in which every return is finite, as a contiguous array.

    Raises
    ------
    ResearchError
        With fewer than two instruments or ``least`` such rows, or when a column never moves.
    """
    given = np.asarray(returns, dtype=np.float64)
    if given.ndim != 2 or given.shape[1] < 2:
        raise ResearchError(
            f"{what} needs two instruments or more, and has an array of shape {given.shape}",
            mend="give returns as rows of times by columns of instruments",
        )
    x = np.ascontiguousarray(given[np.isfinite(given).all(axis=1)])
    if x.shape[0] < least:
        raise ResearchError(
            f"{what} needs {least} rows in which all returns are known, and has {x.shape[0]}",
            where=f"{given.shape[0]} rows of {given.shape[1]} instruments",
            mend="give more rows, or leave out the instruments that did not trade",
        )
    still = np.flatnonzero(x.max(axis=0) == x.min(axis=0))
    if still.size:
        raise ResearchError(
            f"{what}: column {int(still[0])} never moves", mend="leave out what does not trade"
        )
    return x


def correlation(x: Matrix) -> Matrix:
    """Correlation matrix of columns, its diagonal exactly 1."""
    d = x - x.mean(axis=0)
    d /= np.sqrt((d * d).sum(axis=0))
    c = np.clip(d.T @ d, -1.0, 1.0)
    np.fill_diagonal(c, 1.0)
    return np.asarray(c)

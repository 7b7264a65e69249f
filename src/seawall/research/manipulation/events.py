# SPDX-License-Identifier: MIT
"""Recorded trades around labelled pumps, and features of moves that were none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from seawall.analytics.manipulation import pump_bars, pump_rush
from seawall.analytics.spec import run
from seawall.model.errors import DataError

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]
NS = 10**9
DAY_S = 86_400.0

FEATURES: Final = pump_rush.ANALYTIC.outputs[1:]
"""Names of the features, in order."""

_FILE = re.compile(r"pump_trades_(?P<venue>\w+?)_(?P<coin>\w+)_(?P<day>\d{4}-\d\d-\d\d)T"
                   r"(?P<time>\d{4})\.parquet$")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """Trades around one labelled pump, with features at every print.

    Parameters
    ----------
    coin : str
        What was pumped.
    announced_ns : int
        Time of the announcement, ns UTC: a minute, not the moment of the first trade.
    ts : array of int64
        Times of the prints, ns UTC.
    features : array of shape (prints, features)
        As far as they were known at the print; not-a-number before the window is full.
    score : array
        Of :mod:`seawall.analytics.manipulation.pump_rush`.
    last_of_chunk : array of bool
        Whether the next print is in another chunk: its features are those of a whole chunk.
    hours : array of int64
        Closes of hourly bars of all prints, ns UTC.
    hourly : array of shape (bars, 2)
        Rise of the price and surge of the volume over the twelve bars before.
    """

    coin: str
    announced_ns: int
    ts: Times
    features: Floats
    score: Floats
    last_of_chunk: npt.NDArray[np.bool_]
    hours: Times
    hourly: Floats

    @property
    def name(self) -> str:
        """Coin and announcement."""
        return f"{self.coin} {np.datetime64(self.announced_ns, 'ns').astype('datetime64[m]')}"

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Prints at which the features are known."""
        return np.asarray(np.isfinite(self.features).all(axis=1), dtype=np.bool_)

    @property
    def days(self) -> float:
        """Days over which the detector could have called."""
        ts = self.ts[self.known]
        return float(ts[-1] - ts[0]) / NS / DAY_S if ts.size else 0.0


def load_events(folder: Path, chunk_s: float = 25.0, window: int = 900) -> tuple[Event, ...]:
    """Read ``pump_trades_<venue>_<COIN>_<time>.parquet`` files, by time of the announcement.

    Parameters
    ----------
    folder : path
        Holds files with ``timestamp`` (ms), ``side``, ``price`` and ``amount``.
    chunk_s : float
        Length of a chunk, s.
    window : int
        Chunks with buys that are looked back.

    Raises
    ------
    DataError
        When there is no such file.
    """
    found = []
    for path in sorted(folder.glob("pump_trades_*.parquet")):
        named = _FILE.search(path.name)
        if named is not None:
            found.append(_event(path, named, chunk_s, window))
    if not found:
        raise DataError(
            "there are no trades around labelled pumps",
            where=str(folder),
            mend="give a folder with files pump_trades_<venue>_<COIN>_<YYYY-MM-DDTHHMM>.parquet",
        )
    return tuple(sorted(found, key=lambda e: e.announced_ns))


def _event(path: Path, named: re.Match[str], chunk_s: float, window: int) -> Event:
    import polars as pl

    table = pl.read_parquet(path).sort("timestamp", maintain_order=True)
    ts = table["timestamp"].to_numpy() * 1_000_000
    clock = f"{named['time'][:2]}:{named['time'][2:]}"
    announced = int(np.datetime64(f"{named['day']}T{clock}", "ns").astype(np.int64))
    columns = {
        "ts": ts, "price": table["price"].to_numpy(), "qty": table["amount"].to_numpy(),
        "side": np.where((table["side"] == "buy").to_numpy(), 1.0, -1.0),
    }  # fmt: skip
    got = run(pump_rush.ANALYTIC, columns, {"chunk": chunk_s, "window": float(window)})
    chunk = ts // int(chunk_s * NS)
    last = np.append(np.diff(chunk) != 0, True)
    hours, hourly = _bars(ts, columns["price"], columns["qty"])
    return Event(named["coin"], announced, ts, got.values[:, 1:], got["score"], last, hours, hourly)


def _bars(ts: Times, price: Floats, qty: Floats) -> tuple[Times, Floats]:
    """Anomalies of hourly bars; an hour without a print has no bar."""
    hour = 3_600 * NS
    number, first = np.unique(ts // hour, return_index=True)
    bars = {
        "high": np.maximum.reduceat(price, first),
        "close": price[np.append(first[1:], ts.size) - 1],
        "volume": np.add.reduceat(qty, first),
    }
    got = run(pump_bars.ANALYTIC, bars)
    return (number + 1) * hour, np.column_stack((got["rise"], got["surge"]))


@dataclass(frozen=True, slots=True)
class Natural:
    """Chunks around large moves that nobody organised.

    Parameters
    ----------
    move : array of int64
        Which move each chunk belongs to, numbered by time.
    features : array of shape (chunks, features)
        Same features, rounded by their source to three places.
    """

    move: npt.NDArray[np.int64]
    features: Floats

    @property
    def moves(self) -> int:
        """Number of moves."""
        return int(np.unique(self.move).size)

    def part(self, first: bool) -> Natural:
        """Earlier or later half of the moves; ``move`` numbers them by time."""
        early = self.move < np.median(np.unique(self.move))
        keep = early if first else ~early
        return Natural(self.move[keep], self.features[keep])

    def flagged(self, score: Floats, threshold: float) -> int:
        """Moves of which at least one chunk reaches a threshold."""
        return int(np.unique(self.move[score >= threshold]).size)


_THEIRS: Final = ("std_rush_order", "avg_rush_order", "std_trades", "std_volume", "avg_volume",
                  "std_price", "avg_price", "avg_price_max")  # fmt: skip


def load_natural(folder: Path, chunk_s: float = 25.0) -> Natural | None:
    """Read features of natural moves, if the folder has them for this length of chunk."""
    import polars as pl

    path = folder / f"natural_sd_features_{chunk_s:.0f}S.parquet"
    if not path.is_file():
        return None
    table = pl.read_parquet(path)
    start = pl.col("date").min().over("symbol", "pump_index")
    move = table.select(pl.struct(start, "symbol", "pump_index").rank("dense")).to_series()
    return Natural(
        move.to_numpy().astype(np.int64), table.select(_THEIRS).to_numpy().astype(np.float64)
    )

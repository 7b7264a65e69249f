# SPDX-License-Identifier: MIT
"""Binance's rule for joining a REST snapshot and the diff stream around it.

A snapshot with number ``L`` contains every diff with ``u <= L``; those are left out,
whether they were received before or after it.  Diffs beyond ``L`` that were received while
the snapshot was under way can only be applied after it, so they get its receive time.
The first diff applied must reach back to it (``U <= L + 1``; futures also by their ``pu``
chain); whether it does is for the quality check to say, not for the reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import polars as pl

from seawall.data.importers.streams import read_lines
from seawall.data.importing.files import read_table
from seawall.data.importing.log import ImportLog
from seawall.model.time import NS_PER_MS, guess_epoch_unit

_NS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A book as one answer gave it.

    Parameters
    ----------
    ts : int
        Receive time, ns UTC.
    venue_ts : int or None
        Venue's time, ns UTC; spot sends none.
    last_id : int
        ``lastUpdateId``.
    bids, asks : sequence of (price, quantity)
        Levels, numbers or their text.
    """

    ts: int
    venue_ts: int | None
    last_id: int
    bids: Sequence[Sequence[object]]
    asks: Sequence[Sequence[object]]

    def frame(self) -> pl.DataFrame:
        """Canonical depth rows of the snapshot, one message."""
        levels = [*self.bids, *self.asks]
        price = pl.Series([str(level[0]) for level in levels], dtype=pl.String)
        qty = pl.Series([str(level[1]) for level in levels], dtype=pl.String)
        return pl.DataFrame({"price": price, "qty": qty}).select(
            ts=pl.lit(self.ts, pl.Int64),
            venue_ts=pl.lit(self.venue_ts, pl.Int64),
            first_seq=pl.lit(-1, pl.Int64),
            seq=pl.lit(self.last_id, pl.Int64),
            prev_seq=pl.lit(-1, pl.Int64),
            is_snapshot=pl.lit(True),
            is_bid=pl.int_range(pl.len()) < len(self.bids),
            price=pl.col("price").cast(pl.Float64),
            qty=pl.col("qty").cast(pl.Float64),
        )


def receive_ns(text: bytes) -> int:
    """Receive time at the head of a recorded line; the unit is told by its size."""
    value = int(text)
    return value * _NS[guess_epoch_unit(value)]


def find_snapshot(path: Path) -> Snapshot | None:
    """First REST snapshot in a raw recording of ``<receive time> <JSON>`` lines."""
    for line in read_lines(path):
        if b'"lastUpdateId"' in line:
            head, _, body = line.partition(b" ")
            answer = msgspec.json.decode(body)
            event = answer.get("E")
            return Snapshot(
                receive_ns(head), event * NS_PER_MS if event else None,
                answer["lastUpdateId"], answer["bids"], answer["asks"],
            )  # fmt: skip
    return None


def book_beside(folders: Sequence[Path], stem: str, ts: int, log: ImportLog) -> Snapshot | None:
    """Book carried over from an earlier recording, ``<stem>_book_at_start.parquet``.

    Parameters
    ----------
    folders : sequence of Path
        Where to look, in this order.
    stem : str
        Name of the recording without its stream.
    ts : int
        Time from which the book is known, ns UTC.
    log : ImportLog
        Told which file was taken.
    """
    for folder in folders:
        path = folder / f"{stem}_book_at_start.parquet"
        if path.is_file():
            levels = pl.concat(read_table(path, log))
            bids = levels.filter(pl.col("is_bid")).select("price", "qty").rows()
            asks = levels.filter(~pl.col("is_bid")).select("price", "qty").rows()
            log.note(f"the book at the start comes from {path.name}")
            return Snapshot(ts, None, int(levels["last_update_id"][0]), bids, asks)
    return None


def after_snapshot(frame: pl.DataFrame, snapshot: Snapshot, log: ImportLog) -> pl.DataFrame:
    """Diffs that are to be applied after a snapshot, in order.

    Parameters
    ----------
    frame : polars.DataFrame
        Canonical depth rows of diffs.
    snapshot : Snapshot
        The book they go on from.
    log : ImportLog
        Told how many rows the snapshot already contains.
    """
    fresh = frame.filter(pl.col("seq") > snapshot.last_id)
    left_out = len(frame) - len(fresh)
    if left_out:
        log.note(
            f"{left_out} depth rows up to update {snapshot.last_id} are contained in the "
            "book snapshot and left out"
        )
    return fresh.with_columns(ts=pl.col("ts").clip(lower_bound=snapshot.ts))

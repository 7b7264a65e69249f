# SPDX-License-Identifier: MIT
"""A selection of the catalogue as a market, built once and memory-mapped afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from seawall.data.catalogue.files import write_array
from seawall.data.catalogue.kinds import columns_for, is_bars
from seawall.data.catalogue.reading import Entry, batch_of, parts_between, scan
from seawall.data.feed.bars import bars_of
from seawall.data.feed.convert import REPLAYED, events_of
from seawall.data.feed.information import (
    metric_columns,
    metric_events,
    news_events,
    news_rows,
)
from seawall.data.feed.merge import merge_bars, merge_events
from seawall.model.errors import CatalogueError
from seawall.model.events import Bars, Events, Stream
from seawall.model.instrument import Instrument
from seawall.model.market import INFORMATION, Market

if TYPE_CHECKING:
    from seawall.data.catalogue.catalogue import Catalogue, Select

_FORMAT = 1
"""Raised whenever the same series would be converted differently than before."""


_HEADER_BYTES = 4096
"""More than the header of an array file and less than anything worth mapping."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One series of a run: what to read, as which stream."""

    entry: Entry
    instrument: Instrument | None  # none: metrics and news need none
    stream: Stream
    sha256: str
    offsets: Mapping[str, int]  # by batch, ns


def build_market(
    catalogue: Catalogue,
    selection: tuple[Select, ...],
    start_ns: int | None = None,
    end_ns: int | None = None,
) -> Market:
    """Make the market of a selection; see :meth:`Catalogue.market`."""
    feeds = _feeds(catalogue, selection, start_ns, end_ns)
    if not feeds:
        raise CatalogueError(
            "nothing to replay in this selection",
            mend="`seawall data list` shows what there is",
        )
    key = _hash_of(feeds, start_ns, end_ns)
    events, bars = _cached(catalogue.root / "replay", key, feeds, start_ns, end_ns)
    traded = [f.instrument for f in feeds if f.instrument is not None]
    instruments = {(i.venue, i.symbol): i for i in traded}
    if not instruments:
        raise CatalogueError(
            "metrics and news alone are no market",
            mend="select a series with prices beside them",
        )
    hashes = {" ".join((f.stream.venue, f.stream.symbol, f.stream.feed)): f.sha256 for f in feeds}
    return Market(
        tuple(instruments.values()), tuple(f.stream for f in feeds), events, bars,
        {**hashes, "replay": key}, _news_of(catalogue.root, feeds, start_ns, end_ns),
    )  # fmt: skip


def _feeds(
    catalogue: Catalogue,
    selection: Iterable[Select],
    start_ns: int | None,
    end_ns: int | None,
) -> list[Feed]:
    series = {(e.venue, e.symbol, e.kind): e for e in catalogue.list()}
    offsets = {r.batch: r.clock_offsets for r in catalogue.records()}
    wanted: dict[tuple[str, str, str], None] = {}
    for choice in selection:
        kinds = choice.kinds or tuple(
            k for v, s, k in series if (v, s) == (choice.venue, choice.symbol) and _replayed(k)
        )
        for kind in kinds:
            if not _replayed(kind):
                raise CatalogueError(
                    f"{kind} cannot be replayed", mend=f"use {', '.join(REPLAYED)}"
                )
            catalogue.entry(choice.venue, choice.symbol, kind)  # raises with what there is
            wanted[choice.venue, choice.symbol, kind] = None
        if not kinds:
            catalogue.entry(choice.venue, choice.symbol, "trades")
    return [_feed(catalogue, series[key], offsets, start_ns, end_ns) for key in sorted(wanted)]


def _news_of(
    root: Path, feeds: list[Feed], start_ns: int | None, end_ns: int | None
) -> dict[int, list[Mapping[str, Any]]]:
    """Rows of the news streams, by stream."""
    return {
        number: news_rows(_frame(root, feed, start_ns, end_ns))
        for number, feed in enumerate(feeds)
        if feed.entry.kind == "news"
    }


def _replayed(kind: str) -> bool:
    return kind in REPLAYED or is_bars(kind)


def _feed(
    catalogue: Catalogue,
    entry: Entry,
    offsets: Mapping[str, Mapping[str, int]],
    start_ns: int | None,
    end_ns: int | None,
) -> Feed:
    parts = parts_between(entry, start_ns, end_ns)
    digest = hashlib.sha256("".join(p.sha256 for p in parts).encode()).hexdigest()
    name = "|".join((entry.venue, entry.symbol, entry.kind))
    by_batch = {batch: offsets.get(batch, {}).get(name, 0) for batch in entry.batches}
    # One clock per stream is reported; each import's rows are moved by their own.
    offset = min((by_batch[batch_of(p)] for p in parts), default=0)
    columns: tuple[str, ...] = ()
    if entry.kind == "metric":
        columns = metric_columns(scan(catalogue.root, entry, start_ns, end_ns).collect_schema())
    stream = Stream(entry.venue, entry.symbol, entry.kind, digest[:16], offset, columns)
    instrument = None
    if entry.kind not in INFORMATION:
        instrument = catalogue.instrument(entry.venue, entry.symbol)
    return Feed(entry, instrument, stream, digest, by_batch)


def _hash_of(feeds: list[Feed], start_ns: int | None, end_ns: int | None) -> str:
    text = [repr((_FORMAT, start_ns, end_ns))]
    text += [
        repr((f.stream, f.sha256, sorted(f.offsets.items()), *_steps_of(f.instrument)))
        for f in feeds
    ]
    return hashlib.sha256("\n".join(text).encode()).hexdigest()


def _steps_of(instrument: Instrument | None) -> tuple[Any, ...]:
    return (instrument.tick, instrument.lot) if instrument else ()


def _events_of(feed: Feed, frame: pl.DataFrame, number: int) -> Events:
    if feed.instrument is not None:
        return events_of(
            frame, feed.entry.kind, feed.instrument, number, feed.stream.clock_offset_ns
        )
    is_news = feed.entry.kind == "news"
    out = news_events(frame) if is_news else metric_events(frame, feed.stream.columns)
    out["stream"] = number
    return out


def _cached(
    folder: Path, key: str, feeds: list[Feed], start_ns: int | None, end_ns: int | None
) -> tuple[Events, Bars]:
    events_path, bars_path = folder / f"{key[:32]}.npy", folder / f"{key[:32]}.bars.npy"
    if not (events_path.is_file() and bars_path.is_file()):
        events: list[Events] = []
        bars: list[Bars] = []
        for number, feed in enumerate(feeds):
            frame = _frame(folder.parent, feed, start_ns, end_ns)
            if feed.instrument is not None and is_bars(feed.entry.kind):
                bars.append(bars_of(frame, feed.instrument, number))
            else:
                events.append(_events_of(feed, frame, number))
        write_array(events_path, merge_events(events))
        write_array(bars_path, merge_bars(bars))
    return _mapped(events_path), _mapped(bars_path)


def _frame(root: Path, feed: Feed, start_ns: int | None, end_ns: int | None) -> pl.DataFrame:
    """Rows of a feed; where imports had different clock offsets, moved to the stream's."""
    offsets = set(feed.offsets.values())
    if len(offsets) == 1 or "venue_ts" not in columns_for(feed.entry.kind):
        return scan(root, feed.entry, start_ns, end_ns).collect()
    frames = []
    for part in parts_between(feed.entry, start_ns, end_ns):
        shift = feed.offsets[batch_of(part)] - feed.stream.clock_offset_ns
        frames.append(pl.scan_parquet(root / part.path).with_columns(pl.col("venue_ts") + shift))
    frame = pl.concat(frames).sort("ts", maintain_order=True)
    if start_ns is not None:
        frame = frame.filter(pl.col("ts") >= start_ns)
    if end_ns is not None:
        frame = frame.filter(pl.col("ts") < end_ns)
    return frame.collect()


def _mapped(path: Path) -> npt.NDArray[Any]:
    # An array without rows has no bytes to map.
    if path.stat().st_size <= _HEADER_BYTES:
        whole: npt.NDArray[Any] = np.load(path)
        if not whole.size:
            return whole
    mapped: npt.NDArray[Any] = np.load(path, mmap_mode="r")
    return mapped

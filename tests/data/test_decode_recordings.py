# SPDX-License-Identifier: MIT
"""The decoder against tables that others made from the same real recordings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from seawall.data.venues import Count, Fault
from seawall.data.venues.binance import (
    BinanceDecoder,
    Recording,
    describe_recording,
    feeds_of,
    plan_streams,
)
from seawall.data.venues.binance.recording import read_chunks, read_messages
from seawall.data.venues.binance.state import BookPhase
from seawall.model.events import EventKind, Events

from .decode_helpers import PlainBook, recordings

WITH_SNAPSHOT = (
    "binance_cm_btcusd_perp_20240808",
    "binance_spot_btcusdt_20240808",
    "binance_usdm_btcusdt_20230404",
    "binance_usdm_btcusdt_20240718",
)
WITHOUT_SNAPSHOT = ("binance_spot_btcusdt_20230405", "binance_usdm_btcusdt_20230405")


def decoder_for(about: Recording) -> BinanceDecoder:
    """Decoder for a recording; it starts cold where no snapshot will come."""
    instruments = (about.instrument,)
    streams = plan_streams(instruments, clock_offsets=about.clock_offsets)
    return BinanceDecoder(feeds_of(instruments, streams), cold_start=not about.has_snapshot)


def decoded(name: str) -> tuple[Events, BinanceDecoder, float, float, Recording]:
    """Events of a recording, its decoder, tick, lot and what was learnt beforehand."""
    path = recordings() / "raw" / f"{name}.raw.gz"
    about = describe_recording(path)
    decoder = decoder_for(about)
    events = np.concatenate(list(decoder.decode_file(path)))
    instrument = about.instrument
    return events, decoder, float(instrument.tick), float(instrument.lot), about


def table(name: str, kind: str) -> pl.DataFrame:
    """The table another program made from the recording."""
    return pl.read_parquet(recordings() / f"{name}_{kind}.parquet")


def assert_same_prices(ours: np.ndarray, step: float, theirs: pl.Series) -> None:
    """Integers times the step are the table's floats, to the last bit of the decimals."""
    np.testing.assert_array_equal(np.round(ours * step, 9), np.round(theirs.to_numpy(), 9))


def assert_same_lots(ours: np.ndarray, lot: float, theirs: pl.Series) -> None:
    """Integers are the table's quantities in nearest lots; hardly any is between lots."""
    lots = theirs.to_numpy() / lot
    np.testing.assert_array_equal(ours, np.rint(lots))
    assert (np.abs(lots - np.rint(lots)) > 1e-6 * np.maximum(lots, 1)).sum() <= 5


def venue_ms(events: Events, offset: int) -> np.ndarray:
    """Venue time of events, ms; the lag is whole microseconds, so round."""
    ns = events["ts"] - 1000 * events["lag_us"].astype(np.int64) - offset
    return np.round(ns / 1e6).astype(np.int64)


@pytest.mark.parametrize("name", WITH_SNAPSHOT + WITHOUT_SNAPSHOT)
def test_every_message_of_a_recording_is_accounted_for(name: str) -> None:
    events, decoder, *_ = decoded(name)
    stats = decoder.stats
    lines = sum(1 for _ in read_messages(recordings() / "raw" / f"{name}.raw.gz"))
    assert stats.messages == lines
    assert stats.accounted
    assert set(stats.faults) <= {Fault.BUFFER_FULL, Fault.OFF_LOT}
    # Binance's spot books do hold a few quantities finer than the published lot.
    assert stats.faults.get(Fault.OFF_LOT, 0) <= stats.messages // 1_000
    assert stats.counts[Count.SLOW] == 0
    assert (np.diff(events["ts"]) >= 0).all()


@pytest.mark.parametrize("name", WITH_SNAPSHOT + WITHOUT_SNAPSHOT)
def test_decoded_trades_are_the_trades_of_the_table_row_by_row(name: str) -> None:
    events, _, tick, lot, about = decoded(name)
    ours, theirs = events[events["kind"] == EventKind.TRADE], table(name, "trades")
    assert len(ours) == len(theirs)
    np.testing.assert_array_equal(ours["ts"], theirs["local_ts_ns"].to_numpy())
    np.testing.assert_array_equal(ours["seq"], theirs["trade_id"].to_numpy() % 2**32)
    np.testing.assert_array_equal(
        venue_ms(ours, about.clock_offsets["trades"]), theirs["trade_time_ms"].to_numpy()
    )
    assert_same_prices(ours["px"], tick, theirs["price"])
    assert_same_lots(ours["qty"], lot, theirs["qty"])
    np.testing.assert_array_equal(ours["flags"] & 1, ~theirs["is_buyer_maker"].to_numpy())


@pytest.mark.parametrize("name", WITH_SNAPSHOT + WITHOUT_SNAPSHOT)
def test_decoded_tops_are_the_tops_of_the_table_row_by_row(name: str) -> None:
    events, _, tick, lot, _ = decoded(name)
    ours, theirs = events[events["kind"] == EventKind.TOP], table(name, "bookticker")
    for side, first in (("bid", 0), ("ask", 1)):
        rows = ours[first::2]
        assert (rows["flags"] & 1 == 1 - first).all()
        np.testing.assert_array_equal(rows["ts"], theirs["local_ts_ns"].to_numpy())
        np.testing.assert_array_equal(rows["seq"], theirs["update_id"].to_numpy() % 2**32)
        assert_same_prices(rows["px"], tick, theirs[f"{side}_price"])
        assert_same_lots(rows["qty"], lot, theirs[f"{side}_qty"])


@pytest.mark.parametrize("name", WITHOUT_SNAPSHOT)
def test_a_cold_start_passes_every_depth_row_on_and_says_that_the_book_is_gapped(
    name: str,
) -> None:
    events, decoder, tick, lot, about = decoded(name)
    ours, theirs = events[events["kind"] == EventKind.DELTA], table(name, "depth")
    np.testing.assert_array_equal(ours["ts"], theirs["local_ts_ns"].to_numpy())
    np.testing.assert_array_equal(ours["seq"], theirs["final_update_id"].to_numpy() % 2**32)
    np.testing.assert_array_equal(ours["flags"] & 1, theirs["is_bid"].to_numpy())
    np.testing.assert_array_equal(
        venue_ms(ours, about.clock_offsets["depth"]), theirs["event_time_ms"].to_numpy()
    )
    assert_same_prices(ours["px"], tick, theirs["price"])
    assert_same_lots(ours["qty"], lot, theirs["qty"])
    book = events[np.isin(events["kind"], (EventKind.STATUS, EventKind.DELTA))]
    assert book["kind"][0] == EventKind.STATUS
    assert (events["kind"] == EventKind.STATUS).sum() == 1
    assert decoder.phase("btcusdt") is BookPhase.GAPPED


@pytest.mark.parametrize("name", WITH_SNAPSHOT)
def test_after_the_snapshot_every_depth_row_beyond_it_is_passed_on(name: str) -> None:
    events, decoder, tick, lot, _ = decoded(name)
    start = int(np.flatnonzero(events["kind"] == EventKind.SNAPSHOT)[0])
    snapshot_id = _snapshot_id(name)
    theirs = table(name, "depth").filter(pl.col("final_update_id") > snapshot_id)
    ours = events[events["kind"] == EventKind.DELTA]
    np.testing.assert_array_equal(ours["seq"], theirs["final_update_id"].to_numpy() % 2**32)
    assert_same_prices(ours["px"], tick, theirs["price"])
    assert_same_lots(ours["qty"], lot, theirs["qty"])
    # What had waited becomes known with the snapshot, not before.
    waited = theirs["local_ts_ns"].to_numpy() < events["ts"][start]
    assert (ours["ts"][waited] == events["ts"][start]).all()
    np.testing.assert_array_equal(ours["ts"][~waited], theirs["local_ts_ns"].to_numpy()[~waited])
    assert decoder.phase(_symbol(name)) is BookPhase.LIVE


@pytest.mark.parametrize("name", WITH_SNAPSHOT)
def test_the_book_built_from_events_is_the_published_ten_level_book(name: str) -> None:
    events, _, tick, lot, _ = decoded(name)
    _assert_ten_levels(events, tick, lot, table(name, "lob10_100ms"))


def test_a_carried_over_book_continues_across_the_file_boundary() -> None:
    name = "binance_usdm_btcusdt_20230405"
    path = recordings() / "raw" / f"{name}.raw.gz"
    about = describe_recording(path, seconds=5.0)
    instruments = (about.instrument,)
    decoder = BinanceDecoder(feeds_of(instruments, plan_streams(instruments)))
    start = table(name, "book_at_start")
    tick, lot = float(about.instrument.tick), float(about.instrument.lot)
    sides = [
        np.stack(
            [
                np.rint(side["price"].to_numpy() / tick).astype(np.int64),
                np.rint(side["qty"].to_numpy() / lot).astype(np.int64),
            ],
            axis=1,
        )
        for side in (start.filter(pl.col("is_bid")), start.filter(~pl.col("is_bid")))
    ]
    update_id = int(start["last_update_id"][0])
    first = decoder.start_book("btcusdt", *sides, update_id=update_id, ts=about.first_ts)
    events = np.concatenate([first, *decoder.decode_file(path)])
    assert decoder.phase("btcusdt") is BookPhase.LIVE
    assert not decoder.stats.faults
    _assert_ten_levels(events, tick, lot, table(name, "lob10_100ms"))


def test_mark_prices_carry_ten_binary_places_below_the_tick() -> None:
    name = "binance_usdm_btcusdt_20230405"
    events, _, tick, _, _ = decoded(name)
    theirs = table(name, "markprice")
    for kind, column in ((EventKind.MARK, "mark_price"), (EventKind.INDEX, "index_price")):
        ours = events[events["kind"] == kind]
        exact = theirs[column].to_numpy() / tick * 1024
        np.testing.assert_array_equal(ours["ts"], theirs["local_ts_ns"].to_numpy())
        assert np.abs(ours["qty"] - exact).max() <= 0.5 + 1e-6
    funding = events[events["kind"] == EventKind.FUNDING]
    jumps = np.flatnonzero(np.diff(theirs["next_funding_time_ms"].to_numpy()) > 0)
    rates = theirs["funding_rate"].to_numpy()[jumps]
    np.testing.assert_array_equal(funding["qty"], np.rint(rates * 1e9).astype(np.int64))
    assert funding.size == 1


@pytest.mark.parametrize("chunk_bytes", [1_000, 65_536])
def test_a_recording_in_pieces_gives_the_events_of_the_whole(chunk_bytes: int) -> None:
    name = "binance_spot_btcusdt_20240808"
    path = recordings() / "raw" / f"{name}.raw.gz"
    whole, *_ = decoded(name)
    about = describe_recording(path)
    decoder = decoder_for(about)
    pieces = np.concatenate(list(decoder.decode_file(path, chunk_bytes=chunk_bytes)))
    assert pieces.tobytes() == whole.tobytes()


@pytest.mark.parametrize("name", ["binance_usdm_btcusdt_20230404", "binance_spot_btcusdt_20240808"])
def test_one_message_at_a_time_gives_the_events_of_the_whole(name: str) -> None:
    whole, batch, *_ = decoded(name)
    path = recordings() / "raw" / f"{name}.raw.gz"
    decoder = BinanceDecoder(batch.feeds)
    single = [decoder.decode(message, ts) for ts, message in read_messages(path)]
    assert np.concatenate(single).tobytes() == whole.tobytes()
    assert decoder.stats.counts == batch.stats.counts


def test_a_recording_cut_short_is_refused_with_its_path(tmp_path: Path) -> None:
    from seawall.model.errors import FormatError

    whole = (recordings() / "raw" / "binance_usdm_btcusdt_20230404.raw.gz").read_bytes()
    short = tmp_path / "short.raw.gz"
    short.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FormatError, match="cannot be read") as caught:
        list(read_chunks(short))
    assert str(short) in caught.value.where


def _symbol(name: str) -> str:
    return name.split("_", 2)[2].rsplit("_", 1)[0]


def _snapshot_id(name: str) -> int:
    import json

    for _, message in read_messages(recordings() / "raw" / f"{name}.raw.gz"):
        if b"lastUpdateId" in message[:20]:
            return int(json.loads(message)["lastUpdateId"])
    raise AssertionError("no snapshot")


def _assert_ten_levels(events: Events, tick: float, lot: float, samples: pl.DataFrame) -> None:
    """Replay into a plain book and compare at every fifth sample."""
    samples = samples.gather_every(5)
    times = samples["local_ts_ns"].to_numpy()
    columns = {
        side: [
            (samples[f"{side}_price_{i}"].to_numpy(), samples[f"{side}_qty_{i}"].to_numpy())
            for i in range(1, 11)
        ]
        for side in ("ask", "bid")
    }
    rows = zip(*(events[c].tolist() for c in ("ts", "kind", "flags", "px", "qty")), strict=True)
    book, at, wrong = PlainBook(), 0, 0
    for ts, kind, flags, px, qty in rows:
        while at < times.size and ts > times[at]:
            for side, levels in zip(("ask", "bid"), book.top(10), strict=True):
                for (prices, sizes), level in zip(columns[side], levels, strict=True):
                    wrong += abs(level[0] * tick - prices[at]) > 1e-6
                    wrong += abs(level[1] * lot - sizes[at]) > lot / 2 + 1e-9
            at += 1
        book.apply(kind, flags, px, qty)
    assert at >= times.size - 1
    assert wrong == 0
    assert not book.gapped

# SPDX-License-Identifier: MIT
"""Canonical rows become event records: against a row-by-row oracle and by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.data import Catalogue, Select
from seawall.data.feed.convert import events_of, lots_of, ticks_of
from seawall.data.feed.merge import merge_events
from seawall.data.importers.base import Batch
from seawall.model.errors import CatalogueError
from seawall.model.events import BarField, BookState, EventFlag, EventKind, empty_events
from seawall.model.instrument import Instrument, perpetual, spot

from .catalogue_helpers import T0, S, bars, depth, stored, trades

BTC = spot("BTC/USDT", "0.5", "0.25", venue="sim")


def tuples(events: np.ndarray, *names: str) -> list[tuple[int, ...]]:
    return [tuple(int(e[n]) for n in names) for e in events]


def test_trades_carry_ticks_lots_side_lag_and_id() -> None:
    events = events_of(trades(3), "trades", BTC, stream=7)
    assert tuples(events, "ts", "px", "qty", "lag_us", "stream", "kind", "seq") == [
        (T0, 200, 1, 5000, 7, EventKind.TRADE, 1),
        (T0 + S, 201, 2, 5000, 7, EventKind.TRADE, 2),
        (T0 + 2 * S, 202, 3, 5000, 7, EventKind.TRADE, 3),
    ]
    buy_last = EventFlag.BUY | EventFlag.LAST
    assert events["flags"].tolist() == [buy_last, EventFlag.LAST, buy_last]


def test_a_trade_without_a_side_gets_it_from_the_tick_rule() -> None:
    frame = trades(5).with_columns(
        price=pl.Series([10.0, 11.0, 11.0, 10.0, 10.0]),
        taker_buy=pl.Series([None, None, None, None, True]),
    )
    events = events_of(frame, "trades", BTC, 0)
    assert (events["flags"] & EventFlag.BUY).tolist() == [0, 1, 1, 0, 1]


def test_a_receiver_clock_that_runs_behind_never_gives_a_negative_lag(tmp_path: Path) -> None:
    behind = trades(4).with_columns(venue_ts=pl.col("ts") + 1_270_000_000)
    behind = behind.with_columns(venue_ts=pl.col("venue_ts") - pl.Series([0, 3, 8, 1]) * 1_000_000)
    catalogue, report = stored(tmp_path, behind)
    market = catalogue.market([Select("sim", "BTC/USDT")])
    assert market.streams[0].clock_offset_ns == -1_270_000_000
    assert market.events["lag_us"].tolist() == [0, 3000, 8000, 1000]
    assert report.series[0].clock is not None
    assert report.series[0].clock.offset_ns == -1_270_000_000


def test_one_file_has_one_clock_for_each_venue(tmp_path: Path) -> None:
    def behind(ms: int, lags: list[int]) -> pl.DataFrame:
        shift = ms - pl.Series(lags)
        return trades(len(lags)).with_columns(venue_ts=pl.col("ts") + shift * 1_000_000)

    top = behind(1_000, [3, 7]).select(
        "ts", "venue_ts", "seq", bid_price=10.0, bid_qty=1.0, ask_price=11.0, ask_qty=1.0
    )
    catalogue = Catalogue(tmp_path)
    report = catalogue.add(
        [
            Batch("sim", "BTC/USDT", "trades", behind(1_000, [0, 5])),
            Batch("sim", "BTC/USDT", "top", top),
            Batch("far", "BTC/USDT", "trades", behind(400, [2, 1])),
            Batch("far", "BTC/USDT", "funding", pl.DataFrame({"ts": [T0], "rate": [0.0001]})),
        ]
    )
    market = catalogue.market([Select("sim", "BTC/USDT", ("trades", "top"))])
    assert {s.clock_offset_ns for s in market.streams} == {-1_000_000_000}
    tops = market.events[market.events["kind"] == EventKind.TOP]
    assert tops["lag_us"].tolist() == [3000, 3000, 7000, 7000]
    far = catalogue.market([Select("far", "BTC/USDT")])
    assert {s.feed: s.clock_offset_ns for s in far.streams} == {
        "trades": -399_000_000,
        "funding": 0,
    }
    clocks = {(s.venue, s.kind): s.clock.offset_ns for s in report.series if s.clock}
    assert clocks == {
        ("far", "trades"): -399_000_000,
        ("sim", "top"): -1_000_000_000,
        ("sim", "trades"): -1_000_000_000,
    }


def test_two_recordings_with_different_clocks_keep_their_lags(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    for n, shift in enumerate((1_270_000_000, 1_520_000_000)):
        frame = trades(3, start=T0 + n * 3600 * S, seq=[3 * n + 1, 3 * n + 2, 3 * n + 3])
        lag = pl.Series([0, 2, 4]) * 1_000_000
        frame = frame.with_columns(venue_ts=pl.col("ts") + shift - lag)
        catalogue.add([Batch("sim", "BTC/USDT", "trades", frame)])
    market = catalogue.market([Select("sim", "BTC/USDT")])
    assert market.events["lag_us"].tolist() == [0, 2000, 4000, 0, 2000, 4000]


def test_a_book_has_first_and_last_marks_per_message() -> None:
    rows = depth([
        (0, 1, 10, -1, True, True, 100.0, 1.0),
        (0, 1, 10, -1, True, False, 100.5, 1.0),
        (1, 11, 12, 10, False, True, 99.5, 2.0),
        (1, 11, 12, 10, False, False, 101.0, 0.0),
        (2, 13, 13, 12, False, True, 99.5, 0.0),
    ])  # fmt: skip
    events = events_of(rows, "depth", BTC, 0)
    buy, last, first = EventFlag.BUY, EventFlag.LAST, EventFlag.FIRST
    assert tuples(events, "kind", "px", "qty", "flags", "seq") == [
        (EventKind.SNAPSHOT, 200, 4, buy | first, 10),
        (EventKind.SNAPSHOT, 201, 4, last, 10),
        (EventKind.DELTA, 199, 8, buy, 12),
        (EventKind.DELTA, 202, 0, last, 12),
        (EventKind.DELTA, 199, 0, buy | last, 13),
    ]


@pytest.mark.parametrize(
    ("second", "gap"),
    [
        ((11, 12, 10), False),  # prev_seq is the one before
        ((11, 12, -1), False),  # spot: first_seq follows
        ((5, 12, -1), False),  # reaches back
        ((12, 12, -1), True),  # spot: 11 is missing
        ((11, 12, 9), False),  # prev_seq differs, but first_seq leaves nothing out
        ((14, 15, 13), True),
        ((-1, -1, -1), False),  # no numbers, no gap
    ],
)
def test_missing_numbers_declare_the_book_gapped_before_the_message(
    second: tuple[int, int, int], gap: bool
) -> None:
    rows = depth([
        (0, 9, 10, -1, False, True, 100.0, 1.0),
        (1, *second, False, True, 100.0, 2.0),
    ])  # fmt: skip
    events = events_of(rows, "depth", BTC, 3)
    kinds = [EventKind.DELTA, EventKind.STATUS, EventKind.DELTA]
    assert events["kind"].tolist() == (kinds if gap else kinds[::2])
    if gap:
        status = events[1]
        assert (status["px"], status["flags"]) == (BookState.GAPPED, EventFlag.LAST)
        assert (status["ts"], status["stream"]) == (T0 + S, 3)


def test_deltas_that_a_snapshot_contains_are_left_out() -> None:
    rows = depth([
        (0, 1, 10, 0, False, True, 100.0, 1.0),
        (1, -1, 20, -1, True, True, 100.0, 5.0),
        (2, 11, 15, 10, False, True, 100.0, 2.0),  # older than the snapshot
        (3, 16, 22, 15, False, True, 100.0, 3.0),  # reaches over it
        (4, 23, 24, 22, False, True, 100.0, 4.0),
    ])  # fmt: skip
    events = events_of(rows, "depth", BTC, 0)
    assert events["seq"].tolist() == [10, 20, 22, 24]
    assert EventKind.STATUS not in events["kind"]


def test_a_number_that_goes_back_declares_the_book_gapped() -> None:
    rows = depth([
        (0, 11, 12, 10, False, True, 100.0, 1.0), (1, 9, 10, 8, False, True, 100.0, 2.0),
    ])  # fmt: skip
    assert EventKind.STATUS in events_of(rows, "depth", BTC, 0)["kind"]


def test_top_mark_funding_interest_and_liquidations_by_hand() -> None:
    linear = perpetual("BTC/USDT:USDT", "0.5", "0.25", venue="sim")
    top = pl.DataFrame({
        "ts": [T0], "venue_ts": [T0], "seq": [9], "bid_price": [100.0], "bid_qty": [1.0],
        "ask_price": [100.5], "ask_qty": [0.5],
    })  # fmt: skip
    assert tuples(events_of(top, "top", linear, 0), "px", "qty", "flags") == [
        (200, 4, EventFlag.BUY), (201, 2, EventFlag.LAST),
    ]  # fmt: skip
    mark = pl.DataFrame({
        "ts": [T0, T0 + 1], "venue_ts": [T0, T0], "mark_price": [100.25, 100.0],
        "index_price": [100.125, None], "funding_rate": [None, 0.0001],
    }, schema_overrides={"index_price": pl.Float64})  # fmt: skip
    assert tuples(events_of(mark, "mark", linear, 0), "kind", "qty", "flags") == [
        (EventKind.MARK, 200 * 1024 + 512, 0),
        (EventKind.INDEX, 200 * 1024 + 256, EventFlag.LAST),
        (EventKind.MARK, 200 * 1024, EventFlag.LAST),
    ]
    funding = pl.DataFrame({"ts": [T0], "rate": [-0.00012359]})
    assert tuples(events_of(funding, "funding", linear, 0), "kind", "qty") == [
        (EventKind.FUNDING, -123_590)
    ]
    interest = pl.DataFrame({"ts": [T0], "value": [10.0]})
    assert events_of(interest, "open_interest", linear, 0)["qty"].tolist() == [40]
    forced = pl.DataFrame({
        "ts": [T0], "venue_ts": [T0], "price": [99.5], "qty": [2.0], "buy": [True],
    })  # fmt: skip
    assert tuples(events_of(forced, "liquidations", linear, 0), "px", "qty", "flags") == [
        (199, 8, EventFlag.BUY | EventFlag.LAST)
    ]


@given(
    st.lists(st.integers(1, 2**31 - 1), min_size=1, max_size=50),
    st.sampled_from(["0.01", "0.1", "0.5", "0.00001", "1", "5", "0.25", "0.00000001"]),
)
def test_ticks_and_lots_survive_the_way_through_float64(counts: list[int], step: str) -> None:
    instrument = spot("A/B", step, step, venue="sim")
    decimals = np.array([float(Decimal(step) * n) for n in counts])
    assert ticks_of(decimals, instrument).tolist() == counts
    assert lots_of(decimals, instrument).tolist() == counts


def test_a_price_beyond_int32_ticks_is_refused_with_the_mend() -> None:
    instrument = spot("A/B", "0.00000001", "1", venue="sim")
    with pytest.raises(CatalogueError, match="more than int32") as caught:
        ticks_of(np.array([100.0]), instrument)
    assert "--tick" in caught.value.mend


def test_dust_below_the_lot_is_not_read_as_an_empty_level() -> None:
    rows = depth([(0, 1, 1, 0, False, True, 100.0, 0.01), (1, 2, 2, 1, False, True, 100.0, 0.0)])
    assert events_of(rows, "depth", BTC, 0)["qty"].tolist() == [1, 0]


@given(st.lists(st.lists(st.integers(0, 20), max_size=30), min_size=1, max_size=5))
def test_merging_is_by_time_then_stream_and_keeps_each_stream_in_order(
    times: list[list[int]],
) -> None:
    series = []
    for stream, ts in enumerate(times):
        events = empty_events(len(ts))
        events["ts"], events["stream"] = sorted(ts), stream
        events["seq"] = np.arange(len(ts))
        series.append(events)
    merged = merge_events(series)
    rows = [tuple(map(int, (e["ts"], e["stream"], e["seq"]))) for e in merged]
    assert rows == sorted((t, s, n) for s, ts in enumerate(times) for n, t in enumerate(sorted(ts)))


def two_streams(root: Path) -> Catalogue:
    catalogue = Catalogue(root)
    catalogue.add([
        Batch("sim", "BTC/USDT", "trades", trades(50)),
        Batch("sim", "BTC/USDT", "bars_1h", bars([100.0, 101.5, 99.0])),
        Batch("sim", "ETH/USDT", "trades", trades(50, start=T0 + S // 2)),
    ], instruments=[BTC])  # fmt: skip
    return catalogue


def test_a_market_is_merged_hashed_and_mapped(tmp_path: Path) -> None:
    catalogue = two_streams(tmp_path)
    chosen = [Select("sim", "BTC/USDT"), Select("sim", "ETH/USDT")]
    market = catalogue.market(chosen)
    assert [(s.symbol, s.feed) for s in market.streams] == [
        ("BTC/USDT", "bars_1h"), ("BTC/USDT", "trades"), ("ETH/USDT", "trades"),
    ]  # fmt: skip
    assert isinstance(market.events, np.memmap)
    assert market.events["stream"].tolist() == [1, 2] * 50
    assert market.bars[BarField.CLOSE].tolist() == [200, 203, 198]
    assert market.bars[BarField.STREAM].tolist() == [0, 0, 0]
    assert [i.symbol for i in market.instruments] == ["BTC/USDT", "ETH/USDT"]
    assert market.instrument_of_stream() == [0, 0, 1]
    again = catalogue.market(chosen)
    assert again.hashes == market.hashes
    assert again.events.tobytes() == market.events.tobytes()
    assert len(list((tmp_path / "replay").glob("*.npy"))) == 2  # events and bars, built once


def test_a_market_of_a_time_range_holds_that_range_only(tmp_path: Path) -> None:
    catalogue = two_streams(tmp_path)
    market = catalogue.market([Select("sim", "BTC/USDT", ("trades",))], T0 + 5 * S, T0 + 9 * S)
    assert market.events["ts"].tolist() == [T0 + i * S for i in (5, 6, 7, 8)]
    assert market.bars.shape == (7, 0)


def test_other_steps_of_the_instrument_give_another_replay(tmp_path: Path) -> None:
    catalogue = two_streams(tmp_path)
    before = catalogue.market([Select("sim", "BTC/USDT")])
    finer = Instrument(**{
        **{n: getattr(BTC, n) for n in BTC.__dataclass_fields__}, "tick": Decimal("0.25")
    })  # fmt: skip
    catalogue.put_instrument(finer)
    after = catalogue.market([Select("sim", "BTC/USDT")])
    assert after.hashes["replay"] != before.hashes["replay"]
    assert (after.events["px"] == 2 * before.events["px"]).all()

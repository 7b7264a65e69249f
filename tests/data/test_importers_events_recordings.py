# SPDX-License-Identifier: MIT
"""Recorded sessions: one format test per exchange, on what the exchange really sent."""

from __future__ import annotations

from pathlib import Path

import msgspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.data.feed.sequence import broken_links, messages_of
from seawall.data.importers.base import ImportOptions
from seawall.data.importers.binance_snapshot import Snapshot, after_snapshot
from seawall.data.importers.recorded import VENUES, EventRows, make_decoder
from seawall.data.importers.recorded.decoder import BookJoin, iso, ms, seconds
from seawall.data.importers.recordings import RecordingsImporter
from seawall.data.importing.log import ImportLog
from seawall.model.errors import FormatError

from .importer_helpers import crossings, read

CASES = {
    # file: venue, symbols, rows by kind, one instrument: symbol, tick, lot, contract size
    "BINANCE.jsonl.zst": (
        "binance", 4, {"depth": 5056, "top": 84, "trades": 2},
        ("NKN/USDT", "0.00010000", "1.00000000", "1"),
    ),
    "BINANCE_US.jsonl.zst": (
        "binanceus", 4, {"depth": 2289, "top": 128, "trades": 11},
        ("COMP/USDT", "0.01000000", "0.00001000", "1"),
    ),
    "BINANCE_FUTURES.jsonl.zst": (
        "binanceusdm", 4, {"depth": 11857, "top": 613, "trades": 91},
        ("CTK/USDT:USDT", "0.00100", "1", "1"),
    ),
    "BINANCE_DELIVERY.jsonl.zst": (
        "binancecoinm", 10, {"depth": 25008, "top": 2240, "trades": 51},
        ("BCH/USD:BCH-210924", "0.01", "1", "10"),
    ),
    "BITFINEX.jsonl.zst": ("bitfinex", 7, {"depth": 2926}, None),
    "BITGET.jsonl.zst": (
        "bitget", 10, {"depth": 65309, "trades": 55}, ("CULT/USDT", "1E-8", "1", "1"),
    ),
    "BYBIT.jsonl.zst": (
        "bybit", 6,
        {"depth": 20809, "top": 638, "mark": 140, "open_interest": 20, "trades": 347},
        ("BTC/USDT:USDT", "0.10", "0.001", "1"),
    ),
    "COINBASE.jsonl.zst": (
        "coinbase", 2, {"depth": 74193, "trades": 79}, ("BTC/USD", "0.01", "1E-8", "1"),
    ),
    "DERIBIT.jsonl.zst": (
        "deribit", 10, {"depth": 149, "top": 76, "mark": 89, "open_interest": 89},
        ("BTC/USD:BTC-210730-24000-P", "0.0005", "0.1", "1"),
    ),
    "GATEIO.jsonl.zst": (
        "gate", 10, {"depth": 1900, "trades": 9}, ("BTC/USDC", "0.01", "0.0001", "1"),
    ),
    "GEMINI.jsonl.zst": (
        "gemini", 10, {"depth": 10658, "trades": 2}, ("BTC/EUR", "0.01", "1E-8", "1"),
    ),
    "HUOBI.jsonl.zst": (
        "htx", 10, {"depth": 58996, "trades": 73}, ("DOGE/ETH", "1E-8", "0.01", "1"),
    ),
    "INDEPENDENT_RESERVE.jsonl.zst": ("independentreserve", 5, {"depth": 2872}, None),
    "KRAKEN.jsonl.zst": (
        "kraken", 10, {"depth": 11745, "trades": 10}, ("BTC/CHF", "0.1", "1E-8", "1"),
    ),
    "KRAKEN_FUTURES.jsonl.zst": (
        "krakenfutures", 10, {"depth": 8585, "trades": 3},
        ("BCH/USD:BCH-210730", "0.1", "1", "1"),
    ),
    "OKX.jsonl.zst": (
        "okx", 3, {"depth": 8264, "top": 28, "trades": 74},
        ("BTC/USD:BTC-220527", "0.1", "1", "100"),
    ),
    "POLONIEX.jsonl.zst": (
        "poloniex", 11, {"depth": 948, "trades": 6}, ("BCH/USDT", "0.01", "0.000001", "1"),
    ),
    "bybit_xrpusdt_ob500_2024-12-01.jsonl.zst": ("bybit", 1, {"depth": 3966}, None),
    "hyperliquid_btc_2025-01-26.raw.gz": ("hyperliquid", 1, {"depth": 1840, "trades": 34}, None),
    "lighter_btc_orderbook_trades_2025-12-10.jsonl.zst": (
        "lighter", 1, {"depth": 16886, "mark": 204, "open_interest": 204, "trades": 673}, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_session_becomes_books_and_trades(name: str, test_data: Path) -> None:
    venue, symbols, counts, _ = CASES[name]
    rows, log = read(test_data / "recordings" / name)
    assert {key[0] for key in rows} == {venue}
    assert len({key[1] for key in rows}) == symbols
    got: dict[str, int] = {}
    for (_, _, kind), frame in rows.items():
        got[kind] = got.get(kind, 0) + len(frame)
    assert got == counts
    assert not log.refused
    for (_, symbol, kind), frame in rows.items():
        assert frame["ts"].is_sorted(), symbol
        assert frame["ts"].null_count() == 0
        if kind == "trades":
            assert frame["taker_buy"].null_count() == 0
            assert (frame["price"] > 0).all()
            assert (frame["qty"] > 0).all()
        if kind == "depth":
            # Diffs alone cannot make a book: each begins with a whole one, no message is
            # lost on the way, and the two sides never meet.
            assert frame["is_snapshot"][0], symbol
            assert not broken_links(messages_of(frame)).any(), symbol
            assert crossings(frame)["crossed"] == 0, symbol


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case[3]])
def test_steps_come_from_what_the_exchange_said_in_the_session(name: str, test_data: Path) -> None:
    _, symbols, _, want = CASES[name]
    found = RecordingsImporter().instruments(test_data / "recordings" / name, ImportOptions())
    assert len(found) == symbols
    steps = {one.symbol: (str(one.tick), str(one.lot), str(one.contract_size)) for one in found}
    assert steps[want[0]] == want[1:]


@pytest.mark.parametrize(
    "name",
    ["BYBIT.jsonl.zst", "OKX.jsonl.zst", "KRAKEN.jsonl.zst", "KRAKEN_FUTURES.jsonl.zst",
     "COINBASE.jsonl.zst", "GEMINI.jsonl.zst", "hyperliquid_btc_2025-01-26.raw.gz"],
)  # fmt: skip
def test_buying_takers_trade_above_the_middle(name: str, test_data: Path) -> None:
    """The taker's side is read the right way round: the book tells it independently."""
    from .importer_helpers import best_at

    rows, _ = read(test_data / "recordings" / name)
    right = wrong = 0
    for (venue, symbol, kind), trades in rows.items():
        depth = rows.get((venue, symbol, "depth"))
        if kind != "trades" or depth is None:
            continue
        just_before = (trades["ts"] - 1).to_list()
        for (bid, ask), price, buy in zip(
            best_at(depth, just_before), trades["price"], trades["taker_buy"], strict=True
        ):
            if bid is None or ask is None or price == (bid + ask) / 2:
                continue
            right += (price > (bid + ask) / 2) == buy
            wrong += (price > (bid + ask) / 2) != buy
    assert right > 0
    assert wrong / (right + wrong) < 0.08


def test_what_is_read_and_left_is_counted_by_name(test_data: Path) -> None:
    _, log = read(test_data / "recordings" / "BITFINEX.jsonl.zst")
    assert "not imported: 210 x trades from before the recording" in log.notes
    assert "not imported: 42 x heartbeats" in log.notes


def test_a_broken_message_is_refused_and_the_rest_is_read(test_data: Path, tmp_path: Path) -> None:
    from seawall.data.importers.streams import read_lines

    source = test_data / "recordings" / "hyperliquid_btc_2025-01-26.raw.gz"
    lines = list(read_lines(source))
    whole, _ = read(source)
    lines[10:10] = [b'1737918844000000000 {"channel":"l2Book","data":{', b"no time here",
                    b'1737918844000000000 {"channel":"l2Book","data":{"coin":"BTC"}}']  # fmt: skip
    path = tmp_path / "hyperliquid_btc.raw"
    path.write_bytes(b"\n".join(lines))
    rows, log = read(path)
    assert [line.row for line in log.refused] == [10, 11, 12]
    assert log.refused[1].reason == "no receive time"
    assert {k: len(f) for k, f in rows.items()} == {k: len(f) for k, f in whole.items()}


@pytest.mark.parametrize("name", ["lighter_btc_orderbook_trades_2025-12-10", "OKX"])
def test_a_line_that_is_no_json_is_refused_in_every_container(
    name: str, test_data: Path, tmp_path: Path
) -> None:
    from seawall.data.importers.streams import read_lines

    source = test_data / "recordings" / f"{name}.jsonl.zst"
    lines = list(read_lines(source))
    whole, _ = read(source)
    lines.insert(len(lines) // 2, b'{"t":"recv","ts":165245')
    path = tmp_path / f"{name}.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    rows, log = read(path)
    assert [line.row for line in log.refused] == [(len(lines) - 1) // 2]
    assert {k: len(f) for k, f in rows.items()} == {k: len(f) for k, f in whole.items()}


def test_the_same_session_in_small_chunks_gives_the_same_rows(test_data: Path) -> None:
    path = test_data / "recordings" / "OKX.jsonl.zst"
    whole, _ = read(path)
    small, _ = read(path, chunk_rows=500)
    assert whole.keys() == small.keys()
    assert all(frame.equals(small[key]) for key, frame in whole.items())


@given(
    st.integers(0, 12), st.integers(0, 12),
    st.lists(st.integers(1, 3), min_size=1, max_size=12),
)  # fmt: skip
def test_joining_message_by_message_and_by_table_agree(
    place: int, last_id: int, steps: list[int]
) -> None:
    """The streaming and the columnar form of Binance's rule keep the same diffs."""
    ids = [sum(steps[: n + 1]) for n in range(len(steps))]
    place = min(place, len(ids))
    shot = Snapshot(place * 10 + 5, None, last_id, [("1", "1")], [("2", "1")])
    book = BookJoin(EventRows("v"), "A/B")
    for n, number in enumerate(ids):
        if n == place:
            book.snapshot(shot.ts, None, last_id, shot.bids, shot.asks)
        book.diff((n + 1) * 10, None, (number, number, -1), [("1", "2")], [])
    if place == len(ids):
        book.snapshot(shot.ts, None, last_id, shot.bids, shot.asks)
    (batch,) = book.rows.take()
    got = batch.frame.filter(~pl.col("is_snapshot")).select("ts", "seq")
    assert batch.frame["is_snapshot"][0]
    table = pl.DataFrame({"ts": [(n + 1) * 10 for n in range(len(ids))], "seq": ids})
    assert got.rows() == after_snapshot(table, shot, ImportLog()).rows()


def test_a_whole_book_that_is_empty_clears_the_book() -> None:
    rows = EventRows("v")
    rows.depth("A/B", 1, None, [], [], snapshot=True, seq=1)
    rows.depth("A/B", 2, None, [("10", "1")], [("11", "2")], snapshot=True, seq=2)
    rows.depth("A/B", 3, None, [], [], snapshot=True, seq=3)
    (batch,) = rows.take()
    assert batch.frame.select("ts", "is_snapshot", "price", "qty").rows() == [
        (2, True, 10.0, 1.0), (2, True, 11.0, 2.0), (3, True, 11.0, 0.0),
    ]  # fmt: skip


@pytest.mark.parametrize("exchange", VENUES)
def test_every_venue_has_its_decoder(exchange: str) -> None:
    assert make_decoder(exchange).rows.venue == VENUES[exchange][0]


def test_an_unknown_exchange_is_named_with_the_known_ones() -> None:
    with pytest.raises(FormatError, match="MTGOX") as caught:
        make_decoder("MTGOX")
    assert "BINANCE" in caught.value.mend


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (ms(1_633_998_512_068), 1_633_998_512_068_000_000),
        (ms("1619093543708.2642"), 1_619_093_543_708_264_000),
        (ms(None), None),
        (seconds("1618678142.557535"), 1_618_678_142_557_535_000),
        (iso("2026-08-09T21:05:48.228568804Z"), 1_786_309_548_228_568_804),
        (iso("2026-08-09T21:05:48Z"), 1_786_309_548_000_000_000),
    ],
)
def test_times_of_venues_become_nanoseconds(got: int | None, want: int | None) -> None:
    assert got == want


FORCED = {
    "BINANCE_FUTURES": {
        "e": "forceOrder", "E": 1568014460893,
        "o": {"s": "BTCUSDT", "S": "SELL", "o": "LIMIT", "f": "IOC", "q": "0.014", "p": "9910",
              "ap": "9912.5", "X": "FILLED", "l": "0.014", "z": "0.014", "T": 1568014460893},
    },
    "BYBIT": {
        "topic": "allLiquidation.BTCUSDT", "type": "snapshot", "ts": 1568014460900,
        "data": [{"T": 1568014460893, "s": "BTCUSDT", "S": "Buy", "v": "0.014", "p": "9912.5"}],
    },
}  # fmt: skip


@pytest.mark.parametrize("exchange", FORCED)
def test_the_end_of_a_long_position_is_a_forced_sale(exchange: str) -> None:
    decoder = make_decoder(exchange)
    decoder.message(5, "", msgspec.json.decode(msgspec.json.encode(FORCED[exchange])))
    (batch,) = decoder.rows.take()
    (row,) = batch.frame.rows(named=True)
    assert (batch.symbol, batch.kind) == ("BTC/USDT:USDT", "liquidations")
    assert (row["buy"], row["price"], row["qty"]) == (False, 9912.5, 0.014)
    assert row["venue_ts"] == 1568014460893 * 1_000_000


@pytest.mark.parametrize(
    ("stem", "ticker"),
    [
        ("binance_usdm_btcusdt_20230404", "btcusdt"),
        ("binance_usdm_btcusdt_20240718", "btcusdt"),
        ("binance_cm_btcusd_perp_20240808", "btcusd_perp"),
    ],
)
def test_an_imported_recording_is_event_for_event_what_the_live_decoder_gives(
    stem: str, ticker: str, test_data: Path
) -> None:
    """Two readers that share no code: message by message in Python, and compiled."""
    import numpy as np

    from seawall.data.feed.convert import events_of
    from seawall.data.importers.known import known_instrument
    from seawall.data.venues.binance import BinanceDecoder, Feed

    path = test_data / "lob" / "raw" / f"{stem}.raw.gz"
    rows, _ = read(path)
    (venue, symbol), *_ = {key[:2] for key in rows}
    known = known_instrument(venue, symbol)
    assert known is not None
    offset = -2_000_000_000
    feed = Feed(ticker, known.tick, known.lot, 0, 1, 2, 3, 4, 5, offsets=(offset,) * 6)
    live = np.concatenate(list(BinanceDecoder((feed,)).decode_file(path)))
    for stream, kind in enumerate(("depth", "trades", "top", "mark")):
        frame = rows.get((venue, symbol, kind))
        if frame is not None:
            want = live[live["stream"] == stream]
            assert np.array_equal(events_of(frame, kind, known, stream, offset), want), kind


@pytest.mark.parametrize(
    "stem",
    ["binance_cm_ethusd_perp_20240808", "binance_spot_btcusdt_20230405",
     "binance_spot_ethusdt_20240808", "binance_usdm_btcusdt_20240718"],
)  # fmt: skip
def test_the_market_of_a_renamed_recording_is_told_by_its_messages(
    stem: str, test_data: Path, tmp_path: Path
) -> None:
    source = test_data / "lob" / "raw" / f"{stem}.raw.gz"
    path = tmp_path / "session.raw.gz"
    path.symlink_to(source)
    want = {key[:2] for key in read(source)[0]}
    assert {key[:2] for key in read(path)[0]} == want


def test_settled_funding_is_what_the_live_decoder_gives(test_data: Path) -> None:
    import numpy as np

    from seawall.data.feed.convert import events_of
    from seawall.data.importers.known import known_instrument
    from seawall.data.venues.binance import BinanceDecoder, Feed

    path = test_data / "lob" / "raw" / "binance_usdm_btcusdt_20230405.raw.gz"
    known = known_instrument("binanceusdm", "BTC/USDT:USDT")
    assert known is not None
    settled = read(path)[0]["binanceusdm", "BTC/USDT:USDT", "funding"]
    got = events_of(settled, "funding", known, 4)
    feed = Feed("btcusdt", known.tick, known.lot, funding=4)
    live = np.concatenate(list(BinanceDecoder((feed,)).decode_file(path)))
    assert len(live) == 1
    for column in ("ts", "qty", "kind", "stream"):
        assert got[column].tolist() == live[column].tolist()

# SPDX-License-Identifier: MIT
"""What single messages become, in both forms, in any order of keys, well-formed or not."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.data.venues import Count, Fault
from seawall.data.venues.binance import BinanceDecoder, Feed, feeds_of, plan_streams
from seawall.data.venues.binance.feeds import power_and_multiple, venue_symbol
from seawall.data.venues.binance.slow import canonical
from seawall.model.errors import InstrumentError
from seawall.model.events import EventFlag, EventKind
from seawall.model.instrument import perpetual, spot

from .decode_helpers import FEED, depth, snapshot, text

MS = 1_700_000_000_000
NOW = MS * 1_000_000 + 5_000_000  # received 5 ms after the venue's time
TRADE: dict[str, Any] = {
    "e": "trade", "E": MS, "T": MS - 1, "s": "BTCUSDT", "t": 77, "p": "61804.8", "q": "0.004",
    "X": "MARKET", "m": False,
}  # fmt: skip
AGG: dict[str, Any] = {
    "e": "aggTrade", "E": MS, "s": "BTCUSDT", "a": 2**32 + 5, "p": "61804.80", "q": "1.000",
    "f": 1, "l": 2, "T": MS, "m": True, "M": True,
}  # fmt: skip
TICKER: dict[str, Any] = {
    "u": 9, "s": "BTCUSDT", "b": "61804.70", "B": "3.5", "a": "61804.80", "A": "0.0010",
}  # fmt: skip


def decoder(**options: Any) -> BinanceDecoder:
    """Decoder of the one instrument."""
    return BinanceDecoder((FEED,), **options)


def faults_of(message: bytes) -> dict[Fault, int]:
    """Faults of one message, which must yield nothing."""
    one = decoder(cold_start=True)
    assert one.decode(message, NOW).size == 0
    assert one.stats.accounted
    return one.stats.faults


def test_a_trade_becomes_one_record_with_price_quantity_taker_and_lag() -> None:
    (record,) = decoder().decode(text(TRADE), NOW)
    assert record["kind"] == EventKind.TRADE
    assert (record["ts"], record["px"], record["qty"], record["seq"]) == (NOW, 618_048, 4, 77)
    assert record["flags"] == EventFlag.BUY | EventFlag.LAST
    assert (record["lag_us"], record["stream"]) == (6_000, 1)  # since the trade, not the message


def test_a_combined_message_means_the_same_as_a_single_one() -> None:
    for body, stream in ((TRADE, "trade"), (AGG, "aggTrade"), (TICKER, "bookTicker")):
        single = decoder().decode(text(body), NOW)
        combined = decoder().decode(text(body, f"btcusdt@{stream}"), NOW)
        assert single.size > 0
        assert single.tobytes() == combined.tobytes()


def test_an_aggregated_trade_keeps_its_own_id_modulo_two_to_the_32() -> None:
    (record,) = decoder().decode(text(AGG), NOW)
    assert (record["seq"], record["flags"], record["qty"]) == (5, EventFlag.LAST, 1_000)


def test_a_book_ticker_becomes_a_bid_and_an_ask_of_one_message() -> None:
    bid, ask = decoder().decode(text(TICKER), NOW)
    assert (bid["px"], bid["qty"], bid["flags"]) == (618_047, 3_500, EventFlag.BUY)
    assert (ask["px"], ask["qty"], ask["flags"]) == (618_048, 1, EventFlag.LAST)
    assert bid["lag_us"] == 0  # spot tickers carry no venue time


def test_the_clock_offset_is_taken_out_of_the_lag_which_is_never_negative() -> None:
    behind = BinanceDecoder((replace(FEED, offsets=(0, -1_270_000_000, 0, 0, 0, 0)),))
    (record,) = behind.decode(text(TRADE), NOW - 1_271_000_000)
    assert record["lag_us"] == 5_000
    (record,) = decoder().decode(text(TRADE), NOW - 1_271_000_000)
    assert record["lag_us"] == 0


def test_a_funding_stamp_comes_when_the_next_funding_time_moves_on() -> None:
    mark = {
        "e": "markPriceUpdate", "E": MS, "s": "BTCUSDT", "p": "28147.27373413",
        "P": "1", "i": "28159.75642857", "r": "-0.00002754", "T": MS,
    }  # fmt: skip
    one = decoder()
    first = one.decode(text(mark), NOW)
    assert first["kind"].tolist() == [EventKind.MARK, EventKind.INDEX]
    assert first["qty"][0] == round(Decimal("28147.27373413") * 10 * 1024)
    assert first["flags"].tolist() == [0, EventFlag.LAST]
    later = one.decode(text({**mark, "E": MS + 1000, "r": "0.0001", "T": MS + 28_800_000}), NOW)
    assert later["kind"].tolist() == [EventKind.FUNDING, EventKind.MARK, EventKind.INDEX]
    assert (later["qty"][0], later["stream"][0], later["lag_us"][0]) == (-27_540, 4, 5_000)


def test_a_forced_order_becomes_a_liquidation_at_its_average_price() -> None:
    order = {
        "s": "BTCUSDT", "S": "BUY", "o": "LIMIT", "f": "IOC", "q": "0.014", "p": "9910",
        "ap": "9910.26", "X": "FILLED", "l": "0.002", "z": "0.014", "T": MS,
    }  # fmt: skip
    (record,) = decoder().decode(text({"e": "forceOrder", "E": MS, "o": order}), NOW)
    assert record["kind"] == EventKind.LIQUIDATION
    assert (record["px"], record["qty"], record["stream"]) == (99_103, 14, 5)
    assert record["flags"] == EventFlag.BUY | EventFlag.LAST


def test_a_spot_snapshot_names_no_symbol_and_is_taken_for_the_one_asked_for() -> None:
    two = BinanceDecoder((FEED, Feed("ethusdt", Decimal("0.01"), Decimal("0.0001"), 6)))
    message = snapshot(5, [("100.1", "1")], [("100.2", "2")])
    assert two.decode(message, NOW).size == 0
    assert two.stats.faults == {Fault.UNKNOWN_SYMBOL: 1}
    events = two.decode(message, NOW, symbol="ETHUSDT")
    assert events["px"].tolist() == [10_010, 10_020]
    assert events["stream"].tolist() == [6, 6]
    assert events["flags"].tolist() == [EventFlag.BUY | EventFlag.FIRST, EventFlag.LAST]


@pytest.mark.parametrize(
    ("tick", "price", "ticks"),
    [("0.1", "61804.80000000", 618_048), ("0.05", "10.15", 203), ("0.5", "7", 14),
     ("10", "61800", 6_180), ("0.00001", "0.12345", 12_345), ("25", "100.0", 4)],
)  # fmt: skip
def test_any_tick_is_exact(tick: str, price: str, ticks: int) -> None:
    one = BinanceDecoder((Feed("btcusdt", Decimal(tick), Decimal("0.001"), trades=0),))
    (record,) = one.decode(text({**TRADE, "p": price}), NOW)
    assert record["px"] == ticks


@pytest.mark.parametrize(
    ("change", "fault"),
    [({"p": "61804.85"}, Fault.OFF_TICK), ({"p": "-1"}, Fault.BAD_NUMBER),
     ({"p": "NaN"}, Fault.BAD_NUMBER), ({"p": "1e30"}, Fault.BAD_NUMBER),
     ({"p": "999999999999.0"}, Fault.BAD_NUMBER), ({"p": None}, Fault.UNREADABLE),
     ({"p": "0", "q": "0", "X": "NA"}, Fault.NO_TRADE), ({"s": "ETHUSDT"}, Fault.UNKNOWN_SYMBOL),
     ({"t": "77"}, Fault.UNREADABLE), ({"t": 10**30}, Fault.BAD_NUMBER),
     ({"m": 1}, Fault.UNREADABLE)],
)  # fmt: skip
def test_a_message_that_cannot_be_true_is_refused_by_reason(
    change: dict[str, Any], fault: Fault
) -> None:
    assert faults_of(text({**TRADE, **change})) == {fault: 1}


@pytest.mark.parametrize(
    "message",
    [b"", b"{", b"nonsense", b'{"e":"trade"', b'{"e":"trade"}}', b'{"e" "trade"}', b"[1,2",
     text(TRADE)[:-1], text(TRADE) + b"x", text(TRADE).replace(b",", b"", 1), b"\xff\xfe",
     b'{"a":' * 5_000],
)  # fmt: skip
def test_malformed_text_is_a_fault_and_never_an_exception(message: bytes) -> None:
    assert faults_of(message) == {Fault.MALFORMED: 1}


def test_a_symbol_that_contradicts_its_stream_is_refused() -> None:
    two = BinanceDecoder((FEED, Feed("ethusdt", Decimal("0.01"), Decimal("0.0001"), 6)))
    assert two.decode(text(TRADE, "ethusdt@trade"), NOW).size == 0
    assert two.stats.faults == {Fault.SYMBOL_MISMATCH: 1}


def test_an_error_of_the_venue_and_the_answer_to_a_subscription_are_counted_apart() -> None:
    one = decoder()
    one.decode(b'{"code":-1121,"msg":"Invalid symbol."}')
    one.decode(b'{"result":null,"id":1}')
    assert one.stats.faults == {Fault.VENUE_ERROR: 1}
    assert one.stats.counts[Count.CONTROL] == 1


def test_kinds_and_streams_nobody_wants_are_ignored_and_counted() -> None:
    one = BinanceDecoder((Feed("btcusdt", Decimal("0.1"), Decimal("0.001"), trades=0),))
    kline = {"e": "kline", "E": MS, "s": "BTCUSDT", "k": {"t": 1, "o": "1.0", "x": False}}
    partial = text({"lastUpdateId": 5, "bids": [], "asks": []}, "btcusdt@depth20@100ms")
    for message in (text(kline), text(TICKER), partial, text({"e": "24hrTicker", "E": MS})):
        assert one.decode(message, NOW).size == 0
    assert one.stats.counts[Count.IGNORED] == 4
    assert one.stats.accounted


def test_an_array_of_messages_gives_the_events_of_each() -> None:
    events = decoder().decode(text([TRADE, {**TRADE, "t": 78}], "!trade@arr"), NOW)  # type: ignore[arg-type]
    assert events["seq"].tolist() == [77, 78]


def test_escapes_exponents_and_bare_numbers_take_the_slow_path_to_the_same_events() -> None:
    usual = decoder().decode(text(TRADE), NOW).tobytes()
    odd = [
        text(TRADE).replace(b"BTCUSDT", b"BTC\\u0055SDT"),
        text(TRADE).replace(b'"61804.8"', b'"6.18048e4"'),
        text(TRADE).replace(b'"61804.8"', b"61804.8"),
        text(TRADE).replace(b'"e":"trade"', b'"e":"kline","e":"trade"'),
        text({**TRADE, "note": "caf\u00e9", "deep": {"a": [1, {"b": None}]}}),
    ]
    for message in odd:
        one = decoder()
        assert one.decode(message, NOW).tobytes() == usual
        assert one.stats.counts[Count.SLOW] == 1


def test_lines_with_and_without_receive_time_and_in_any_unit() -> None:
    body = text(TRADE)
    for stamp, unit in ((NOW, 1), (NOW // 1_000, 1_000), (NOW // 1_000_000, 1_000_000)):
        (record,) = decoder().decode_text(b"%d %s\n" % (stamp, body))
        assert record["ts"] == stamp * unit
    (record,) = decoder().decode_text(body)
    assert (record["ts"], record["lag_us"]) == (MS * 1_000_000, 1_000)
    one = decoder()
    assert one.decode_text(text(TICKER) + b"\n\n").size == 0
    assert one.stats.faults == {Fault.NO_TIME: 1}
    assert one.stats.counts[Count.EMPTY] == 1


def test_a_receive_time_that_goes_back_is_moved_up_and_counted() -> None:
    one = decoder()
    events = one.decode_text(b"%d %s\n%d %s\n" % (NOW, text(TRADE), NOW - 9, text(TRADE)))
    assert events["ts"].tolist() == [NOW, NOW]
    assert one.stats.faults == {Fault.CLOCK_BACK: 1}


def test_a_fault_says_which_message_and_where_in_the_file_it_is() -> None:
    lines = [text(TRADE), b"{broken", text({**TRADE, "p": "0.01"}), text(TRADE)]
    one = decoder()
    events = one.decode_text(b"\n".join(lines), base=1_000)
    assert events.size == 2
    places = [(f.fault, f.message, f.offset) for f in one.stats.first_faults]
    at = 1_000 + len(lines[0]) + 1
    assert places == [(Fault.MALFORMED, 1, at), (Fault.OFF_TICK, 2, at + len(lines[1]) + 1)]


@pytest.mark.parametrize(
    ("quantity", "lots"), [("0.0049", 5), ("0.00449", 4), ("0.0045", 5), ("0.0000001", 1)]
)
def test_a_quantity_off_the_lot_is_rounded_to_at_least_one_lot_and_counted(
    quantity: str, lots: int
) -> None:
    one = decoder()
    (record,) = one.decode(text({**TRADE, "q": quantity}), NOW)
    assert record["qty"] == lots
    assert one.stats.faults == {Fault.OFF_LOT: 1}


def test_lots_of_several_units_are_rounded_to_the_nearest() -> None:
    one = BinanceDecoder((Feed("btcusdt", Decimal("0.1"), Decimal("0.25"), trades=0),))
    for quantity, lots in (("0.5", 2), ("0.374", 1), ("0.375", 2), ("0.1", 1)):
        (record,) = one.decode(text({**TRADE, "q": quantity}), NOW)
        assert record["qty"] == lots
    assert one.stats.faults == {Fault.OFF_LOT: 3}


def test_two_feeds_of_one_symbol_are_refused() -> None:
    with pytest.raises(InstrumentError, match="two feeds"):
        BinanceDecoder((FEED, FEED))


def test_steps_split_into_decimals_and_multiple() -> None:
    assert power_and_multiple(Decimal("0.05")) == (2, 5)
    assert power_and_multiple(Decimal("1E+2")) == (0, 100)
    assert power_and_multiple(Decimal("0.10")) == (1, 1)
    with pytest.raises(InstrumentError):
        power_and_multiple(Decimal("NaN"))


def test_streams_are_numbered_instrument_by_instrument() -> None:
    pair = (spot("BTC/USDT", "0.01", "0.00001"), perpetual("BTC/USD:BTC", "0.1", "1"))
    streams = plan_streams(pair, wanted=("trades", "depth"), clock_offsets={"depth": -3})
    assert [venue_symbol(i) for i in pair] == ["btcusdt", "btcusd_perp"]
    assert [(s.symbol, s.feed, s.clock_offset_ns) for s in streams] == [
        ("BTC/USD:BTC", "depth", -3), ("BTC/USD:BTC", "trades", 0),
        ("BTC/USDT", "depth", -3), ("BTC/USDT", "trades", 0),
    ]  # fmt: skip
    feeds = feeds_of(pair, streams)
    assert feeds[0].routes == (2, 3, -1, -1, -1, -1)
    assert feeds[1].offsets == (-3, 0, 0, 0, 0, 0)


PRICES = st.integers(1, 10**7).map(lambda n: f"{Decimal(n) / 10:f}")
SIZES = st.integers(0, 10**7).map(lambda n: f"{Decimal(n) / 1000:f}")
LEVELS = st.lists(st.tuples(PRICES, SIZES), max_size=6)


@given(LEVELS, LEVELS, st.randoms())
def test_any_order_of_keys_gives_the_same_set_of_levels(
    bids: list[tuple[str, str]], asks: list[tuple[str, str]], order: Any
) -> None:
    body = json.loads(depth(1, 2, bids, asks, prev=0))
    keys = list(body)
    order.shuffle(keys)
    mixed = text({key: body[key] for key in keys})
    usual = decoder(cold_start=True).decode(text(body), NOW)
    shuffled = decoder(cold_start=True).decode(mixed, NOW)
    rows = [
        (px, qty, flags & 1, seq)
        for px, qty, flags, seq in zip(
            *(usual[c].tolist() for c in ("px", "qty", "flags", "seq")), strict=True
        )
    ]
    expected = [(int(Decimal(p) * 10), int(Decimal(q) * 1000), 1, 2) for p, q in bids]
    expected += [(int(Decimal(p) * 10), int(Decimal(q) * 1000), 0, 2) for p, q in asks]
    assert rows[1:] == expected  # the first record declares the book GAPPED
    assert sorted(usual[["px", "qty", "seq"]].tolist()) == sorted(
        shuffled[["px", "qty", "seq"]].tolist()
    )


SAMPLES = [
    text(TRADE), text(AGG, "btcusdt@aggTrade"), text(TICKER), depth(3, 4, [("1.5", "2")], []),
    snapshot(2, [("1.0", "1")], [("2.0", "1.5")]),
]  # fmt: skip


@given(
    st.sampled_from(SAMPLES),
    st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 3), st.integers(0, 255)),
        min_size=1, max_size=3,
    ),
)  # fmt: skip
def test_damaged_text_gives_what_the_slow_path_gives_and_nothing_else(
    sample: bytes, wounds: list[tuple[float, int, int]]
) -> None:
    """The compiled reader never takes what the JSON library would refuse."""
    damaged = bytearray(sample)
    for where, how, byte in wounds:
        at = int(where * len(damaged)) if damaged else 0
        if how == 0 and damaged:
            del damaged[at]
        elif how == 1 and damaged:
            damaged[at] = byte
        elif how == 2:
            damaged.insert(at, byte)
        else:
            del damaged[at:]
    message = bytes(damaged)
    one, other = decoder(cold_start=True), decoder(cold_start=True)
    got = one.decode(message, NOW)
    texts = canonical(message)
    if isinstance(texts, Fault):
        assert got.size == 0
        # A wrong symbol or price may be met before the place where the text breaks.
        assert one.stats.refused == 1
        return
    wanted = [other.decode(t, NOW) for t in texts]
    whole = np.concatenate(wanted) if wanted else got[:0]
    assert got.tobytes() == whole.tobytes()


def test_records_stay_what_they_were_while_ten_thousand_more_are_decoded() -> None:
    one = decoder()
    given = [one.decode(text({**TRADE, "t": 10_000 + k})) for k in range(10_000)]
    assert [events["seq"].tolist() for events in given] == [[10_000 + k] for k in range(10_000)]
    assert all(events.flags.writeable and events.flags.c_contiguous for events in given[:3])


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer_gives_the_same_records(kind: type) -> None:
    assert decoder().decode(kind(text(TRADE)), NOW) == decoder().decode(text(TRADE), NOW)


def test_a_message_of_any_length_is_decoded_beside_short_ones() -> None:
    one = decoder(cold_start=True)
    levels = [(f"{1_000 + k / 10:.1f}", "1.000") for k in range(9_000)]
    assert one.decode(text(TRADE), NOW).size == 1
    events = one.decode(depth(1, 2, levels, []), NOW)
    assert events.size == 9_001  # the book is declared gapped first
    assert events["px"][1:].tolist() == list(range(10_000, 19_000))
    assert one.decode(text(TRADE), NOW).size == 1

# SPDX-License-Identifier: MIT
"""Order-level feeds folded into levels, against a dictionary and the exchange's own books."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from seawall.data.importers.l3 import levels_from_orders

from .importer_helpers import best_at, books, crossings, read

EVENTS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(1, 5).map(float), st.integers(0, 3)),
    min_size=1,
    max_size=40,
)


@given(EVENTS)
def test_levels_are_the_sums_of_their_orders(events: list[tuple[int, float, int]]) -> None:
    """Every total that is told equals the sum over a plain dictionary of orders."""
    sides = {order: order % 2 == 0 for order in range(5)}
    told_events = [(n, o, sides[o], p, u) for n, (o, p, u) in enumerate(events)]
    columns = ["msg", "order", "is_bid", "price", "units"]
    frame = pl.DataFrame(told_events, schema=columns, orient="row")
    told: dict[tuple[bool, float], int] = {}
    rows = levels_from_orders(frame)
    for n in range(len(events)):
        for _, is_bid, level, total in rows.filter(pl.col("msg") == n).rows():
            told[is_bid, level] = total
        want: dict[tuple[bool, float], int] = {}
        held = {o: (p, u) for o, p, u in events[: n + 1]}
        for o, (p, u) in held.items():
            want[sides[o], p] = want.get((sides[o], p), 0) + u
        assert {k: v for k, v in told.items() if v} == {k: v for k, v in want.items() if v}


def test_bitstamp_orders_rebuild_the_best_prices_that_the_exchange_sent(test_data: Path) -> None:
    lob = test_data / "lob"
    rows, log = read(lob / "bitstamp_btcusd_l3_events_2015-05-01_00-16h.parquet")
    depth = rows["bitstamp", "BTC/USD", "depth"]
    sent = pl.read_parquet(lob / "bitstamp_btcusd_lob10_2015-05-01_00-16h.parquet")
    got = best_at(depth, (sent["timestamp"] * 1_000_000).to_list())
    want = list(zip(sent["bid_price_1"], sent["ask_price_1"], strict=True))
    same = sum(a == b for a, b in zip(got, want, strict=True)) / len(want)
    # 99.5 % over the day; the first hour lacks orders that rested before midnight (95 %).
    assert same > 0.99
    # Bitstamp tells of a marketable order before its fills, so the book crosses for
    # milliseconds; it does not stay so.
    crossed = sum(bid >= ask for bid, ask in got if bid is not None and ask is not None)
    assert crossed / len(got) < 0.001
    assert "13 changes that came after the deletion of their order are void" in log.notes
    assert any(note.startswith("348 orders rested before") for note in log.notes)


def test_bitfinex_orders_make_a_book_on_an_invented_clock_and_say_so(test_data: Path) -> None:
    rows, log = read(test_data / "lob" / "bitfinex_btcusd_l3_r0_updates_undated.parquet")
    depth = rows["bitfinex", "BTC/USD", "depth"]
    assert any("the times are not" in note for note in log.notes)
    assert depth["ts"].is_sorted()
    assert depth["seq"].max() == 100_000
    seen = crossings(depth)
    assert seen["crossed"] / seen["books"] < 0.001
    source = pl.read_parquet(test_data / "lob" / "bitfinex_btcusd_l3_r0_updates_undated.parquet")
    held: dict[int, tuple[float, float]] = {}
    for order, price, amount in source.select("order_id", "price", "amount").rows():
        held[order] = price, amount
    bids: dict[float, float] = {}
    for price, amount in held.values():
        if price > 0 and amount > 0:
            bids[price] = bids.get(price, 0.0) + amount
    *_, (_, last_bids, _) = books(depth)
    assert last_bids.keys() == bids.keys()
    assert all(abs(last_bids[p] - q) < 1e-8 for p, q in bids.items())


def test_bitstamp_trades_tell_no_taker(test_data: Path) -> None:
    rows, _ = read(test_data / "lob" / "bitstamp_btcusd_trades_2015-05-01_00-16h.parquet")
    trades = rows["bitstamp", "BTC/USD", "trades"]
    assert (len(trades), trades["taker_buy"].null_count()) == (2772, 2772)


def test_ten_level_books_of_bitstamp_are_features_or_snapshots(test_data: Path) -> None:
    path = test_data / "lob" / "bitstamp_btcusd_lob10_2015-05-01_00-16h.parquet"
    assert len(read(path)[0]["bitstamp", "BTC/USD", "features"]) == 18303
    assert len(read(path, kind="depth")[0]["bitstamp", "BTC/USD", "depth"]) == 18303 * 20

# SPDX-License-Identifier: MIT
"""Recorded Binance streams: the Parquet tables and the raw text tell the same story."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from seawall.data.importers.base import ImportLog
from seawall.data.importers.binance_snapshot import Snapshot, after_snapshot
from seawall.data.importers.lob import LobImporter

from .importer_helpers import best_at, crossings, read

PERPETUAL = ("binanceusdm", "BTC/USDT:USDT")
RECORDINGS = {
    "binance_cm_ethusd_perp_20240808": ("binancecoinm", "ETH/USD:ETH"),
    "binance_spot_ethusdt_20240808": ("binance", "ETH/USDT"),
    "binance_usdm_btcusdt_20230404": PERPETUAL,
    "binance_usdm_btcusdt_20240718": PERPETUAL,
    "binance_usdm_btcusdt_20240719": PERPETUAL,
}


@pytest.mark.parametrize("stem", RECORDINGS)
def test_depth_replays_to_the_ten_level_books_that_were_made_from_the_same_recording(
    stem: str, test_data: Path
) -> None:
    rows, _ = read(test_data / "lob" / f"{stem}_depth.parquet")
    depth = rows[(*RECORDINGS[stem], "depth")]
    sampled = pl.read_parquet(test_data / "lob" / f"{stem}_lob10_100ms.parquet")
    want = list(zip(sampled["bid_price_1"], sampled["ask_price_1"], strict=True))
    assert best_at(depth, sampled["local_ts_ns"].to_list()) == want


@pytest.mark.parametrize(
    ("stem", "least"),
    [("binance_usdm_btcusdt_20240718", 0.99), ("binance_spot_ethusdt_20240808", 0.98)],
)
def test_depth_agrees_with_the_independent_book_ticker(
    stem: str, least: float, test_data: Path
) -> None:
    depth = read(test_data / "lob" / f"{stem}_depth.parquet")[0][(*RECORDINGS[stem], "depth")]
    top = read(test_data / "lob" / f"{stem}_bookticker.parquet")[0][(*RECORDINGS[stem], "top")]
    # Compare at each last diff of a moment: the ticker whose number is the last at or below.
    heads = depth.filter(~pl.col("is_snapshot")).unique("seq", keep="last", maintain_order=True)
    joined = heads.select("ts", "seq").join_asof(
        top.select("seq", "bid_price", "ask_price").sort("seq"), on="seq"
    )
    got = best_at(depth, joined["ts"].to_list())
    same = [
        book == (bid, ask)
        for book, bid, ask in zip(got, joined["bid_price"], joined["ask_price"], strict=True)
        if bid is not None
    ]
    assert sum(same) / len(same) >= least


@pytest.mark.parametrize("stem", [*RECORDINGS, "binance_spot_btcusdt_20230405"])
def test_raw_text_and_tables_give_the_same_rows(stem: str, test_data: Path) -> None:
    raw, raw_log = read(test_data / "lob" / "raw" / f"{stem}.raw.gz")
    assert not raw_log.refused
    for (venue, symbol, kind), got in raw.items():
        stream = {"top": "bookticker", "mark": "markprice"}.get(kind, kind)
        tables, _ = read(test_data / "lob" / f"{stem}_{stream}.parquet")
        want = tables[venue, symbol, kind].drop("_row")
        assert got.equals(want), kind


def test_the_snapshot_stands_where_it_was_received_and_no_older_diff_is_kept(
    test_data: Path,
) -> None:
    rows, log = read(test_data / "lob" / "binance_usdm_btcusdt_20240718_depth.parquet")
    depth = rows[(*PERPETUAL, "depth")]
    shot = depth.filter("is_snapshot")
    assert shot["seq"].unique().to_list() == [4984028384061]
    assert shot["ts"].unique().to_list() == [1721347021281597601]
    diffs = depth.filter(~pl.col("is_snapshot"))
    assert diffs["seq"].min() > 4984028384061
    assert diffs["ts"].min() >= 1721347021281597601
    source = pl.read_parquet(test_data / "lob" / "binance_usdm_btcusdt_20240718_depth.parquet")
    contained = source.filter(pl.col("final_update_id") <= 4984028384061)
    assert len(diffs) == len(source) - len(contained)
    assert any(f"{len(contained)} depth rows" in note for note in log.notes)


def test_diffs_that_outran_the_snapshot_follow_it_in_order() -> None:
    diffs = pl.DataFrame({"ts": [1, 2, 3, 6], "seq": [10, 11, 12, 13]})
    log = ImportLog()
    kept = after_snapshot(diffs, Snapshot(5, None, 11, [], []), log)
    assert kept.rows() == [(5, 12), (6, 13)]
    assert log.notes == [
        "2 depth rows up to update 11 are contained in the book snapshot and left out"
    ]


def test_a_recording_without_a_snapshot_says_so(test_data: Path) -> None:
    rows, log = read(test_data / "lob" / "binance_spot_btcusdt_20230405_depth.parquet")
    assert not rows["binance", "BTC/USDT", "depth"]["is_snapshot"].any()
    assert any("no book snapshot" in note for note in log.notes)


def test_taker_side_is_the_opposite_of_the_maker_side(test_data: Path) -> None:
    path = test_data / "lob" / "binance_usdm_btcusdt_20240718_trades.parquet"
    got = read(path)[0][(*PERPETUAL, "trades")]
    source = pl.read_parquet(path)
    assert got["taker_buy"].to_list() == [not m for m in source["is_buyer_maker"]]
    assert got["venue_ts"].to_list() == [t * 1_000_000 for t in source["trade_time_ms"]]


def test_an_insurance_fund_trade_is_kept_and_named(test_data: Path) -> None:
    path = test_data / "lob" / "binance_usdm_btcusdt_20230405_trades.parquet"
    rows, log = read(path)
    assert 28722.5 in rows[(*PERPETUAL, "trades")]["price"].to_list()
    assert "1 trades of order type INSURANCE_FUND are kept" in log.notes


def test_funding_is_settled_when_its_time_moves_on(test_data: Path) -> None:
    """Midnight of 5 April 2023 lies in the recording; the rate is the last one before it."""
    name = "binance_usdm_btcusdt_20230405"
    for path in (f"{name}_markprice.parquet", f"raw/{name}.raw.gz"):
        rows, _ = read(test_data / "lob" / path)
        settled = rows[(*PERPETUAL, "funding")].select("ts", "rate").rows()
        assert settled == [(1680652801050102000, 2.76e-05)]
    rows, _ = read(test_data / "lob" / "binance_usdm_btcusdt_20230404_markprice.parquet")
    assert set(rows) == {(*PERPETUAL, "mark")}


def test_spot_tickers_have_no_venue_time(test_data: Path) -> None:
    rows, _ = read(test_data / "lob" / "binance_spot_btcusdt_20230405_bookticker.parquet")
    top = rows["binance", "BTC/USDT", "top"]
    assert top["venue_ts"].null_count() == len(top) == 8015


def test_sampled_books_are_features_unless_depth_is_asked_for(test_data: Path) -> None:
    path = test_data / "lob" / "binance_usdm_btcusdt_20240718_lob10_100ms.parquet"
    assert set(read(path)[0]) == {(*PERPETUAL, "features")}
    depth = read(path, kind="depth")[0][(*PERPETUAL, "depth")]
    assert depth["is_snapshot"].all()
    seen = crossings(depth)
    assert (seen["books"], seen["crossed"]) == (1771, 0)


def test_a_book_alone_is_a_table_of_reference(test_data: Path) -> None:
    path = test_data / "lob" / "binance_usdm_btcusdt_20240719_book_at_start.parquet"
    (((venue, symbol, kind), frame),) = read(path)[0].items()
    assert (venue, kind, len(frame)) == ("reference", "features", 4055)
    assert symbol.endswith("-BOOK/NONE")


@pytest.mark.parametrize(
    ("name", "symbol", "tick", "lot", "size"),
    [
        ("binance_usdm_btcusdt_20240808_depth", "BTC/USDT:USDT", "0.1", "0.001", "1"),
        ("binance_cm_btcusd_perp_20240808_depth", "BTC/USD:BTC", "0.1", "1", "100"),
        ("binance_cm_ethusd_perp_20240808_depth", "ETH/USD:ETH", "0.01", "1", "10"),
        ("binance_spot_btcusdt_20240808_depth", "BTC/USDT", "0.01", "0.00001", "1"),
    ],
)
def test_steps_of_the_contracts_are_those_of_the_exchange(
    name: str, symbol: str, tick: str, lot: str, size: str
) -> None:
    from seawall.data.importers.base import ImportOptions

    (one,) = LobImporter().instruments(Path(f"{name}.parquet"), ImportOptions())
    assert (one.symbol, str(one.tick), str(one.lot), str(one.contract_size)) == (
        symbol, tick, lot, size,
    )  # fmt: skip

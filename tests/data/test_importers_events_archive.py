# SPDX-License-Identifier: MIT
"""Binance's public archive and Tardis, in their documented layouts, out of real rows."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import polars as pl
import pytest

from seawall.model.errors import FormatError
from seawall.model.time import parse_time_ns

from .importer_helpers import crossings, read

PERPETUAL = ("binanceusdm", "BTC/USDT:USDT")
TRADES = "binance_{}_20240808_trades.parquet"


def zipped(folder: Path, name: str, lines: list[str]) -> Path:
    """A file of the archive: a zip that holds one CSV of the same name."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.csv", "\n".join(lines) + "\n")
    return path


def lines_of(frame: pl.DataFrame, *, header: bool = False) -> list[str]:
    """Rows as the archive writes them."""
    return frame.write_csv(include_header=header).splitlines()


def trades_layout(
    source: pl.DataFrame, *, per_ms: int = 1, quote: str = "quote_qty"
) -> pl.DataFrame:
    """``id,price,qty,quote_qty,time,is_buyer_maker`` of recorded trades."""
    return source.select(
        pl.col("trade_id").alias("id"), "price", "qty",
        (pl.col("price") * pl.col("qty")).alias(quote),
        (pl.col("trade_time_ms") * per_ms).alias("time"), "is_buyer_maker",
    )  # fmt: skip


@pytest.mark.parametrize("header", [False, True])
def test_futures_trades_with_and_without_a_header(
    header: bool, test_data: Path, tmp_path: Path
) -> None:
    source = pl.read_parquet(test_data / "lob" / TRADES.format("usdm_btcusdt")).head(500)
    lines = lines_of(trades_layout(source), header=header)
    rows, log = read(zipped(tmp_path, "BTCUSDT-trades-2024-08-08", lines))
    got = rows[(*PERPETUAL, "trades")]
    assert not log.refused
    assert got["price"].to_list() == source["price"].to_list()
    assert got["seq"].to_list() == source["trade_id"].to_list()
    assert got["taker_buy"].to_list() == [not m for m in source["is_buyer_maker"]]
    assert got["ts"].to_list() == (source["trade_time_ms"] * 1_000_000).to_list()


@pytest.mark.parametrize("per_ms", [1, 1_000])
def test_spot_trades_in_milliseconds_and_since_2025_in_microseconds(
    per_ms: int, test_data: Path, tmp_path: Path
) -> None:
    source = pl.read_parquet(test_data / "lob" / TRADES.format("spot_btcusdt")).head(300)
    frame = trades_layout(source, per_ms=per_ms).with_columns(best=pl.lit("True"))
    frame = frame.with_columns(pl.col("is_buyer_maker").cast(pl.String).str.to_titlecase())
    rows, _ = read(zipped(tmp_path, "BTCUSDT-trades-2025-01-01", lines_of(frame)))
    got = rows["binance", "BTC/USDT", "trades"]
    assert got["ts"].to_list() == (source["trade_time_ms"] * 1_000_000).to_list()
    assert got["taker_buy"].to_list() == [not m for m in source["is_buyer_maker"]]


def test_coin_margined_trades_by_their_base_quantity(test_data: Path, tmp_path: Path) -> None:
    source = pl.read_parquet(test_data / "lob" / TRADES.format("cm_btcusd_perp")).head(100)
    lines = lines_of(trades_layout(source, quote="base_qty"), header=True)
    rows, _ = read(zipped(tmp_path, "BTCUSD_PERP-trades-2024-08-08", lines))
    assert rows["binancecoinm", "BTC/USD:BTC", "trades"]["qty"].to_list() == source["qty"].to_list()


@pytest.mark.parametrize(("market", "key"), [("um", PERPETUAL), ("spot", ("binance", "BTC/USDT"))])
def test_aggregated_trades_of_both_markets(
    market: str, key: tuple[str, str], test_data: Path, tmp_path: Path
) -> None:
    name = {"um": "usdm_btcusdt", "spot": "spot_btcusdt"}[market]
    source = pl.read_parquet(test_data / "lob" / TRADES.format(name)).head(200)
    frame = source.select(
        pl.col("trade_id").alias("agg_trade_id"), "price", pl.col("qty").alias("quantity"),
        pl.col("trade_id").alias("first_trade_id"), pl.col("trade_id").alias("last_trade_id"),
        pl.col("trade_time_ms").alias("transact_time"), "is_buyer_maker",
    )  # fmt: skip
    if market == "spot":
        frame = frame.with_columns(is_best_match=True)
    rows, log = read(zipped(tmp_path, "BTCUSDT-aggTrades-2024-08-08", lines_of(frame)))
    assert rows[(*key, "trades")]["qty"].to_list() == source["qty"].to_list()
    assert any("aggregated" in note for note in log.notes)


@pytest.mark.parametrize(("per_ms", "header"), [(1, True), (1, False), (1_000, False)])
def test_klines_are_stamped_with_the_moment_they_are_known(
    per_ms: int, header: bool, test_data: Path, tmp_path: Path
) -> None:
    bars = pl.read_parquet(test_data / "ohlcv" / "binance_btcusdt_1h_2017-08_2023-06.parquet")
    bars = bars.tail(100)
    opened = bars["date"].dt.epoch("ms") * per_ms
    frame = bars.select(
        opened.alias("open_time"), "open", "high", "low", "close", "volume",
        (opened + 3_600_000 * per_ms - 1).alias("close_time"),
        quote_volume=pl.lit(0.0), count=pl.lit(1), taker_buy_volume=pl.lit(0.0),
        taker_buy_quote_volume=pl.lit(0.0), ignore=pl.lit(0),
    )  # fmt: skip
    folder = tmp_path / "spot" / "monthly" / "klines"
    rows, _ = read(zipped(folder, "BTCUSDT-1h-2023-06", lines_of(frame, header=header)))
    got = rows["binance", "BTC/USDT", "bars_1h"]
    known = bars["date"].dt.epoch("ms") * 1_000_000 + 3_600_000_000_000
    assert got["ts"].to_list() == known.to_list()
    assert got["close"].to_list() == bars["close"].to_list()


def test_coin_margined_klines_name_their_volumes_otherwise(tmp_path: Path) -> None:
    lines = [
        "open_time,open,high,low,close,volume,close_time,base_volume,count,"
        "taker_buy_volume,taker_buy_base_volume,ignore",
        "1591258320000,9640.7,9642.4,9640.6,9642.0,206,1591258379999,2.13660389,48,119,1.23424865,0",
    ]
    rows, _ = read(zipped(tmp_path, "BTCUSD_PERP-1m-2020-06-04", lines))
    (one,) = rows["binancecoinm", "BTC/USD:BTC", "bars_1m"].rows(named=True)
    assert (one["ts"], one["volume"]) == (1591258380000 * 1_000_000, 206.0)


def test_book_ticker_keeps_both_exchange_times(test_data: Path, tmp_path: Path) -> None:
    source = pl.read_parquet(
        test_data / "lob" / "binance_usdm_btcusdt_20240808_bookticker.parquet"
    ).head(200)
    frame = source.select(
        "update_id", best_bid_price="bid_price", best_bid_qty="bid_qty",
        best_ask_price="ask_price", best_ask_qty="ask_qty",
        transaction_time=pl.col("event_time_ms") - 1, event_time="event_time_ms",
    )  # fmt: skip
    path = zipped(tmp_path, "BTCUSDT-bookTicker-2024-08-08", lines_of(frame, header=True))
    got = read(path)[0][(*PERPETUAL, "top")]
    assert got["ask_price"].to_list() == source["ask_price"].to_list()
    assert (got["ts"] - got["venue_ts"]).unique().to_list() == [1_000_000]


def test_book_depth_is_no_book(tmp_path: Path) -> None:
    lines = [
        "timestamp,percentage,depth,notional",
        "2023-01-01 00:00:06,-5,9041.42,145861482.4",
        "2023-01-01 00:00:06,5,5671.75,95867894.4",
    ]
    rows, log = read(zipped(tmp_path, "BTCUSDT-bookDepth-2023-01-01", lines))
    got = rows[(*PERPETUAL, "features")]
    assert got["percentage"].to_list() == [-5.0, 5.0]
    assert got["ts"][0] == parse_time_ns("2023-01-01T00:00:06")
    assert any("not a book" in note for note in log.notes)


def test_funding_rates_of_the_archive_are_those_of_the_history(
    test_data: Path, tmp_path: Path
) -> None:
    source = pl.read_parquet(
        test_data / "derivatives" / "funding_7venues_btc_eth_2020-01_2023-06.parquet"
    ).filter((pl.col("exchange") == "binance") & (pl.col("symbol") == "BTC-USDT"))
    frame = source.select(
        pl.col("time_utc").dt.epoch("ms").alias("calc_time"), funding_interval_hours=pl.lit(8),
        last_funding_rate="funding_rate",
    )  # fmt: skip
    path = zipped(tmp_path, "BTCUSDT-fundingRate-2023-06", lines_of(frame, header=True))
    got = read(path)[0][(*PERPETUAL, "funding")]
    assert got["rate"].to_list() == source["funding_rate"].to_list()
    assert got["ts"].to_list() == (source["time_utc"].dt.epoch("ms") * 1_000_000).to_list()


def test_metrics_are_put_in_order_and_give_open_interest(tmp_path: Path) -> None:
    names = (
        "create_time,symbol,sum_open_interest,sum_open_interest_value,"
        "count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,"
        "count_long_short_ratio,sum_taker_long_short_vol_ratio"
    )
    lines = [
        names,
        "2023-01-01 00:10:00,BTCUSDT,138104.5,2283456789.1,1.2,1.1,1.0,0.9",
        "2023-01-01 00:05:00,BTCUSDT,138100.1,2283400000.0,,1.1,1.0,0.8",
    ]
    rows, _ = read(zipped(tmp_path, "BTCUSDT-metrics-2023-01-01", lines))
    assert rows[(*PERPETUAL, "open_interest")]["value"].to_list() == [138100.1, 138104.5]
    assert rows[(*PERPETUAL, "metric")]["sum_taker_long_short_vol_ratio"].to_list() == [0.8, 0.9]


def test_a_month_has_no_fixed_length(tmp_path: Path) -> None:
    line = "1591258320000,1,1,1,1,1,1591258379999,1,1,1,1,0"
    with pytest.raises(FormatError, match="no fixed length") as caught:
        read(zipped(tmp_path, "BTCUSDT-1mo-2020-06", [line]))
    assert caught.value.mend


def test_lacking_columns_are_named(tmp_path: Path) -> None:
    path = zipped(tmp_path, "BTCUSDT-trades-2024-08-08", ["id,price,time", "1,2.0,1723161256000"])
    with pytest.raises(FormatError, match="without qty, is_buyer_maker"):
        read(path)


# --- Tardis ---------------------------------------------------------------------------

HEAD = "exchange,symbol,timestamp,local_timestamp"


def gzipped(folder: Path, name: str, lines: list[str]) -> Path:
    """A download of Tardis."""
    path = folder / f"{name}.csv.gz"
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode()))
    return path


@pytest.mark.parametrize("what", ["quotes", "trades"])
def test_tardis_samples_as_parquet_and_as_compressed_csv(
    what: str, test_data: Path, tmp_path: Path
) -> None:
    path = test_data / "lob" / f"tardis_binance-futures_btcusdt_{what}_2020-02-22.parquet"
    kind = {"quotes": "top", "trades": "trades"}[what]
    source = pl.read_parquet(path)
    text = source.write_csv().splitlines()
    copy = gzipped(tmp_path, f"binance-futures_{what}_2020-02-22_BTCUSDT", text)
    got = read(path)[0][(*PERPETUAL, kind)]
    assert len(got) == 9999
    assert got["ts"].to_list() == (source["local_timestamp"] * 1_000).to_list()
    assert got["venue_ts"].to_list() == (source["timestamp"] * 1_000).to_list()
    assert got.equals(read(copy)[0][(*PERPETUAL, kind)])


def test_tardis_book_updates_out_of_a_recorded_book(test_data: Path, tmp_path: Path) -> None:
    path = test_data / "lob" / "binance_usdm_btcusdt_20240718_depth.parquet"
    depth = read(path)[0][(*PERPETUAL, "depth")].head(20_000)
    lines = depth.select(
        exchange=pl.lit("binance-futures"), symbol=pl.lit("BTCUSDT"),
        timestamp=pl.col("ts") // 1_000, local_timestamp=pl.col("ts") // 1_000,
        is_snapshot="is_snapshot",
        side=pl.when("is_bid").then(pl.lit("bid")).otherwise(pl.lit("ask")),
        price="price", amount="qty",
    ).write_csv().splitlines()  # fmt: skip
    rows, _ = read(gzipped(tmp_path, "binance-futures_incremental_book_L2", lines))
    got = rows[(*PERPETUAL, "depth")]
    for column in ("is_snapshot", "is_bid", "price", "qty"):
        assert got[column].to_list() == depth[column].to_list()
    assert crossings(got)["crossed"] == 0


def test_tardis_derivative_ticker_gives_marks_and_changes_of_open_interest(tmp_path: Path) -> None:
    lines = [
        f"{HEAD},funding_timestamp,funding_rate,predicted_funding_rate,open_interest,last_price,"
        "index_price,mark_price",
        "deribit,BTC-PERPETUAL,1582329601096000,1582329603502092,,0.0001,,100,9682,9681,9680.5",
        "deribit,BTC-PERPETUAL,1582329602096000,1582329604502092,,0.0001,,100,9682,9681,9680.6",
        "deribit,BTC-PERPETUAL,1582329603096000,1582329605502092,,,,120,9682,,",
    ]
    rows, _ = read(gzipped(tmp_path, "deribit_derivative_ticker", lines))
    assert rows["deribit", "BTC/USD:BTC", "mark"]["mark_price"].to_list() == [9680.5, 9680.6]
    assert rows["deribit", "BTC/USD:BTC", "open_interest"]["value"].to_list() == [100.0, 120.0]


def test_tardis_options_chain_keeps_greeks_and_the_instrument(tmp_path: Path) -> None:
    lines = [
        f"{HEAD},type,strike_price,expiration,open_interest,last_price,bid_price,bid_amount,"
        "bid_iv,ask_price,ask_amount,ask_iv,mark_price,mark_iv,underlying_index,"
        "underlying_price,delta,gamma,vega,theta,rho",
        "deribit,BTC-9JUN20-9875-P,1591574399413000,1591574400196008,put,9875,1591689600000000,"
        "0.1,0.0295,0.0205,35,37.9,0.0235,35,60.2,0.02239438,50.13,SYN.BTC-9JUN20,9762.1,"
        "-0.62,0.0008,1.9,-30.1,-0.2",
    ]
    rows, _ = read(gzipped(tmp_path, "deribit_options_chain_2020-06-08_OPTIONS", lines))
    (one,) = rows["deribit", "BTC/USD:BTC-200609-9875-P", "options"].rows(named=True)
    assert (one["mark_iv"], one["delta"]) == (50.13, -0.62)
    assert one["expiry_ts"] == parse_time_ns("2020-06-09T08:00")


def test_tardis_book_snapshots_and_liquidations(tmp_path: Path) -> None:
    levels = ",".join(
        f"asks[{n}].price,asks[{n}].amount,bids[{n}].price,bids[{n}].amount" for n in range(5)
    )
    row = ",".join(f"{100 + n},1,{99 - n},2" for n in range(4)) + ",,,95,2"
    head = "binance-futures,BTCUSDT,1582329601096000,1582329603502092"
    path = gzipped(tmp_path, "book_snapshot_5", [f"{HEAD},{levels}", f"{head},{row}"])
    depth = read(path)[0][(*PERPETUAL, "depth")]
    assert depth["is_snapshot"].all()
    assert (depth["is_bid"].sum(), len(depth)) == (5, 9)
    forced = [f"{HEAD},id,side,price,amount", f"{head},,sell,9681.5,0.4"]
    path = gzipped(tmp_path, "binance-futures_liquidations_2020", forced)
    (one,) = read(path)[0][(*PERPETUAL, "liquidations")].rows(named=True)
    assert (one["buy"], one["price"], one["qty"]) == (False, 9681.5, 0.4)


@pytest.mark.parametrize(
    ("exchange", "name", "venue", "symbol"),
    [
        ("binance", "ethbtc", "binance", "ETH/BTC"),
        ("binance-delivery", "btcusd_perp", "binancecoinm", "BTC/USD:BTC"),
        ("deribit", "ETH-PERPETUAL", "deribit", "ETH/USD:ETH"),
        ("bitmex", "XBTUSD", "bitmex", "BTC/USD:BTC"),
        ("okex-swap", "BTC-USDT-SWAP", "okx", "BTC/USDT:USDT"),
        ("bybit", "BTCUSDT", "bybit", "BTC/USDT:USDT"),
        ("bybit-spot", "BTCUSDT", "bybit", "BTC/USDT"),
        ("coinbase", "BTC-USD", "coinbase", "BTC/USD"),
    ],
)
def test_tardis_names_become_ccxt_names(
    exchange: str, name: str, venue: str, symbol: str, tmp_path: Path
) -> None:
    row = f"{exchange},{name},1582329601096000,1582329603502092,1,buy,1.0,2.0"
    path = gzipped(tmp_path, "some_trades", [f"{HEAD},id,side,price,amount", row])
    assert set(read(path)[0]) == {(venue, symbol, "trades")}

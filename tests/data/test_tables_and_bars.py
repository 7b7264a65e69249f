# SPDX-License-Identifier: MIT
"""Importers of bars and tables: made-up files by hand, recorded files against themselves."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.data import Catalogue, ImportOptions, Select
from seawall.data.importing.pipeline import import_file
from seawall.data.importing.symbols import ccxt_symbol, split_ticker
from seawall.data.quality.segments import relisting_rows, segment_symbol
from seawall.data.quality.steps import price_step, size_step
from seawall.model.errors import FormatError
from seawall.model.events import BarField
from seawall.model.time import parse_time_ns

from .catalogue_helpers import T0, S, bars, imported, stored, trades, write_csv

HOUR = 3600 * S


def test_a_mapped_csv_becomes_trades(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "x.csv",
        f"""when;px;size;who;no
        {T0 // S};10.5;1;Sell;7
        {T0 // S + 1};11;2;BUY;8""",
    )
    catalogue, report = imported(
        tmp_path / "c", path, kind="trades", venue="kraken", symbol="BTC/USD",
        columns={"ts": "when", "price": "px", "qty": "size", "taker_buy": "who", "seq": "no"},
    )  # fmt: skip
    rows = catalogue.frame("kraken", "BTC/USD", "trades").collect()
    assert rows.drop("venue_ts").rows() == [(T0, 7, 10.5, 1.0, False), (T0 + S, 8, 11.0, 2.0, True)]
    assert report.importer == "generic"


def test_a_parquet_with_canonical_columns_needs_no_mapping(tmp_path: Path) -> None:
    trades(10).write_parquet(tmp_path / "binance_BTCUSDT.parquet")
    catalogue, _ = imported(tmp_path / "c", tmp_path / "binance_BTCUSDT.parquet")
    kept = catalogue.frame("binance", "BTC/USDT", "trades").collect()
    assert kept.equals(trades(10))


@pytest.mark.parametrize(
    ("name", "venue", "symbol", "kind"),
    [
        ("BTC_USDT-1h.feather", "binance", "BTC/USDT", "bars_1h"),
        ("BTC_USDT_USDT-5m-futures.feather", "binance", "BTC/USDT:USDT", "bars_5m"),
    ],
)
def test_candles_of_freqtrade(
    tmp_path: Path, name: str, venue: str, symbol: str, kind: str
) -> None:
    folder = tmp_path / "binance"
    folder.mkdir()
    frame = pl.DataFrame({
        "date": pl.Series([1_700_000_000_000], dtype=pl.Datetime("ms", "UTC")),
        "open": [1.0], "high": [2.0], "low": [0.5], "close": [1.5], "volume": [9.0],
    })  # fmt: skip
    frame.write_ipc(folder / name)
    catalogue, _ = imported(tmp_path / "c", folder / name)
    step = HOUR if kind == "bars_1h" else 300 * S
    expected = (T0 + step, 1.0, 2.0, 0.5, 1.5, 9.0)
    assert catalogue.frame(venue, symbol, kind).collect().rows() == [expected]


def test_json_of_freqtrade_candles_and_trades(tmp_path: Path) -> None:
    candles = [[1_700_000_000_000, 1, 2, 0.5, 1.5, 9], [1_700_003_600_000, 1.5, 2, 1, 1, 8]]
    (tmp_path / "ETH_USDT-1h.json").write_text(json.dumps(candles))
    catalogue, _ = imported(tmp_path / "c", tmp_path / "ETH_USDT-1h.json", venue="okx")
    rows = catalogue.frame("okx", "ETH/USDT", "bars_1h").collect()
    assert rows["ts"].to_list() == [T0 + HOUR, T0 + 2 * HOUR]
    prints = [[1_700_000_000_123, "77", None, "sell", 10.5, 2.0, 21.0]]
    with gzip.open(tmp_path / "ETH_USDT-trades.json.gz", "wt") as out:
        json.dump(prints, out)
    catalogue, _ = imported(tmp_path / "c2", tmp_path / "ETH_USDT-trades.json.gz", venue="okx")
    (row,) = catalogue.frame("okx", "ETH/USDT", "trades").collect().rows()
    assert row == (T0 + 123_000_000, T0 + 123_000_000, 77, 10.5, 2.0, False)


def test_dumps_of_ccxt(tmp_path: Path) -> None:
    candles = [[1_700_000_000_000 + i * 60_000, 1, 2, 0.5, 1.5, 9] for i in range(3)]
    (tmp_path / "kraken_BTC-USD_ohlcv.json").write_text(json.dumps([*candles, ["?"]]))
    catalogue, report = imported(tmp_path / "c", tmp_path / "kraken_BTC-USD_ohlcv.json",
                                 symbol="BTC/USD")  # fmt: skip
    assert catalogue.entry("kraken", "BTC/USD", "bars_1m").rows == 3
    assert report.quarantined == {"no candle of six numbers": 1}
    prints = [
        {"id": "5", "timestamp": 1_700_000_000_000, "symbol": "BTC/USD", "side": "buy",
         "price": 10.5, "amount": 0.1},
        {"id": "x-y", "timestamp": 1_700_000_000_001, "symbol": "ETH/USD", "side": None,
         "price": 1.5, "amount": 1},
    ]  # fmt: skip
    (tmp_path / "t.json").write_text(json.dumps(prints))
    catalogue, report = imported(tmp_path / "c2", tmp_path / "t.json", venue="kraken")
    assert catalogue.frame("kraken", "BTC/USD", "trades").collect()["seq"].to_list() == [5]
    assert catalogue.frame("kraken", "ETH/USD", "trades").collect()["seq"].to_list() == [-1]
    assert report.flagged == {"no taker side": 1}


def test_a_cut_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[[1700000000000, 1, 2, 0.5, 1.5, 9], [17000")
    with pytest.raises(FormatError, match="not the JSON"):
        imported(tmp_path / "c", tmp_path / "a.json")


def test_bars_are_stamped_with_the_moment_they_may_be_known(tmp_path: Path) -> None:
    text = "timestamp,open,high,low,close,volume\n" + "\n".join(
        f"2024-01-01 0{h}:00:00,1,2,0.5,1,1" for h in range(4)
    )
    path = write_csv(tmp_path / "kraken_ETHUSD.csv", text)
    catalogue, report = imported(tmp_path / "c", path)
    rows = catalogue.frame("kraken", "ETH/USD", "bars_1h").collect()
    assert rows["ts"][0] == parse_time_ns("2024-01-01T01:00:00")
    closed, _ = imported(tmp_path / "c2", path, bars_closed=True)
    rows = closed.frame("kraken", "ETH/USD", "bars_1h").collect()
    assert rows["ts"][0] == parse_time_ns("2024-01-01T00:00:00")
    assert report.gaps == {}


def test_one_bar_alone_does_not_tell_its_length(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "kraken_ETHUSD.csv", "date,open,high,low,close,volume\n2024-01-01,1,2,0.5,1,1"
    )
    with pytest.raises(FormatError, match="length is unknown"):
        imported(tmp_path / "c", path)
    catalogue, _ = imported(tmp_path / "c", path, interval="1d")
    assert catalogue.entry("kraken", "ETH/USD", "bars_1d").rows == 1


@pytest.mark.parametrize(
    ("ticker", "parts"),
    [("BTCUSDT", ("BTC", "USDT")), ("eth-btc", ("ETH", "BTC")), ("BTC/KRW", ("BTC", "KRW")),
     ("1000SHIBUSDC", ("1000SHIB", "USDC")), ("BUSDUSDT", ("BUSD", "USDT"))],
)  # fmt: skip
def test_tickers_are_split_at_the_quote(ticker: str, parts: tuple[str, str]) -> None:
    assert split_ticker(ticker) == parts
    assert ccxt_symbol(ticker) == "/".join(parts)


@given(
    st.lists(st.integers(1, 10**6), min_size=1, max_size=40),
    st.integers(0, 6),
)
def test_the_tick_is_the_finest_decimal_in_the_prices(counts: list[int], places: int) -> None:
    prices = [Decimal(n).scaleb(-places) for n in counts]
    finest = max(max(0, -int(p.normalize().as_tuple().exponent)) for p in prices)
    tick, _ = price_step(np.array([float(p) for p in prices]))
    assert tick == Decimal(1).scaleb(-finest)


@given(st.lists(st.floats(1e-9, 1e9), min_size=1, max_size=40))
def test_any_prices_fit_int32_ticks_and_countable_money(prices: list[float]) -> None:
    tick, _ = price_step(np.array(prices))
    assert max(prices) / float(tick) < 2**31
    lot, _ = size_step(np.array(prices), tick)
    assert tick * lot >= Decimal("1e-12")
    assert max(prices) / float(lot) < 2**53 + 1


def test_a_gap_with_a_jump_begins_a_new_listing_and_either_alone_does_not() -> None:
    days = np.arange(40) * 24 * HOUR
    calm = np.full(40, 10.0) * np.exp(np.tile([0.0, 0.01], 20))
    gap = days + np.where(np.arange(40) >= 20, 18 * 24 * HOUR, 0)
    jump = calm * np.where(np.arange(40) >= 20, 100_000.0, 1.0)
    assert relisting_rows(gap, jump) == [20]
    assert relisting_rows(gap, calm) == []
    assert relisting_rows(days, jump) == []
    assert segment_symbol("LUNA/USDT:USDT", 3) == "LUNA.3/USDT:USDT"


def test_a_relisting_is_found_over_files_and_by_other_kinds(tmp_path: Path) -> None:
    catalogue, _ = stored(tmp_path, bars([100.0, 90.0, 0.001]), "bars_1h")
    later = T0 + 20 * 24 * HOUR
    _, report = stored(tmp_path, bars([9.0, 9.1, 9.2], start=later), "bars_1h")
    assert report.series[0].symbol == "BTC.2/USDT"
    _, report = stored(tmp_path, bars([9.2, 9.3], start=later + 3 * HOUR), "bars_1h")
    assert report.series[0].symbol == "BTC.2/USDT"
    _, report = stored(tmp_path, trades(3, start=later, price=9.0), "trades")
    assert report.series[0].symbol == "BTC.2/USDT"
    assert [(e.symbol, e.kind) for e in catalogue.list()] == [
        ("BTC.2/USDT", "bars_1h"), ("BTC.2/USDT", "trades"), ("BTC/USDT", "bars_1h"),
    ]  # fmt: skip


def test_a_wild_price_that_comes_back_is_flagged_and_a_lasting_move_is_not(tmp_path: Path) -> None:
    prices = [100.0 + 0.5 * (i % 3) for i in range(300)]
    spike = [*prices[:150], 150.0, *prices[151:]]
    _, report = stored(tmp_path / "spike", trades(300).with_columns(price=pl.Series(spike)))
    assert report.flagged == {"wild price that comes back": 1}
    assert report.series[0].flagged[0].examples[0].startswith("row 150:")
    assert report.rows_kept == 300
    move = [p if i < 150 else p * 1.5 for i, p in enumerate(prices)]
    _, report = stored(tmp_path / "move", trades(300).with_columns(price=pl.Series(move)))
    assert report.flagged == {}


# Recorded data ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hourly(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    catalogue = Catalogue(tmp_path_factory.mktemp("hourly"))
    import_file(catalogue, test_data / "ohlcv/binance_spot_usdt_1h_2021-04_2023-06.parquet")
    return catalogue


def test_fifty_coins_are_stored_as_they_were_recorded(hourly: Catalogue, test_data: Path) -> None:
    source = pl.read_parquet(test_data / "ohlcv/binance_spot_usdt_1h_2021-04_2023-06.parquet")
    assert sum(e.rows for e in hourly.list()) == len(source)
    coin = source.filter(pl.col("ticker") == "ETHUSDT").sort("date")
    kept = hourly.frame("binance", "ETH/USDT", "bars_1h").collect()
    opened = coin["date"].dt.epoch("ns")
    assert (kept["ts"] == opened + HOUR).all()
    assert kept["close"].equals(coin["close"])
    assert hourly.instrument("binance", "ETH/USDT").tick == Decimal("0.01")


def test_the_two_lunas_are_two_instruments(hourly: Catalogue) -> None:
    market = hourly.market([Select("binance", "LUNA/USDT"), Select("binance", "LUNA.2/USDT")])
    assert [s.symbol for s in market.streams] == ["LUNA.2/USDT", "LUNA/USDT"]
    old = hourly.entry("binance", "LUNA/USDT", "bars_1h")
    new = hourly.entry("binance", "LUNA.2/USDT", "bars_1h")
    assert old.last_ns == parse_time_ns("2022-05-13T01:00:00")
    assert new.first_ns == parse_time_ns("2022-05-31T07:00:00")
    for number in (0, 1):
        close = market.bars[BarField.CLOSE][market.bars[BarField.STREAM] == number]
        assert np.abs(np.diff(np.log(close))).max() < 3.0  # +12 across the gap
    (report,) = hourly.reports()
    assert any("LUNA.2/USDT from 2022-05-31" in note for note in report.notes)


def test_halts_and_dead_coins_are_gaps_and_ends_not_flat_lines(hourly: Catalogue) -> None:
    gaps = {f.name: f.count for f in hourly.show("binance", "BTC/USDT", "bars_1h").reports[0].gaps}
    assert gaps["gaps in time"] == 5
    ftt = hourly.entry("binance", "FTT/USDT", "bars_1h")
    assert ftt.last_ns == parse_time_ns("2022-11-15T05:00:00")


def test_a_second_source_of_the_same_bars_agrees_row_by_row(
    hourly: Catalogue, test_data: Path
) -> None:
    path = test_data / "ohlcv/binance_btcusdt_1h_2017-08_2023-06.parquet"
    report = import_file(hourly, path)
    assert report.quarantined == {"already in the catalogue": 19_600}


@pytest.mark.parametrize(
    ("path", "venue", "symbol", "kind", "series"),
    [
        ("ohlcv/yahoo_usd_1d_2014-09_2022-02.parquet", "yahoo", "BTC/USD", "bars_1d", 116),
        ("ohlcv/binance_spot_usdt_15m_ust_anc_2021-12_2022-12.parquet", "binance", "UST/USDT",
         "bars_15m", 2),
        ("cross_exchange/bitstamp_usd_1h_2018-05_2022-02.parquet", "bitstamp", "BCH/USD",
         "bars_1h", 5),
        ("cross_exchange/upbit_krw_1h_2020-09_2023-06.parquet", "upbit", "AAVE/KRW", "bars_1h",
         15),
        ("derivatives/btc_perp_1m_2022-01.parquet", "ftx", "BTC/USD:USD", "bars_1m", 1),
    ],
)  # fmt: skip
def test_recorded_bars_of_every_layout_are_read(
    test_data: Path, tmp_path: Path, path: str, venue: str, symbol: str, kind: str, series: int
) -> None:
    catalogue = Catalogue(tmp_path)
    given = ImportOptions(venue="ftx" if venue == "ftx" else "")
    report = import_file(catalogue, test_data / path, given)
    assert (report.importer, len(report.series)) == ("bars", series)
    assert report.rows_in == report.rows_kept == len(pl.read_parquet(test_data / path))
    assert catalogue.entry(venue, symbol, kind).rows > 1000


def test_the_insurance_fund_trade_is_flagged_and_kept(test_data: Path, tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    path = test_data / "lob/binance_usdm_btcusdt_20230405_trades.parquet"
    report = import_file(catalogue, path)
    assert report.flagged == {"wild price that comes back": 1}
    (series,) = report.series
    assert "price=28722.5 qty=0.001" in series.flagged[0].examples[0]
    assert report.rows_kept == report.rows_in == 10_738

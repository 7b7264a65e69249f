# SPDX-License-Identifier: MIT
"""Tables beside the market: derivatives, on-chain, options, labels, news, references."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from seawall.model.time import parse_time_ns

from .importer_helpers import read

DAY = 86_400_000_000_000

FILES = [
    # folder/file, venue, symbol, kind, rows in that series, rows in all, first ts, last ts
    ("derivatives/funding_7venues_btc_eth_2020-01_2023-06.parquet", "binanceusdm",
     "BTC/USDT:USDT", "funding", 3831, 63208, "2020-01-01", "2023-06-30T23:00"),
    ("derivatives/coinglass_binance_btc_5m_price_funding_oi_cvd_2026-06.parquet", "binanceusdm",
     "BTC/USDT:USDT", "open_interest", 4406, 8812, "2026-06-07T04:45", "2026-06-22T11:50"),
    ("derivatives/coinglass_btc_liquidations_1h_2025-11_2026-03.parquet", "coinglass",
     "LIQUIDATIONS/BTC", "metric", 3090, 3090, "2025-11-23T07:00", "2026-04-01"),
    ("onchain/coinmetrics_btc_1d_2009-01_2023-06.parquet", "coinmetrics", "BTC/USD", "metric",
     5292, 5292, "2009-01-04", "2023-07-01"),
    ("onchain/coinmetrics_multi_1d_2013-04_2020-07.parquet", "coinmetrics", "ETH/USD", "metric",
     1825, 21921, "2011-10-08", "2020-07-28"),
    ("onchain/cryptoquant_btc_1d_2009-01_2023-06.parquet", "cryptoquant", "BTC/USD", "metric",
     5292, 5292, "2009-01-04", "2023-07-01"),
    ("onchain/macro_feargreed_1d_2019-01_2023-06.parquet", "macro", "CRYPTO/USD", "metric",
     1642, 1642, "2019-01-02", "2023-07-01"),
    ("options/deribit_btc_chain_2024-05-24.parquet", "deribit", "BTC/USD:BTC", "options",
     578, 578, "2024-05-24T13:06", "2024-05-24T13:06"),
    ("options/deribit_btc_chain_hourly_2026-01-23.parquet", "deribit", "BTC/USD:BTC", "options",
     15342, 15342, "2026-01-23T01:00", "2026-01-23T23:00"),
    ("options/deribit_eth_chain_2024-01-08.parquet", "deribit", "ETH/USD:ETH", "options",
     684, 684, "2024-01-08T11:19:41.414", "2024-01-08T11:19:41.429"),
    ("options/heston_dax_2002-07-05_surface.csv", "reference",
     "HESTON-DAX-2002-07-05-SURFACE/NONE", "features", 104, 104, "2002-07-05", "2002-07-05"),
    ("options/heston_reference_prices.csv", "reference", "HESTON-REFERENCE-PRICES/NONE",
     "features", 4, 4, "2001-01-01", "2001-01-01"),
    ("options/sabr_cube_option_expiries.parquet", "reference", "SABR-CUBE-OPTION-EXPIRIES/NONE",
     "features", 17, 17, "2001-01-01", "2001-01-01"),
    ("options/sabr_cube_params.parquet", "reference", "SABR-CUBE-PARAMS/NONE", "features",
     102, 102, "2001-01-01", "2001-01-01"),
    ("options/sabr_cube_vols_premiums.parquet", "reference", "SABR-CUBE-VOLS-PREMIUMS/NONE",
     "features", 4633, 4633, "2001-01-01", "2001-01-01"),
    ("options/sabr_reference_alpha.csv", "reference", "SABR-REFERENCE-ALPHA/NONE", "features",
     8, 8, "2001-01-01", "2001-01-01"),
    ("options/sabr_reference_fit_smile.csv", "reference", "SABR-REFERENCE-FIT-SMILE/NONE",
     "features", 17, 17, "2001-01-01", "2001-01-01"),
    ("manipulation/natural_sd_features_5S.parquet", "binance", "WINDOWS5S/ALL", "features",
     9806, 9806, "2020-11-18T05:43:45", "2023-08-17T21:49:05"),
    ("manipulation/natural_sd_features_15S.parquet", "binance", "WINDOWS15S/ALL", "features",
     2571, 2571, "2020-11-18T05:44:45", "2023-08-17T21:49:15"),
    ("manipulation/natural_sd_features_25S.parquet", "binance", "WINDOWS25S/ALL", "features",
     660, 660, "2020-11-18T05:46:15", "2023-08-17T21:49:10"),
    ("manipulation/natural_spikes_drawdowns.csv", "binance", "NATURAL/ALL", "labels", 272, 272,
     "2020-11-18T05:46", "2023-08-17T21:48"),
    ("manipulation/pump_events_telegram.csv", "binance", "PUMPS/TELEGRAM", "labels", 344, 758,
     "2017-07-05T15:00", "2021-01-15T17:00"),
    ("manipulation/pump_logs_sigmod2023.csv", "yobit", "PUMPS/CHANNELS", "labels", 152, 928,
     "2019-01-01T14:30:04", "2022-01-19T18:00:28"),
    ("manipulation/pump_groups.csv", "telegram", "PUMPS/GROUPS", "features", 13, 13,
     "2020-10-15", "2020-10-26"),
    ("manipulation/pump_trades_binance_BRD_2018-11-13T1700.parquet", "binance", "BRD/BTC",
     "trades", 46212, 46212, "2018-11-01T17:00:22.270", "2018-11-20T17:30:05.240"),
    ("news/cryptonews_2021-10_2022-05.parquet", "news", "CRYPTO/USD", "news", 6012, 6012,
     "2021-10-12T20:00", "2022-05-31T22:16"),
    ("news/financial_phrasebank.csv", "phrasebank", "FINANCE/NEWS", "labels", 3410, 3410,
     "2001-01-01", "2001-01-01"),
]  # fmt: skip


@pytest.mark.parametrize("case", FILES, ids=[case[0] for case in FILES])
def test_every_row_of_the_file_arrives_under_its_series_with_its_times(
    case: tuple[str, str, str, str, int, int, str, str], test_data: Path
) -> None:
    name, venue, symbol, kind, rows, in_all, first, last = case
    series, log = read(test_data / name)
    assert not log.refused
    assert len(series[venue, symbol, kind]) == rows
    assert sum(map(len, series.values())) == in_all
    times = pl.concat([frame["ts"] for frame in series.values()])
    assert (times.min(), times.max()) == (parse_time_ns(first), parse_time_ns(last))
    assert times.null_count() == 0


def test_funding_is_stamped_with_its_settlement_for_each_venue(test_data: Path) -> None:
    path = test_data / "derivatives" / "funding_7venues_btc_eth_2020-01_2023-06.parquet"
    series, _ = read(path)
    assert {venue for venue, _, _ in series} == {
        "binanceusdm", "bybit", "dydx", "gate", "htx", "kucoinfutures", "mexc",
    }  # fmt: skip
    first = series["binanceusdm", "BTC/USDT:USDT", "funding"].row(0, named=True)
    source = pl.read_parquet(path).row(0, named=True)
    assert first["rate"] == source["funding_rate"]
    assert first["ts"] == int(source["time_utc"].timestamp()) * 1_000_000_000


def test_a_daily_value_is_known_only_when_its_day_is_over(test_data: Path) -> None:
    path = test_data / "onchain" / "coinmetrics_btc_1d_2009-01_2023-06.parquet"
    rows = read(path)[0]["coinmetrics", "BTC/USD", "metric"]
    source = pl.read_parquet(path)
    days = source["time"].to_physical().cast(pl.Int64) * DAY
    assert rows["ts"].to_list() == (days + DAY).to_list()
    assert rows["CapMVRVCur"].to_list() == source["CapMVRVCur"].to_list()


def test_absent_option_quotes_are_null_and_not_zero(test_data: Path) -> None:
    path = test_data / "options" / "deribit_btc_chain_hourly_2026-01-23.parquet"
    rows = read(path)[0]["deribit", "BTC/USD:BTC", "options"]
    source = pl.read_parquet(path)
    assert rows["bid_iv"].null_count() == (source["bid_iv"] == 0).sum() > 0
    assert rows["ask_iv"].null_count() == (source["ask_iv"] == 999).sum() > 0
    expiry = rows["expiry_ts"].to_list()[0] - parse_time_ns(str(source["expiry_date"][0]))
    assert expiry == 8 * 3_600_000_000_000


def test_numbers_in_reference_tables_are_numbers(test_data: Path) -> None:
    rows = read(test_data / "options" / "heston_reference_prices.csv")[0]
    ((_, frame),) = rows.items()
    assert frame["expected_price"].dtype == pl.Float64
    assert frame["case"].dtype == pl.String
    want = pl.read_csv(test_data / "options" / "heston_reference_prices.csv")
    assert frame["expected_price"].to_list() == want["expected_price"].to_list()


def test_pump_trades_name_the_taker(test_data: Path) -> None:
    path = test_data / "manipulation" / "pump_trades_binance_AST_2018-09-07T1530.parquet"
    rows = read(path)[0]["binance", "AST/BTC", "trades"]
    assert rows["taker_buy"].to_list() == (pl.read_parquet(path)["side"] == "buy").to_list()

# SPDX-License-Identifier: MIT
"""Candles and trades through the real ccxt client against a local venue."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from seawall.data import Catalogue, ImportOptions
from seawall.data.download.http import DownloadError, Fetcher, FetchSettings
from seawall.data.download.pages import PageOrder, fetch_pages, open_exchange
from seawall.data.importing.pipeline import import_files
from seawall.model.errors import SettingsError
from seawall.model.time import parse_time_ns

from .venue_server import Site, serving

pytest.importorskip("ccxt", reason="ccxt is not installed")

HOUR_MS = 3_600_000
START = "2024-01-30"
END = "2024-03-02"


def klines(query: dict[str, str]) -> bytes:
    """Every hour but those of a halt on 10 February."""
    at = -(-int(query["startTime"]) // HOUR_MS) * HOUR_MS
    halt = parse_time_ns("2024-02-10") // 1_000_000
    rows = []
    while len(rows) < int(query.get("limit", 500)) and at < parse_time_ns("2024-04-01") // 10**6:
        if not halt <= at < halt + 5 * HOUR_MS:
            p = 40_000 + (at // HOUR_MS) % 97
            row = [at, str(p), str(p + 5), str(p - 5), str(p + 1), "2.5", at + HOUR_MS - 1,
                   "0", 1, "0", "0", "0"]  # fmt: skip
            rows.append(row)
        at += HOUR_MS
    return json.dumps(rows).encode()


def all_trades() -> list[dict[str, object]]:
    start = parse_time_ns("2024-02-01T23:59:59") // 1_000_000
    return [
        {"a": n, "p": f"{40_000 + n % 7}.5", "q": "0.001", "f": n, "l": n, "T": start + n // 3,
         "m": n % 2 == 0}
        for n in range(5000)
    ] + [
        {"a": 5000, "p": "1.0", "q": "1", "f": 0, "l": 0, "T": start + 7 * HOUR_MS, "m": False}
    ]  # fmt: skip


def agg_trades(query: dict[str, str]) -> bytes:
    """As Binance does: from startTime to endTime, an hour at most, both inclusive."""
    since, until = int(query["startTime"]), int(query["endTime"])
    assert until - since <= HOUR_MS
    inside = [t for t in all_trades() if since <= int(str(t["T"])) <= until]
    return json.dumps(inside[: int(query.get("limit", 500))]).encode()


def exchange_info(query: dict[str, str]) -> bytes:
    market = {
        "symbol": "BTCUSDT", "status": "TRADING", "baseAsset": "BTC", "quoteAsset": "USDT",
        "baseAssetPrecision": 8, "quotePrecision": 8, "isSpotTradingAllowed": True,
        "permissions": ["SPOT"], "orderTypes": ["LIMIT"], "filters": [],
    }  # fmt: skip
    return json.dumps({"symbols": [market]}).encode()


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site(answers={
        "/api/v3/exchangeInfo": exchange_info, "/api/v3/klines": klines,
        "/api/v3/aggTrades": agg_trades,
    })  # fmt: skip
    with serving(made):
        yield made


@pytest.fixture
def exchange(site: Site) -> object:
    made = open_exchange("binance", site.url)
    made.options["fetchMarkets"] = {"types": ["spot"]}
    made.enableRateLimit = False
    return made


def fetcher() -> Fetcher:
    settings = FetchSettings(retries=2, requests_per_s=1e6)
    return Fetcher(settings, sleep=lambda _: None, seed=1)


def order(start: str, end: str, interval: str) -> PageOrder:
    return PageOrder("binance", "BTC/USDT", parse_time_ns(start), parse_time_ns(end), interval)


def test_candles_are_complete_over_pages_and_months_and_keep_the_halt(
    site: Site, exchange: object, tmp_path: Path
) -> None:
    files = fetch_pages(order(START, END, "1h"), tmp_path / "d", exchange, fetcher())
    assert [f.name for f in files] == [
        "binance_BTC-USDT_1h_20240130T000000_20240201T000000.json",
        "binance_BTC-USDT_1h_20240201T000000_20240301T000000.json",
        "binance_BTC-USDT_1h_20240301T000000_20240302T000000.json",
    ]
    catalogue = Catalogue(tmp_path / "c")
    options = ImportOptions(venue="binance", symbol="BTC/USDT", interval="1h")
    reports = import_files(catalogue, files, options)
    rows = catalogue.frame("binance", "BTC/USDT", "bars_1h").collect()
    first, last = parse_time_ns(START), parse_time_ns(END)
    hours = range(first // 10**9 // 3600, last // 10**9 // 3600)
    halt = parse_time_ns("2024-02-10") // 10**9 // 3600
    expected = [h for h in hours if not halt <= h < halt + 5]
    assert [t // 10**9 // 3600 - 1 for t in rows["ts"]] == expected
    assert [r.importer for r in reports] == ["ccxt"] * 3
    assert reports[1].gaps == {"gaps in time": 1, "missing bars": 5}


def test_a_killed_download_fetches_only_what_is_missing(
    site: Site, exchange: object, tmp_path: Path
) -> None:
    files = fetch_pages(order(START, END, "1h"), tmp_path, exchange, fetcher())
    before = {f: f.read_bytes() for f in files}
    files[1].unlink()
    site.requests.clear()
    again = fetch_pages(order(START, END, "1h"), tmp_path, exchange, fetcher())
    assert {f: f.read_bytes() for f in again} == before
    asked = [p for p, _ in site.requests if "klines" in p]
    assert all(f"startTime={parse_time_ns(START) // 10**6}" not in p for p in asked)
    assert len(asked) == 1


def test_trades_are_complete_when_pages_end_inside_a_millisecond(
    site: Site, exchange: object, tmp_path: Path
) -> None:
    wanted = order("2024-02-01", "2024-02-03", "")
    files = fetch_pages(wanted, tmp_path / "d", exchange, fetcher())
    assert len(files) == 2
    catalogue = Catalogue(tmp_path / "c")
    import_files(catalogue, files, ImportOptions(venue="binance"))
    rows = catalogue.frame("binance", "BTC/USDT", "trades").collect()
    assert rows["seq"].to_list() == list(range(5001))
    assert rows["taker_buy"][:4].to_list() == [False, True, False, True]


def test_passing_faults_of_the_venue_are_retried_and_lasting_ones_given_up(
    site: Site, exchange: object, tmp_path: Path
) -> None:
    site.faults["/api/v3/klines"] = ["429", "500"]
    one_day = order("2024-02-01", "2024-02-02", "1h")
    assert len(fetch_pages(one_day, tmp_path, exchange, fetcher())) == 1
    site.faults["/api/v3/klines"] = ["500"] * 9
    with pytest.raises(DownloadError, match="3 attempts failed"):
        fetch_pages(order("2024-02-02", "2024-02-03", "1h"), tmp_path, exchange, fetcher())


def test_unknown_symbols_and_venues_are_named(exchange: object, tmp_path: Path) -> None:
    wanted = PageOrder("binance", "NO/SUCH", 0, 10**18, "1h")
    with pytest.raises(DownloadError, match="no such symbol"):
        fetch_pages(wanted, tmp_path, exchange, fetcher())
    with pytest.raises(SettingsError, match="no venue 'binnance'") as caught:
        open_exchange("binnance")
    assert "binance" in caught.value.mend

# SPDX-License-Identifier: MIT
"""Downloads from an archive survive cuts, refusals and corruption, and go on where they stopped."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from seawall.data.download.archive import ArchiveOrder, archive_ticker, fetch_archive
from seawall.data.download.http import AbsentError, DownloadError, Fetcher, FetchSettings
from seawall.model.errors import SettingsError
from seawall.model.time import parse_time_ns

from .venue_server import Site, serving

DAY = "/data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2024-01-0"


def zipped(seed: int) -> bytes:
    """Zip of a day of bars as the archive has them: no header, twelve columns."""
    rng = np.random.default_rng(seed)
    open_ms = 1_704_067_200_000 + seed * 86_400_000
    lines = []
    for minute in range(1440):
        p = 42_000 + float(np.round(rng.normal(0, 5), 2))
        at = open_ms + minute * 60_000
        lines.append(f"{at},{p},{p + 1},{p - 1},{p},1.5,{at + 59_999},63000,10,0.7,29400,0")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"BTCUSDT-1m-2024-01-0{seed + 1}.csv", "\n".join(lines) + "\n")
    return out.getvalue()


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    for n in range(3):
        body = zipped(n)
        made.files[f"{DAY}{n + 1}.zip"] = body
        digest = hashlib.sha256(body).hexdigest()
        made.files[f"{DAY}{n + 1}.zip.CHECKSUM"] = f"{digest}  BTCUSDT-1m.zip\n".encode()
    with serving(made):
        yield made


class Waits:
    """A clock that jumps when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        return self.now


def fetcher(waits: Waits, **settings: float) -> Fetcher:
    made = FetchSettings(retries=3, timeout_s=5.0, **settings)  # type: ignore[arg-type]
    return Fetcher(made, sleep=waits.sleep, clock=waits.clock, seed=1)


def order(first: int = 1, last: int = 3) -> ArchiveOrder:
    start, end = f"2024-01-0{first}", f"2024-01-0{last + 1}"
    return ArchiveOrder("spot", "klines", "BTCUSDT", parse_time_ns(start), parse_time_ns(end), "1m")


def test_a_range_of_days_is_fetched_and_verified(site: Site, tmp_path: Path) -> None:
    got = fetch_archive(order(), tmp_path, fetcher(Waits()), base_url=site.url)
    assert [p.read_bytes() for p in got.files] == [
        site.files[f"{DAY}{n}.zip"] for n in (1, 2, 3)
    ]  # fmt: skip
    assert got.files[0] == tmp_path / (DAY[1:] + "1.zip")
    before = len(site.requests)
    fetch_archive(order(), tmp_path, fetcher(Waits()), base_url=site.url)
    assert len(site.requests) == before  # all verified on disk: nothing is asked again


def test_a_cut_connection_goes_on_where_it_stopped(site: Site, tmp_path: Path) -> None:
    site.faults[f"{DAY}1.zip"] = ["cut:1000", "cut:500"]
    got = fetch_archive(order(1, 1), tmp_path, fetcher(Waits()), base_url=site.url)
    assert got.files[0].read_bytes() == site.files[f"{DAY}1.zip"]
    ranges = [r for path, r in site.requests if path.endswith("1.zip")]
    assert ranges == ["", "bytes=1000-", "bytes=1500-"]


def test_a_killed_download_goes_on_in_the_next_run(site: Site, tmp_path: Path) -> None:
    body = site.files[f"{DAY}1.zip"]
    part = tmp_path / (DAY[1:] + "1.zip.part")
    part.parent.mkdir(parents=True)
    part.write_bytes(body[:2000])
    got = fetch_archive(order(1, 1), tmp_path, fetcher(Waits()), base_url=site.url)
    assert got.files[0].read_bytes() == body
    assert site.requests[-1][1] == "bytes=2000-"
    assert not part.exists()


def test_a_server_without_ranges_gives_the_whole_file_again(site: Site, tmp_path: Path) -> None:
    site.faults[f"{DAY}1.zip"] = ["cut:1000", "no-range"]
    got = fetch_archive(order(1, 1), tmp_path, fetcher(Waits()), base_url=site.url)
    assert got.files[0].read_bytes() == site.files[f"{DAY}1.zip"]
    asked = [r for path, r in site.requests if path.endswith("1.zip")]
    assert asked == ["", "bytes=1000-"]  # written anew, not appended and fetched once more


def test_a_part_longer_than_the_file_is_started_anew(site: Site, tmp_path: Path) -> None:
    body = site.files[f"{DAY}1.zip"]
    part = tmp_path / (DAY[1:] + "1.zip.part")
    part.parent.mkdir(parents=True)
    part.write_bytes(body + b"tail of something else")
    got = fetch_archive(order(1, 1), tmp_path, fetcher(Waits()), base_url=site.url)
    assert got.files[0].read_bytes() == body


def test_too_many_requests_waits_as_long_as_the_server_says(site: Site, tmp_path: Path) -> None:
    site.faults[f"{DAY}1.zip"] = ["429"]
    waits = Waits()
    fetch_archive(order(1, 1), tmp_path, fetcher(waits), base_url=site.url)
    assert max(waits.slept) == 7.0


def test_errors_of_the_server_are_retried_with_growing_waits(site: Site, tmp_path: Path) -> None:
    site.faults[f"{DAY}1.zip"] = ["500", "500", "500"]
    waits = Waits()
    fetch_archive(order(1, 1), tmp_path, fetcher(waits, requests_per_s=1e9), base_url=site.url)
    pauses = [w for w in waits.slept if w > 0.01]
    assert len(pauses) == 3
    for pause, longest in zip(pauses, (0.5, 1.0, 2.0), strict=True):
        assert longest / 2 <= pause <= longest


def test_errors_without_end_are_given_up_with_a_mend(site: Site, tmp_path: Path) -> None:
    site.faults[f"{DAY}1.zip"] = ["500"] * 50
    with pytest.raises(DownloadError, match="4 attempts failed, the last with: 500") as caught:
        fetch_archive(order(1, 1), tmp_path, fetcher(Waits()), base_url=site.url)
    assert "goes on" in caught.value.mend


def test_a_refusal_is_not_retried(site: Site, tmp_path: Path) -> None:
    site.faults[f"{DAY}1.zip"] = ["403"]
    with pytest.raises(DownloadError, match="answers 403"):
        fetch_archive(order(1, 1), tmp_path, fetcher(Waits()), base_url=site.url)
    assert len([p for p, _ in site.requests if p.endswith("1.zip")]) == 1


def test_a_corrupted_zip_is_fetched_again(site: Site, tmp_path: Path) -> None:
    site.faults[f"{DAY}1.zip"] = ["corrupt"]
    got = fetch_archive(order(1, 1), tmp_path, fetcher(Waits()), base_url=site.url)
    assert got.files[0].read_bytes() == site.files[f"{DAY}1.zip"]


def test_a_zip_that_stays_corrupted_is_refused_and_not_kept(site: Site, tmp_path: Path) -> None:
    site.faults[f"{DAY}1.zip"] = ["corrupt"] * 9
    with pytest.raises(DownloadError, match="checksum is wrong"):
        fetch_archive(order(1, 1), tmp_path, fetcher(Waits()), base_url=site.url)
    assert list(tmp_path.rglob("*.zip")) == []


def test_days_that_are_not_published_are_named(site: Site, tmp_path: Path) -> None:
    got = fetch_archive(order(2, 5), tmp_path, fetcher(Waits()), base_url=site.url)
    assert len(got.files) == 2
    assert [p[-14:] for p in got.absent] == ["2024-01-04.zip", "2024-01-05.zip"]
    with pytest.raises(AbsentError, match="none of the 2 files"):
        fetch_archive(order(5, 6), tmp_path, fetcher(Waits()), base_url=site.url)


def test_the_rate_is_kept(tmp_path: Path, site: Site) -> None:
    waits = Waits()
    fetch_archive(order(), tmp_path, fetcher(waits, requests_per_s=2.0), base_url=site.url)
    assert waits.now >= (len(site.requests) - 1) / 2.0


def test_paths_are_those_of_the_archive() -> None:
    start, end = parse_time_ns("2023-12-30"), parse_time_ns("2024-01-02")
    um = ArchiveOrder("um", "aggTrades", "BTCUSDT", start, end)
    assert next(iter(um.paths())) == (
        "data/futures/um/daily/aggTrades/BTCUSDT/BTCUSDT-aggTrades-2023-12-30.zip"
    )
    assert len(list(um.paths())) == 3
    funding = ArchiveOrder("um", "fundingRate", "BTCUSDT", start, end)
    assert [p.rsplit("/", 1)[1] for p in funding.paths()] == [
        "BTCUSDT-fundingRate-2023-12.zip", "BTCUSDT-fundingRate-2024-01.zip",
    ]  # fmt: skip
    marks = ArchiveOrder("cm", "markPriceKlines", "BTCUSD_PERP", start, end, "1h")
    assert list(marks.paths())[-1] == (
        "data/futures/cm/daily/markPriceKlines/BTCUSD_PERP/1h/BTCUSD_PERP-1h-2024-01-01.zip"
    )
    assert archive_ticker("BTC/USDT:USDT") == "BTCUSDT"
    assert archive_ticker("BTC/USDT:USDT-240329") == "BTCUSDT_240329"


@pytest.mark.parametrize(
    ("market", "dataset", "interval"),
    [("um", "klines", ""), ("spot", "trades", "1m"), ("moon", "trades", ""), ("um", "x", "")],
)
def test_orders_that_make_no_sense_are_refused(market: str, dataset: str, interval: str) -> None:
    with pytest.raises(SettingsError):
        ArchiveOrder(market, dataset, "BTCUSDT", 0, 1, interval)

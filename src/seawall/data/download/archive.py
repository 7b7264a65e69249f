# SPDX-License-Identifier: MIT
"""Binance's public archive: zips by day or month with their checksums."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from seawall.data.catalogue.files import sha256_of
from seawall.data.download.http import AbsentError, DownloadError, Fetcher, OnBytes
from seawall.model.errors import SettingsError
from seawall.model.time import NS_PER_S

BASE_URL = "https://data.binance.vision"
MARKETS = {"spot": "spot", "um": "futures/um", "cm": "futures/cm"}
WITH_INTERVAL = ("klines", "markPriceKlines", "indexPriceKlines", "premiumIndexKlines")
DATASETS = (
    *WITH_INTERVAL, "aggTrades", "trades", "bookTicker", "bookDepth", "fundingRate", "metrics",
)  # fmt: skip
_MONTHLY_ONLY = ("fundingRate",)
_CHECKSUM = re.compile(r"^[0-9a-fA-F]{64}$")
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class ArchiveOrder:
    """What to fetch from the archive.

    Parameters
    ----------
    market : str
        ``spot``, ``um`` (USD-M) or ``cm`` (COIN-M).
    dataset : str
        One of :data:`DATASETS`.
    ticker : str
        As Binance writes it: ``BTCUSDT``, ``BTCUSD_PERP``.
    start_ns, end_ns : int
        Days from the one of ``start_ns`` to the one before or of ``end_ns - 1``.
    interval : str
        For bars, for example ``1m``.
    monthly : bool
        Monthly instead of daily files.
    """

    market: str
    dataset: str
    ticker: str
    start_ns: int
    end_ns: int
    interval: str = ""
    monthly: bool = False

    def __post_init__(self) -> None:
        if self.market not in MARKETS:
            raise SettingsError(f"no market {self.market!r}", mend=f"use {', '.join(MARKETS)}")
        if self.dataset not in DATASETS:
            raise SettingsError(f"no data set {self.dataset!r}", mend=f"use {', '.join(DATASETS)}")
        if (self.dataset in WITH_INTERVAL) != bool(self.interval):
            raise SettingsError(
                f"{self.dataset} and interval {self.interval!r} do not go together",
                mend="bars need an interval such as 1m, other data have none",
            )
        if self.end_ns <= self.start_ns:
            raise SettingsError("the end lies before the start", where="archive download")

    def paths(self) -> Iterator[str]:
        """Paths of the files on the server, in order of time."""
        monthly = self.monthly or self.dataset in _MONTHLY_ONLY
        folder = f"data/{MARKETS[self.market]}/{'monthly' if monthly else 'daily'}"
        folder += f"/{self.dataset}/{self.ticker}"
        name = f"{self.ticker}-{self.interval or self.dataset}"
        if self.interval:
            folder += f"/{self.interval}"
        for stamp in _months(self) if monthly else _days(self):
            yield f"{folder}/{name}-{stamp}.zip"


def _first_last(order: ArchiveOrder) -> tuple[date, date]:
    return _day_of(order.start_ns), _day_of(order.end_ns - 1)


def _day_of(ts_ns: int) -> date:
    return datetime.fromtimestamp(ts_ns // NS_PER_S, UTC).date()


def archive_ticker(symbol: str) -> str:
    """Ticker of a ccxt symbol as the archive writes it.

    >>> archive_ticker("BTC/USD:BTC")
    'BTCUSD_PERP'
    """
    pair, _, settle = symbol.partition(":")
    base = pair.split("/")[0]
    ticker = pair.replace("/", "")
    if not settle:
        return ticker
    coin, _, expiry = settle.partition("-")
    if expiry:
        return f"{ticker}_{expiry}"
    return f"{ticker}_PERP" if coin == base else ticker


def _days(order: ArchiveOrder) -> Iterator[str]:
    day, last = _first_last(order)
    while day <= last:
        yield day.isoformat()
        day += timedelta(days=1)


def _months(order: ArchiveOrder) -> Iterator[str]:
    day, last = _first_last(order)
    for month in range(day.year * 12 + day.month - 1, last.year * 12 + last.month):
        yield f"{month // 12}-{month % 12 + 1:02d}"


@dataclass(frozen=True, slots=True)
class Fetched:
    """Outcome of an archive download.

    Parameters
    ----------
    files : tuple of Path
        Whole, verified files in order of time, old and new.
    absent : tuple of str
        Paths that the archive does not have: the instrument did not trade, or the day is
        not published yet.
    """

    files: tuple[Path, ...]
    absent: tuple[str, ...]


def fetch_archive(
    order: ArchiveOrder,
    folder: Path,
    fetcher: Fetcher,
    *,
    base_url: str = BASE_URL,
    on_file: Callable[[str], None] | None = None,
    on_bytes: OnBytes | None = None,
) -> Fetched:
    """Fetch the files of an order into a folder that mirrors the archive.

    A file with a right checksum is not fetched again; a cut one is gone on with.

    Raises
    ------
    DownloadError
        When a file cannot be fetched or stays corrupted, or the archive has none of them.
    """
    files: list[Path] = []
    absent: list[str] = []
    for path in order.paths():
        if on_file is not None:
            on_file(path)
        try:
            url = f"{base_url.rstrip('/')}/{path}"
            files.append(_fetch(url, folder / path, fetcher, on_bytes))
        except AbsentError:
            absent.append(path)
    if not files:
        raise AbsentError(
            f"the archive has none of the {len(absent)} files", where=f"{base_url}/{absent[0]}",
            mend="check the ticker, the data set and the days; yesterday appears during today",
        )  # fmt: skip
    return Fetched(tuple(files), tuple(absent))


def _fetch(url: str, path: Path, fetcher: Fetcher, on_bytes: OnBytes | None) -> Path:
    note = path.with_name(path.name + ".CHECKSUM")
    if path.is_file() and note.is_file() and sha256_of(path) == _wanted(note.read_text(), url):
        return path
    text = fetcher.text(url + ".CHECKSUM")
    wanted = _wanted(text, url)
    for _ in range(_ATTEMPTS):
        fetcher.file(url, path, on_bytes)
        if sha256_of(path) == wanted:
            note.write_text(text)
            return path
        # Wrong bytes cannot be gone on with.
        path.unlink()
    raise DownloadError(
        f"the checksum is wrong after {_ATTEMPTS} downloads", where=url,
        mend="try again later: the archive replaces files now and then",
    )  # fmt: skip


def _wanted(text: str, url: str) -> str:
    word = text.split()[0] if text.split() else ""
    if not _CHECKSUM.match(word):
        raise DownloadError("the checksum file holds no sha256", where=url + ".CHECKSUM")
    return word.lower()

# SPDX-License-Identifier: MIT
"""Candles and trades page by page through ccxt, in files that are whole or absent.

Each file covers one month of candles or one day of trades, so a killed download goes on
with the first file that is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from seawall.data.catalogue.files import write_bytes
from seawall.data.catalogue.layout import safe_name
from seawall.data.download.http import DownloadError, Fetcher
from seawall.model.errors import SettingsError
from seawall.model.time import NS_PER_MS, NS_PER_S, parse_duration_ns

_PAGE = 1000
_HOUR_MS = 3_600_000
_TRADE_FIELDS = ("id", "timestamp", "symbol", "side", "price", "amount")


@dataclass(frozen=True, slots=True)
class PageOrder:
    """What to fetch through ccxt.

    Parameters
    ----------
    venue, symbol : str
        ccxt's names.
    start_ns, end_ns : int
        Range ``[start, end)``.
    interval : str
        Length of a candle; empty means trades.
    """

    venue: str
    symbol: str
    start_ns: int
    end_ns: int
    interval: str = ""

    def __post_init__(self) -> None:
        if self.end_ns <= self.start_ns:
            raise SettingsError("the end lies before the start", where="download")


def open_exchange(venue: str, base_url: str = "") -> Any:
    """Make ccxt's client of a venue; ``base_url`` replaces the host of all its addresses.

    Raises
    ------
    SettingsError
        When ccxt does not know the venue.
    """
    import ccxt

    if venue not in ccxt.exchanges:
        from difflib import get_close_matches

        near = get_close_matches(venue, ccxt.exchanges, n=3)
        raise SettingsError(f"ccxt knows no venue {venue!r}", mend=f"perhaps {', '.join(near)}")
    exchange = getattr(ccxt, venue)({"enableRateLimit": True})
    if base_url:
        exchange.urls["api"] = _rehosted(exchange.urls["api"], base_url.rstrip("/"))
    return exchange


def _rehosted(urls: Any, base_url: str) -> Any:
    if isinstance(urls, dict):
        return {name: _rehosted(url, base_url) for name, url in urls.items()}
    tail = str(urls).split("://", 1)[-1].partition("/")[2]
    return f"{base_url}/{tail}" if tail else base_url


def fetch_pages(
    order: PageOrder,
    folder: Path,
    exchange: Any,
    fetcher: Fetcher,
    on_file: Callable[[str], None] | None = None,
) -> list[Path]:
    """Fetch the files of an order; those that exist are left alone.

    Raises
    ------
    DownloadError
        When the venue keeps failing; finished files stay.
    """
    out = []
    for since_ms, until_ms in _periods(order):
        what = order.interval or "trades"
        stamps = "_".join(_stamp(ms) for ms in (since_ms, until_ms))
        path = folder / f"{order.venue}_{safe_name(order.symbol, 'symbol')}_{what}_{stamps}.json"
        if not path.is_file():
            if on_file is not None:
                on_file(path.name)
            read = _candles if order.interval else _trades
            rows = list(read(order, exchange, fetcher, since_ms, until_ms))
            if not rows:
                continue
            write_bytes(path, msgspec.json.encode(rows))
        out.append(path)
    return out


def _stamp(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y%m%dT%H%M%S")


def _periods(order: PageOrder) -> Iterator[tuple[int, int]]:
    """Cut the range at the months (candles) or days (trades), ms."""
    at = datetime.fromtimestamp(order.start_ns // NS_PER_S, UTC)
    edge = at.replace(hour=0, minute=0, second=0)
    since, until = order.start_ns // NS_PER_MS, order.end_ns // NS_PER_MS
    while since < until:
        if order.interval:
            edge = (edge.replace(day=1) + timedelta(days=32)).replace(day=1)
        else:
            edge += timedelta(days=1)
        after = min(int(edge.timestamp()) * 1000, until)
        if after > since:
            yield since, after
        since = max(since, after)


def _candles(
    order: PageOrder, exchange: Any, fetcher: Fetcher, since_ms: int, until_ms: int
) -> Iterator[list[Any]]:
    step_ms = parse_duration_ns(order.interval) // NS_PER_MS
    at = since_ms
    while at < until_ms:
        count = min(_PAGE, -(-(until_ms - at) // step_ms))
        page = _ask(fetcher, exchange.fetch_ohlcv, order.symbol, order.interval, at, count)
        yield from (row for row in page if at <= row[0] < until_ms)
        # Some venues answer with an empty page where nothing traded in its span.
        last = max((row[0] for row in page), default=at + (count - 1) * step_ms)
        at = max(at, last) + step_ms


def _trades(
    order: PageOrder, exchange: Any, fetcher: Fetcher, since_ms: int, until_ms: int
) -> Iterator[dict[str, Any]]:
    at = since_ms
    seen: set[str] = set()
    while at < until_ms:
        page = _ask(fetcher, exchange.fetch_trades, order.symbol, at, _PAGE)
        if not page:
            # Some venues look one hour ahead only, and nothing traded in it.
            at += _HOUR_MS
            continue
        fresh = [t for t in page if str(t["id"]) not in seen and t["timestamp"] < until_ms]
        yield from ({name: trade.get(name) for name in _TRADE_FIELDS} for trade in fresh)
        last = int(page[-1]["timestamp"])
        if not fresh:
            # All of the page is known: nothing more here, or nothing more before the end.
            at = max(last, at) + _HOUR_MS if last < until_ms else until_ms
            continue
        if last == at and len(page) >= _PAGE:
            raise DownloadError(
                f"more than {_PAGE} trades in one millisecond", where=f"{order.venue} {last}",
                mend="use the venue's archive for this day",
            )  # fmt: skip
        # The next page begins with the last millisecond: it may hold more than one trade.
        seen = {str(t["id"]) for t in page if t["timestamp"] == last}
        at = last


def _ask(fetcher: Fetcher, method: Callable[..., list[Any]], *args: Any) -> list[Any]:
    """Call ccxt with retries on what passes by itself."""
    import ccxt

    last = ""
    for attempt in range(fetcher.settings.retries + 1):
        fetcher.wait_turn()
        try:
            return method(*args)
        except ccxt.BadSymbol as error:
            raise DownloadError(
                f"the venue has no such symbol: {error}", where=str(args[0]),
                mend="write it as ccxt does: BTC/USDT, BTC/USDT:USDT",
            ) from error  # fmt: skip
        except ccxt.OperationFailed as error:  # network, overload, rate limit
            last = str(error).splitlines()[0][:200]
        except ccxt.BaseError as error:
            raise DownloadError(f"the venue refuses: {error}", where=str(args[0])) from error
        fetcher.pause(attempt)
    raise DownloadError(
        f"{fetcher.settings.retries + 1} attempts failed, the last with: {last}",
        where=str(args[0]), mend="run the same command again: it goes on where it stopped",
    )  # fmt: skip

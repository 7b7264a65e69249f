# SPDX-License-Identifier: MIT
"""Tickers as exchanges write them to symbols as ccxt writes them."""

from __future__ import annotations

from seawall.model.errors import FormatError

QUOTES = (
    "USDT", "USDC", "BUSD", "FDUSD", "TUSD", "USDP", "DAI", "USD", "KRW", "EUR", "GBP",
    "TRY", "BRL", "JPY", "AUD", "RUB", "UAH", "BIDR", "BTC", "ETH", "BNB",
)  # fmt: skip


def split_ticker(ticker: str) -> tuple[str, str]:
    """Split ``BTCUSDT``, ``BTC-USDT``, ``BTC_USDT`` or ``BTC/USDT`` in base and quote.

    Raises
    ------
    FormatError
        When no known quote currency ends the ticker.
    """
    text = ticker.strip().upper()
    for mark in ("/", "-", "_"):
        if mark in text:
            base, quote = text.split(mark)[:2]
            if base and quote:
                return base, quote
    for quote in sorted(QUOTES, key=len, reverse=True):
        if text.endswith(quote) and len(text) > len(quote):
            return text[: -len(quote)], quote
    raise FormatError(
        f"cannot tell base and quote of {ticker!r}",
        mend="give --symbol BASE/QUOTE (BASE/QUOTE:SETTLE for a derivative)",
    )


def ccxt_symbol(ticker: str, *, settle: str = "") -> str:
    """Symbol in the ccxt form; ``settle`` makes it a perpetual.

    Parameters
    ----------
    ticker : str
        As the exchange writes it; a symbol that already is in the ccxt form with a
        settle currency is returned as it is.
    settle : str
        ``quote`` or ``base`` for a linear or inverse perpetual, or a currency.
    """
    if "/" in ticker and ":" in ticker:
        return ticker
    base, quote = split_ticker(ticker)
    symbol = f"{base}/{quote}"
    if not settle:
        return symbol
    return f"{symbol}:" + {"quote": quote, "base": base}.get(settle, settle)

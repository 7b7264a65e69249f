# SPDX-License-Identifier: MIT
"""What is known about Binance's markets beyond what a file says: symbols and steps."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from seawall.data.importing.symbols import split_ticker
from seawall.model.instrument import Instrument, InstrumentKind, perpetual, spot
from seawall.model.time import NS_PER_HOUR, parse_time_ns

BINANCE_VENUES = {"spot": "binance", "usdm": "binanceusdm", "um": "binanceusdm",
                  "cm": "binancecoinm"}  # fmt: skip
"""ccxt's venue of each of Binance's market names."""

_EXPIRY_HOUR = 8

_STEPS = {
    # venue, symbol: tick, lot, least notional, contract size
    ("binance", "BTC/USDT"): ("0.01", "0.00001", "5", "1"),
    ("binance", "ETH/USDT"): ("0.01", "0.0001", "5", "1"),
    ("binanceusdm", "BTC/USDT:USDT"): ("0.1", "0.001", "100", "1"),
    ("binanceusdm", "ETH/USDT:USDT"): ("0.01", "0.001", "20", "1"),
    ("binancecoinm", "BTC/USD:BTC"): ("0.1", "1", "0", "100"),
    ("binancecoinm", "ETH/USD:ETH"): ("0.01", "1", "0", "10"),
}


def binance_symbol(ticker: str, venue: str) -> str:
    """Symbol in the ccxt form of a ticker of Binance.

    Parameters
    ----------
    ticker : str
        ``BTCUSDT``, ``BTCUSD_PERP``, ``BTCUSD_210924``; case does not matter.
    venue : str
        ``binance``, ``binanceus``, ``binanceusdm`` or ``binancecoinm``.
    """
    pair, _, tail = ticker.upper().partition("_")
    base, quote = split_ticker(pair)
    if venue not in ("binanceusdm", "binancecoinm"):
        return f"{base}/{quote}"
    settle = base if venue == "binancecoinm" else quote
    date = f"-{tail}" if tail.isdigit() else ""
    return f"{base}/{quote}:{settle}{date}"


def known_instrument(venue: str, symbol: str) -> Instrument | None:
    """Instrument with its published steps, or none where only the data can tell them."""
    steps = _STEPS.get((venue, symbol))
    if steps is None:
        return None
    tick, lot, notional, size = steps
    if ":" not in symbol:
        return spot(symbol, tick, lot, venue=venue, min_notional=notional)
    made = perpetual(symbol, tick, lot, venue=venue, contract_size=size)
    return replace(made, min_notional=Decimal(notional))


def dated(made: Instrument, expiry_ns: int = 0) -> Instrument:
    """Give a contract the expiry, strike and right that its symbol names.

    Parameters
    ----------
    made : Instrument
        With a symbol in the ccxt form.
    expiry_ns : int
        Moment of expiry, ns UTC; 0: 08:00 UTC of the day in the symbol, the rule of
        Binance, OKX and Deribit.
    """
    _, *tail = made.symbol.partition(":")[2].split("-")
    if not tail:
        return made
    day = tail[0]
    expiry = expiry_ns or (
        parse_time_ns(f"20{day[:2]}-{day[2:4]}-{day[4:]}") + _EXPIRY_HOUR * NS_PER_HOUR
    )
    out = replace(made, expiry_ns=expiry, funding_interval_ns=0)
    if len(tail) == 3:
        return replace(out, kind=InstrumentKind.OPTION, strike=Decimal(tail[1]),
                       is_call=tail[2] == "C")  # fmt: skip
    return replace(out, kind=InstrumentKind.FUTURE) if made.kind is InstrumentKind.LINEAR else out


def binance_described(info: dict[str, Any], venue: str) -> list[Instrument]:
    """Instruments of an answer of Binance's ``exchangeInfo``.

    Contracts whose description lacks a filter are left out.
    """
    out: list[Instrument] = []
    for entry in info.get("symbols", ()):
        filters = {f.get("filterType"): f for f in entry.get("filters", ())}
        price, size = filters.get("PRICE_FILTER"), filters.get("LOT_SIZE")
        if not price or not size or not float(price["tickSize"]) or not float(size["stepSize"]):
            continue
        base, quote = entry["baseAsset"], entry["quoteAsset"]
        least = filters.get("MIN_NOTIONAL") or filters.get("NOTIONAL") or {}
        notional = str(least.get("minNotional", least.get("notional", "0")))
        tick, lot = price["tickSize"], size["stepSize"]
        if venue not in ("binanceusdm", "binancecoinm"):
            out.append(spot(f"{base}/{quote}", tick, lot, venue=venue, min_notional=notional))
            continue
        tail = entry["symbol"].partition("_")[2]
        date = f"-{tail}" if tail.isdigit() else ""
        symbol = f"{base}/{quote}:{entry.get('marginAsset', quote)}{date}"
        made = perpetual(symbol, tick, lot, venue=venue,
                         contract_size=str(entry.get("contractSize", 1)))  # fmt: skip
        out.append(dated(replace(made, min_notional=Decimal(notional))))
    return out

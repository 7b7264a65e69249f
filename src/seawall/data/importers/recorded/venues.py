# SPDX-License-Identifier: MIT
"""Which decoder reads which exchange."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from seawall.data.importers.recorded.decoder import Decoder
from seawall.data.importers.recorded.rows import EventRows
from seawall.model.errors import FormatError

VENUES: dict[str, tuple[str, str]] = {
    "BINANCE": ("binance", "binance:BinanceDecoder"),
    "BINANCE_US": ("binanceus", "binance:BinanceDecoder"),
    "BINANCE_FUTURES": ("binanceusdm", "binance:BinanceDecoder"),
    "BINANCE_DELIVERY": ("binancecoinm", "binance:BinanceDecoder"),
    "BITFINEX": ("bitfinex", "bitfinex:BitfinexDecoder"),
    "BITGET": ("bitget", "okx_bitget:BitgetDecoder"),
    "BYBIT": ("bybit", "bybit:BybitDecoder"),
    "COINBASE": ("coinbase", "american:CoinbaseDecoder"),
    "DERIBIT": ("deribit", "deribit:DeribitDecoder"),
    "GATEIO": ("gate", "asian:GateDecoder"),
    "GEMINI": ("gemini", "american:GeminiDecoder"),
    "HUOBI": ("htx", "asian:HtxDecoder"),
    "HYPERLIQUID": ("hyperliquid", "dex:HyperliquidDecoder"),
    "INDEPENDENT_RESERVE": ("independentreserve", "independent:IndependentReserveDecoder"),
    "KRAKEN": ("kraken", "kraken:KrakenDecoder"),
    "KRAKEN_FUTURES": ("krakenfutures", "kraken:KrakenFuturesDecoder"),
    "LIGHTER": ("lighter", "dex:LighterDecoder"),
    "OKX": ("okx", "okx_bitget:OkxDecoder"),
    "POLONIEX": ("poloniex", "asian:PoloniexDecoder"),
}
"""ccxt's venue and the decoder of each exchange, by the recorder's name of it."""


def make_decoder(exchange: str) -> Decoder:
    """Make the decoder of an exchange.

    Raises
    ------
    FormatError
        When there is none.
    """
    entry = VENUES.get(exchange.upper())
    if entry is None:
        raise FormatError(
            f"no decoder for exchange {exchange!r}", mend=f"there are {', '.join(sorted(VENUES))}"
        )
    venue, where = entry
    module, _, name = where.partition(":")
    kind = getattr(import_module(f"seawall.data.importers.recorded.{module}"), name)
    return cast("Decoder", kind(EventRows(venue)))

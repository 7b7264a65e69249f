# SPDX-License-Identifier: MIT
"""Binance's messages to event records.

Reads web-socket text (single and combined form) of spot, USD-M and COIN-M, and REST depth
snapshots.  Does not connect to anything and keeps no book: it gives events in the right
order, declares gaps, and counts what it could not take.  The session and the importer of
recordings call it.

Re-exports are lazy, because the compiled part needs Numba.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seawall.data.venues.binance.decoder import BinanceDecoder
    from seawall.data.venues.binance.feeds import Feed, feeds_of, plan_streams, venue_symbol
    from seawall.data.venues.binance.recording import (
        Recording,
        describe_recording,
        read_messages,
    )

__all__ = [
    "BinanceDecoder",
    "Feed",
    "Recording",
    "describe_recording",
    "feeds_of",
    "plan_streams",
    "read_messages",
    "venue_symbol",
]

_HOMES = {
    "BinanceDecoder": "decoder",
    "Feed": "feeds",
    "Recording": "recording",
    "describe_recording": "recording",
    "feeds_of": "feeds",
    "plan_streams": "feeds",
    "read_messages": "recording",
    "venue_symbol": "feeds",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

# SPDX-License-Identifier: MIT
"""Small markets made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from seawall.model.events import EventFlag, EventKind, Stream, empty_events
from seawall.model.instrument import FeeTier, Instrument, InstrumentKind
from seawall.model.market import Market

START = 1_700_000_000 * 10**9
MS = 1_000_000


def instrument(symbol: str, venue: str, taker: str = "0.0005") -> Instrument:
    kind = InstrumentKind.LINEAR if ":" in symbol else InstrumentKind.SPOT
    fees = (FeeTier(Decimal("0.0002"), Decimal(taker)),)
    return Instrument(symbol, venue, kind, Decimal("0.1"), Decimal("0.001"), fees=fees)


def quotes(
    instruments: Sequence[Instrument],
    rows: Sequence[tuple[int, int, float, float, float, float]],
) -> Market:
    """Best quotes: (time in ms, instrument, bid, size, ask, size)."""
    events = empty_events(2 * len(rows))
    for n, (ms, which, bid, bid_qty, ask, ask_qty) in enumerate(rows):
        for k, (px, qty) in enumerate(((bid, bid_qty), (ask, ask_qty))):
            e = events[2 * n + k]
            e["ts"], e["stream"], e["kind"] = START + ms * MS, which, EventKind.TOP
            e["px"], e["qty"] = round(px * 10), round(qty * 1000)
            e["flags"] = EventFlag.BUY if k == 0 else EventFlag.LAST
    streams = tuple(Stream(i.venue, i.symbol, "bookticker") for i in instruments)
    return Market(tuple(instruments), streams, events)


def columns(**given: np.ndarray) -> dict[str, np.ndarray]:
    """Columns for an analytic, in the types it wants."""
    return {k: np.asarray(v, np.int64 if k in ("ts", "sent") else float) for k, v in given.items()}

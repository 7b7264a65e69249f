# SPDX-License-Identifier: MIT
"""W5 with this engine: its Binance decoder over the text, and its book kernel.

The rate is of the text decoded as one recording, which is how a backtest or an import reads it;
the note gives the rate of the same messages one call each, as a session receives them.  The peers
know only the second way.
"""

from __future__ import annotations

import statistics
import sys
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from books import book_of, levels_of, set_level
from numba import njit

from contract import arguments, load_messages, report, timed, w5_outcome
from seawall.data.venues.binance import BinanceDecoder, Feed
from seawall.engine.kernel.book import clear_book
from seawall.engine.settings import EngineSettings
from seawall.model.compiled import borrow, words_at
from seawall.model.events import Stream
from seawall.model.instrument import spot
from seawall.model.market import Market

TICK, LOT = "0.1", "0.001"
START_NS = 1_577_836_800_000_000_000
MIDDLE_TICKS = 100_000
TRADE, FIRST, BUY, LAST = 1, 4, 1, 2

# What is counted: depth messages, trades, their price times quantity in ticks and lots.
DEPTH, TRADES, NOTIONAL = range(3)


@njit
def keep(world, b, events, counts):
    """Apply typed events to the book and count them; world and counts are addresses."""
    w, counts, events = words_at(world), words_at(counts), borrow(events)
    for i in range(events.size):
        event = events[i]
        if event.kind == TRADE:
            counts[TRADES] += 1
            counts[NOTIONAL] += np.int64(event.px) * event.qty
            continue
        if event.flags & FIRST:
            clear_book(w, b, event.px)
        set_level(w, b, 0 if event.flags & BUY else 1, np.int64(event.px), event.qty)
        if event.flags & LAST:
            counts[DEPTH] += 1


def fresh():
    """A decoder of one instrument, its market's world and book, and zeroed counts."""
    streams = tuple(Stream("binance", "BTC/USDT", feed) for feed in ("depth", "trades"))
    market = Market((spot("BTC/USDT", TICK, LOT, venue="binance"),), streams)
    decoder = BinanceDecoder((Feed("btcusdt", Decimal(TICK), Decimal(LOT), depth=0, trades=1),))
    return decoder, *book_of(market, MIDDLE_TICKS, EngineSettings()), np.zeros(3, dtype=np.int64)


def one_by_one(snapshot: bytes, messages: list[bytes]):
    """Decode and apply message after message."""
    decoder, world, at, counts = fresh()
    decode = decoder.decode
    place, sums = world.ctypes.data, counts.ctypes.data
    keep(place, at, decode(snapshot, START_NS, symbol="btcusdt"), sums)
    # The types are the same each time: to look at them costs more than the call.
    (version,) = keep.overloads.values()
    keep_now = version.entry_point
    for message in messages:
        keep_now(place, at, decode(message), sums)
    return decoder, world, at, counts


def at_once(snapshot: bytes, text: bytes):
    """Decode the whole text, then apply it."""
    decoder, world, at, counts = fresh()
    place, sums = world.ctypes.data, counts.ctypes.data
    keep(place, at, decoder.decode(snapshot, START_NS, symbol="btcusdt"), sums)
    keep(place, at, decoder.decode_text(text), sums)
    return decoder, world, at, counts


def outcome_of(decoder, world, at, counts):
    """The summary of a run; a fault of the decoder is an error here."""
    if decoder.stats.faults:
        raise ValueError(f"the decoder found {decoder.stats.faults}")
    sides = []
    for side in (0, 1):
        out = np.empty((1 << 16, 2), dtype=np.int64)
        out = out[: levels_of(world, at, side, out)]
        prices, lots = np.round(out[:, 0] * 0.1, 1), np.round(out[:, 1] * 0.001, 3)
        sides.append(list(zip(prices.tolist(), lots.tolist(), strict=True)))
    # The snapshot's message is not one of the stream's.
    depth, trades, notional = counts.tolist()
    return w5_outcome(depth - 1, trades, notional / 10_000, *sides)


def main() -> None:
    args = arguments()
    snapshot, messages = load_messages(args.inputs / "W5")
    first, raw = snapshot.encode(), [text.encode() for text in messages]
    text = b"\n".join(raw) + b"\n"
    one_by_one(first, raw[:100]), at_once(first, text[: text.index(b"\n", 20_000) + 1])
    whole_laps, whole = timed(lambda: at_once(first, text), args.repeats)
    laps, result = timed(lambda: one_by_one(first, raw), args.repeats)
    outcome = outcome_of(*result)
    if outcome != outcome_of(*whole):
        raise ValueError("the recording and its messages one by one gave different books")
    rate = len(raw) / statistics.median(lap.seconds for lap in laps)
    note = f"as one recording; {rate:,.0f} messages/s with a call for each"
    report("W5", "seawall", "seawall", whole_laps, len(raw), "messages/s", outcome, note=note)


if __name__ == "__main__":
    main()

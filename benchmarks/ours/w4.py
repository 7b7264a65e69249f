# SPDX-License-Identifier: MIT
"""W4 with this engine: its book kernel, read after each delta."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from books import book_of, set_level
from numba import njit
from terms import book_market

from arrays import load_book
from contract import W4_SAMPLE, arguments, report, timed, w4_outcome
from seawall.engine.kernel.book import best_price, clear_book, top_sum
from seawall.engine.kernel.jit import borrow, words
from seawall.engine.settings import EngineSettings

LEVELS = 10
FIRST, BUY = 4, 1


@njit
def walk(w, b, events, n_snapshot, samples, sample_every):
    """Take every delta in turn; returns the sums of best bid, best ask and imbalance."""
    w, events = words(w), borrow(events)  # as the kernel's own loops do
    bid_sum = ask_sum = 0
    imbalance_sum = 0.0
    for i in range(events.size):
        event = events[i]
        if event.flags & FIRST:
            clear_book(w, b, event.px)
        set_level(w, b, 0 if event.flags & BUY else 1, np.int64(event.px), event.qty)
        if i < n_snapshot:
            continue
        best_bid, best_ask = best_price(w, b, 0), best_price(w, b, 1)
        bid_quantity, ask_quantity = float(top_sum(w, b, 0)), float(top_sum(w, b, 1))
        imbalance = (bid_quantity - ask_quantity) / (bid_quantity + ask_quantity)
        bid_sum += best_bid
        ask_sum += best_ask
        imbalance_sum += imbalance
        seen = i - n_snapshot
        if seen % sample_every == 0:
            row = seen // sample_every
            samples[row, 0] = best_bid
            samples[row, 1] = best_ask
            samples[row, 2] = imbalance
    return events.size - n_snapshot, bid_sum, ask_sum, imbalance_sum


def main() -> None:
    args = arguments()
    book = load_book(args.inputs / "W4")
    market, n_snapshot = book_market(book), int(book["n_snapshot"])
    n_deltas = len(market.events) - n_snapshot
    price = int(market.events["px"][0])

    def run(events=market.events):
        world, at = book_of(market, price, EngineSettings(top_levels=LEVELS))
        samples = np.zeros((-(-n_deltas // W4_SAMPLE), 3))
        return walk(world, at, events, n_snapshot, samples, W4_SAMPLE), samples

    run(market.events[:5_000])
    laps, (found, samples) = timed(run, args.repeats)
    np.save(args.outcomes / "W4.ours.npy", samples)
    report("W4", "seawall", "seawall", laps, n_deltas, "deltas/s", w4_outcome(*found))


if __name__ == "__main__":
    main()

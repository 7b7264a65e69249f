# SPDX-License-Identifier: MIT
"""W4 with hftbacktest: its array-backed depth, read from numba after each delta."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from feed import events_of
from hftbacktest import EXCH_EVENT, BacktestAsset, ROIVectorMarketDepthBacktest
from numba import njit

from arrays import load_book
from contract import LOT, TICK, W4_SAMPLE, arguments, report, timed, w4_outcome

LEVELS = 10
FOREVER = 10**17
# What wait_next_feed returns when a feed event has arrived.
FEED = 2


@njit
def top_quantity(quantities, at, step):
    """The total of the best ten levels that hold anything, walking away from the best."""
    total = 0.0
    found = 0
    while found < LEVELS and 0 <= at < len(quantities):
        if quantities[at] > 0.0:
            total += quantities[at]
            found += 1
        at += step
    return total


@njit
def walk(hbt, samples, sample_every):
    """Take every delta in turn; returns the sums of best bid, best ask and imbalance."""
    bid_sum = ask_sum = 0
    imbalance_sum = 0.0
    seen = 0
    # The snapshot carries one time stamp and so arrives as one feed event.
    hbt.wait_next_feed(False, FOREVER)
    depth = hbt.depth(0)
    bids, asks, low = depth.bid_depth, depth.ask_depth, depth.roi_lb_tick
    status = FEED
    while status == FEED:
        # The last delta is applied by the call that reports the end of the data.
        status = hbt.wait_next_feed(False, FOREVER)
        depth = hbt.depth(0)
        best_bid, best_ask = depth.best_bid_tick, depth.best_ask_tick
        bid_quantity = top_quantity(bids, best_bid - low, -1)
        ask_quantity = top_quantity(asks, best_ask - low, 1)
        imbalance = (bid_quantity - ask_quantity) / (bid_quantity + ask_quantity)
        bid_sum += best_bid
        ask_sum += best_ask
        imbalance_sum += imbalance
        if seen % sample_every == 0:
            row = seen // sample_every
            samples[row, 0] = best_bid
            samples[row, 1] = best_ask
            samples[row, 2] = imbalance
        seen += 1
    return seen, bid_sum, ask_sum, imbalance_sum


def simulate(events, n_deltas):
    """One pass over the events."""
    asset = (
        BacktestAsset()
        .data(events)
        .linear_asset(1.0)
        .constant_order_latency(0, 0)
        .risk_adverse_queue_model()
        .no_partial_fill_exchange()
        .trading_value_fee_model(0.0, 0.0)
        .tick_size(TICK)
        .lot_size(LOT)
        .roi_lb(events["px"].min() - 100 * TICK)
        .roi_ub(events["px"].max() + 100 * TICK)
    )
    samples = np.zeros((-(-n_deltas // W4_SAMPLE), 3))
    hbt = ROIVectorMarketDepthBacktest([asset])
    found = walk(hbt, samples, W4_SAMPLE)
    hbt.close()
    return found, samples


def main() -> None:
    args = arguments()
    book = load_book(args.inputs / "W4")
    events = events_of(book)
    # Local events only: the exchange side would keep a second book that nothing here reads.
    events["ev"] &= ~np.uint64(EXCH_EVENT)
    n_deltas = len(events) - int(book["n_snapshot"])
    simulate(events[:5_000], 5_000)
    laps, (found, samples) = timed(lambda: simulate(events, n_deltas), args.repeats)
    if found[0] != n_deltas:
        raise ValueError(f"{found[0]} of {n_deltas} deltas arrived one by one")
    np.save(args.outcomes / "W4.hftbacktest.npy", samples)
    report("W4", "hftbacktest", "hftbacktest", laps, n_deltas, "deltas/s", w4_outcome(*found))


if __name__ == "__main__":
    main()

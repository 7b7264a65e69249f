# SPDX-License-Identifier: MIT
"""W2 with this engine: a compiled strategy that joins both sides of the best price.

Run twice, with the pessimistic queue (nobody ahead of us cancels) and with the probabilistic one.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from terms import book_fills, book_market, book_settings

from arrays import fills_outcome, load_book, save_fills
from contract import MAX_POSITION_LOTS, STEP_NS, arguments, report, timed
from seawall.engine.kernel.actions import (
    best_ask,
    best_bid,
    cancel,
    position,
    send_limit,
)
from seawall.engine.layout import (
    H_CAP_RING,
    H_NOTE_HEAD,
    H_WAKE_ARG,
    N_ID,
    N_KIND,
    N_SLOT,
    NOTE_COLS,
    NOTE_END,
    O_NOTE,
    O_USER,
    WAKE_NOTE,
    WAKE_TIMER,
)
from seawall.engine.strategy import CompiledStrategy, compiled_strategy
from seawall.research.backtest import run_once

SLOT_BITS = 12

# The strategy's own words: handles (0: none believed open), their prices, orders sent, steps.
BID, ASK, BID_TICK, ASK_TICK, ORDERS, STEPS = range(6)
QUEUES = {"power-prob": "probabilistic", "risk-averse": "pessimistic"}


@compiled_strategy
def quote(w, reason):
    """Every step: keep one lot at the best bid and ask, inside the position limit."""
    own = w[O_USER]
    if reason == WAKE_NOTE:
        # Only what the venue has told us counts: an order works until its end is reported.
        for k in range(w[H_WAKE_ARG]):
            note = w[O_NOTE] + ((w[H_NOTE_HEAD] + k) & (w[H_CAP_RING] - 1)) * NOTE_COLS
            if w[note + N_KIND] == NOTE_END:
                handle = w[note + N_ID] << SLOT_BITS | w[note + N_SLOT]
                if handle == w[own + BID]:
                    w[own + BID] = 0
                elif handle == w[own + ASK]:
                    w[own + ASK] = 0
        return
    if reason != WAKE_TIMER:
        return
    w[own + STEPS] += 1
    if w[own + STEPS] == 1:
        return  # the first quotes are sent one step after the snapshot
    lots = position(w, 0)
    bid, ask = best_bid(w, 0), best_ask(w, 0)
    wants_bid, wants_ask = lots < MAX_POSITION_LOTS, lots > -MAX_POSITION_LOTS
    if w[own + BID] != 0 and (not wants_bid or w[own + BID_TICK] != bid):
        cancel(w, w[own + BID])
        w[own + BID] = 0
    if w[own + ASK] != 0 and (not wants_ask or w[own + ASK_TICK] != ask):
        cancel(w, w[own + ASK])
        w[own + ASK] = 0
    if wants_bid and w[own + BID] == 0:
        w[own + BID] = send_limit(w, 0, 1, 1, bid, True)
        w[own + BID_TICK] = bid
        w[own + ORDERS] += 1
    if wants_ask and w[own + ASK] == 0:
        w[own + ASK] = send_limit(w, 0, -1, 1, ask, True)
        w[own + ASK_TICK] = ask
        w[own + ORDERS] += 1


STRATEGY = CompiledStrategy(quote, frozenset({"note"}), timer_ns=STEP_NS, state=(0,) * 6)


def main() -> None:
    args = arguments()
    book = load_book(args.inputs / "W2")
    market = book_market(book)
    few = book_market({name: col if col.ndim == 0 else col[:5_000] for name, col in book.items()})
    outcome = {}
    rates = {}
    for queue, model in QUEUES.items():
        settings = book_settings(model)
        run_once(STRATEGY, few, settings)
        laps, result = timed(lambda terms=settings: run_once(STRATEGY, market, terms), args.repeats)
        rates[queue] = len(market.events) / statistics.median(lap.seconds for lap in laps)
        fills = book_fills(result)
        save_fills(args, "W2" if queue == "risk-averse" else "W2-power", "ours", fills)
        outcome[queue] = {**fills_outcome(fills), "orders": len(result.orders)}
    outcome = {**outcome.pop("risk-averse"), "power_prob": outcome["power-prob"]}
    note = f"risk-averse queue; {rates['power-prob']:,.0f} events/s with the power-probability one"
    work = len(market.events)
    report("W2", "seawall", "seawall", laps, work, "events/s", outcome, note=note)


if __name__ == "__main__":
    main()

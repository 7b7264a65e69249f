# SPDX-License-Identifier: MIT
"""W2 with hftbacktest: a numba strategy that joins both sides of the best price.

Run twice, with the risk-averse and with the power-probability queue model.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from feed import events_of
from hftbacktest import (
    BUY,
    FILLED,
    GTX,
    LIMIT,
    NEW,
    BacktestAsset,
    ROIVectorMarketDepthBacktest,
)
from numba import njit

from arrays import fills_array, fills_outcome, load_book, save_fills
from contract import LATENCY_NS, LOT, MAX_POSITION_LOTS, STEP_NS, TICK, arguments, report, timed

# Rows of the table that the strategy fills in.
MAX_FILLS = 2_000_000
POWER_EXPONENT = 3.0


@njit
def quote(hbt, tick, lot, step_ns, max_position, fills):
    """Every step: keep one lot at the best bid and ask, inside the position limit.

    Returns the number of fills and of orders sent.
    """
    bid_id = ask_id = np.uint64(0)
    bid_working = ask_working = False
    bid_tick = ask_tick = np.int64(0)
    next_id = np.uint64(1)
    n_fills = n_orders = 0
    while hbt.elapse(step_ns) == 0:
        # Fills of the last step are read from the orders before those are forgotten.
        values = hbt.orders(0).values()
        bid_working = ask_working = False
        while values.has_next():
            order = values.get()
            if order.status == FILLED:
                fills[n_fills, 0] = order.exch_timestamp
                fills[n_fills, 1] = order.exec_price_tick
                fills[n_fills, 2] = 1 if order.side == BUY else -1
                n_fills += 1
            elif order.status == NEW:
                if order.order_id == bid_id:
                    bid_working = True
                elif order.order_id == ask_id:
                    ask_working = True
        hbt.clear_inactive_orders(0)

        depth = hbt.depth(0)
        position = round(hbt.position(0) / lot)
        wants_bid = position < max_position
        wants_ask = position > -max_position
        best_bid, best_ask = depth.best_bid_tick, depth.best_ask_tick

        if bid_working and (not wants_bid or bid_tick != best_bid):
            hbt.cancel(0, bid_id, False)
            bid_working = False
        if ask_working and (not wants_ask or ask_tick != best_ask):
            hbt.cancel(0, ask_id, False)
            ask_working = False
        if wants_bid and not bid_working:
            bid_id, bid_tick = next_id, best_bid
            hbt.submit_buy_order(0, bid_id, best_bid * tick, lot, GTX, LIMIT, False)
            next_id += np.uint64(1)
            n_orders += 1
        if wants_ask and not ask_working:
            ask_id, ask_tick = next_id, best_ask
            hbt.submit_sell_order(0, ask_id, best_ask * tick, lot, GTX, LIMIT, False)
            next_id += np.uint64(1)
            n_orders += 1
    return n_fills, n_orders


def asset_of(events: np.ndarray, queue: str) -> BacktestAsset:
    """The market: constant latency each way, no fees, whole fills only, the given queue model."""
    asset = (
        BacktestAsset()
        .data(events)
        .linear_asset(1.0)
        .constant_order_latency(LATENCY_NS, LATENCY_NS)
        .no_partial_fill_exchange()
        .trading_value_fee_model(0.0, 0.0)
        .tick_size(TICK)
        .lot_size(LOT)
        .roi_lb(events["px"].min() - 100 * TICK)
        .roi_ub(events["px"].max() + 100 * TICK)
    )
    if queue == "risk-averse":
        return asset.risk_adverse_queue_model()
    return asset.power_prob_queue_model(POWER_EXPONENT)


def simulate(events: np.ndarray, queue: str) -> tuple[np.ndarray, int, float]:
    """One backtest: its fills, the orders sent and the final position in lots."""
    table = np.empty((MAX_FILLS, 3), dtype=np.int64)
    # The array-backed book: the faster of the package's two, with the same outcome.
    hbt = ROIVectorMarketDepthBacktest([asset_of(events, queue)])
    n_fills, n_orders = quote(hbt, TICK, LOT, STEP_NS, MAX_POSITION_LOTS, table)
    position = hbt.position(0) / LOT
    hbt.close()
    # Fills of one step were found in the order of a hash map: put them in the order of time.
    made = table[:n_fills]
    return made[np.lexsort((made[:, 2], made[:, 0]))], n_orders, position


def main() -> None:
    args = arguments()
    book = load_book(args.inputs / "W2")
    events = events_of(book)
    simulate(events[:5_000], "risk-averse")
    outcome = {}
    rates = {}
    for queue in ("power-prob", "risk-averse"):
        laps, (table, n_orders, position) = timed(
            lambda model=queue: simulate(events, model), args.repeats
        )
        rates[queue] = len(events) / statistics.median(lap.seconds for lap in laps)
        fills = fills_array(table[:, 0], np.round(table[:, 1] * TICK, 1), table[:, 2])
        save_fills(args, "W2" if queue == "risk-averse" else "W2-power", "hftbacktest", fills)
        outcome[queue] = {
            **fills_outcome(fills),
            "orders": n_orders,
            "position": round(position),
        }
    work = len(events)
    outcome = {**outcome.pop("risk-averse"), "power_prob": outcome["power-prob"]}
    note = f"risk-averse queue; {rates['power-prob']:,.0f} events/s with the power-probability one"
    report("W2", "hftbacktest", "hftbacktest", laps, work, "events/s", outcome, note=note)


if __name__ == "__main__":
    main()

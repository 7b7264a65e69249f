# SPDX-License-Identifier: MIT
"""Queue position of an order that joins the best price, and how often such orders are filled.

Formula: an imagined order joins the back of the best queue.  Trades at its price shorten
what is ahead; of size that was cancelled, ahead^n / (ahead^n + behind^n) is taken from
ahead (n = ``power``).  It is filled when trades go beyond what is ahead by ``size``, when a
trade or the other side passes its price; it is left behind when the best price moves away.
Then the next one joins; after a fill by a trade with the first book that differs, lest it
joins what the same sweep is taking away.  fill_rate = filled / ended.
Unit: ahead in base currency; seconds for the age of the order, at its end its whole wait.
Assumption: rows in order of time, trades with the book before them, quotes with ``qty`` 0.
The order is too small to change the market.  n = 1: cancels come from everywhere alike;
larger n: the larger part of the queue cancels more.  ``outcome`` is 0 waiting, 1 filled,
2 left behind: the rows above 0 are waits for ``kaplan_meier``, with 1 as observed
(``fills.waits`` gathers them).  ``rows`` counts rows since the order joined.
Cost: O(1), nine numbers of state.
Source: Rigtorp (2013), estimating order queue position; Moallemi and Yuan (2016), for why.
"""

from __future__ import annotations

import numpy as np

from seawall.analytics.jit import Array, Table, Times, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
HAS, SINCE, PX, AHEAD, LEVEL, TRADED, FILLED, ENDED, ROWS = range(9)
WAITING, DONE, LEFT = 0.0, 1.0, 2.0
NONE, JOINED, PENDING = 0.0, 1.0, 2.0


@step
def join(state: Array, times: Times, ts: int, px: float, level: float) -> None:
    """Put a new order at the back of the best queue."""
    state[HAS], state[TRADED], state[ROWS] = JOINED, 0.0, 0.0
    state[PX], state[AHEAD], state[LEVEL] = px, level, level
    times[SINCE] = ts


@step
def requote(state: Array, power: float, level: float) -> None:
    """Take the new size at the order's price: what trades do not explain was cancelled."""
    before = max(state[LEVEL] - state[TRADED], 0.0)
    gone = before - level
    if gone > 0.0:
        ahead = state[AHEAD]
        behind = max(before - ahead, 0.0)
        if power == 1.0:
            part = ahead / (ahead + behind) if ahead + behind > 0.0 else 1.0
        else:
            front, back = ahead**power, behind**power
            part = front / (front + back) if front + back > 0.0 else 1.0
        state[AHEAD] = max(ahead - gone * part, 0.0)
    state[AHEAD] = min(state[AHEAD], max(level, 0.0))
    state[LEVEL], state[TRADED] = level, 0.0


@step
def update(
    state: Array, times: Times, power: float, size: float, buy: float, ts: int,
    best: float, level: float, other: float, price: float, qty: float, side: float,
) -> float:  # fmt: skip
    """Take one sound row; says how the order fares.  Prices are negated for a sale."""
    if state[HAS] != JOINED:
        fresh = qty == 0.0 or best != state[PX] or level != state[LEVEL]
        if state[HAS] == NONE or fresh:
            join(state, times, ts, best, level)
        return WAITING
    px = state[PX]
    state[ROWS] += 1.0
    if qty > 0.0:
        if side * buy < 0.0:
            if price < px:
                return DONE
            if price == px:
                state[AHEAD] -= qty
                state[TRADED] += qty
                if state[AHEAD] <= -size:
                    return DONE
                # What it has been filled in part stays below nought until the rest comes.
        return WAITING
    if other <= px:
        return DONE
    if best > px:
        return LEFT
    if best == px:
        part = min(state[AHEAD], 0.0)
        requote(state, power, level)
        if part < 0.0:
            state[AHEAD] = part
    elif state[AHEAD] > 0.0:  # the queue is gone, and the order stands alone
        state[AHEAD], state[LEVEL], state[TRADED] = 0.0, 0.0, 0.0
    return WAITING


@entry
def batch(
    state: Array, params: Array, out: Table, ts: Times,
    bid_px: Array, bid_qty: Array, ask_px: Array, ask_qty: Array,
    price: Array, qty: Array, side: Array,
) -> None:  # fmt: skip
    """Loop of :func:`update`."""
    times = state.view(np.int64)
    power, size, buy = params[0], params[1], params[2]
    for i in range(ts.size):
        sizes = bid_qty[i] + ask_qty[i] + qty[i]
        sound = (abs(bid_px[i] + ask_px[i] + sizes + price[i]) < 1e300) & (abs(side[i]) <= 1.0)
        sound &= (ask_px[i] > bid_px[i]) & (bid_qty[i] >= 0.0) & (ask_qty[i] >= 0.0)
        if not (sound & (qty[i] >= 0.0)):
            state[HAS] = NONE  # nothing is known across a gap: the order is given up
            out[i, :] = NAN
            continue
        best, level, other, at = bid_px[i], bid_qty[i], ask_px[i], price[i]
        if buy < 0.0:
            best, level, other, at = -ask_px[i], ask_qty[i], -bid_px[i], -price[i]
        outcome = update(
            state, times, power, size, buy, ts[i], best, level, other, at, qty[i], side[i]
        )
        out[i, 0], out[i, 1], out[i, 2] = NAN, outcome, NAN
        out[i, 5] = NAN
        if state[HAS] == JOINED:
            out[i, 0], out[i, 5] = max(state[AHEAD], 0.0), state[ROWS]
            out[i, 2] = (ts[i] - times[SINCE]) * 1e-9
        if outcome != WAITING:
            state[FILLED] += 1.0 if outcome == DONE else 0.0
            state[ENDED] += 1.0
            if qty[i] > 0.0:
                state[HAS], state[PX], state[LEVEL] = PENDING, best, level
            else:
                join(state, times, ts[i], best, level)
        out[i, 3] = state[FILLED] / state[ENDED] if state[ENDED] > 0.0 else NAN
        out[i, 4] = state[ENDED]


ANALYTIC = Analytic(
    name="queue_position", group="fills",
    inputs=("ts", "bid_px", "bid_qty", "ask_px", "ask_qty", "price", "qty", "side"),
    doc=__doc__, outputs=("ahead", "outcome", "seconds", "fill_rate", "ended", "rows"), batch=batch,
    state_size=lambda params, levels: 9,
    params=(
        Param("power", 1.0, "n: how cancels share out between ahead and behind", 0.0, 20.0),
        Param("size", 1e-9, "size of the order, base currency", 1e-12),
        Param("buy", 1, "1: an order to buy, -1: to sell", -1, 1, True),
    ),
)  # fmt: skip

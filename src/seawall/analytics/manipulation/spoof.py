# SPDX-License-Identifier: MIT
"""Evidence of spoofing and layering: size that jumps up near the touch and is taken back.

Formula: D = net change of the size on one side within ``together`` seconds, over prices that
the books before and after both show; R = ``tail`` quantile of the D above 0 so far, followed by
stochastic approximation in logs.  An *episode* opens when D > ``jump`` R, with G the largest
D, and counts when -D less what traded reaches ``back`` G within ``life`` seconds and at most
``filled`` of G has traded: as 1, as 1/2 when nothing traded on the book meanwhile.
O: episodes faded over ``memory`` seconds; L = max(the stream's own slow mean of O, ``floor``);
cancelled = min(1, (O ln(O / L) - O + L) / (ln 10 ``decades``)); shown = share of a side's
size that an open episode is; score = 1 - (1 - cancelled)(1 - 0.2 shown).
Unit: score and parts 0 to 1, evidence and no verdict; layers: levels that grew, in the
episode that counted last.
Assumption: intent is in no public feed, and a market maker's requote looks alike: the score
says how unusual the rate of such episodes is for this stream.  A feed that conflates hides
what lives shorter, and joins orders of different owners; one level shows no layers.
Cost: O(levels) per row; 60 + 4 levels numbers of state.
Source: Cartea, Jaimungal and Wang (2020), Applied Mathematical Finance 27, for the strategy;
Do and Putnins (2023), SSRN 4525036, for what prosecuted cases share; the rule is our own.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, Times, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
STARTED, ORIGIN, NOW, BOOKED, COUNT, SLOW, SPAN, LOG_TAIL, SEEN, LAYERS = range(10)
# Per side: the open episode, then a ring of the last messages.
SIDES = 10
PEAK, SINCE, FILLED, PRINTED, GREW, HEAD, RING = 0, 1, 2, 3, 4, 5, 6
KEPT = 6
TIME, NET, TRADED, UP = range(4)
SIDE_SIZE = RING + 4 * KEPT
BOOK = SIDES + 2 * SIDE_SIZE


@step
def fade(state: Array, now: float, memory: float, slow: float) -> None:
    """Let the sums of the past fade up to a time."""
    gap = max(now - state[NOW], 0.0)
    old = math.exp(-gap / slow)
    state[COUNT] *= math.exp(-gap / memory)
    state[SLOW] *= old
    state[SPAN] = state[SPAN] * old + gap
    state[NOW] = max(now, state[NOW])


@step
def slot(state: Array, at: int, merge: float) -> int:
    """Entry of the ring for this moment: the newest when it is that young, else a new one."""
    newest = at + RING + 4 * int(state[at + HEAD])
    if state[newest + TIME] > 0.0 and state[NOW] - state[newest + TIME] < merge:
        return newest
    state[at + HEAD] = (state[at + HEAD] + 1.0) % KEPT
    newest = at + RING + 4 * int(state[at + HEAD])
    state[newest + TIME] = state[NOW]
    state[newest + NET] = state[newest + TRADED] = state[newest + UP] = 0.0
    return newest


@step
def within(state: Array, at: int, field: int, together: float) -> float:
    """Sum of a field of the ring over the last moments."""
    total = 0.0
    for k in range(KEPT):
        entry_ = at + RING + 4 * k
        if state[entry_ + TIME] > 0.0 and state[NOW] - state[entry_ + TIME] <= together:
            total += state[entry_ + field]
    return total


@step
def compare(state: Array, pxs: Table, qtys: Table, i: int, side: float, cell: int) -> bool:
    """Add what changed on one side since the last book to a cell; says whether anything did."""
    levels = pxs.shape[1]
    old = BOOK + (0 if side > 0.0 else 2 * levels)
    same = True
    for k in range(levels):
        if pxs[i, k] != state[old + k] or qtys[i, k] != state[old + levels + k]:
            same = False
            break
    if same:
        return False
    # Both lists run from the touch outwards; beyond the nearer of their ends one is blind.
    new_end, old_end = pxs[i, levels - 1], state[old + levels - 1]
    edge = max(new_end * side, old_end * side)
    j = 0
    for k in range(levels):
        if pxs[i, k] * side >= edge:
            state[cell + NET] += qtys[i, k]
            while j < levels and (state[old + j] - pxs[i, k]) * side > 0.0:
                j += 1
            found = j < levels and state[old + j] == pxs[i, k]
            before = state[old + levels + j] if found else 0.0
            state[cell + UP] += 1.0 if qtys[i, k] > before else 0.0
        if state[old + k] * side >= edge:
            state[cell + NET] -= state[old + levels + k]
    return True


@step
def keep(state: Array, pxs: Table, qtys: Table, i: int, side: float) -> None:
    """Keep one side of the book for the next comparison."""
    levels = pxs.shape[1]
    old = BOOK + (0 if side > 0.0 else 2 * levels)
    for k in range(levels):
        state[old + k], state[old + levels + k] = pxs[i, k], qtys[i, k]


@step
def usual(state: Array, size: float, tail: float, slowly: float) -> None:
    """Follow the quantile of the sizes of changes."""
    if size <= 0.0:
        return
    n = state[SEEN]
    log_size = math.log(size)
    if n == 0.0:
        state[LOG_TAIL] = log_size
    # Early steps are wide, so that the start does not matter.
    pace = max(1.0 / (1.0 + n / 50.0), 0.01) * slowly
    state[LOG_TAIL] += pace * (tail if log_size > state[LOG_TAIL] else tail - 1.0)
    state[SEEN] = min(n + 1.0, 1e9)


@step
def episode(state: Array, at: int, params: Array) -> None:
    """Open, follow and end the episode of one side after its book changed."""
    together, tail, jump, back, filled, life = (
        params[2], params[3], params[4], params[5], params[6], params[7],
    )  # fmt: skip
    moved = within(state, at, NET, together)
    if state[SEEN] > 100.0:
        if state[at + PEAK] == 0.0 and moved > jump * math.exp(state[LOG_TAIL]):
            state[at + SINCE], state[at + FILLED], state[at + PRINTED] = state[NOW], 0.0, 0.0
            state[at + PEAK] = moved
        if state[at + PEAK] > 0.0:
            peak = max(state[at + PEAK], moved)
            state[at + PEAK] = peak
            for k in range(KEPT):
                cell = at + RING + 4 * k
                if state[NOW] - state[cell + TIME] <= together:
                    state[at + GREW] = max(state[at + GREW], state[cell + UP])
            gone = -moved - within(state, at, TRADED, together)
            honest = state[at + FILLED] > filled * peak
            young = state[NOW] - state[at + SINCE] < params[11]
            if gone >= back * peak and young:  # a requote, gone as fast as it came
                state[at + PEAK] = state[at + GREW] = 0.0
            elif gone >= back * peak and not honest:
                weight = 1.0 if state[at + PRINTED] > 0.0 else 0.5
                state[COUNT] += weight
                state[SLOW] += weight
                state[LAYERS] = state[at + GREW]
                state[at + PEAK] = state[at + GREW] = 0.0
            elif honest or state[NOW] - state[at + SINCE] > life:
                state[at + PEAK] = state[at + GREW] = 0.0
    # What is judged must not teach the yardstick at once.
    either = state[SIDES + PEAK] + state[SIDES + SIDE_SIZE + PEAK] > 0.0
    wild = state[SEEN] > 100.0 and moved > jump * math.exp(state[LOG_TAIL])
    usual(state, moved, tail, 0.02 if either or wild else 1.0)


@step
def sound(pxs: Table, qtys: Table, i: int) -> bool:
    """Whether a side of the book is finite."""
    for k in range(pxs.shape[1]):
        if not (math.isfinite(pxs[i, k]) and qtys[i, k] >= 0.0 and qtys[i, k] < 1e300):
            return False
    return True


@step
def book(state: Array, pxs: Table, qtys: Table, i: int, side: float, params: Array) -> float:
    """Take one side of the book; gives the share of its size that an open episode is."""
    at = SIDES + (0 if side > 0.0 else SIDE_SIZE)
    if state[BOOKED] > 0.0:
        cell = slot(state, at, params[2] / (KEPT - 1))
        if compare(state, pxs, qtys, i, side, cell):
            episode(state, at, params)
            keep(state, pxs, qtys, i, side)
    else:
        keep(state, pxs, qtys, i, side)
    total = 0.0
    for k in range(qtys.shape[1]):
        total += qtys[i, k]
    left = state[at + PEAK] - state[at + FILLED]
    return min(max(left / total, 0.0), 1.0) if total > 0.0 else 0.0


@step
def print_(state: Array, qty: float, side: float, params: Array) -> None:
    """Take a print: it eats from the other side."""
    at = SIDES + (SIDE_SIZE if side > 0.0 else 0)
    cell = slot(state, at, params[2] / (KEPT - 1))
    state[cell + TRADED] += qty
    state[at + FILLED] += qty
    state[SIDES + PRINTED] = state[SIDES + SIDE_SIZE + PRINTED] = 1.0


@entry
def batch(
    state: Array, params: Array, out: Table, ts: Times, bid_pxs: Table, bid_qtys: Table,
    ask_pxs: Table, ask_qtys: Table, price: Array, qty: Array, side: Array,
) -> None:  # fmt: skip
    """Loop over rows; a row with a size is a print, any other a state of the book."""
    memory, slow = params[0], params[1]
    for i in range(ts.size):
        out[i] = NAN
        fine = math.isfinite(price[i] + side[i]) and qty[i] >= 0.0 and qty[i] < 1e300
        if not (fine and sound(bid_pxs, bid_qtys, i) and sound(ask_pxs, ask_qtys, i)):
            continue
        if state[STARTED] == 0.0:
            state[STARTED], state[ORIGIN] = 1.0, ts[i]
        fade(state, (ts[i] - state[ORIGIN]) * 1e-9, memory, slow)
        if qty[i] > 0.0 and side[i] != 0.0:
            print_(state, qty[i], side[i], params)
        bids = book(state, bid_pxs, bid_qtys, i, 1.0, params)
        asks = book(state, ask_pxs, ask_qtys, i, -1.0, params)
        state[BOOKED] = 1.0
        if state[NOW] < params[8]:
            continue
        count = state[COUNT]
        level = max(state[SLOW] / max(state[SPAN], memory) * memory, params[9])
        cancelled = 0.0
        if count > level:
            decades = (count * math.log(count / level) - count + level) / math.log(10.0)
            cancelled = min(decades / params[10], 1.0)
        shown = max(bids, asks)
        out[i, 0] = 1.0 - (1.0 - cancelled) * (1.0 - 0.2 * shown)
        out[i, 1], out[i, 2], out[i, 3] = cancelled, shown, state[LAYERS]


ANALYTIC = Analytic(
    name="spoof", group="manipulation", doc=__doc__,
    inputs=("ts", "bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys", "price", "qty", "side"),
    outputs=("score", "cancelled", "shown", "layers"), batch=batch,
    state_size=lambda params, levels: BOOK + 4 * levels,
    params=(
        Param("memory", 20.0, "episodes fade over this many seconds", 0.1, 3600.0),
        Param("slow", 300.0, "the stream's own mean fades over this many seconds", 1.0, 1e6),
        Param("together", 0.25, "changes within this many seconds are one move", 0.001, 10.0),
        Param("tail", 0.99, "quantile of the moves that is the yardstick", 0.5, 0.9999),
        Param("jump", 1.3, "an episode is this many times the yardstick", 0.1, 100.0),
        Param("back", 0.5, "share that must be taken back at once", 0.1, 1.0),
        Param("filled", 0.3, "share that may trade", 0.0, 1.0),
        Param("life", 5.0, "longest life of an episode, seconds", 0.01, 3600.0),
        Param("warm", 20.0, "seconds before the first score", 0.0, 3600.0),
        Param("floor", 0.2, "least count that is expected", 1e-3, 1e3),
        Param("decades", 1.0, "surprise that is full evidence, decades", 0.1, 100.0),
        Param("least", 0.8, "what is taken back sooner is a requote, seconds", 0.0, 60.0),
    ),
)  # fmt: skip

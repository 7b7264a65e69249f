# SPDX-License-Identifier: MIT
"""Order flow imbalance of the best quotes, per update and since the start.

Formula: e = 1{b >= b'} qb - 1{b <= b'} qb' - 1{a <= a'} qa + 1{a >= a'} qa', a prime marks
the quote before; ofi = sum of e.
Unit: base currency; positive: pressure to buy.
Assumption: consecutive states of one book.  It explains the price change of the same
interval and by itself forecasts nothing.  The first row, and the first after a row that is
not finite or crossed, gives 0: no difference is taken across a gap.
Cost: O(1), seven numbers of state.
Source: Cont, Kukanov and Stoikov (2014), Journal of Financial Econometrics 12(1), eq. (10).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seawall.analytics.jit import Array, Table, entry, prefetch, step
from seawall.analytics.spec import Analytic

NAN = float("nan")
BLOCK = 512  # quotes whose columns, contributions and rows fit the first cache together
LINE = 8  # numbers in a line of it


@step
def sound(bid_px: float, bid_qty: float, ask_px: float, ask_qty: float) -> Any:
    """Whether a quote is finite and not crossed."""
    return (abs(bid_px + bid_qty + ask_px + ask_qty) < 1e300) & (ask_px > bid_px)


@step
def flow(
    b: float, qb: float, a: float, qa: float, b0: float, qb0: float, a0: float, qa0: float
) -> Any:
    """Contribution of a quote after another, without a branch."""
    bids = (qb if b >= b0 else 0.0) - (qb0 if b <= b0 else 0.0)
    return bids - (qa if a <= a0 else 0.0) + (qa0 if a >= a0 else 0.0)


@step
def add(state: Array, e: float) -> None:
    """Add to the sum; what rounding loses is kept apart, off the path of the sum."""
    # A long day adds millions of small numbers to a wandering total.
    before = state[5]
    after = before + e
    part = after - before
    state[6] += (before - (after - part)) + (e - part)
    state[5] = after


@step
def update(state: Array, bid_px: float, bid_qty: float, ask_px: float, ask_qty: float) -> float:
    """Contribution of one quote; state: has a quote, its four numbers, sum, lost part."""
    if not sound(bid_px, bid_qty, ask_px, ask_qty):
        state[0] = 0.0
        return NAN
    e = 0.0
    if state[0] == 1.0:
        e = flow(bid_px, bid_qty, ask_px, ask_qty, state[1], state[2], state[3], state[4])
    state[0], state[1], state[2], state[3], state[4] = 1.0, bid_px, bid_qty, ask_px, ask_qty
    add(state, e)
    return e


@step
def flows(
    bid_px: Array, bid_qty: Array, ask_px: Array, ask_qty: Array,
    bid_px0: Array, bid_qty0: Array, ask_px0: Array, ask_qty0: Array, e: Array,
) -> Any:  # fmt: skip
    """Contributions of a run of quotes to ``e``; says how many quotes are unsound."""
    bad = 0
    for k in range(bid_px.size):
        ok = sound(bid_px[k], bid_qty[k], ask_px[k], ask_qty[k])
        bad += 0 if ok else 1
        e[k] = flow(
            bid_px[k], bid_qty[k], ask_px[k], ask_qty[k],
            bid_px0[k], bid_qty0[k], ask_px0[k], ask_qty0[k],
        )  # fmt: skip
    return bad


@step
def add_all(
    state: Array, e: Array, out: Table, first: int,
    bid_px: Array, bid_qty: Array, ask_px: Array, ask_qty: Array,
) -> None:  # fmt: skip
    """Add a run of contributions as :func:`add` does, and write the rows.

    Each sum waits for the one before it; meanwhile the quotes of the next block, which begins
    ``BLOCK`` after ``first``, are called from memory.
    """
    total, lost = state[5], state[6]
    for line in range(0, e.size, LINE):
        at = first + BLOCK + line
        prefetch(bid_px, at)
        prefetch(bid_qty, at)
        prefetch(ask_px, at)
        prefetch(ask_qty, at)
        for k in range(line, min(line + LINE, e.size)):
            after = total + e[k]
            part = after - total
            lost += (total - (after - part)) + (e[k] - part)
            total = after
            out[k, 0], out[k, 1] = e[k], total + lost
    state[5], state[6] = total, lost


@entry
def batch(
    state: Array, params: Array, out: Table,
    bid_px: Array, bid_qty: Array, ask_px: Array, ask_qty: Array,
) -> None:  # fmt: skip
    """Loop of :func:`update`; runs of sound quotes go without branches, to the same bits."""
    n, i = bid_px.size, 0
    room = np.empty(BLOCK)
    while i < n:
        end = min(i + BLOCK, n)
        bad = 1
        if i > 0 and state[0] == 1.0:
            e = room[: end - i]
            bad = flows(
                bid_px[i:end], bid_qty[i:end], ask_px[i:end], ask_qty[i:end],
                bid_px[i - 1 : end - 1], bid_qty[i - 1 : end - 1],
                ask_px[i - 1 : end - 1], ask_qty[i - 1 : end - 1], e,
            )  # fmt: skip
        if bad == 0:
            add_all(state, e, out[i:end], i, bid_px, bid_qty, ask_px, ask_qty)
            last = end - 1
            state[1], state[2] = bid_px[last], bid_qty[last]
            state[3], state[4] = ask_px[last], ask_qty[last]
        else:
            for k in range(i, end):
                out[k, 0] = update(state, bid_px[k], bid_qty[k], ask_px[k], ask_qty[k])
                out[k, 1] = state[5] + state[6] if state[0] == 1.0 else NAN
        i = end


ANALYTIC = Analytic(
    name="ofi", group="flow", inputs=("bid_px", "bid_qty", "ask_px", "ask_qty"), doc=__doc__,
    outputs=("e", "ofi"), batch=batch, state_size=lambda params, levels: 7, fills=True,
)  # fmt: skip

# SPDX-License-Identifier: MIT
"""Stoikov's micro-price: the mid to which the price is drawn, learned as it goes.

Formula: states are imbalance qb / (qb + qa) in twice ``half_classes`` classes by spread in ticks,
the last of ``spreads`` holding all wider ones; from counted transitions with their chances P
and mean changes R of the mid, g = R + P g, antisymmetric under the exchange of bid and ask;
micro = mid + g(state).  It is the limit of E[mid after the next k changes | state].
Unit: quote currency.
Assumption: the states are a Markov chain, symmetric between buyers and sellers: each
transition counts once as seen and once mirrored.  What a row knows is from rows up to it;
g is found anew after 100 rows, then whenever the rows have grown by 2 %.  With ``learn`` 0
a table from ``microprice_fit`` stands.  A row that is unsound breaks the chain.
Cost: O(1), and O(states^3) seldom; 5 + 2 n + n^2 numbers of state, n = states.
Source: Stoikov (2018), Quantitative Finance 18(12).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
HAS, MID, AT, ROWS, NEXT = range(5)
HEAD = 5
FIRST, GROWTH = 100.0, 0.02


@step
def solve(state: Array, classes: int, n: int) -> None:
    """Find g on the lower half of the imbalances; the upper half is its negative."""
    half, spreads = classes // 2, n // classes
    size = half * spreads
    g, move, count = HEAD, HEAD + n, HEAD + 2 * n
    a, x = np.zeros((size, size)), np.zeros(size)
    for r in range(size):
        s = (r // half) * classes + r % half
        seen = 0.0
        for k in range(n):
            seen += state[count + s * n + k]
        a[r, r] = 1.0
        if seen == 0.0:
            continue
        x[r] = state[move + s] / seen
        for c in range(size):
            k = (c // half) * classes + c % half
            mirror = (c // half) * classes + classes - 1 - c % half
            a[r, c] -= (state[count + s * n + k] - state[count + s * n + mirror]) / seen
    # The rows of I - P are dominated by their diagonal: no pivots need be sought.
    for c in range(size):
        if not abs(a[c, c]) > 1e-9:
            return
        for r in range(c + 1, size):
            factor = a[r, c] / a[c, c]
            if factor != 0.0:
                for k in range(c, size):
                    a[r, k] -= factor * a[c, k]
                x[r] -= factor * x[c]
    for r in range(size - 1, -1, -1):
        for k in range(r + 1, size):
            x[r] -= a[r, k] * x[k]
        x[r] /= a[r, r]
    for r in range(size):
        s = (r // half) * classes + r % half
        mirror = (r // half) * classes + classes - 1 - r % half
        state[g + s], state[g + mirror] = x[r], -x[r]


@step
def place(
    tick: float, classes: int, n: int, bid_px: float, bid_qty: float, ask_px: float, ask_qty: float
) -> Any:
    """Number of the state of a sound quote."""
    wide = int((ask_px - bid_px) / tick + 0.5) - 1
    wide = max(0, min(wide, n // classes - 1)) if ask_px - bid_px < 1e6 * tick else n // classes - 1
    return wide * classes + min(int(classes * bid_qty / (bid_qty + ask_qty)), classes - 1)


@step
def update(
    state: Array, tick: float, classes: int, n: int, learn: bool,
    bid_px: float, bid_qty: float, ask_px: float, ask_qty: float,
) -> Any:  # fmt: skip
    """Micro-price after one quote."""
    total = bid_qty + ask_qty
    finite = abs(bid_px + ask_px + total) < 1e300
    if not (finite and ask_px > bid_px and bid_qty >= 0.0 and ask_qty >= 0.0 and total > 0.0):
        state[HAS] = 0.0
        return NAN
    mid = 0.5 * (bid_px + ask_px)
    now = place(tick, classes, n, bid_px, bid_qty, ask_px, ask_qty)
    if learn:
        if state[HAS] == 1.0:
            was = int(state[AT])
            here, there = was // classes * classes, now // classes * classes
            mirror_was = here + classes - 1 - was % classes
            mirror_now = there + classes - 1 - now % classes
            move, count = HEAD + n, HEAD + 2 * n
            state[count + was * n + now] += 1.0
            state[count + mirror_was * n + mirror_now] += 1.0
            state[move + was] += mid - state[MID]
            state[move + mirror_was] -= mid - state[MID]
        state[HAS], state[MID], state[AT] = 1.0, mid, now
        state[ROWS] += 1.0
        if state[ROWS] >= max(state[NEXT], FIRST):
            solve(state, classes, n)
            state[NEXT] = state[ROWS] + max(FIRST, GROWTH * state[ROWS])
        if state[ROWS] < FIRST:
            return NAN
    return mid + state[HEAD + now]


@entry
def batch(
    state: Array, params: Array, out: Table,
    bid_px: Array, bid_qty: Array, ask_px: Array, ask_qty: Array,
) -> None:  # fmt: skip
    """Loop of :func:`update`."""
    tick, classes, learn = params[0], 2 * int(params[1]), params[3] != 0.0
    n = classes * int(params[2])
    for i in range(bid_px.size):
        value = update(state, tick, classes, n, learn, bid_px[i], bid_qty[i], ask_px[i], ask_qty[i])
        out[i, 0], out[i, 1] = value, value - 0.5 * (bid_px[i] + ask_px[i])
        if not value < 1e300:
            out[i, 0], out[i, 1] = NAN, NAN


def states(params: Array) -> int:
    """Number of states."""
    return 2 * int(params[1]) * int(params[2])


ANALYTIC = Analytic(
    name="microprice", group="book", inputs=("bid_px", "bid_qty", "ask_px", "ask_qty"),
    doc=__doc__, outputs=("microprice", "adjustment"), batch=batch,
    state_size=lambda params, levels: HEAD + 2 * states(params) + states(params) ** 2,
    params=(
        Param("tick", 0.1, "tick, quote currency", 1e-12),
        Param("half_classes", 5, "classes of the imbalance on each side of balance", 1, 20, True),
        Param("spreads", 2, "classes of the spread", 1, 10, True),
        Param("learn", 1, "1: go on learning; 0: the table of the state stands", 0, 1, True),
    ),
)  # fmt: skip

# SPDX-License-Identifier: MIT
"""Edge of a triangle of three books on one venue after fees, walked through their depth.

Formula: books A/Q (1), B/A (2), B/Q (3).  Way +1: Q buys A at ask 1, A buys B at ask 2, B is
sold at bid 3: gross = bid_3 / (ask_1 ask_2) - 1; way -1: bid_1 bid_2 / ask_3 - 1.  Each leg
keeps 1 - fee of what it receives: net = (1 + gross)(1 - fee)^3 - 1 - cost.  size and profit
walk the three books together while the marginal unit gains.
Unit: gross, after_fees, net in basis points; size in B; profit in Q; vwap: profit over what
was spent, basis points.
Assumption: the three books are of one moment and one engine, and three orders fill as shown;
in truth they fill one after the other, and lots round each leg down.
Cost: O(levels) per row, no state.
Source: definition; kernel worked by hand in the tests (60,000, 0.0500, 3,010, 10 basis points
per leg: +3.2634 basis points).
"""

from __future__ import annotations

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
BPS = 1e4


@step
def sound(pxs: Table, qtys: Table, i: int) -> bool:
    """Whether a side of the book is finite and positive."""
    for k in range(pxs.shape[1]):
        fine = pxs[i, k] > 0.0 and pxs[i, k] < 1e300 and qtys[i, k] >= 0.0 and qtys[i, k] < 1e300
        if not fine:
            return False
    return True


@step
def around_up(
    ask_1: Table, qty_1: Table, ask_2: Table, qty_2: Table, bid_3: Table, qty_3: Table, i: int,
    kept: float, cost: float, found: Array,
) -> None:  # fmt: skip
    """Buy A, buy B with it, sell B: size in B bought, profit and spending in Q."""
    levels = ask_1.shape[1]
    a = b = c = 0
    left_1, left_2, left_3 = qty_1[i, 0], qty_2[i, 0], qty_3[i, 0]
    while a < levels and b < levels and c < levels:
        # One B bought takes spent A, bought gross of its own fee.
        need_a = ask_2[i, b] / kept
        spent = need_a * ask_1[i, a]
        got = kept * kept * bid_3[i, c]
        gain = got - spent - cost * spent
        if not gain > 0.0:
            break
        q = min(left_2, min(left_3 / kept, left_1 / need_a))
        found[0] += q
        found[1] += gain * q
        found[2] += spent * q
        left_1 -= q * need_a
        left_2 -= q
        left_3 -= q * kept
        tiny = 1e-12 * (1.0 + q)
        if left_1 <= tiny * need_a:
            a += 1
            left_1 = qty_1[i, a] if a < levels else 0.0
        if left_2 <= tiny:
            b += 1
            left_2 = qty_2[i, b] if b < levels else 0.0
        if left_3 <= tiny:
            c += 1
            left_3 = qty_3[i, c] if c < levels else 0.0


@step
def around_down(
    bid_1: Table, qty_1: Table, bid_2: Table, qty_2: Table, ask_3: Table, qty_3: Table, i: int,
    kept: float, cost: float, found: Array,
) -> None:  # fmt: skip
    """Buy B, sell it for A, sell A: size in B bought, profit and spending in Q."""
    levels = bid_1.shape[1]
    a = b = c = 0
    left_1, left_2, left_3 = qty_1[i, 0], qty_2[i, 0], qty_3[i, 0]
    while a < levels and b < levels and c < levels:
        spent = ask_3[i, c]
        got_a = kept * kept * bid_2[i, b]
        got = got_a * kept * bid_1[i, a]
        gain = got - spent - cost * spent
        if not gain > 0.0:
            break
        q = min(left_3, min(left_2 / kept, left_1 / got_a))
        found[0] += q
        found[1] += gain * q
        found[2] += spent * q
        left_1 -= q * got_a
        left_2 -= q * kept
        left_3 -= q
        tiny = 1e-12 * (1.0 + q)
        if left_1 <= tiny * got_a:
            a += 1
            left_1 = qty_1[i, a] if a < levels else 0.0
        if left_2 <= tiny:
            b += 1
            left_2 = qty_2[i, b] if b < levels else 0.0
        if left_3 <= tiny:
            c += 1
            left_3 = qty_3[i, c] if c < levels else 0.0


@entry
def batch(
    state: Array, params: Array, out: Table, bid_pxs: Table, bid_qtys: Table, ask_pxs: Table,
    ask_qtys: Table, bid_pxs_2: Table, bid_qtys_2: Table, ask_pxs_2: Table, ask_qtys_2: Table,
    bid_pxs_3: Table, bid_qtys_3: Table, ask_pxs_3: Table, ask_qtys_3: Table,
) -> None:  # fmt: skip
    """Loop over rows."""
    kept, cost = 1.0 - params[0] / BPS, params[1] / BPS
    fees = kept * kept * kept
    found = state[1:4]
    for i in range(bid_pxs.shape[0]):
        out[i] = NAN
        one = sound(bid_pxs, bid_qtys, i) and sound(ask_pxs, ask_qtys, i)
        two = sound(bid_pxs_2, bid_qtys_2, i) and sound(ask_pxs_2, ask_qtys_2, i)
        three = sound(bid_pxs_3, bid_qtys_3, i) and sound(ask_pxs_3, ask_qtys_3, i)
        if not (one and two and three):
            continue
        up = bid_pxs_3[i, 0] / (ask_pxs[i, 0] * ask_pxs_2[i, 0])
        down = bid_pxs[i, 0] * bid_pxs_2[i, 0] / ask_pxs_3[i, 0]
        found[0] = found[1] = found[2] = 0.0
        best = max(up, down)
        if up >= down:
            around_up(ask_pxs, ask_qtys, ask_pxs_2, ask_qtys_2, bid_pxs_3, bid_qtys_3, i, kept,
                      cost, found)  # fmt: skip
        else:
            around_down(bid_pxs, bid_qtys, bid_pxs_2, bid_qtys_2, ask_pxs_3, ask_qtys_3, i, kept,
                        cost, found)  # fmt: skip
        out[i, 0] = 1.0 if up >= down else -1.0
        out[i, 1], out[i, 2] = (best - 1.0) * BPS, (best * fees - 1.0) * BPS
        out[i, 3] = (best * fees - 1.0 - cost) * BPS
        out[i, 4], out[i, 5] = found[0], found[1]
        out[i, 6] = found[1] / found[2] * BPS if found[2] > 0.0 else 0.0
        found[0] = found[1] = found[2] = 0.0


_BOOK = ("bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys")

ANALYTIC = Analytic(
    name="triangle_edge", group="arbitrage", doc=__doc__,
    inputs=(*_BOOK, *(f"{n}_2" for n in _BOOK), *(f"{n}_3" for n in _BOOK)),
    outputs=("way", "gross", "after_fees", "net", "size", "profit", "vwap"), batch=batch,
    state_size=lambda params, levels: 4,
    params=(
        Param("fee", 10.0, "taker fee of each leg, basis points", -100.0, 1e3),
        Param("cost", 0.0, "other costs, basis points", -1e3, 1e4),
    ),
)  # fmt: skip

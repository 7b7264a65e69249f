# SPDX-License-Identifier: MIT
"""Edge between two books after fees, walked through their depth.

Formula: way +1 buys from the asks of book 1 at (1 + fee_1) and sells to the bids of book 2,
divided by ``fair``, at (1 - fee_2); way -1 the other way round.  gross = bid / ask - 1 at
the touch; after_fees = the same with fees; net = after_fees less cost_up (way +1) or
cost_down (way -1); size and profit sum min(sizes) and (sold - bought - cost) over levels as
long as the marginal unit gains.  The way with the greater net is told.
Unit: gross, after_fees, net in basis points; size base currency; profit quote currency of
book 1; vwap: profit over what was bought, basis points.
Assumption: both books can be taken at the moment at which both were last heard; latency,
rejects and the rest of the position are not in it.  Fees are for this one taking, times the
number of takings that the parameters stand for.
Cost: O(levels) per row, no state.
Source: definition; the marginal walk is that of Makarov and Schoar (2020), Journal of
Financial Economics 135, for capacity.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
BPS = 1e4


@step
def walk(
    asks: Table, ask_qtys: Table, bids: Table, bid_qtys: Table, i: int, up: float, down: float,
    cost: float, found: Array,
) -> None:  # fmt: skip
    """Buy at ``asks * up`` and sell at ``bids * down`` while a unit gains; size, profit, paid."""
    levels = asks.shape[1]
    a = b = 0
    left_a, left_b = ask_qtys[i, 0], bid_qtys[i, 0]
    size = profit = paid = 0.0
    while True:
        buy, sell = asks[i, a] * up, bids[i, b] * down
        gain = sell - buy - cost * buy
        if not gain > 0.0:
            break
        q = min(left_a, left_b)
        size += q
        profit += gain * q
        paid += buy * q
        left_a -= q
        left_b -= q
        if left_a <= 0.0:
            a += 1
            if a == levels:
                break
            left_a = ask_qtys[i, a]
        if left_b <= 0.0:
            b += 1
            if b == levels:
                break
            left_b = bid_qtys[i, b]
    found[0], found[1], found[2] = size, profit, paid


@step
def sound(pxs: Table, qtys: Table, i: int) -> bool:
    """Whether a side of the book is finite and positive."""
    for k in range(pxs.shape[1]):
        fine = pxs[i, k] > 0.0 and pxs[i, k] < 1e300 and qtys[i, k] >= 0.0 and qtys[i, k] < 1e300
        if not fine:
            return False
    return True


@entry
def batch(
    state: Array, params: Array, out: Table, bid_pxs: Table, bid_qtys: Table, ask_pxs: Table,
    ask_qtys: Table, bid_pxs_2: Table, bid_qtys_2: Table, ask_pxs_2: Table, ask_qtys_2: Table,
) -> None:  # fmt: skip
    """Loop over rows."""
    fee_1, fee_2, fair = params[0] / BPS, params[1] / BPS, params[4]
    cost_up, cost_down = params[2] / BPS, params[3] / BPS
    found = state[1:4]
    for i in range(bid_pxs.shape[0]):
        out[i] = NAN
        if not (sound(bid_pxs, bid_qtys, i) and sound(ask_pxs, ask_qtys, i)):
            continue
        if not (sound(bid_pxs_2, bid_qtys_2, i) and sound(ask_pxs_2, ask_qtys_2, i)):
            continue
        gross_up = bid_pxs_2[i, 0] / (fair * ask_pxs[i, 0])
        gross_down = bid_pxs[i, 0] * fair / ask_pxs_2[i, 0]
        fees_up = gross_up * (1.0 - fee_2) / (1.0 + fee_1) - 1.0
        fees_down = gross_down * (1.0 - fee_1) / (1.0 + fee_2) - 1.0
        if fees_up - cost_up >= fees_down - cost_down:
            out[i, 0], out[i, 1], out[i, 2] = 1.0, (gross_up - 1.0) * BPS, fees_up * BPS
            out[i, 3] = (fees_up - cost_up) * BPS
            walk(ask_pxs, ask_qtys, bid_pxs_2, bid_qtys_2, i, 1.0 + fee_1, (1.0 - fee_2) / fair,
                 cost_up, found)  # fmt: skip
        else:
            out[i, 0], out[i, 1], out[i, 2] = -1.0, (gross_down - 1.0) * BPS, fees_down * BPS
            out[i, 3] = (fees_down - cost_down) * BPS
            walk(ask_pxs_2, ask_qtys_2, bid_pxs, bid_qtys, i, (1.0 + fee_2) / fair, 1.0 - fee_1,
                 cost_down, found)  # fmt: skip
        out[i, 4], out[i, 5] = found[0], found[1]
        out[i, 6] = found[1] / found[2] * BPS if found[2] > 0.0 else 0.0
        found[0] = found[1] = found[2] = 0.0
        if not math.isfinite(out[i, 3]):
            out[i] = NAN


ANALYTIC = Analytic(
    name="cross_edge", group="arbitrage", doc=__doc__,
    inputs=("bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys", "bid_pxs_2", "bid_qtys_2", "ask_pxs_2",
            "ask_qtys_2"),
    outputs=("way", "gross", "after_fees", "net", "size", "profit", "vwap"), batch=batch,
    state_size=lambda params, levels: 4,
    params=(
        Param("fee_1", 10.0, "fees of all takings on book 1, basis points", -100.0, 1e3),
        Param("fee_2", 10.0, "fees of all takings on book 2, basis points", -100.0, 1e3),
        Param("cost_up", 0.0, "other costs of buying 1 and selling 2, basis points", -1e3, 1e4),
        Param("cost_down", 0.0, "other costs of buying 2 and selling 1, basis points", -1e3, 1e4),
        Param("fair", 1.0, "price of book 2 over that of book 1 without arbitrage", 1e-9, 1e9),
    ),
)  # fmt: skip

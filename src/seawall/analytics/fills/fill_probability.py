# SPDX-License-Identifier: MIT
"""Chances of the next move and of a fill before it, from the sizes of the best queues.

Formula: queues of b and a orders live until one is empty; each gains an order at rate
``arrivals`` and loses one at rate ``markets`` + n ``cancels``.  p_up = chance that the ask
empties first; fill_bid = chance that an order joining the back of the bid is executed before
the mid moves, with ``markets`` + (p - 1) ``cancels`` from position p to p - 1; fill_ask the
same for the ask.  ``inside`` is the rate at which either side steps into a wider spread;
with ``patience`` the order is withdrawn after a time of that mean, whatever happens.
Unit: none; rates per second, one order is ``unit`` of base currency.
Assumption: queues are independent, Poisson, of one order size; 40 orders or more count as
40, and a queue of 40 grows no further.  Where sweeps and mass cancels move prices, as on
crypto venues, it ranks orders but overstates fills: check it against the waits of
``queue_position`` before use, and prefer ``cox`` on them where they differ.  The equations
of the chain are solved by elimination instead of inverting Laplace transforms.
Cost: O(1) per row; some milliseconds for the tables with the first row; 3,241 numbers of state.
Source: Cont, Stoikov and Talreja (2010), Operations Research 58(3), sections 4.2 and 4.3.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
QUEUE = 40
UP = 1
FILL = UP + QUEUE * QUEUE
SIZE = FILL + (QUEUE + 1) * QUEUE
ARRIVALS, MARKETS, CANCELS, UNIT, INSIDE, PATIENCE = range(6)


@step
def race(p: Array, up: Array) -> None:
    """Chance that the ask queue empties first: states are taken out one after the other.

    Rates are only added and divided, never subtracted (Grassmann, Taksar and Heyman), so that
    chances keep their digits where an end is a rare event.
    """
    n = QUEUE
    rows = n * n
    band = np.zeros((rows, 2 * n + 1))  # rates to the states from k - n to k + n
    rise, total = np.zeros(rows), np.zeros(rows)
    fall = np.zeros(rows)
    for b in range(1, n + 1):
        for a in range(1, n + 1):
            k = (b - 1) * n + a - 1
            die_b, die_a = p[MARKETS] + p[CANCELS] * b, p[MARKETS] + p[CANCELS] * a
            rise[k] = p[INSIDE] + (die_a if a == 1 else 0.0)
            fall[k] = p[INSIDE] + (die_b if b == 1 else 0.0)
            if a > 1:
                band[k, n - 1] = die_a
            if a < n:
                band[k, n + 1] = p[ARRIVALS]
            if b > 1:
                band[k, 0] = die_b
            if b < n:
                band[k, 2 * n] = p[ARRIVALS]
    for k in range(rows):
        end = min(k + n + 1, rows)
        total[k] = rise[k] + fall[k]
        for c in range(k + 1, end):
            total[k] += band[k, c - k + n]
        for r in range(k + 1, end):
            factor = band[r, k - r + n] / total[k]
            if factor == 0.0:
                continue
            for c in range(k + 1, end):
                if c != r:
                    band[r, c - r + n] += factor * band[k, c - k + n]
            rise[r] += factor * rise[k]
            fall[r] += factor * fall[k]
    for k in range(rows - 1, -1, -1):
        value = rise[k]
        for c in range(k + 1, min(k + n + 1, rows)):
            value += band[k, c - k + n] * up[c]
        up[k] = value / total[k]


@step
def reach(p: Array, fill: Array) -> None:
    """Chance to be executed from position q before the other queue of a orders empties."""
    n = QUEUE
    grown, x = np.zeros(n), np.zeros(n)
    end = 2.0 * p[INSIDE] + (1.0 / p[PATIENCE] if p[PATIENCE] > 0.0 else 0.0)
    for q in range(1, n + 2):
        rate = p[MARKETS] + p[CANCELS] * (q - 1)
        leave = 1.0  # share of deaths that do not come back; all of them from a queue of one
        for a in range(1, n + 1):  # a tridiagonal system in a, from the one before in q
            die = p[MARKETS] + p[CANCELS] * a
            grow = p[ARRIVALS] if a < n else 0.0
            ahead = 1.0 if q == 1 else fill[(q - 2) * n + a - 1]
            out = rate + end + die * leave
            value = rate * ahead + (die * x[a - 2] if a > 1 else 0.0)
            leave = out / (out + grow)
            grown[a - 1], x[a - 1] = grow / (out + grow), value / (out + grow)
        for a in range(n, 0, -1):
            later = fill[(q - 1) * n + a] if a < n else 0.0
            fill[(q - 1) * n + a - 1] = x[a - 1] + grown[a - 1] * later


@step
def orders(qty: float, unit: float) -> Any:
    """Size in orders, one at least and ``QUEUE`` at most."""
    return int(min(max(qty / unit + 0.5, 1.0), float(QUEUE)))


@entry
def batch(state: Array, params: Array, out: Table, bid_qty: Array, ask_qty: Array) -> None:
    """Look the chances up; the first row makes the tables."""
    for i in range(bid_qty.size):
        if not (0.0 < bid_qty[i] < 1e300 and 0.0 < ask_qty[i] < 1e300):
            out[i, 0], out[i, 1], out[i, 2] = NAN, NAN, NAN
            continue
        if state[0] == 0.0:
            race(params, state[UP:FILL])
            reach(params, state[FILL:SIZE])
            state[0] = 1.0
        b, a = orders(bid_qty[i], params[UNIT]), orders(ask_qty[i], params[UNIT])
        out[i, 0] = state[UP + (b - 1) * QUEUE + a - 1]
        out[i, 1] = state[FILL + b * QUEUE + a - 1]
        out[i, 2] = state[FILL + a * QUEUE + b - 1]


ANALYTIC = Analytic(
    name="fill_probability", group="fills", inputs=("bid_qty", "ask_qty"), doc=__doc__,
    outputs=("p_up", "fill_bid", "fill_ask"), batch=batch,
    state_size=lambda params, levels: SIZE,
    params=(
        Param("arrivals", 1.85, "limit orders at a best price, per second", 0.0, 1e9),
        Param("markets", 0.94, "market orders on a best price, per second", 1e-9, 1e9),
        Param("cancels", 0.71, "cancels of an order that waits there, per second", 0.0, 1e9),
        Param("unit", 1.0, "size of an order, base currency", 1e-12),
        Param("inside", 0.0, "orders into the spread, per side and second", 0.0, 1e9),
        Param("patience", 0.0, "mean time to withdrawal, exponential, s; 0: none", 0.0, 1e9),
    ),
)  # fmt: skip

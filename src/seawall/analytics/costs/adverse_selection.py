# SPDX-License-Identifier: MIT
"""Adverse selection as it goes: the share of the spread that information takes.

Formula: the moments of ``mrr`` with weights that halve every ``half_life`` trades;
theta = (b1 + b2) / (1 - rho) and phi = b1 - theta from the regression of dp_t on q_t,
q_{t-1} and a constant; share = theta / (theta + phi), spread = 2 (theta + phi).
Unit: theta and spread in quote currency; share and rho none.
Assumption: as in ``mrr``, one row per order: feed merged prints.  A row that is unsound
starts a new chain of signs; what was learned stays.
Cost: O(1), ten numbers of state.
Source: Madhavan, Richardson and Roomans (1997), Review of Financial Studies 10(4).
"""

from __future__ import annotations

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
HAS, PRICE, SIDE, N, Q, L, QL, D, DQ, DL = range(10)
FEW = 30.0


@step
def solve(state: Array) -> tuple[float, float, float, float]:
    """Share, theta, spread, rho; signs square to one."""
    n = state[N]
    rho = state[QL] / n
    sq, sl = 1.0 - (state[Q] / n) ** 2, 1.0 - (state[L] / n) ** 2
    sx = rho - state[Q] * state[L] / (n * n)
    yq = state[DQ] / n - state[D] * state[Q] / (n * n)
    yl = state[DL] / n - state[D] * state[L] / (n * n)
    det = sq * sl - sx * sx
    if not det > 1e-12:
        return NAN, NAN, NAN, rho
    b1, b2 = (yq * sl - yl * sx) / det, (yl * sq - yq * sx) / det
    theta = (b1 + b2) / (1.0 - rho)
    if b1 == 0.0:
        return NAN, theta, 0.0, rho
    return theta / b1, theta, 2.0 * b1, rho


@step
def update(state: Array, keep: float, price: float, side: float) -> bool:
    """Take one trade; says whether it was sound."""
    if not (price > 0.0 and price < 1e300 and abs(side) == 1.0):
        state[HAS] = 0.0
        return False
    if state[HAS] == 1.0:
        change, last = price - state[PRICE], state[SIDE]
        state[N] = keep * state[N] + 1.0
        state[Q] = keep * state[Q] + side
        state[L] = keep * state[L] + last
        state[QL] = keep * state[QL] + side * last
        state[D] = keep * state[D] + change
        state[DQ] = keep * state[DQ] + change * side
        state[DL] = keep * state[DL] + change * last
    state[HAS], state[PRICE], state[SIDE] = 1.0, price, side
    return True


@entry
def batch(state: Array, params: Array, out: Table, price: Array, side: Array) -> None:
    """Loop of :func:`update`."""
    keep = 0.5 ** (1.0 / params[0]) if params[0] > 0.0 else 1.0
    for i in range(price.size):
        sound = update(state, keep, price[i], side[i])
        if sound and state[N] >= FEW:
            out[i, 0], out[i, 1], out[i, 2], out[i, 3] = solve(state)
        else:
            out[i, 0], out[i, 1], out[i, 2], out[i, 3] = NAN, NAN, NAN, NAN


ANALYTIC = Analytic(
    name="adverse_selection", group="costs", inputs=("price", "side"), doc=__doc__,
    outputs=("share", "theta", "spread", "rho"), batch=batch,
    state_size=lambda params, levels: 10,
    params=(Param("half_life", 5_000.0, "trades; 0: nothing is forgotten", 0.0, 1e9),),
)  # fmt: skip

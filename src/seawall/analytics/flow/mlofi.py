# SPDX-License-Identifier: MIT
"""Order flow imbalance of each level of the book.

Formula: per level m, e^m = 1{b >= b'} qb - 1{b <= b'} qb' - 1{a <= a'} qa + 1{a >= a'} qa'
with the m-th populated prices of both sides; level 1 equals ``ofi``.
Unit: base currency per update.
Assumption: consecutive states of one book.  When the book shifts by a level all deep levels
relabel, which is seen as flow.  First row and first row after a gap: 0.  A level that is
not finite gives not-a-number and has its own gap.
Cost: O(levels); five numbers of state per level.
Source: Xu, Gould and Howison (2018), Market Microstructure and Liquidity 4(3-4).
"""

from __future__ import annotations

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic


@step
def update(
    state: Array, at: int, bid_px: float, bid_qty: float, ask_px: float, ask_qty: float
) -> float:
    """Contribution of one level; from ``at`` on: has a quote, and its four numbers."""
    if not ((abs(bid_px + bid_qty + ask_px + ask_qty) < 1e300) & (ask_px > bid_px)):
        state[at] = 0.0
        return float("nan")
    b, qb, a, qa = state[at + 1], state[at + 2], state[at + 3], state[at + 4]
    # Without branches: whether a price moved is not to be foreseen.
    e = (bid_qty if bid_px >= b else 0.0) - (qb if bid_px <= b else 0.0)
    e = e - (ask_qty if ask_px <= a else 0.0) + (qa if ask_px >= a else 0.0)
    e = e if state[at] == 1.0 else 0.0
    state[at], state[at + 1], state[at + 2] = 1.0, bid_px, bid_qty
    state[at + 3], state[at + 4] = ask_px, ask_qty
    return e


@entry
def batch(
    state: Array, params: Array, out: Table,
    bid_pxs: Table, bid_qtys: Table, ask_pxs: Table, ask_qtys: Table,
) -> None:  # fmt: skip
    """Loop of :func:`update` over rows and levels."""
    for i in range(bid_pxs.shape[0]):
        for k in range(bid_pxs.shape[1]):
            out[i, k] = update(
                state, 5 * k, bid_pxs[i, k], bid_qtys[i, k], ask_pxs[i, k], ask_qtys[i, k]
            )


ANALYTIC = Analytic(
    name="mlofi", group="flow", inputs=("bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys"),
    doc=__doc__, outputs=("e",), batch=batch, per_level=True,
    state_size=lambda params, levels: max(5 * levels, 1),
)  # fmt: skip

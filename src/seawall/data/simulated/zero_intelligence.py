# SPDX-License-Identifier: MIT
"""The zero-intelligence book alone: Poisson orders, uniform placement, random cancels.

Daniels, Farmer, Gillemot, Iori and Smith (2003), in the convention: limit orders of one
lot at rate ``alpha`` per tick and time on the allowed side of each book half, market
orders at rate ``mu`` per time and side, each order cancelled at rate ``delta``.  It has
laws in closed form (Farmer, Patelli and Zovko 2005), which tests hold the venue to.
"""

from __future__ import annotations

from seawall.data.simulated.compiled import compiled, entry
from seawall.data.simulated.layout import C_LIVE, C_LOG, C_NOW, G_FLOW, IOC, LIMIT, WINDOW, World
from seawall.data.simulated.matching import cancel, submit
from seawall.data.simulated.rng import below, exponential, uniform


@compiled
def cancel_one(w: World, n: int) -> int:
    """Cancel a random one of ``n`` remembered orders; returns how many are left."""
    while n > 0:
        k = below(w, G_FLOW, n)
        id_ = w.held[k]
        w.held[k] = w.held[n - 1]
        n -= 1
        if cancel(w, 0, 1, id_, 1) == 1:
            return n
    return n


@entry
def zero_intelligence(
    w: World, alpha: float, mu: float, delta: float, reach: int, events: int, skip: int
) -> float:
    """Run the model on book 0 and return the time-weighted mean spread in ticks.

    Parameters
    ----------
    alpha, mu, delta : float
        Rates of the model.
    reach : int
        Ticks from the opposite best over which limit orders fall.
    events, skip : int
        Number of events, and of those before the mean starts.
    """
    book = w.books[0]
    middle = book.base + WINDOW // 2
    n, area, time = 0, 0.0, 0.0
    for k in range(events):
        w.ctr[C_LOG] = 0  # the log is not kept
        place, take, drop = 2.0 * alpha * reach, 2.0 * mu, delta * w.ctr[C_LIVE]
        total = place + take + drop
        dt = exponential(w, G_FLOW) / total
        full = book.bid >= book.base and book.ask < book.base + WINDOW
        if k > skip and full:
            area += dt * (book.ask - book.bid)
            time += dt
        w.ctr[C_NOW] += 1
        u = uniform(w, G_FLOW) * total
        side = 1 if uniform(w, G_FLOW) < 0.5 else -1
        if u < place:
            other = book.ask if side > 0 else book.bid
            if other < book.base or other >= book.base + WINDOW:
                other = middle + side * reach // 2
            px = other - side * (1 + below(w, G_FLOW, reach))
            w.held[n] = submit(w, 0, 1, side, LIMIT, px, 1, 0)
            n += 1
        elif u < place + take:
            submit(w, 0, 2, side, IOC, middle + side * (WINDOW // 2 - 1), 1, 0)
        else:
            n = cancel_one(w, n)
    return area / time if time > 0.0 else 0.0

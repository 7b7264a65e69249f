# SPDX-License-Identifier: MIT
"""Noise flow and metaorders: when orders come, on which side, how large, where.

Arrival times of one asset are a Hawkes process with three exponential kernels on top of
a base rate that follows volatility and the time of day (thinning after Ogata).  Takers
come from a pool of metaorders of Pareto length, which gives signs of long memory
(Lillo, Mike and Farmer 2005), or are coin flips.  Limit orders fall on power-law
distances from the touch and live longer the farther they are (Daniels et al. 2003;
Mike and Farmer 2008).
"""

from __future__ import annotations

from seawall.data.simulated.compiled import compiled, entry
from seawall.data.simulated.layout import (
    A_NOISE,
    C_META,
    C_NOW,
    G_FLOW,
    G_LATENCY,
    G_META,
    G_PLACE,
    G_SIZE,
    IOC,
    LIMIT,
    M_FLOW,
    M_SUBMIT,
    P_H0,
    P_H1,
    P_H2,
    P_LATENCY,
    P_LIFE,
    P_LIFE_POW,
    P_LIMIT_SD,
    P_MARKET,
    P_META,
    P_META_TAIL,
    P_POLITE,
    P_SIZE_SD,
    P_T0,
    P_T1,
    P_T2,
    P_TAIL,
    WINDOW,
    World,
)
from seawall.data.simulated.queue import push
from seawall.data.simulated.rng import below, exp, exponential, ln, normal, uniform


@compiled
def latency(w: World, g: int) -> int:
    """One-way latency of a slow agent, ns: log-normal around its median."""
    return int(w.par[P_LATENCY] * 1e9 * exp(0.6 * normal(w, g)))


@compiled
def pick_book(w: World, a: int, g: int) -> int:
    """Draw one of the asset's books by its share of the flow."""
    u = uniform(w, g)
    asset = w.assets[a]
    for b in range(asset.book_0, asset.book_1 - 1):
        u -= w.books[b].share
        if u < 0.0:
            return b
    return asset.book_1 - 1


@compiled
def draw_lots(w: World, a: int, sd: float, g: int) -> int:
    """Log-normal size in lots, at least one."""
    z = min(normal(w, g), 3.2)
    return max(1, int(w.assets[a].size * exp(sd * z)))


@compiled
def renew_meta(w: World, a: int, k: int) -> None:
    """Start a new metaorder in slot ``k``: side by coin, length by Pareto."""
    meta = w.metas[a, k]
    w.ctr[C_META] += 1
    meta.label = w.ctr[C_META]
    meta.side = 1 if uniform(w, G_META) < 0.5 else -1
    meta.book = pick_book(w, a, G_META)
    length = exp(-ln(uniform(w, G_META)) / w.par[P_META_TAIL])
    meta.left = int(min(length, 20000.0))


@compiled
def send_taker(
    w: World, b: int, agent: int, side: int, qty: int, note: int, polite: int, lag: int
) -> None:
    """Send an immediate-or-cancel order with a guard of 20 bps behind the touch."""
    book = w.books[b]
    best = book.ask if side > 0 else book.bid
    i = best - book.base
    if i < 0 or i >= WINDOW:
        return
    if polite:
        qty = min(qty, int(w.levels[b, i].qty))
    px = best + side * max(1, best // 500)
    push(w, w.ctr[C_NOW] + lag, M_SUBMIT, b, agent, side, IOC, px, qty, note, 0)


@compiled
def send_limit(w: World, a: int, b: int, agent: int, lag: int) -> None:
    """Send a resting order at a power-law distance from the opposite best."""
    book = w.books[b]
    asset = w.assets[a]
    side = 1 if uniform(w, G_PLACE) < 0.5 else -1
    far = asset.reach * (exp(-ln(uniform(w, G_PLACE)) / w.par[P_TAIL]) - 1.0)
    far = min(far, 0.05 * book.last)
    best = book.ask if side > 0 else book.bid
    if best < book.base or best >= book.base + WINDOW:
        best = book.last
    px = best - side * (1 + int(far))
    life = w.par[P_LIFE] * exponential(w, G_PLACE)
    life *= exp(w.par[P_LIFE_POW] * ln(1.0 + far / asset.reach)) / asset.vol
    qty = draw_lots(w, a, w.par[P_LIMIT_SD], G_SIZE)
    us = -1 - int(min(life, 1800.0) * 1e6)
    push(w, w.ctr[C_NOW] + lag, M_SUBMIT, b, agent, side, LIMIT, px, qty, 0, us)


@compiled
def draw_meta(w: World, a: int) -> int:
    """Pick an active metaorder, use up one of its children, renew it when it is done."""
    k = below(w, G_META, w.metas.shape[1])
    w.metas[a, k].left -= 1
    if w.metas[a, k].left < 0:
        renew_meta(w, a, k)
        w.metas[a, k].left -= 1
    return k


@entry
def meta_sign(w: World, a: int) -> int:
    """Side of the next child of the metaorder pool alone (for tests)."""
    return w.metas[a, draw_meta(w, a)].side


@compiled
def send_flow(w: World, a: int) -> None:
    """Make one flow event: a taker of a metaorder, a coin-flip taker, or a limit order."""
    b = pick_book(w, a, G_FLOW)
    first = w.groups[A_NOISE]
    agent = first + below(w, G_FLOW, w.groups[A_NOISE + 1] - first)
    if uniform(w, G_FLOW) >= w.par[P_MARKET]:
        send_limit(w, a, b, agent, latency(w, G_LATENCY))
        return
    note = 0
    if uniform(w, G_META) < w.par[P_META]:
        meta = w.metas[a, draw_meta(w, a)]
        side, agent, note, b = meta.side, meta.agent, meta.label, meta.book
    else:
        side = 1 if uniform(w, G_META) < 0.5 else -1
    lots = draw_lots(w, a, w.par[P_SIZE_SD], G_SIZE)
    polite = int(uniform(w, G_SIZE) < w.par[P_POLITE])
    send_taker(w, b, agent, side, lots, note, polite, latency(w, G_LATENCY))


@compiled
def excite(w: World, a: int, n: float) -> None:
    """Add ``n`` events' worth of excitation to the asset's activity."""
    asset = w.assets[a]
    asset.h0 += n * w.par[P_H0] / w.par[P_T0]
    asset.h1 += n * w.par[P_H1] / w.par[P_T1]
    asset.h2 += n * w.par[P_H2] / w.par[P_T2]


@compiled
def on_flow(w: World, a: int) -> None:
    """Accept or thin a candidate event, and schedule the next."""
    asset = w.assets[a]
    now = w.ctr[C_NOW]
    dt = (now - asset.h_ts) * 1e-9
    asset.h_ts = now
    asset.h0 *= exp(-dt / w.par[P_T0])
    asset.h1 *= exp(-dt / w.par[P_T1])
    asset.h2 *= exp(-dt / w.par[P_T2])
    base = asset.rate * asset.vol
    rate = base + asset.h0 + asset.h1 + asset.h2
    if uniform(w, G_FLOW) * asset.h_bar < rate:
        send_flow(w, a)
        excite(w, a, 1.0)
        rate = base + asset.h0 + asset.h1 + asset.h2
    asset.h_bar = rate
    gap = int(1e9 * exponential(w, G_FLOW) / rate) + 1
    push(w, now + gap, M_FLOW, a, 0, 0, 0, 0, 0, 0, 0)

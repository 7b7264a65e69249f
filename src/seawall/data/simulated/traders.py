# SPDX-License-Identifier: MIT
"""Traders with a view: value and trend traders, and arbitrageurs between books.

Value and trend traders follow the mode-switching Chiarella form: demand is
``tanh`` of the mispricing or of the trend, and the share of trend traders rises when
the trend is large against the mispricing.
"""

from __future__ import annotations

import math

from seawall.data.simulated.compiled import compiled
from seawall.data.simulated.flow import draw_lots, latency, pick_book, send_taker
from seawall.data.simulated.layout import (
    A_ARB,
    A_VALUE,
    C_NOW,
    G_ARB,
    G_REACT,
    G_VALUER,
    IOC,
    M_ARB,
    M_SUBMIT,
    M_VALUER,
    P_ARB_EDGE,
    P_BASIS_EDGE,
    P_POLITE,
    P_READ,
    P_READ_GAIN,
    P_SIZE_SD,
    P_TREND_GAIN,
    P_VALUER_GAIN,
    P_VALUER_RATE,
    WINDOW,
    World,
)
from seawall.data.simulated.makers import reference
from seawall.data.simulated.queue import push
from seawall.data.simulated.rng import below, exp, exponential, ln, uniform


@compiled
def tanh(x: float) -> float:
    """Hyperbolic tangent from the portable exponential."""
    x = max(-20.0, min(20.0, x))
    e = exp(2.0 * x)
    return (e - 1.0) / (e + 1.0)


@compiled
def imbalance(w: World, b: int) -> float:
    """Bid less ask quantity over their sum, within twenty ticks of the touch."""
    book = w.books[b]
    bids, asks = 0, 0
    for k in range(20):
        i, j = book.bid - book.base - k, book.ask - book.base + k
        if i >= 0:
            bids += w.levels[b, i].qty
        if j < WINDOW:
            asks += w.levels[b, j].qty
    return (bids - asks) / max(1.0, float(bids + asks))


@compiled
def on_valuer(w: World, a: int) -> None:
    """One look of one trader of asset ``a``; the stronger its view the likelier it acts."""
    asset = w.assets[a]
    rate = w.par[P_VALUER_RATE] * asset.vol
    gap = int(1e9 * exponential(w, G_VALUER) / rate) + 1
    push(w, w.ctr[C_NOW] + gap, M_VALUER, a, 0, 0, 0, 0, 0, 0, 0)
    minute = asset.sigma * math.sqrt(60.0)
    mood, act, reads = uniform(w, G_VALUER), uniform(w, G_VALUER), uniform(w, G_VALUER)
    first = w.groups[A_VALUE]
    agent = first + below(w, G_VALUER, w.groups[A_VALUE + 1] - first)
    b = pick_book(w, a, G_VALUER)
    lots = draw_lots(w, a, w.par[P_SIZE_SD], G_VALUER)
    polite = int(uniform(w, G_VALUER) < w.par[P_POLITE])
    lag = latency(w, G_VALUER)
    if reads < w.par[P_READ]:
        view = tanh(w.par[P_READ_GAIN] * imbalance(w, b))
    elif mood < asset.mood:
        view = tanh(w.par[P_TREND_GAIN] * asset.trend * 60.0 / minute)
    else:
        view = tanh(w.par[P_VALUER_GAIN] * ln(asset.seen / reference(w, a)) / minute)
    if act < abs(view):
        send_taker(w, b, agent, 1 if view > 0.0 else -1, lots, 0, polite, lag)


@compiled
def legs(w: World, agent: int, buy: int, sell: int, lots: int) -> None:
    """Buy in one book and sell in another, both immediate or cancel."""
    now = w.ctr[C_NOW]
    ask, bid = w.books[buy].ask, w.books[sell].bid
    push(w, now + latency(w, G_REACT) // 4, M_SUBMIT, buy, agent, 1, IOC, ask, lots, 0, 0)
    push(w, now + latency(w, G_REACT) // 4, M_SUBMIT, sell, agent, -1, IOC, bid, lots, 0, 0)


@compiled
def on_arb(w: World, a: int) -> None:
    """Compare every pair of books: same kind at the venue edge, spot-perp at the basis edge."""
    gap = int(2e8 * exponential(w, G_ARB)) + 1
    push(w, w.ctr[C_NOW] + gap, M_ARB, a, 0, 0, 0, 0, 0, 0, 0)
    asset = w.assets[a]
    first = w.groups[A_ARB]
    agent = first + below(w, G_ARB, w.groups[A_ARB + 1] - first)
    cap = int(400.0 * asset.size)
    for i in range(asset.book_0, asset.book_1):
        for j in range(asset.book_0, asset.book_1):
            buy, sell = w.books[i], w.books[j]
            if i == j or buy.halted or sell.halted:
                continue
            if buy.ask >= buy.base + WINDOW or sell.bid < sell.base:
                continue
            edge = w.par[P_ARB_EDGE] if buy.perp == sell.perp else w.par[P_BASIS_EDGE]
            # An open position of the right sign is closed at a quarter of the edge.
            if w.pos[agent, i] < 0 and w.pos[agent, j] > 0:
                edge *= 0.25
            elif abs(w.pos[agent, i]) > cap or abs(w.pos[agent, j]) > cap:
                continue
            rate = w.coins[buy.coin].dollars / w.coins[sell.coin].dollars
            if sell.bid > buy.ask * rate * (1.0 + edge):
                lots = min(
                    w.levels[i, buy.ask - buy.base].qty, w.levels[j, sell.bid - sell.base].qty
                )
                legs(w, agent, i, j, max(1, int(min(lots, int(20.0 * asset.size)))))
                return

# SPDX-License-Identifier: MIT
"""Market makers: a belief, layered quotes around it, inventory, and fast repair.

A maker mixes what the asset's other books show with the value that informed traders
see, shifts its quotes against its inventory, and leaves a quote alone while it is less
than a band away from where it should be.  When the touch moves a maker is called at
once, so that the spread closes within milliseconds as it does on liquid venues.
"""

from __future__ import annotations

import math

from seawall.data.simulated.compiled import compiled
from seawall.data.simulated.layout import (
    C_NOW,
    G_MAKER,
    IOC,
    LAYERS,
    M_CANCEL,
    M_MAKER,
    M_SUBMIT,
    P_BAND,
    P_CLOSE,
    P_LAYER_SHARE,
    P_LAYER_STEP,
    P_NOISE,
    P_REF_TAU,
    P_TOUCH,
    P_VALUE_TAU,
    P_WAKE,
    POST,
    SLOT_BITS,
    WINDOW,
    World,
)
from seawall.data.simulated.queue import push
from seawall.data.simulated.rng import below, exp, exponential, normal, uniform

_MASK = (1 << SLOT_BITS) - 1


@compiled
def reference(w: World, a: int) -> float:
    """Mean mid price of the asset's two-sided books in dollars, each freed of its slow basis."""
    asset = w.assets[a]
    total, n = 0.0, 0.0
    for b in range(asset.book_0, asset.book_1):
        book = w.books[b]
        if book.bid >= book.base and book.ask < book.base + WINDOW and not book.halted:
            mid = 0.5 * (book.bid + book.ask) * book.tick * w.coins[book.coin].dollars
            total += book.share * mid / (1.0 + book.basis)
            n += book.share
    if n > 0.0:
        asset.ref = total / n
    return asset.ref


@compiled
def believe(w: World, m: int) -> float:
    """Update a maker's belief and return it in ticks of its book."""
    maker = w.makers[m]
    book = w.books[maker.book]
    asset = w.assets[book.asset]
    now = w.ctr[C_NOW]
    dt = (now - maker.seen) * 1e-9
    maker.seen = now
    ref = reference(w, book.asset)
    maker.fair += (1.0 - exp(-dt / w.par[P_REF_TAU])) * (ref - maker.fair)
    maker.fair += (1.0 - exp(-dt / w.par[P_VALUE_TAU])) * (asset.seen - maker.fair)
    maker.error *= exp(-dt / 5.0)
    maker.error += (
        w.par[P_NOISE] * math.sqrt(1.0 - exp(-dt / 2.5)) * normal(w, G_MAKER + maker.book)
    )
    inventory = w.pos[maker.agent, maker.book] / maker.size
    lean = maker.skew * max(-8.0, min(8.0, inventory))
    price = maker.fair / w.coins[book.coin].dollars
    return price * (1.0 + book.basis) / book.tick + maker.error - lean


@compiled
def replace(w: World, m: int, h: int, side: int, px: int, qty: int, keep: float) -> None:
    """Bring one layer to ``px``: keep it, or cancel it and send a new order."""
    maker = w.makers[m]
    id_ = w.held[h]
    if id_ < 0:
        return  # an order of this layer is still on its way
    lag = w.ctr[C_NOW] + int(
        maker.lag * 1000.0 * (0.5 + 0.5 * exponential(w, G_MAKER + maker.book))
    )
    if id_ > 0:
        o = w.orders[id_ & _MASK]
        if o.id == id_:
            if abs(o.px - px) <= keep:
                return
            push(w, lag, M_CANCEL, maker.book, maker.agent, 0, 0, 0, 0, 0, id_)
    w.held[h] = -1
    push(w, lag, M_SUBMIT, maker.book, maker.agent, side, POST, px, qty, 0, h + 1)


@compiled
def withdraw(w: World, m: int) -> None:
    """Cancel all quotes of a maker."""
    maker = w.makers[m]
    for h in range(m * 2 * LAYERS, (m + 1) * 2 * LAYERS):
        id_ = w.held[h]
        if id_ > 0:
            lag = w.ctr[C_NOW] + maker.lag * 1000
            push(w, lag, M_CANCEL, maker.book, maker.agent, 0, 0, 0, 0, 0, id_)
            w.held[h] = 0


@compiled
def quote(w: World, m: int) -> None:
    """Place or move all layers around the belief, and lift quotes that are stale."""
    maker = w.makers[m]
    book = w.books[maker.book]
    fair = believe(w, m)
    vol = w.assets[book.asset].vol
    half = maker.half * (0.5 + 0.5 * vol)
    bid, ask = book.bid, book.ask
    band = w.par[P_BAND]
    for s in range(2):
        side = 1 - 2 * s
        best, other = (bid, ask) if side > 0 else (ask, bid)
        edge = (fair - other) * side - half - 3.0 * band
        if edge > 0.0 and 0 <= other - book.base < WINDOW:
            lag = w.ctr[C_NOW] + maker.lag * 1000
            lots = int(maker.size * min(3.0, 0.5 + edge / band))
            px = other + side * int(edge)
            push(w, lag, M_SUBMIT, maker.book, maker.agent, side, IOC, px, lots, 0, 0)
        want = fair - side * half
        px = int(math.floor(want)) if side > 0 else int(math.ceil(want))
        # Never into the other side; and a quote within the band of the touch joins it.
        px = min(px, other - 1) if side > 0 else max(px, other + 1)
        if abs(px - best) <= band and ask - bid == 1:
            px = best
        elif ask - bid > 1 and (2.0 * fair - bid - ask) * side >= 0.0:
            # On the side towards which its belief leans, it gives way to close the spread.
            if (other - side - want) * side <= w.par[P_CLOSE]:
                px = other - side
        h = (m * 2 + s) * LAYERS
        for layer in range(LAYERS):
            step = maker.number * 0.5 + w.par[P_LAYER_STEP] * layer
            far = int(step * layer * (0.5 + 0.5 * vol))
            u = uniform(w, G_MAKER + maker.book)
            weight = w.par[P_LAYER_SHARE]
            if layer == 0:
                weight = w.par[P_TOUCH] if px == best else 1.0
            lots = max(1, int(maker.size * (0.1 + 1.6 * u * u) * weight))
            replace(w, m, h + layer, side, px - side * far, lots, band * layer)


@compiled
def on_maker(w: World, m: int, called: int) -> None:
    """Let a maker look; its own looks come at random, calls come from the touch."""
    maker = w.makers[m]
    book = w.books[maker.book]
    if called:
        book.calls -= 1
    else:
        gap = int(1e9 * w.par[P_WAKE] * exponential(w, G_MAKER + maker.book)) + 1
        push(w, w.ctr[C_NOW] + gap, M_MAKER, 0, m, 0, 0, 0, 0, 0, 0)
    if book.halted:
        return
    if maker.number < book.dry:
        withdraw(w, m)
    else:
        quote(w, m)


@compiled
def call_maker(w: World, b: int) -> None:
    """Call one maker of a book whose touch moved, unless two are on their way."""
    book = w.books[b]
    if book.calls >= 2:
        return
    book.calls += 1
    m = book.maker_0 + below(w, G_MAKER + b, book.maker_1 - book.maker_0)
    lag = int(w.makers[m].lag * 1000.0 * exponential(w, G_MAKER + b)) + 1
    push(w, w.ctr[C_NOW] + lag, M_MAKER, 0, m, 1, 0, 0, 0, 0, 0)

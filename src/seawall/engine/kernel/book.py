# SPDX-License-Identifier: MIT
"""Level-2 book: a flat window of ticks per side, a bitmap, and a map of far levels.

Both sides count positions so that *larger is better*: a bid at price p sits at
``shift + p``, an ask at ``shift - p``; so one set of functions serves both, without a
branch.  The k best levels are summed by difference, from the first question on.
Cost per update O(1), plus a scan over one bitmap word or two when a level among the k
best comes or goes.

A book is ``BOOK_HEAD`` words, then per side: quantities of the window, bitmap, far
prices, far quantities.  The far map is open addressing on price; levels that leave
the window move there and come back when the window is moved.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np

from seawall.engine.kernel.bits import leading_zeros, trailing_zeros
from seawall.engine.kernel.jit import inlined, internal
from seawall.engine.layout import (
    B_SIDE0,
    BOOK_HEAD,
    FAR,
    H_BOOK_FAR,
    H_BOOK_TICKS,
    H_FAR_LOST,
    H_TOPK,
    S_BEST,
    S_COUNT,
    S_EDGE,
    S_FAR,
    S_LEVELS,
    S_QTY,
    S_SHIFT,
    S_SUM,
)


@internal
def _side_size(w):
    ticks = w[H_BOOK_TICKS]
    return ticks + (ticks >> 6) + 2 * w[H_BOOK_FAR]


@inlined
def _head(b, side):
    return b + B_SIDE0 + 8 * side


@inlined
def _quantities(w, b, side):
    return w[_head(b, side) + S_QTY]


@inlined
def position_of(w, b, side, px):
    """Window position of a price; outside 0..window-1 when it is far."""
    return w[_head(b, side) + S_SHIFT] + (1 - 2 * side) * px


@inlined
def price_of(w, b, side, pos):
    """Price of a window position, ticks."""
    return (1 - 2 * side) * (pos - w[_head(b, side) + S_SHIFT])


@inlined
def best_price(w, b, side):
    """Best price of a side, ticks; 0 when the side is empty."""
    best = w[_head(b, side) + S_BEST]
    if best < 0:
        return 0
    return price_of(w, b, side, best)


@inlined
def _worse(w, bits, pos):
    """Next occupied position below ``pos``, -1 none."""
    pos -= 1
    if pos < 0:
        return -1
    word = pos >> 6
    keep = pos & 63
    mask = w[bits + word]
    if keep < 63:
        mask &= (np.int64(1) << (keep + 1)) - 1
    while mask == 0:
        word -= 1
        if word < 0:
            return -1
        mask = w[bits + word]
    return (word << 6) + 63 - leading_zeros(mask)


@inlined
def _better(w, bits, pos, words):
    """Next occupied position above ``pos``, -1 none."""
    pos += 1
    word = pos >> 6
    if word >= words:
        return -1
    mask = w[bits + word] & ~((np.int64(1) << (pos & 63)) - 1)
    while mask == 0:
        word += 1
        if word >= words:
            return -1
        mask = w[bits + word]
    return (word << 6) + trailing_zeros(mask)


@internal
def next_level(w, b, side, pos):
    """Next worse occupied window position, -1 none."""
    return _worse(w, _quantities(w, b, side) + w[H_BOOK_TICKS], pos)


@internal
def quantity_at(w, b, side, px):
    """Displayed quantity at a price, lots."""
    pos = position_of(w, b, side, px)
    if 0 <= pos < w[H_BOOK_TICKS]:
        return w[_quantities(w, b, side) + pos]
    return _far_get(w, b, side, px)


@internal
def _far_slot(w, far, cap, px):
    """Slot of a price in the far map, or the free slot where it belongs."""
    slot = (px * 0x9E3779B1) & (cap - 1)
    while w[far + slot] != 0 and w[far + slot] != px:
        slot = (slot + 1) & (cap - 1)
    return slot


@internal
def _far_get(w, b, side, px):
    head = _head(b, side)
    if w[head + S_FAR] == 0:
        return 0
    cap = w[H_BOOK_FAR]
    far = _quantities(w, b, side) + w[H_BOOK_TICKS] + (w[H_BOOK_TICKS] >> 6)
    slot = _far_slot(w, far, cap, px)
    if w[far + slot] == px:
        return w[far + cap + slot]
    return 0


@internal
def _far_set(w, b, side, px, qty):
    head = _head(b, side)
    cap = w[H_BOOK_FAR]
    far = _quantities(w, b, side) + w[H_BOOK_TICKS] + (w[H_BOOK_TICKS] >> 6)
    slot = _far_slot(w, far, cap, px)
    if w[far + slot] == px:
        if qty > 0:
            w[far + cap + slot] = qty
            return
        # Backward-shift deletion keeps probe chains whole without tombstones.
        hole = slot
        probe = (slot + 1) & (cap - 1)
        while w[far + probe] != 0:
            home = (w[far + probe] * 0x9E3779B1) & (cap - 1)
            if ((probe - home) & (cap - 1)) >= ((probe - hole) & (cap - 1)):
                w[far + hole] = w[far + probe]
                w[far + cap + hole] = w[far + cap + probe]
                hole = probe
            probe = (probe + 1) & (cap - 1)
        w[far + hole] = 0
        w[far + cap + hole] = 0
        w[head + S_FAR] -= 1
    elif qty > 0:
        if w[head + S_FAR] * 8 >= cap * 7:
            w[H_FAR_LOST] += 1
            return
        w[far + slot] = px
        w[far + cap + slot] = qty
        w[head + S_FAR] += 1


@internal
def _shift_for(w, side, px):
    """Shift that puts a price at three quarters: worse levels need the room."""
    return 3 * (w[H_BOOK_TICKS] // 4) - (1 - 2 * side) * px


@internal
def clear_book(w, b, px):
    """Empty both sides and put the windows around a price."""
    for at in range(b + B_SIDE0, b + BOOK_HEAD + 2 * _side_size(w)):
        w[at] = 0
    for side in range(2):
        w[_head(b, side) + S_BEST] = -1
        w[_head(b, side) + S_EDGE] = FAR
        w[_head(b, side) + S_QTY] = b + BOOK_HEAD + side * _side_size(w)
        w[_head(b, side) + S_SHIFT] = _shift_for(w, side, px)


@internal
def _recount(w, b, side):
    """Best, edge, count and sum of a side from its bitmap."""
    head = _head(b, side)
    qty = _quantities(w, b, side)
    bits = qty + w[H_BOOK_TICKS]
    pos = _worse(w, bits, w[H_BOOK_TICKS])
    w[head + S_BEST] = pos
    if w[head + S_EDGE] == FAR:
        return
    w[head + S_EDGE] = -1
    w[head + S_COUNT] = 0
    w[head + S_SUM] = 0
    while pos >= 0 and w[head + S_COUNT] < w[H_TOPK]:
        w[head + S_EDGE] = pos
        w[head + S_COUNT] += 1
        w[head + S_SUM] += w[qty + pos]
        pos = _worse(w, bits, pos)


@internal
def move_window(w, b, side, px):
    """Put a side's window around a price; levels move to and from the far map."""
    ticks = w[H_BOOK_TICKS]
    cap = w[H_BOOK_FAR]
    head = _head(b, side)
    qty = _quantities(w, b, side)
    bits = qty + ticks
    far = bits + (ticks >> 6)
    prices = np.empty(w[head + S_LEVELS] + w[head + S_FAR], np.int64)
    lots = np.empty_like(prices)
    n = 0
    pos = _worse(w, bits, ticks)
    while pos >= 0:
        prices[n] = price_of(w, b, side, pos)
        lots[n] = w[qty + pos]
        n += 1
        pos = _worse(w, bits, pos)
    for slot in range(cap):
        if w[far + slot] != 0:
            prices[n] = w[far + slot]
            lots[n] = w[far + cap + slot]
            n += 1
    for at in range(qty, qty + _side_size(w)):
        w[at] = 0
    w[head + S_FAR] = 0
    w[head + S_LEVELS] = 0
    w[head + S_SHIFT] = _shift_for(w, side, px)
    for i in range(n):
        pos = position_of(w, b, side, prices[i])
        if 0 <= pos < ticks:
            w[qty + pos] = lots[i]
            w[bits + (pos >> 6)] |= np.int64(1) << (pos & 63)
            w[head + S_LEVELS] += 1
        else:
            _far_set(w, b, side, prices[i], lots[i])
    _recount(w, b, side)


@internal
def _far_best(w, b, side):
    """Best price in the far map of a side, 0 none."""
    cap = w[H_BOOK_FAR]
    far = _quantities(w, b, side) + w[H_BOOK_TICKS] + (w[H_BOOK_TICKS] >> 6)
    best = 0
    for slot in range(cap):
        px = w[far + slot]
        if px != 0 and (best == 0 or (px > best if side == 0 else px < best)):
            best = px
    return best


@internal
def far_after(w, b, side, px):
    """Best price in the far map that is worse than a price, 0 none."""
    if w[_head(b, side) + S_FAR] == 0:
        return 0
    cap = w[H_BOOK_FAR]
    far = _quantities(w, b, side) + w[H_BOOK_TICKS] + (w[H_BOOK_TICKS] >> 6)
    best = 0
    for slot in range(cap):
        p = w[far + slot]
        if p == 0 or (p >= px if side == 0 else p <= px):
            continue
        if best == 0 or (p > best if side == 0 else p < best):
            best = p
    return best


@inlined
def _level_gone(w, b, side, pos, old):
    head = _head(b, side)
    bits = _quantities(w, b, side) + w[H_BOOK_TICKS]
    w[bits + (pos >> 6)] &= ~(np.int64(1) << (pos & 63))
    w[head + S_LEVELS] -= 1
    if pos == w[head + S_BEST]:
        w[head + S_BEST] = _worse(w, bits, pos)
    edge = w[head + S_EDGE]
    if pos >= edge:
        w[head + S_SUM] -= old
        follower = _worse(w, bits, edge)
        if follower >= 0:
            w[head + S_SUM] += w[_quantities(w, b, side) + follower]
            w[head + S_EDGE] = follower
        else:
            w[head + S_COUNT] -= 1
            if pos == edge:
                w[head + S_EDGE] = _better(w, bits, pos, w[H_BOOK_TICKS] >> 6)


@inlined
def _level_came(w, b, side, pos, qty):
    head = _head(b, side)
    bits = _quantities(w, b, side) + w[H_BOOK_TICKS]
    w[bits + (pos >> 6)] |= np.int64(1) << (pos & 63)
    w[head + S_LEVELS] += 1
    if pos > w[head + S_BEST]:
        w[head + S_BEST] = pos
    edge = w[head + S_EDGE]
    if edge == FAR:
        return
    if w[head + S_COUNT] < w[H_TOPK]:
        w[head + S_COUNT] += 1
        w[head + S_SUM] += qty
        if edge < 0 or pos < edge:
            w[head + S_EDGE] = pos
    elif pos > edge:
        w[head + S_SUM] += qty - w[_quantities(w, b, side) + edge]
        w[head + S_EDGE] = _better(w, bits, edge, w[H_BOOK_TICKS] >> 6)


@internal
def _set_far(w, b, side, px, qty):
    """Set a level outside the window; returns the quantity that stood there.

    A far level that is better than the window, or the first of an empty side, pulls
    the window to itself.
    """
    old = _far_get(w, b, side, px)
    _far_set(w, b, side, px, qty)
    if qty > 0 and (position_of(w, b, side, px) >= 0 or w[_head(b, side) + S_BEST] < 0):
        move_window(w, b, side, px)
    return old


@inlined
def set_level(w, b, side, px, qty):
    """Set the total quantity of a level (0 removes it).

    Parameters
    ----------
    w : array of int64
        The world.
    b : int
        Offset of the book.
    side : int
        0 bid, 1 ask.
    px, qty : int
        Price in ticks, new total in lots.

    Returns
    -------
    int
        Quantity that stood there before, lots.
    """
    pos = position_of(w, b, side, px)
    if pos < 0 or pos >= w[H_BOOK_TICKS]:
        return _set_far(w, b, side, px, qty)
    at = _quantities(w, b, side) + pos
    old = w[at]
    if old == qty:
        return old
    w[at] = qty
    if old == 0:
        _level_came(w, b, side, pos, qty)
    elif qty == 0:
        _level_gone(w, b, side, pos, old)
        if w[_head(b, side) + S_BEST] < 0 and w[_head(b, side) + S_FAR] > 0:
            move_window(w, b, side, _far_best(w, b, side))
    elif pos >= w[_head(b, side) + S_EDGE]:
        w[_head(b, side) + S_SUM] += qty - old
    return old


@internal
def top_sum(w, b, side):
    """Quantity in the k best levels of a side, lots.

    Levels outside the window are counted only when the window holds fewer than k;
    then the window has run thin and is searched together with the far map.
    """
    head = _head(b, side)
    if w[head + S_EDGE] == FAR:
        w[head + S_EDGE] = -1
        _recount(w, b, side)
    if w[head + S_COUNT] >= w[H_TOPK] or w[head + S_FAR] == 0:
        return w[head + S_SUM]
    cap = w[H_BOOK_FAR]
    far = _quantities(w, b, side) + w[H_BOOK_TICKS] + (w[H_BOOK_TICKS] >> 6)
    total = w[head + S_SUM]
    last = 0  # price of the far level taken last
    for _ in range(w[H_TOPK] - w[head + S_COUNT]):
        best = 0
        lots = 0
        for slot in range(cap):
            px = w[far + slot]
            if px == 0 or (last != 0 and (px >= last if side == 0 else px <= last)):
                continue
            if best == 0 or (px > best if side == 0 else px < best):
                best = px
                lots = w[far + cap + slot]
        if best == 0:
            break
        total += lots
        last = best
    return total

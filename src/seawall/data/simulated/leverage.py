# SPDX-License-Identifier: MIT
"""Leveraged accounts and the venue's liquidation engine.

Isolated margin on a linear perpetual: a long entered at E with leverage L is
liquidated at ``E (1 - 1/L) / (1 - m)``, a short at ``E (1 + 1/L) / (1 + m)``, judged by
the mark price, in two margin tiers.  What is left pays to the insurance fund; what is
missing comes out of it; and when it is empty, the winners on the other side are closed at
the price at which the loser has nothing left (auto-deleveraging), best placed first.
"""

from __future__ import annotations

from seawall.data.simulated.compiled import compiled
from seawall.data.simulated.flow import latency
from seawall.data.simulated.layout import (
    A_WORLD,
    C_NOW,
    DELEVERAGE,
    G_LEVER,
    G_REACT,
    IOC,
    M_SUBMIT,
    NOTE_LIQUIDATION,
    P_LEVER_HIGH,
    P_LEVER_RATE,
    P_LEVER_SIZE,
    P_LIQUIDATION,
    P_MAINT,
    P_TIER,
    P_TIER_MAINT,
    WINDOW,
    World,
)
from seawall.data.simulated.matching import move, submit, write
from seawall.data.simulated.queue import push
from seawall.data.simulated.rng import below, uniform


@compiled
def leverage_of(w: World) -> int:
    """Draw a leverage: most accounts moderate, some extreme."""
    u = uniform(w, G_REACT)
    high = w.par[P_LEVER_HIGH]
    if u >= 1.0 - high:
        return 50 if u < 1.0 - high / 3.0 else 100
    u /= 1.0 - high
    if u < 0.4:
        return 5
    return 10 if u < 0.75 else 20


@compiled
def open_account(w: World, k: int) -> None:
    """Send an opening order, with the trend two times out of three."""
    acc = w.accounts[k]
    book = w.books[acc.book]
    asset = w.assets[book.asset]
    up = asset.trend > 0.0
    if uniform(w, G_REACT) < 0.33:
        up = not up
    best = book.ask if up else book.bid
    if best < book.base or best >= book.base + WINDOW:
        return
    # Collateral is topped up from outside so that the account can go on after a loss.
    want = int(asset.size * (2 + below(w, G_REACT, 20)) * w.par[P_LEVER_SIZE])
    acc.leverage = leverage_of(w)
    need = want * best * book.mult // acc.leverage
    w.cash[A_WORLD] -= need - w.cash[acc.agent]
    w.cash[acc.agent] = need
    acc.cash0 = need
    side = 1 if up else -1
    px = best + side * max(1, best // 2000)
    when = w.ctr[C_NOW] + latency(w, G_REACT)
    push(w, when, M_SUBMIT, acc.book, acc.agent, side, IOC, px, want, 0, 0)


@compiled
def take_stock(w: World, k: int) -> None:
    """After a fill: entry price from the money that moved, and the liquidation price.

    Above the limit of the first tier the second tier's rate holds for the whole position,
    less the constant that makes the margin continuous there.
    """
    acc = w.accounts[k]
    acc.qty = w.pos[acc.agent, acc.book]
    if acc.qty == 0:
        acc.entry = 0
        return
    mult = w.books[acc.book].mult
    entry = abs(acc.cash0 - w.cash[acc.agent]) / (abs(acc.qty) * mult)
    share = acc.cash0 / (abs(acc.qty) * mult * entry)  # 1 / leverage
    m, less = w.par[P_MAINT], 0.0
    if abs(acc.qty) * mult * entry > w.par[P_TIER]:
        less = w.par[P_TIER] * (w.par[P_TIER_MAINT] - m) / (abs(acc.qty) * mult)
        m = w.par[P_TIER_MAINT]
    acc.entry = int(entry)
    if acc.qty > 0:
        acc.liq = int((entry * (1.0 - share) - less) / (1.0 - m))
    else:
        acc.liq = int((entry * (1.0 + share) + less) / (1.0 + m))


@compiled
def best_placed(w: World, k: int, mark: int) -> int:
    """Account on the other side with the largest profit times leverage; -1 for none."""
    acc = w.accounts[k]
    found, top = -1, 0.0
    for j in range(len(w.accounts)):
        other = w.accounts[j]
        qty = w.pos[other.agent, other.book]
        if other.book != acc.book or qty * acc.qty >= 0 or other.entry == 0:
            continue
        gain = (mark - other.entry) * (1 if qty > 0 else -1) / other.entry
        if gain * other.leverage > top:
            found, top = j, gain * other.leverage
    return found


@compiled
def deleverage(w: World, k: int) -> None:
    """Close what is left against those who won most, at the price that leaves nothing.

    No order goes to the book; the fund is not touched.
    """
    acc = w.accounts[k]
    b = acc.book
    mult = w.books[b].mult
    mark = w.books[b].mark_fp >> 10
    while True:
        qty = w.pos[acc.agent, b]
        j = best_placed(w, k, mark) if qty != 0 else -1
        if j < 0:
            break
        other = w.accounts[j]
        lots = min(abs(qty), abs(w.pos[other.agent, b]))
        # Rounded in favour of the loser, so that the fund pays nothing.
        due, unit = abs(w.cash[acc.agent]), abs(qty) * mult
        px = due // unit if qty < 0 else (due + unit - 1) // unit
        side = -1 if qty > 0 else 1
        write(w, DELEVERAGE, b, side, px, lots, 0, 0, acc.agent, other.agent, 0, 0)
        if side > 0:
            move(w, b, acc.agent, other.agent, px, lots)
        else:
            move(w, b, other.agent, acc.agent, px, lots)
        other.qty = w.pos[other.agent, b]
        if other.qty == 0:
            other.entry = 0
    acc.qty = w.pos[acc.agent, b]


@compiled
def liquidate(w: World, k: int) -> None:
    """Close in the venue's name, no farther off the mark than a band, and settle.

    The insurance fund takes what is left, up to a tenth of the collateral, and pays what
    is missing.  When it cannot pay any more, the winners are deleveraged instead.
    """
    acc = w.accounts[k]
    b = acc.book
    side = -1 if acc.qty > 0 else 1
    book = w.books[b]
    mark = book.mark_fp >> 10
    worth = w.cash[acc.agent] + acc.qty * mark * book.mult
    if worth < 0 and book.fund + worth < 0:
        deleverage(w, k)
    if acc.qty != 0:
        px = mark + side * int(mark * w.par[P_LIQUIDATION])
        submit(w, b, acc.agent, side, IOC, px, abs(acc.qty), NOTE_LIQUIDATION)
        acc.qty = w.pos[acc.agent, b]
    if acc.qty != 0:
        return  # nobody within the band; the rest follows next second
    left = w.cash[acc.agent]
    fee = left if left < 0 else min(left, acc.cash0 // 10)
    w.cash[acc.agent] -= fee
    book.fund += fee
    acc.entry = 0


@compiled
def on_accounts(w: World) -> None:
    """Once a second: liquidate by the mark, open and close at random."""
    for k in range(len(w.accounts)):
        acc = w.accounts[k]
        book = w.books[acc.book]
        wish = uniform(w, G_LEVER)
        if book.halted:
            continue
        if w.pos[acc.agent, acc.book] != acc.qty:
            take_stock(w, k)
        mark = book.mark_fp >> 10
        if acc.qty == 0:
            if wish < w.par[P_LEVER_RATE] * w.assets[book.asset].vol:
                open_account(w, k)
        elif (acc.qty > 0 and mark <= acc.liq) or (acc.qty < 0 and mark >= acc.liq):
            liquidate(w, k)
        elif wish < 0.3 * w.par[P_LEVER_RATE]:
            side = -1 if acc.qty > 0 else 1
            best = book.ask if side > 0 else book.bid
            px = best + side * max(1, best // 2000)
            when = w.ctr[C_NOW] + latency(w, G_REACT)
            push(w, when, M_SUBMIT, acc.book, acc.agent, side, IOC, px, abs(acc.qty), 0, 0)

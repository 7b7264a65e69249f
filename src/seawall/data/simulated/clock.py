# SPDX-License-Identifier: MIT
"""What time itself does: value, volatility, marks, funding, liquidations."""

from __future__ import annotations

import math

from seawall.data.simulated.compiled import compiled
from seawall.data.simulated.flow import excite
from seawall.data.simulated.layout import (
    C_NOW,
    C_TAPE,
    G_PEG,
    G_VALUE,
    M_CLOCK,
    P_CRISIS,
    P_IDIO,
    P_JUMP_RATE,
    P_JUMP_SD,
    P_JUMP_SKEW,
    P_LEVERAGE_DOWN,
    P_PEG_SD,
    P_PROFILE,
    P_S0,
    P_S1,
    P_S2,
    P_SEEN_TAU,
    P_START,
    WINDOW,
    World,
)
from seawall.data.simulated.leverage import on_accounts
from seawall.data.simulated.makers import reference
from seawall.data.simulated.queue import push
from seawall.data.simulated.rng import exp, ln, normal, uniform

STEP_NS = 100_000_000
_FP = 1 << 10
_DAY = 86_400.0
_PEG_S = 300.0
_CLAMP = 500_000  # 0.05 % in 1e-9
_INTEREST = 100_000  # 0.01 % per eight hours
_EIGHT_HOURS = 28_800_000_000_000


@compiled
def profile(w: World) -> float:
    """Intraday activity: a parabola with its peak at 15:00 UTC and mean near one."""
    day = (w.par[P_START] + w.ctr[C_NOW] * 1e-9) / _DAY - 15.0 / 24.0
    x = 2.0 * (day - math.floor(day + 0.5))
    return 1.0 + w.par[P_PROFILE] * (1.0 / 3.0 - x * x)


@compiled
def tape(w: World, b: int, settled: int, rate: int) -> None:
    """Append one row to the tape."""
    if w.ctr[C_TAPE] >= len(w.tape):
        return
    row = w.tape[w.ctr[C_TAPE]]
    w.ctr[C_TAPE] += 1
    book = w.books[b]
    row.ts, row.book, row.settled = w.ctr[C_NOW], b, settled
    row.mark_fp, row.index_fp, row.rate, row.oi = book.mark_fp, book.index_fp, rate, book.oi
    row.value, row.vol = w.assets[book.asset].value, w.assets[book.asset].vol


@compiled
def on_value(w: World) -> None:
    """Move volatility and value by one step; rarely, a jump common to all assets."""
    dt = STEP_NS * 1e-9
    z, jump = normal(w, G_VALUE), 0.0
    if uniform(w, G_VALUE) < w.par[P_JUMP_RATE] * dt:
        jump = w.par[P_JUMP_SD] * (w.par[P_JUMP_SKEW] + normal(w, G_VALUE))
    n0, n1, n2 = normal(w, G_VALUE), normal(w, G_VALUE), normal(w, G_VALUE)
    own = w.par[P_IDIO]
    common = math.sqrt(1.0 - own * own)
    season = profile(w)
    down = w.par[P_LEVERAGE_DOWN] * (z * math.sqrt(dt / 60.0) + 0.3 * jump)
    for a in range(len(w.assets)):
        x = w.assets[a]
        e0, e1, e2 = (normal(w, G_VALUE), normal(w, G_VALUE), normal(w, G_VALUE))
        x.x0 += -x.x0 * dt / 60.0 + w.par[P_S0] * math.sqrt(dt / 30.0) * (common * n0 + own * e0)
        x.x1 += -x.x1 * dt / 900.0 + w.par[P_S1] * math.sqrt(dt / 450.0) * (common * n1 + own * e1)
        x.x1 -= down
        x.x2 += -x.x2 * dt / 14400.0
        x.x2 += w.par[P_S2] * math.sqrt(dt / 7200.0) * (common * n2 + own * e2)
        x.vol = season * exp(max(-2.5, min(2.5, x.x0 + x.x1 + x.x2)))
        beta = x.beta + (1.0 - x.beta) * w.par[P_CRISIS] * max(0.0, 1.0 - 1.0 / x.vol)
        mix = beta * z + math.sqrt(max(0.0, 1.0 - beta * beta)) * normal(w, G_VALUE)
        minute = x.sigma * math.sqrt(60.0)
        move = x.sigma * x.vol * math.sqrt(dt) * mix + minute * jump
        x.value *= exp(move)
        # The informed learn over about a second, a jump in a tenth of that.
        x.seen += (x.value - x.seen) * (min(1.0, dt / w.par[P_SEEN_TAU]) if jump == 0.0 else 0.7)
        if jump != 0.0:
            excite(w, a, 30.0 * abs(jump))
            tape(w, x.book_0, 2, int(1e9 * minute * jump))


@compiled
def on_coins(w: World) -> None:
    """Move the quote currencies: a narrow band around the dollar, and what breaks it."""
    dt = STEP_NS * 1e-9
    sd = w.par[P_PEG_SD]
    for c in range(len(w.coins)):
        coin = w.coins[c]
        if sd > 0.0:
            shock = sd * math.sqrt(2.0 * dt / _PEG_S) * normal(w, G_PEG)
            coin.noise += shock - coin.noise * dt / _PEG_S
        coin.depeg += (coin.goal - coin.depeg) * min(1.0, coin.speed * dt)
        coin.dollars = exp(coin.noise + coin.depeg)


@compiled
def on_trend(w: World, a: int) -> None:
    """Once a second: trend, mood, and the slow basis of each book."""
    asset = w.assets[a]
    old = asset.ref
    ref = reference(w, a)
    minute = asset.sigma * math.sqrt(60.0)
    asset.trend += (ln(ref / old) - asset.trend) / 60.0
    gap = abs(ln(asset.seen / ref)) / minute - abs(asset.trend) * 60.0 / minute
    asset.mood += (1.0 / (1.0 + exp(2.0 * gap)) - asset.mood) / 120.0
    for b in range(asset.book_0, asset.book_1):
        book = w.books[b]
        if book.bid >= book.base and book.ask < book.base + WINDOW:
            mid = 0.5 * (book.bid + book.ask) * book.tick * w.coins[book.coin].dollars
            book.basis += (mid / ref - 1.0 - book.basis * 1.05) / 300.0


@compiled
def on_marks(w: World, a: int) -> None:
    """Index from the spot mids, mark by a slow premium, one premium sample; all integers."""
    asset = w.assets[a]
    total, n = 0, 0
    for b in range(asset.book_0, asset.book_1):
        book = w.books[b]
        if not book.perp and book.bid >= book.base and book.ask < book.base + WINDOW:
            total += int(float((book.bid + book.ask) << 9) * w.coins[book.coin].dollars)
            n += 1
    for b in range(asset.book_0, asset.book_1):
        book = w.books[b]
        if n > 0:
            index = int(float(total // n) / w.coins[book.coin].dollars)
            if book.perp and book.bid >= book.base and book.ask < book.base + WINDOW:
                old = book.mark_fp - book.index_fp
                new = ((book.bid + book.ask) << 9) - index
                book.mark_fp = index + old + (new - old) // 30
                over = max(0, book.bid * _FP - index) - max(0, index - book.ask * _FP)
                book.premium_sum += over * 1_000_000_000 // index
                book.premium_n += 1
            else:
                book.mark_fp = index
            book.index_fp = index
        if book.perp and book.premium_n > 0:
            p = book.premium_sum // book.premium_n
            rate = p + max(-_CLAMP, min(_CLAMP, _INTEREST - p))
            book.rate = rate * (book.funding_ns // 1_000_000_000) // (_EIGHT_HOURS // 1_000_000_000)
        tape(w, b, 0, book.rate)


@compiled
def on_funding(w: World, b: int) -> None:
    """Settle funding: longs pay shorts; the rounding goes to the venue."""
    book = w.books[b]
    mark = book.mark_fp >> 10
    for k in range(len(w.cash)):
        if w.pos[k, b] != 0:
            pay = w.pos[k, b] * mark * book.mult // 1000 * book.rate // 1_000_000
            w.cash[k] -= pay
            book.fee_box += pay
    tape(w, b, 1, book.rate)
    book.premium_sum = book.premium_n = 0


@compiled
def on_clock(w: World, origin: int) -> None:
    """Every 100 ms; marks, trend, accounts and funding on whole seconds."""
    now = w.ctr[C_NOW]
    push(w, now + STEP_NS, M_CLOCK, 0, 0, 0, 0, 0, 0, 0, 0)
    on_value(w)
    on_coins(w)
    if now % 1_000_000_000 >= STEP_NS:
        return
    for a in range(len(w.assets)):
        on_trend(w, a)
        on_marks(w, a)
    on_accounts(w)
    for b in range(len(w.books)):
        every = w.books[b].funding_ns
        if every > 0 and (origin + now) % every < STEP_NS:
            on_funding(w, b)

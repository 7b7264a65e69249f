# SPDX-License-Identifier: MIT
"""``advance``: eat the market until something that the strategy must see.

Two feeds, events and bars, are merged by receive time.  Everything that happens
earlier on the clock happens first: commands reach the venue at their venue time,
answers and timers at their receive time.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np

from seawall.engine.kernel.actions import move_to_target
from seawall.engine.kernel.ahead import expect_next, first_after, same_until
from seawall.engine.kernel.bars import run_bar
from seawall.engine.kernel.clock import (
    commands_due,
    due,
    logs_full,
    next_command,
    next_stop,
    wake,
)
from seawall.engine.kernel.jit import borrow, entry, internal, words
from seawall.engine.kernel.market import (
    DELTA,
    LAST,
    SNAPSHOT,
    TOP,
    TRADE,
    end_of_message,
    on_level,
    on_rare,
    on_top,
    on_trade,
)
from seawall.engine.kernel.rest import DELISTED
from seawall.engine.kernel.sample import equity_now, sample_equity
from seawall.engine.kernel.told import swap_untold
from seawall.engine.layout import (
    C_CASH,
    C_CONV,
    CCY_COLS,
    FAR,
    H_BAR,
    H_BAR_STAGE,
    H_CMD_HEAD,
    H_CMD_TAIL,
    H_EVENT,
    H_GRACE,
    H_INTEREST_NEXT,
    H_LIVE,
    H_MARGIN_POS,
    H_N_CCY,
    H_N_EQ,
    H_N_INST,
    H_N_RUN,
    H_NOTE_HEAD,
    H_NOTE_TAIL,
    H_NOW,
    H_SETTLE_NEXT,
    H_TIMER_NEXT,
    H_VENUE_NOW,
    H_WAKE_MASK,
    HOLD,
    I_HAS_MARK,
    I_INTERVAL,
    I_LAST,
    I_MARK_FP,
    I_N_LIVE,
    I_PENDING,
    I_POS,
    I_POS_KNOWN,
    I_SEEN,
    I_STATE,
    INST_COLS,
    O_CCY,
    O_INST,
    O_RUN,
    O_STREAM,
    RUN_COLS,
    U_CASH0,
    U_CASH1,
    U_COUNT,
    U_EQ,
    U_FIRST,
    U_POS,
    WAKE_BAR,
    WAKE_BIT_BAR,
    WAKE_DRAIN,
    WAKE_END,
    WAKE_EVENT,
    WAKE_UNTIL,
)
from seawall.model.events import MARK_FP_BITS


@internal
def advance_events(w, ev, until):
    """Eat event records up to and including a receive time.

    Returns
    -------
    int
        A wake reason, or -1 when the next record is later or the chunk is used up.
    """
    n = ev.size
    i = w[H_EVENT]
    mask = w[H_WAKE_MASK]
    stop = next_stop(w, until)
    due_at = next_command(w)
    insts = w[O_STREAM]
    answers = w[H_NOTE_TAIL]
    full = logs_full(w)
    if full:
        return wake(w, WAKE_DRAIN, 0)
    while i < n:
        ts = ev[i].ts
        if ts > stop:
            w[H_EVENT] = i
            reason = due(w, ts, until)
            if reason >= 0:
                return reason
            stop = next_stop(w, until)
        lag = ev[i].lag_us * 1000
        if lag > w[H_GRACE]:
            w[H_GRACE] = lag
        venue_now = ts - lag
        if venue_now > due_at:
            commands_due(w, venue_now)
            due_at = next_command(w)
            answers = w[H_NOTE_TAIL]
            stop = next_stop(w, until)
            if ts > stop:
                continue
        w[H_NOW] = ts
        if venue_now > w[H_VENUE_NOW]:
            w[H_VENUE_NOW] = venue_now
        kind = ev[i].kind
        flags = ev[i].flags
        px = np.int64(ev[i].px)
        qty = ev[i].qty
        inst = w[insts + ev[i].stream]
        ip = w[O_INST] + inst * INST_COLS
        i += 1
        if kind == DELTA or kind == SNAPSHOT:
            on_level(w, inst, ip, px, qty, flags, kind)
            if flags & LAST:
                end_of_message(w, inst, ip, ts)
        elif kind == TRADE:
            on_trade(w, inst, ip, px, qty, flags)
        elif kind == TOP:
            on_top(w, inst, ip, px, qty, flags, ts)
        else:
            on_rare(w, inst, ip, kind, px, qty)
        if w[H_NOTE_TAIL] != answers:  # something happened to our orders
            answers = w[H_NOTE_TAIL]
            stop = next_stop(w, until)
            due_at = next_command(w)
            full = logs_full(w)
        if flags & LAST and (mask >> kind) & 1:
            w[H_EVENT] = i
            return wake(w, WAKE_EVENT, i - 1)
        if full:
            w[H_EVENT] = i
            return wake(w, WAKE_DRAIN, 0)
    w[H_EVENT] = i
    return -1


@internal
def _log_run(w, first, count):
    """Remember that nothing but prices moved over so many bars of one instrument.

    Equity over such bars is a function of closes, position and cash, so it is not
    written per bar but expanded when somebody asks for it.
    """
    c0 = w[O_CCY]
    cash0 = w[c0 + C_CASH]
    cash1 = w[c0 + CCY_COLS + C_CASH] if w[H_N_CCY] > 1 else 0
    pos = w[w[O_INST] + I_POS]
    at = w[O_RUN] + (w[H_N_RUN] - 1) * RUN_COLS
    if (
        w[H_N_RUN] > 0
        and w[at + U_FIRST] + w[at + U_COUNT] == first
        and w[at + U_EQ] == w[H_N_EQ]
        and w[at + U_POS] == pos
        and w[at + U_CASH0] == cash0
        and w[at + U_CASH1] == cash1
    ):
        w[at + U_COUNT] += count
        return
    at += RUN_COLS
    w[at + U_FIRST] = first
    w[at + U_COUNT] = count
    w[at + U_EQ] = w[H_N_EQ]
    w[at + U_POS] = pos
    w[at + U_CASH0] = cash0
    w[at + U_CASH1] = cash1
    w[H_N_RUN] += 1


@internal
def _show_close(w, bars, i):
    """What the strategy sees after a quiet bar of the only instrument."""
    ip = w[O_INST]
    w[ip + I_LAST] = bars[4, i]
    w[ip + I_MARK_FP] = bars[4, i] << MARK_FP_BITS
    w[ip + I_SEEN] = bars[0, i]
    w[H_NOW] = bars[0, i]
    w[H_VENUE_NOW] = max(w[H_VENUE_NOW], bars[0, i])
    w[H_BAR] = i + 1


@internal
def _quiet_run(w, bars, targets, until, sure, sought):
    """Skip over bars during which nothing can happen; act on a target at their end.

    ``sure`` is a bar before which no target differs from ``sought``, as far back as the last
    bar that was skipped; returns the next such pair.
    """
    first = w[H_BAR]
    n = bars.shape[1]
    end = n
    if bars[0, n - 1] > until:
        end = first_after(bars, first, until)
    if targets.size == 0:
        _log_run(w, first, end - first)
        _show_close(w, bars, end - 1)
        return sure, sought
    ip = w[O_INST]
    heading = w[ip + I_POS_KNOWN] + w[ip + I_PENDING]
    begin = min(max(first, sure), end) if heading == sought else first
    i = same_until(targets, begin, end, heading)
    last = min(i, end - 1)  # the bar at whose close the target changes is quiet too
    _log_run(w, first, last + 1 - first)
    _show_close(w, bars, last)
    if i < end:
        sure, sought = expect_next(bars, targets, i, end), targets[i]
        move_to_target(w, 0, targets[i])
    return sure, sought


@entry
def is_quiet(w):
    """Whether nothing can happen until the strategy acts: no order, answer or margin."""
    return nothing_pending(words(w))


@internal
def nothing_pending(w):
    """See :func:`is_quiet`."""
    return (
        w[H_LIVE] == 0
        and w[H_CMD_HEAD] == w[H_CMD_TAIL]
        and w[H_NOTE_HEAD] == w[H_NOTE_TAIL]
        and w[H_MARGIN_POS] == 0
        and w[H_TIMER_NEXT] == FAR
        and w[H_INTEREST_NEXT] == FAR
        and w[H_BAR_STAGE] == 0
        and w[H_SETTLE_NEXT] == FAR
    )


@internal
def _one_bar(w, bars, i, inst, ip):
    ts = bars[0, i]
    opened = max(ts - w[ip + I_INTERVAL], w[ip + I_SEEN])
    w[H_VENUE_NOW] = max(w[H_VENUE_NOW], opened)
    if next_command(w) < ts:
        commands_due(w, ts)
    if w[ip + I_N_LIVE] > 0 or (w[H_MARGIN_POS] > 0 and w[ip + I_POS] != 0):
        run_bar(w, inst, opened, bars, i)
    if w[ip + I_STATE] != DELISTED:
        w[ip + I_STATE] = 1
    w[ip + I_LAST] = bars[4, i]
    if w[ip + I_HAS_MARK] == 0:
        w[ip + I_MARK_FP] = bars[4, i] << MARK_FP_BITS
    w[ip + I_SEEN] = ts
    w[H_VENUE_NOW] = max(w[H_VENUE_NOW], ts)


@internal
def advance_bars(w, bars, targets, until):
    """Eat bars up to and including a receive time; a wake reason, or -1.

    ``targets`` holds, per bar, the position in lots that the strategy wants after the
    bar's close (``HOLD``: leave it), or is empty.
    """
    n = bars.shape[1]
    wakes = (w[H_WAKE_MASK] >> WAKE_BIT_BAR) & 1
    single = w[H_N_INST] == 1 and (
        w[H_N_CCY] == 1 or (w[H_N_CCY] == 2 and w[w[O_CCY] + CCY_COLS + C_CONV] == 0)
    )
    ip0 = w[O_INST]
    sure, sought = 0, 0
    while w[H_BAR] < n:
        i = w[H_BAR]
        if bars[0, i] > until:
            return -1
        if logs_full(w):
            return wake(w, WAKE_DRAIN, 0)
        if single and w[ip0 + I_HAS_MARK] == 0 and w[ip0 + I_STATE] == 1 and nothing_pending(w):
            if not wakes:
                sure, sought = _quiet_run(w, bars, targets, until, sure, sought)
                continue
            _log_run(w, i, 1)
            _show_close(w, bars, i)
            return wake(w, WAKE_BAR, i)
        ts = bars[0, i]
        inst = 0 if single else w[w[O_STREAM] + bars[6, i]]
        ip = w[O_INST] + inst * INST_COLS
        if w[H_BAR_STAGE] == 0:
            reason = due(w, ts - 1, until)
            if reason >= 0:
                return reason
            _one_bar(w, bars, i, inst, ip)
            w[H_BAR_STAGE] = 1
        # Fills inside the bar are answered before its close is shown.
        reason = due(w, ts, until)
        if reason >= 0:
            return reason
        w[H_BAR_STAGE] = 0
        w[H_BAR] = i + 1
        w[H_NOW] = ts
        if i + 1 == n or bars[0, i + 1] != ts:
            sample_equity(w, ts)
        if targets.size > 0 and targets[i] != HOLD:
            move_to_target(w, inst, targets[i])
        if wakes:
            return wake(w, WAKE_BAR, i)
    return -1


@entry
def advance(w, ev, bars, targets, until):
    """Advance the world to a receive time, or to the next wake before it.

    Parameters
    ----------
    w : array of int64
        The world.
    ev : array of EVENT records
        Chunk of events; ``w[H_EVENT]`` is the next row.
    bars : array of int64, shape (7, n)
        Chunk of bars; ``w[H_BAR]`` is the next column.
    targets : array of int64
        Wanted positions per bar, lots, or empty.
    until : int
        Receive time to stop at, ns; ``FAR`` for the end of the chunk.

    Returns
    -------
    int
        ``WAKE_*``.
    """
    return _advance(words(w), borrow(ev), borrow(bars), borrow(targets), until)


@internal
def _advance(w, ev, bars, targets, until):
    while True:
        next_event = ev[w[H_EVENT]].ts if w[H_EVENT] < ev.size else FAR
        next_bar = bars[0, w[H_BAR]] if w[H_BAR] < bars.shape[1] else FAR
        upcoming = min(next_event, next_bar)
        if upcoming == FAR and until == FAR:
            return wake(w, WAKE_END, 0)
        if upcoming > until:
            reason = due(w, FAR, until)
            if reason == WAKE_UNTIL:
                w[H_NOW] = max(w[H_NOW], until)
            return reason
        # A stamp at the close of a bar (funding, the end of an instrument) finds the bar done.
        inner = min(until, next_bar - 1) if next_event < next_bar else min(until, next_event)
        if next_event < next_bar:
            reason = advance_events(w, ev, inner)
        else:
            reason = advance_bars(w, bars, targets, inner)
        if reason >= 0 and not (reason == WAKE_UNTIL and inner < until):
            if reason == WAKE_UNTIL:
                w[H_NOW] = max(w[H_NOW], until)
            return reason


@entry
def equity_of(w):
    """Equity in the report currency as far as the venue's answers have told."""
    w = words(w)
    swap_untold(w, -1)
    equity = equity_now(w)[0]
    swap_untold(w, 1)
    return equity


@entry
def show_told(w, sign):
    """Take the fills that nobody has told out of the accounts (-1), or put them back (1)."""
    swap_untold(words(w), sign)

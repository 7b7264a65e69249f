# SPDX-License-Identifier: MIT
"""``advance``: eat the market until something that the strategy must see.

Two feeds, events and bars, are merged by receive time.  Everything that happens
earlier on the clock happens first: commands reach the venue at their venue time,
answers and timers at their receive time.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np

from seawall.engine.kernel.actions import send_target
from seawall.engine.kernel.bars import run_bar
from seawall.engine.kernel.bits import as_bits, as_float
from seawall.engine.kernel.commands import expire_orders, run_commands
from seawall.engine.kernel.jit import Rows, borrow, entry, internal
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
from seawall.engine.kernel.money import charge_interest, value_at_mark
from seawall.engine.kernel.orders import inst_row
from seawall.engine.kernel.sample import equity_now, sample_equity
from seawall.engine.layout import (
    C_CASH,
    C_CONV,
    C_CONV_F,
    C_UNIT_F,
    CCY_COLS,
    CMD_COLS,
    FAR,
    H_BAR,
    H_BAR_STAGE,
    H_CAP_EQ,
    H_CAP_FILL,
    H_CAP_ORD,
    H_CAP_ORDLOG,
    H_CAP_RING,
    H_CAP_RUN,
    H_CMD_HEAD,
    H_CMD_TAIL,
    H_EQ_EVERY,
    H_EQ_NEXT,
    H_EVENT,
    H_EXPIRE_NEXT,
    H_INTEREST_NEXT,
    H_LIVE,
    H_MARGIN_POS,
    H_N_CCY,
    H_N_EQ,
    H_N_FILL,
    H_N_INST,
    H_N_ORDLOG,
    H_N_RUN,
    H_NOTE_HEAD,
    H_NOTE_TAIL,
    H_NOW,
    H_TIMER_EVERY,
    H_TIMER_NEXT,
    H_VENUE_NOW,
    H_WAKE,
    H_WAKE_ARG,
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
    I_STATE,
    INST_COLS,
    K_TS,
    N_INST,
    N_KIND,
    N_QTY,
    N_SIDE,
    N_TS,
    NOTE_COLS,
    NOTE_FILL,
    O_CCY,
    O_CMD,
    O_INST,
    O_NOTE,
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
    WAKE_BIT_NOTE,
    WAKE_DRAIN,
    WAKE_END,
    WAKE_EVENT,
    WAKE_NOTE,
    WAKE_TIMER,
    WAKE_UNTIL,
)
from seawall.model.events import MARK_FP_BITS
from seawall.model.time import NS_PER_HOUR


@internal
def _wake(w, reason, arg):
    w[H_WAKE] = reason
    w[H_WAKE_ARG] = arg
    return reason


@internal
def _next_note(w):
    if w[H_NOTE_HEAD] >= w[H_NOTE_TAIL]:
        return FAR
    return w[w[O_NOTE] + (w[H_NOTE_HEAD] & (w[H_CAP_RING] - 1)) * NOTE_COLS + N_TS]


@internal
def _next_command(w):
    if w[H_CMD_HEAD] >= w[H_CMD_TAIL]:
        return w[H_EXPIRE_NEXT]
    at = w[w[O_CMD] + (w[H_CMD_HEAD] & (w[H_CAP_RING] - 1)) * CMD_COLS + K_TS]
    return min(at, w[H_EXPIRE_NEXT])


@internal
def _next_stop(w, until):
    """Latest receive time up to which nothing but the market happens."""
    stop = min(until, w[H_TIMER_NEXT])
    stop = min(stop, _next_note(w))
    stop = min(stop, w[H_EQ_NEXT])
    return min(stop, w[H_INTEREST_NEXT])


@internal
def _logs_full(w):
    room = w[H_CAP_ORD] + 64
    return (
        w[H_N_FILL] > w[H_CAP_FILL] - room
        or w[H_N_ORDLOG] > w[H_CAP_ORDLOG] - room
        or w[H_N_EQ] > w[H_CAP_EQ] - 64
        or w[H_N_RUN] > w[H_CAP_RUN] - 4
    )


@internal
def _deliver_notes(w, now):
    """The strategy learns: known positions follow fills; returns the notes delivered."""
    n = 0
    while w[H_NOTE_HEAD] + n < w[H_NOTE_TAIL]:
        row = w[O_NOTE] + ((w[H_NOTE_HEAD] + n) & (w[H_CAP_RING] - 1)) * NOTE_COLS
        if w[row + N_TS] > now:
            break
        if w[row + N_KIND] == NOTE_FILL:
            ip = inst_row(w, w[row + N_INST])
            w[ip + I_POS_KNOWN] += w[row + N_SIDE] * w[row + N_QTY]
        n += 1
    return n


@internal
def _due(w, next_ts, until):
    """Serve whatever is due before the next market record; a wake reason, or -1."""
    while True:
        stop = _next_stop(w, until)
        if next_ts <= stop:
            return -1
        if stop == _next_note(w):
            w[H_NOW] = max(w[H_NOW], stop)
            n = _deliver_notes(w, w[H_NOW])
            if (w[H_WAKE_MASK] >> WAKE_BIT_NOTE) & 1:
                return _wake(w, WAKE_NOTE, n)  # the caller reads them, then moves the head
            w[H_NOTE_HEAD] += n
        elif stop == w[H_TIMER_NEXT]:
            w[H_NOW] = max(w[H_NOW], stop)
            w[H_TIMER_NEXT] = stop + w[H_TIMER_EVERY] if w[H_TIMER_EVERY] > 0 else FAR
            return _wake(w, WAKE_TIMER, stop)
        elif stop == w[H_EQ_NEXT]:
            sample_equity(w, stop)
            w[H_EQ_NEXT] = stop + w[H_EQ_EVERY]
            if _logs_full(w):
                return _wake(w, WAKE_DRAIN, 0)
        elif stop == w[H_INTEREST_NEXT]:
            charge_interest(w)
            w[H_INTEREST_NEXT] = stop + NS_PER_HOUR
        else:
            return _wake(w, WAKE_UNTIL, until)


@internal
def _commands_due(w, venue_now):
    run_commands(w, venue_now)
    if w[H_EXPIRE_NEXT] <= venue_now:
        w[H_VENUE_NOW] = max(w[H_VENUE_NOW], w[H_EXPIRE_NEXT])
        expire_orders(w, venue_now)


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
    stop = _next_stop(w, until)
    due = _next_command(w)
    insts = w[O_STREAM]
    answers = w[H_NOTE_TAIL]
    while i < n:
        ts = ev[i].ts
        if ts > stop:
            w[H_EVENT] = i
            reason = _due(w, ts, until)
            if reason >= 0:
                return reason
            stop = _next_stop(w, until)
        venue_now = ts - ev[i].lag_us * 1000
        if venue_now > due:
            _commands_due(w, venue_now)
            due = _next_command(w)
            answers = w[H_NOTE_TAIL]
            stop = _next_stop(w, until)
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
            stop = _next_stop(w, until)
            due = _next_command(w)
            if _logs_full(w):
                w[H_EVENT] = i
                return _wake(w, WAKE_DRAIN, 0)
        if flags & LAST and (mask >> kind) & 1:
            w[H_EVENT] = i
            return _wake(w, WAKE_EVENT, i - 1)
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
    w[H_NOW] = bars[0, i]
    w[H_VENUE_NOW] = max(w[H_VENUE_NOW], bars[0, i])
    w[H_BAR] = i + 1


@internal
def _same_until(targets, i, end, heading):
    """First bar from i whose target differs from where the position is heading."""
    while i + 32 <= end:
        differs = False
        for k in range(32):  # no early exit, so that the compiler uses vector compares
            t = targets[i + k]
            differs |= (t != heading) & (t != HOLD)
        if differs:
            break
        i += 32
    while i < end and (targets[i] == heading or targets[i] == HOLD):
        i += 1
    return i


@internal
def _quiet_run(w, bars, targets, until):
    """Skip over bars during which nothing can happen; act on a target at their end."""
    first = w[H_BAR]
    n = bars.shape[1]
    end = n
    if bars[0, n - 1] > until:
        end = np.searchsorted(bars[0], until, side="right")
    if targets.size == 0:
        _log_run(w, first, end - first)
        _show_close(w, bars, end - 1)
        return
    ip = w[O_INST]
    heading = w[ip + I_POS] + w[ip + I_PENDING]
    i = _same_until(targets, first, end, heading)
    last = min(i, end - 1)  # the bar at whose close the target changes is quiet too
    _log_run(w, first, last + 1 - first)
    _show_close(w, bars, last)
    if i < end:
        send_target(w, 0, targets[i])


@entry
def is_quiet(w):
    """Whether nothing can happen until the strategy acts: no order, answer or margin."""
    return (
        w[H_LIVE] == 0
        and w[H_CMD_HEAD] == w[H_CMD_TAIL]
        and w[H_NOTE_HEAD] == w[H_NOTE_TAIL]
        and w[H_MARGIN_POS] == 0
        and w[H_TIMER_NEXT] == FAR
        and w[H_INTEREST_NEXT] == FAR
        and w[H_BAR_STAGE] == 0
    )


@internal
def _one_bar(w, bars, i, inst, ip):
    ts = bars[0, i]
    opened = ts - w[ip + I_INTERVAL]
    w[H_VENUE_NOW] = max(w[H_VENUE_NOW], opened)
    if _next_command(w) < ts:
        _commands_due(w, ts)
    if w[ip + I_N_LIVE] > 0 or (w[H_MARGIN_POS] > 0 and w[ip + I_POS] != 0):
        run_bar(w, inst, bars[1, i], bars[2, i], bars[3, i], bars[4, i], bars[5, i])
    w[ip + I_STATE] = 1
    w[ip + I_LAST] = bars[4, i]
    if w[ip + I_HAS_MARK] == 0:
        w[ip + I_MARK_FP] = bars[4, i] << MARK_FP_BITS
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
    while w[H_BAR] < n:
        i = w[H_BAR]
        if bars[0, i] > until:
            return -1
        if _logs_full(w):
            return _wake(w, WAKE_DRAIN, 0)
        if single and w[ip0 + I_HAS_MARK] == 0 and w[ip0 + I_STATE] == 1 and is_quiet(w):
            if not wakes:
                _quiet_run(w, bars, targets, until)
                continue
            _log_run(w, i, 1)
            _show_close(w, bars, i)
            return _wake(w, WAKE_BAR, i)
        ts = bars[0, i]
        inst = w[w[O_STREAM] + bars[6, i]]
        ip = w[O_INST] + inst * INST_COLS
        if w[H_BAR_STAGE] == 0:
            reason = _due(w, ts - 1, until)
            if reason >= 0:
                return reason
            _one_bar(w, bars, i, inst, ip)
            w[H_BAR_STAGE] = 1
        # Fills inside the bar are answered before its close is shown.
        reason = _due(w, ts, until)
        if reason >= 0:
            return reason
        w[H_BAR_STAGE] = 0
        w[H_BAR] = i + 1
        w[H_NOW] = ts
        if i + 1 == n or bars[0, i + 1] != ts:
            sample_equity(w, ts)
        if targets.size > 0 and targets[i] != HOLD:
            send_target(w, inst, targets[i])
        if wakes:
            return _wake(w, WAKE_BAR, i)
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
    w, ev, bars, targets = borrow(w), borrow(ev), borrow(bars), borrow(targets)
    while True:
        next_event = ev[w[H_EVENT]].ts if w[H_EVENT] < ev.size else FAR
        next_bar = bars[0, w[H_BAR]] if w[H_BAR] < bars.shape[1] else FAR
        upcoming = min(next_event, next_bar)
        if upcoming == FAR and until == FAR:
            return _wake(w, WAKE_END, 0)
        if upcoming > until:
            reason = _due(w, FAR, until)
            if reason == WAKE_UNTIL:
                w[H_NOW] = max(w[H_NOW], until)
            return reason
        # A bar is closed at its time stamp, so events of the same moment come first.
        inner = min(until, next_bar) if next_event <= next_bar else min(until, next_event - 1)
        if next_event <= next_bar:
            reason = advance_events(w, ev, inner)
        else:
            reason = advance_bars(w, bars, targets, inner)
        if reason >= 0 and not (reason == WAKE_UNTIL and inner < until):
            if reason == WAKE_UNTIL:
                w[H_NOW] = max(w[H_NOW], until)
            return reason


@entry
def expand_runs(w, bars, runs: Rows, samples: Rows, out: Rows):
    """Write the equity samples of a chunk: logged rows, and the bars of quiet runs.

    Gives the same numbers, to the last bit, as sampling at every bar would.

    Parameters
    ----------
    w : array of int64
        The world (for scales only).
    bars : array of int64, shape (7, n)
        Chunk that the runs point into.
    runs : array of int64, shape (m, RUN_COLS)
        Logged runs.
    samples, out : arrays of int64, shape (k, EQ_COLS)
        Logged rows, and all rows in order of time.
    """
    ip = w[O_INST]
    c0 = w[O_CCY]
    unit0 = as_float(w[c0 + C_UNIT_F]) * 1.0
    unit1 = as_float(w[c0 + CCY_COLS + C_UNIT_F])
    conv1 = as_float(w[c0 + CCY_COLS + C_CONV_F])
    row = 0
    taken = 0
    for r in range(runs.shape[0]):
        while taken < runs[r, U_EQ]:
            out[row] = samples[taken]
            row += 1
            taken += 1
        pos, cash0, cash1 = runs[r, U_POS], runs[r, U_CASH0], runs[r, U_CASH1]
        base = cash0 * unit0 if cash0 != 0 else 0.0
        for i in range(runs[r, U_FIRST], runs[r, U_FIRST] + runs[r, U_COUNT]):
            fp = bars[4, i] << MARK_FP_BITS
            equity = base
            if cash1 != 0:
                equity += cash1 * (unit1 * (1.0 * (fp * conv1)))
            v = 0.0
            if pos != 0:
                w[ip + I_MARK_FP] = fp
                v = value_at_mark(w, ip, pos) * unit0
            out[row, 0] = bars[0, i]
            out[row, 1] = as_bits(equity)
            out[row, 2] = as_bits(abs(v))
            out[row, 3] = as_bits(v)
            row += 1
    while taken < samples.shape[0]:
        out[row] = samples[taken]
        row += 1
        taken += 1


@entry
def lots_of(wanted, lot: float):
    """Wanted quantities to lots; NaN becomes HOLD."""
    out = np.empty(wanted.size, np.int64)
    for i in range(wanted.size):
        x = wanted[i]
        out[i] = HOLD if x != x else np.int64(np.rint(x / lot))
    return out


@entry
def equity_of(w):
    """Equity in the report currency (for strategies in Python)."""
    return equity_now(w)[0]

# SPDX-License-Identifier: MIT
"""What is due when: answers, timers, samples, interest, commands, and full logs.

Everything that is not the market happens at a time of its own; these functions say
what comes before the next market record and serve it.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

from seawall.engine.kernel.commands import expire_orders, run_commands
from seawall.engine.kernel.jit import internal
from seawall.engine.kernel.money import charge_interest
from seawall.engine.kernel.orders import free_slot, inst_row, order_row
from seawall.engine.kernel.sample import sample_equity
from seawall.engine.kernel.settle import settle_expired
from seawall.engine.layout import (
    CMD_COLS,
    FAR,
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
    H_EXPIRE_NEXT,
    H_GRACE,
    H_INTEREST_NEXT,
    H_N_EQ,
    H_N_FILL,
    H_N_ORDLOG,
    H_N_RUN,
    H_NOTE_HEAD,
    H_NOTE_TAIL,
    H_NOTE_TOLD,
    H_NOW,
    H_ON_BARS,
    H_SETTLE_NEXT,
    H_TIMER_EVERY,
    H_TIMER_NEXT,
    H_VENUE_NOW,
    H_WAKE,
    H_WAKE_ARG,
    H_WAKE_MASK,
    I_PENDING,
    I_POS_KNOWN,
    K_TS,
    N_INST,
    N_KIND,
    N_QTY,
    N_SIDE,
    N_SLOT,
    N_TS,
    NOTE_COLS,
    NOTE_END,
    NOTE_FILL,
    O_CMD,
    O_NOTE,
    R_COUNTED,
    WAKE_BIT_FILL,
    WAKE_BIT_ORDER,
    WAKE_DRAIN,
    WAKE_NOTE,
    WAKE_TIMER,
    WAKE_UNTIL,
)
from seawall.model.time import NS_PER_HOUR


@internal
def wake(w, reason, arg):
    """Note why the kernel returns."""
    w[H_WAKE] = reason
    w[H_WAKE_ARG] = arg
    return reason


@internal
def next_note(w):
    """When the next answer reaches the strategy, ns."""
    if w[H_NOTE_HEAD] >= w[H_NOTE_TAIL]:
        return FAR
    return w[w[O_NOTE] + (w[H_NOTE_HEAD] & (w[H_CAP_RING] - 1)) * NOTE_COLS + N_TS]


@internal
def next_command(w):
    """When the next command or expiry takes effect at the venue, ns."""
    other = min(w[H_EXPIRE_NEXT], w[H_SETTLE_NEXT])
    if w[H_CMD_HEAD] >= w[H_CMD_TAIL]:
        return other
    at = w[w[O_CMD] + (w[H_CMD_HEAD] & (w[H_CAP_RING] - 1)) * CMD_COLS + K_TS]
    return min(at, other)


@internal
def next_stop(w, until):
    """Latest receive time up to which nothing but the market happens."""
    stop = min(until, w[H_TIMER_NEXT])
    stop = min(stop, next_note(w))
    stop = min(stop, w[H_EQ_NEXT])
    return min(stop, w[H_INTEREST_NEXT])


@internal
def logs_full(w):
    """Whether a log must be drained before it overflows."""
    room = w[H_CAP_ORD] + 64
    return (
        w[H_N_FILL] > w[H_CAP_FILL] - room
        or w[H_N_ORDLOG] > w[H_CAP_ORDLOG] - room
        or w[H_N_EQ] > w[H_CAP_EQ] - 64
        or w[H_N_RUN] > w[H_CAP_RUN] - 4
    )


@internal
def deliver_notes(w, now):
    """The strategy learns: known positions follow fills.

    Returns how many notes were delivered, and which kinds as bits of the wake mask.
    """
    n = 0
    kinds = 0
    while w[H_NOTE_HEAD] + n < w[H_NOTE_TAIL]:
        row = w[O_NOTE] + ((w[H_NOTE_HEAD] + n) & (w[H_CAP_RING] - 1)) * NOTE_COLS
        if w[row + N_TS] > now:
            break
        ip = inst_row(w, w[row + N_INST])
        slot = w[row + N_SLOT]
        op = order_row(w, slot)
        if w[row + N_KIND] == NOTE_FILL:
            w[ip + I_POS_KNOWN] += w[row + N_SIDE] * w[row + N_QTY]
            reported = min(w[row + N_QTY], w[op + R_COUNTED])
            w[op + R_COUNTED] -= reported
            w[ip + I_PENDING] -= w[row + N_SIDE] * reported
            kinds |= 1 << WAKE_BIT_FILL
        elif w[row + N_KIND] == NOTE_END:
            w[ip + I_PENDING] -= w[row + N_SIDE] * w[op + R_COUNTED]
            free_slot(w, slot)
            kinds |= 1 << WAKE_BIT_ORDER
        else:
            kinds |= 1 << WAKE_BIT_ORDER
        n += 1
    w[H_NOTE_TOLD] = w[H_NOTE_HEAD] + n
    return n, kinds


@internal
def due(w, next_ts, until):
    """Serve whatever is due before the next market record; a wake reason, or -1.

    What we sent acts also while no record comes: by the time of a stop the venue has
    dealt with everything that reached it longer ago than the feed and its answers lag.
    """
    while True:
        stop = next_stop(w, until)
        if next_ts <= stop:
            return -1
        quiet = stop - w[H_GRACE]
        if next_command(w) < quiet and w[H_ON_BARS] == 0:
            commands_due(w, quiet)
            continue
        if stop == next_note(w):
            w[H_NOW] = max(w[H_NOW], stop)
            n, kinds = deliver_notes(w, w[H_NOW])
            if w[H_WAKE_MASK] & kinds:
                return wake(w, WAKE_NOTE, n)  # the caller reads them, then moves the head
            w[H_NOTE_HEAD] += n
        elif stop == w[H_TIMER_NEXT]:
            w[H_NOW] = max(w[H_NOW], stop)
            w[H_TIMER_NEXT] = stop + w[H_TIMER_EVERY] if w[H_TIMER_EVERY] > 0 else FAR
            return wake(w, WAKE_TIMER, stop)
        elif stop == w[H_EQ_NEXT]:
            sample_equity(w, stop)
            w[H_EQ_NEXT] = stop + w[H_EQ_EVERY]
            if logs_full(w):
                return wake(w, WAKE_DRAIN, 0)
        elif stop == w[H_INTEREST_NEXT]:
            charge_interest(w)
            w[H_INTEREST_NEXT] = stop + NS_PER_HOUR
        else:
            return wake(w, WAKE_UNTIL, until)


@internal
def commands_due(w, venue_now):
    """Carry out commands and expiries that lie before a venue time."""
    while w[H_SETTLE_NEXT] < venue_now:
        at = w[H_SETTLE_NEXT]
        run_commands(w, at)
        w[H_VENUE_NOW] = max(w[H_VENUE_NOW], at)
        settle_expired(w, at)
    run_commands(w, venue_now)
    if w[H_EXPIRE_NEXT] <= venue_now:
        w[H_VENUE_NOW] = max(w[H_VENUE_NOW], w[H_EXPIRE_NEXT])
        expire_orders(w, venue_now)

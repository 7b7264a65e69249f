# SPDX-License-Identifier: MIT
"""Market events as samples, and decisions as those of whole messages.

A message is admitted whole or not at all, and a broken book waits for its snapshot.
"""

from __future__ import annotations

import math

from seawall.admission.decision import Decision
from seawall.admission.kernel import layout as at
from seawall.admission.kernel.jit import entry
from seawall.model.events import MARK_FP_BITS, EventFlag, EventKind

RATE, BROKEN_BOOK = int(Decision.RATE), int(Decision.BROKEN_BOOK)
DELTA, SNAPSHOT = int(EventKind.DELTA), int(EventKind.SNAPSHOT)
TRADE, TOP = int(EventKind.TRADE), int(EventKind.TOP)
MARK, INDEX = int(EventKind.MARK), int(EventKind.INDEX)
LAST, FIRST = int(EventFlag.LAST), int(EventFlag.FIRST)
MARK_UNIT = 2.0**-MARK_FP_BITS


@entry
def samples_of(
    events: at.Array,
    numbers: at.Array,
    ticks: at.Array,
    ts: at.Array,
    lag_ns: at.Array,
    stream: at.Array,
    seq: at.Array,
    value: at.Array,
    judged: at.Array,
) -> None:
    """Write event records as columns of samples; the value is the logarithm of a price.

    ``numbers`` and ``ticks`` have one entry per stream of the events.  A price of zero or
    less is not a number on that scale.
    """
    for i in range(events.size):
        event = events[i]
        kind, number = event.kind, event.stream
        ts[i] = event.ts
        lag_ns[i] = event.lag_us * 1_000
        stream[i] = numbers[number]
        seq[i] = event.seq if kind == TRADE else 0
        price = 0.0
        if kind == TRADE or kind == TOP:
            price = event.px * ticks[number]
        elif kind == MARK or kind == INDEX:
            price = event.qty * MARK_UNIT * ticks[number]
        judged[i] = kind == TRADE or kind == TOP or kind == MARK or kind == INDEX
        value[i] = math.log(price) if price > 0.0 else math.nan


@entry
def whole_messages(
    stream: at.Array,
    kind: at.Array,
    flags: at.Array,
    codes: at.Array,
    broken: at.Array,
    counts: at.Array,
) -> int:
    """Spread a fault over the message it is in; refuse a book from there to its snapshot.

    Returns how many of the events must not be seen.

    ``codes`` is changed in place; ``broken`` (one per stream) says whose book is waiting, and
    ``counts`` (streams by reasons) goes on counting what was decided.
    """
    n, i, refused = stream.size, 0, 0
    while i < n:
        end, fault, number = i, 0, stream[i]
        while True:
            if fault == 0 and 0 < codes[end] < RATE:
                fault = codes[end]
            if flags[end] & LAST or end + 1 == n or stream[end + 1] != number:
                break
            end += 1
        if kind[i] == DELTA or kind[i] == SNAPSHOT:
            if fault:
                broken[number] = 1
            elif broken[number]:
                if flags[i] & FIRST:
                    broken[number] = 0
                else:
                    fault = BROKEN_BOOK
        if fault:
            for k in range(i, end + 1):
                if codes[k] == 0 or codes[k] >= RATE:
                    codes[k] = fault
        for k in range(i, end + 1):
            counts[number, codes[k]] += 1
            refused += 0 < codes[k] < RATE
        i = end + 1
    return refused

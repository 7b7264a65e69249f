# SPDX-License-Identifier: MIT
"""A message is admitted whole or not at all, and a broken book waits for its snapshot."""

from __future__ import annotations

from seawall.admission.decision import Decision
from seawall.admission.kernel import layout as at
from seawall.admission.kernel.jit import entry
from seawall.model.events import EventFlag, EventKind

RATE, BROKEN_BOOK = int(Decision.RATE), int(Decision.BROKEN_BOOK)
DELTA, SNAPSHOT = int(EventKind.DELTA), int(EventKind.SNAPSHOT)
LAST, FIRST = int(EventFlag.LAST), int(EventFlag.FIRST)


@entry
def whole_messages(
    stream: at.Array, kind: at.Array, flags: at.Array, codes: at.Array, broken: at.Array
) -> None:
    """Spread a fault over the message it is in; refuse a book from there to its snapshot.

    ``codes`` is changed in place; ``broken`` (one per stream) says whose book is waiting.
    """
    n, i = stream.size, 0
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
        i = end + 1

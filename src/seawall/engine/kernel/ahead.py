# SPDX-License-Identifier: MIT
"""Looking ahead over the targets of bars: where the next change is, and fetching it early."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

from seawall.engine.kernel.bits import expect
from seawall.engine.kernel.jit import inlined, internal
from seawall.engine.layout import HOLD


@inlined
def _differ(targets, i, count, heading):
    """Whether any of some targets is not where the position is heading."""
    differs = False
    for k in range(count):  # no early exit, so that the compiler uses vector compares
        t = targets[i + k]
        differs |= (t != heading) & (t != HOLD)
    return differs


@internal
def same_until(targets, i, end, heading):
    """First bar from i whose target differs from where the position is heading."""
    while i + 32 <= end and not _differ(targets, i, 32, heading):
        i += 32
    while i + 8 <= end and not _differ(targets, i, 8, heading):
        i += 8
    while i < end and (targets[i] == heading or targets[i] == HOLD):
        i += 1
    return i


@internal
def first_after(bars, low, until):
    """First bar from ``low`` that closes later than a time."""
    high = bars.shape[1]
    while low < high:
        middle = (low + high) // 2
        if bars[0, middle] <= until:
            low = middle + 1
        else:
            high = middle
    return low


@internal
def expect_next(bars, targets, i, end):
    """Let memory fetch what is read next, while the order is made: its open, the next change.

    Returns the bar before which no target differs from that of bar ``i``.
    """
    if i + 1 < end:
        expect(bars, 1, i + 1)
    change = same_until(targets, i + 1, min(end, i + 1024), targets[i])
    if change < end:
        expect(bars, 0, change)
        expect(bars, 4, change)
        expect(bars, 1, min(change + 1, end - 1))
    return change

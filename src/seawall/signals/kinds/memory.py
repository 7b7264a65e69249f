# SPDX-License-Identifier: MIT
"""Small memories that rules share: the last values, and the usual size of a value."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import deque


class Window:
    """The last values of a column, sorted as well; what is not finite is not kept."""

    __slots__ = ("_order", "_sorted", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self._order: deque[float] = deque()
        self._sorted: list[float] = []

    def rank(self, value: float) -> float:
        """Share of the kept values below this one; not-a-number before the window is full."""
        if len(self._order) < self.size or not math.isfinite(value):
            return math.nan
        return bisect_left(self._sorted, value) / self.size

    def push(self, value: float) -> None:
        """Keep a value, and forget the oldest when there are too many."""
        if not math.isfinite(value):
            return
        self._order.append(value)
        insort(self._sorted, value)
        if len(self._order) > self.size:
            del self._sorted[bisect_left(self._sorted, self._order.popleft())]


class Back:
    """A column some rows ago."""

    __slots__ = ("_kept",)

    def __init__(self, rows: int) -> None:
        self._kept: deque[float] = deque(maxlen=rows + 1)

    def push(self, value: float) -> float:
        """Keep a value; gives the one of ``rows`` rows before, else not-a-number."""
        self._kept.append(value)
        return self._kept[0] if len(self._kept) == self._kept.maxlen else math.nan


class Scale:
    """Root of the exponentially weighted mean square of a value, of the past only."""

    __slots__ = ("_seen", "_square", "_warm", "_weight")

    def __init__(self, memory: int, warm: int) -> None:
        self._weight, self._warm = 2.0 / (memory + 1.0), warm
        self._square, self._seen = 0.0, 0

    def push(self, value: float) -> float:
        """Take a value; gives the scale of those before it, not-a-number while warming up."""
        scale = math.sqrt(self._square) if self._seen >= self._warm else math.nan
        if math.isfinite(value):
            self._seen += 1
            weight = max(self._weight, 1.0 / self._seen)
            self._square += weight * (value * value - self._square)
        return scale


def change(now: float, before: float) -> float:
    """Relative change; not-a-number where one of the prices is none."""
    return now / before - 1.0 if now > 0.0 and before > 0.0 else math.nan


def sign(value: float) -> int:
    """-1, 0 or 1; 0 for not-a-number."""
    return (value > 0.0) - (value < 0.0)

# SPDX-License-Identifier: MIT
"""ADWIN of Bifet and Gavalda (2007): a window as long as its mean stays the same."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.jit import entry
from seawall.robust.base import Floats, Ints, require

ROWS = 48
"""Bucket sizes 1, 2, 4, ...: room for 2^47 values."""
TICK, WIDTH, TOTAL, SPREAD = range(4)


@dataclass(frozen=True, slots=True)
class AdwinRun:
    """What ADWIN did over a batch.

    Parameters
    ----------
    detections : int64 array
        Values at which the window was cut.
    widths : int64 array
        Window length after each detection.
    width : int
        Window length at the end.
    mean, variance : float
        Of the window at the end; NaN when it is empty.
    """

    detections: Ints
    widths: Ints
    width: int
    mean: float
    variance: float


@entry
def _run(
    x: Floats, delta: float, clock: int, most: int, least: int, grace: int, keep: bool,
    total: Floats, spread: Floats, count: Ints, word: Floats, found_at: Ints, widths: Ints,
) -> int:  # fmt: skip
    """Take values; ``total`` and ``spread`` hold buckets per size, the oldest first."""
    found = 0
    tick, width, whole, square = word[TICK], word[WIDTH], word[TOTAL], word[SPREAD]
    for t in range(x.size):
        value = x[t]
        if np.isnan(value):
            continue
        # --- insert, and merge the two oldest buckets of a size that is full
        if width > 0.0:
            away = value * width - whole
            square += away * away / (width * (width + 1.0))
        width += 1.0
        whole += value
        row = 0
        new_total, new_spread, half = value, 0.0, 0.5
        while True:
            c = count[row]
            if c < most:
                total[row, c] = new_total
                spread[row, c] = new_spread
                count[row] = c + 1
                break
            first, second = total[row, 0], total[row, 1]
            merged = spread[row, 0] + spread[row, 1]
            for k in range(2, most):
                total[row, k - 2] = total[row, k]
                spread[row, k - 2] = spread[row, k]
            total[row, most - 2] = new_total
            spread[row, most - 2] = new_spread
            count[row] = most - 1
            away = first - second
            new_total, new_spread = first + second, merged + half * away * away
            half *= 0.5
            row += 1
        # --- look for a cut
        tick += 1.0
        if int(tick) % clock != 0 or width <= grace:
            continue
        cut_any = False
        again = True
        while again:
            again = False
            mean_square = square / width
            depth = math.log(2.0 * math.log(width) / delta)
            noise = 2.0 * mean_square * depth * (width - 2.0 * least + 2.0)
            n0, n1, u0, u1 = 0.0, width, 0.0, whole
            oldest = ROWS - 1
            while oldest > 0 and count[oldest] == 0:
                oldest -= 1
            for r in range(oldest, -1, -1):
                size = 2.0**r
                for k in range(count[r]):
                    n0 += size
                    n1 -= size
                    u0 += total[r, k]
                    u1 -= total[r, k]
                    # Most splits are nowhere near a cut: told by products alone.
                    span = (n0 - least + 1.0) * (n1 - least + 1.0)
                    apart, across = u0 * n1 - u1 * n0, n0 * n1
                    if apart * apart * span <= across * across * noise:
                        continue
                    if n0 < least or n1 < least:
                        continue
                    m = 1.0 / (n0 - least + 1.0) + 1.0 / (n1 - least + 1.0)
                    cut = math.sqrt(2.0 * m * mean_square * depth) + 2.0 / 3.0 * depth * m
                    if abs(u0 / n0 - u1 / n1) > cut:
                        again = True
                        break
                if again:
                    break
            if again:  # drop the oldest bucket and look again
                cut_any = True
                size = 2.0**oldest
                width -= size
                whole -= total[oldest, 0]
                if width > 0.0:
                    away = total[oldest, 0] / size - whole / width
                    square -= spread[oldest, 0] + size * width * away * away / (size + width)
                for k in range(1, count[oldest]):
                    total[oldest, k - 1] = total[oldest, k]
                    spread[oldest, k - 1] = spread[oldest, k]
                count[oldest] -= 1
        if cut_any:
            found_at[found] = t
            widths[found] = int(width)
            found += 1
            if not keep:
                total[:] = 0.0
                spread[:] = 0.0
                count[:] = 0
                tick, width, whole, square = 0.0, 0.0, 0.0, 0.0
    word[TICK], word[WIDTH], word[TOTAL], word[SPREAD] = tick, width, whole, square
    return found


class Adwin:
    """Window of recent values that is cut when an old part has another mean.

    Formula: for every split of the window into old and new part, cut when the means differ
    by more than ``sqrt(2 m s^2 l) + 2 m l / 3`` with m the sum of the reciprocals of both
    lengths, ``s^2`` the variance of the window and ``l = ln(2 ln(width) / delta)``; parts are
    kept as an exponential histogram.  Assumption: values within [0, 1]; feed ranks or
    clipped losses.  Breakdown: a bounded value counts as one.  Cost: O(log width) memory,
    amortised O(1) per value and O(log width) per check.  Source: Bifet and Gavalda (2007).

    Parameters
    ----------
    delta : float
        Chance of a false cut per check, not per lifetime.
    clock : int
        Values between checks.
    max_buckets : int
        Buckets per size.
    min_window_length : int
        Shortest part that is compared.
    grace_period : int
        Values before the first check.
    keep_newest : bool
        Keep the new part after a cut, as the paper does; otherwise start anew, as the
        package river does.
    bounded : bool
        Refuse values outside of [0, 1], for which the bound says nothing.

    Attributes
    ----------
    seen, missing : int
        Values taken, and values that were not a number.
    """

    __slots__ = ("_count", "_found", "_one", "_spread", "_total", "_widths", "_word", "bounded",
                 "clock", "delta", "grace_period", "keep_newest", "max_buckets",
                 "min_window_length", "missing", "seen")  # fmt: skip

    def __init__(
        self, delta: float = 0.002, *, clock: int = 32, max_buckets: int = 5,
        min_window_length: int = 5, grace_period: int = 10, keep_newest: bool = True,
        bounded: bool = True,
    ) -> None:  # fmt: skip
        require(0.0 < delta < 1.0, f"delta {delta}", "give between 0 and 1")
        require(
            clock >= 1 and max_buckets >= 2 and min_window_length >= 1 and grace_period >= 2,
            "clock, buckets or window lengths are too small",
            "give clock >= 1, max_buckets >= 2, min_window_length >= 1, grace_period >= 2",
        )
        self.delta, self.clock, self.max_buckets = delta, clock, max_buckets
        self.min_window_length, self.grace_period = min_window_length, grace_period
        self.keep_newest, self.bounded = keep_newest, bounded
        self.seen = self.missing = 0
        self._one = np.empty(1)
        self._found, self._widths = np.empty(1, np.int64), np.empty(1, np.int64)
        self.reset()

    def reset(self) -> None:
        """Empty the window."""
        self._total = np.zeros((ROWS, self.max_buckets + 1))
        self._spread = np.zeros((ROWS, self.max_buckets + 1))
        self._count = np.zeros(ROWS, np.int64)
        self._word = np.zeros(4)

    @property
    def width(self) -> int:
        """Length of the window."""
        return int(self._word[WIDTH])

    @property
    def mean(self) -> float:
        """Mean of the window; NaN when it is empty."""
        return float(self._word[TOTAL] / self._word[WIDTH]) if self.width else math.nan

    @property
    def variance(self) -> float:
        """Variance of the window; NaN when it is empty."""
        return float(self._word[SPREAD] / self._word[WIDTH]) if self.width else math.nan

    def update(self, x: float) -> bool:
        """Take one value in [0, 1]; True when the window was cut."""
        self._one[0] = x
        return self._push(self._one, self._found, self._widths) > 0

    def _push(self, values: Floats, found: Ints, widths: Ints) -> int:
        missing = values.size - int(np.count_nonzero(values == values))
        if self.bounded and missing < values.size:
            low, high = np.fmin.reduce(values), np.fmax.reduce(values)
            require(
                low >= 0.0 and high <= 1.0,
                "a value outside of [0, 1]",
                "feed ranks or clipped losses",
            )
        self.seen += values.size
        self.missing += missing
        return int(
            _run(values, self.delta, self.clock, self.max_buckets, self.min_window_length,
                 self.grace_period, self.keep_newest, self._total, self._spread, self._count,
                 self._word, found, widths)
        )  # fmt: skip


def adwin(
    x: npt.ArrayLike, *, delta: float = 0.002, clock: int = 32, max_buckets: int = 5,
    min_window_length: int = 5, grace_period: int = 10, keep_newest: bool = True,
    bounded: bool = True,
) -> AdwinRun:  # fmt: skip
    """Run ADWIN over a batch of values in [0, 1]; parameters as in :class:`Adwin`."""
    values = np.ascontiguousarray(x, dtype=np.float64).ravel()
    state = Adwin(
        delta, clock=clock, max_buckets=max_buckets, min_window_length=min_window_length,
        grace_period=grace_period, keep_newest=keep_newest, bounded=bounded,
    )  # fmt: skip
    found, widths = np.empty(values.size, np.int64), np.empty(values.size, np.int64)
    n = state._push(values, found, widths)
    return AdwinRun(found[:n].copy(), widths[:n].copy(), state.width, state.mean, state.variance)

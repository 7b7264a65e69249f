# SPDX-License-Identifier: MIT
"""ADWIN of Bifet and Gavalda (2007): a window as long as its mean stays the same.

The kernel is that of the analytic ``adwin``; here it refuses what its bound says nothing of.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.regimes import adwin as kernel
from seawall.robust.base import Floats, Ints, require


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

    __slots__ = ("_found", "_one", "_params", "_state", "_widths", "bounded", "missing", "seen")

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
        self.bounded = bounded
        self._params = np.array(
            [delta, clock, max_buckets, min_window_length, grace_period, keep_newest, 0.0]
        )
        self._state = np.zeros(kernel.ANALYTIC.state_size(self._params, 0))
        self.seen = self.missing = 0
        self._one = np.empty(1)
        self._found, self._widths = np.empty(1, np.int64), np.empty(1, np.int64)

    def reset(self) -> None:
        """Empty the window."""
        self._state[:] = 0.0

    @property
    def width(self) -> int:
        """Length of the window."""
        return int(self._state[kernel.WIDTH])

    @property
    def mean(self) -> float:
        """Mean of the window; NaN when it is empty."""
        return float(self._state[kernel.TOTAL] / self.width) if self.width else math.nan

    @property
    def variance(self) -> float:
        """Variance of the window; NaN when it is empty."""
        return float(self._state[kernel.SPREAD] / self.width) if self.width else math.nan

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
        return int(kernel.cuts(self._state, self._params, values, found, widths))


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

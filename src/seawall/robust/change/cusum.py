# SPDX-License-Identifier: MIT
"""CUSUM of Page (1954), two arms, with the time at which the change began."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.jit import entry
from seawall.robust.base import Floats, Ints, require
from seawall.robust.change.arl import cusum_threshold


@dataclass(frozen=True, slots=True)
class CusumRun:
    """What a CUSUM did over a batch.

    Parameters
    ----------
    s_plus, s_minus : float64 arrays, shape (n,)
        The arms after each observation, before a reset.
    alarms : int64 array
        Observations at which an arm passed the threshold.
    onsets : int64 array
        Estimated first observation after each change: the alarming arm left zero there.
    """

    s_plus: Floats
    s_minus: Floats
    alarms: Ints
    onsets: Ints


@entry
def _run(
    x: Floats, target: float, scale: float, k: float, h: float, head: float, up: Floats,
    down: Floats, alarms: Ints, onsets: Ints,
) -> int:  # fmt: skip
    high, low, high_from, low_from, found = head, head, 0, 0, 0
    for t in range(x.size):
        z = (x[t] - target) / scale
        if np.isnan(z):
            up[t], down[t] = high, low
            continue
        if high == 0.0:
            high_from = t
        if low == 0.0:
            low_from = t
        high = max(0.0, high + z - k)
        low = max(0.0, low - z - k)
        up[t], down[t] = high, low
        if high > h or low > h:
            alarms[found] = t
            onsets[found] = high_from if high > h else low_from
            found += 1
            high, low = head, head
            high_from, low_from = t + 1, t + 1
    return found


def cusum(
    x: npt.ArrayLike, *, target: float = 0.0, scale: float = 1.0, k: float = 0.5, h: float = 5.0,
    head_start: float = 0.0,
) -> CusumRun:  # fmt: skip
    """Run a two-sided CUSUM over a batch; parameters as in :class:`Cusum`."""
    values = np.ascontiguousarray(x, dtype=np.float64).ravel()
    require(scale > 0.0 and k >= 0.0 and h > 0.0, f"scale {scale}, k {k}, h {h}", "give positive")
    up, down = np.empty(values.size), np.empty(values.size)
    alarms, onsets = np.empty(values.size, np.int64), np.empty(values.size, np.int64)
    n = _run(values, target, scale, k, h, head_start * h, up, down, alarms, onsets)
    return CusumRun(up, down, alarms[:n].copy(), onsets[:n].copy())


class Cusum:
    """Cumulated sums of standardised deviations beyond an allowance.

    Formula: ``S+ = max(0, S+ + z - k)``, ``S- = max(0, S- - z - k)``, alarm when either is
    above h; both then start again.  Assumption: z are independent with mean 0 and standard
    deviation 1 until the change.  Breakdown: one far value alarms at once: clip or rank
    what comes from outside.  Cost: O(1) per value.  Source: Page (1954).

    Parameters
    ----------
    k : float
        Allowance, in standard deviations; half of the shift to be found.
    h : float
        Threshold, in standard deviations; see :meth:`for_run_length`.
    target, scale : float
        Mean and standard deviation without change, in units of the values.
    head_start : float
        Share of h at which both arms start; 0.5 finds an early change faster.

    Attributes
    ----------
    s_plus, s_minus : float
        The arms, before the reset when the last value alarmed.
    onset : int
        Number of the value at which the change of the last alarm began; -1 none yet.
    seen, missing : int
        Values taken, and values that were not a number.
    """

    __slots__ = ("_down", "_down_from", "_up", "_up_from", "h", "head_start", "k", "missing",
                 "onset", "s_minus", "s_plus", "scale", "seen", "target")  # fmt: skip

    def __init__(
        self, k: float = 0.5, h: float = 5.0, *, target: float = 0.0, scale: float = 1.0,
        head_start: float = 0.0,
    ) -> None:  # fmt: skip
        require(scale > 0.0 and k >= 0.0 and h > 0.0, f"scale {scale}, k {k}, h {h}",
                "give scale > 0, k >= 0, h > 0")  # fmt: skip
        self.k, self.h, self.target, self.scale = k, h, target, scale
        self.head_start = head_start
        self.seen = self.missing = 0
        self.onset = -1
        self.reset()

    @classmethod
    def for_run_length(cls, arl: float, k: float = 0.5, **others: float) -> Cusum:
        """Return a CUSUM that false-alarms once in ``arl`` Gaussian values on average."""
        return cls(k, cusum_threshold(arl, k), **others)

    def reset(self) -> None:
        """Start both arms again."""
        self._up = self._down = self.s_plus = self.s_minus = self.head_start * self.h
        self._up_from = self._down_from = self.seen

    def update(self, x: float) -> bool:
        """Take one value; True when it alarms, after which the arms start again."""
        t = self.seen
        self.seen += 1
        z = (x - self.target) / self.scale
        if z != z:
            self.missing += 1
            return False
        if self._up == 0.0:
            self._up_from = t
        if self._down == 0.0:
            self._down_from = t
        self._up = self.s_plus = max(0.0, self._up + z - self.k)
        self._down = self.s_minus = max(0.0, self._down - z - self.k)
        if self._up <= self.h and self._down <= self.h:
            return False
        self.onset = self._up_from if self._up > self.h else self._down_from
        plus, minus = self._up, self._down
        self.reset()
        self.s_plus, self.s_minus = plus, minus
        return True

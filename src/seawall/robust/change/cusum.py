# SPDX-License-Identifier: MIT
"""CUSUM of Page (1954), two arms, with the time at which the change began.

The kernel is that of the analytic ``cusum``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.regimes import cusum as kernel
from seawall.robust.base import Floats, Ints, require
from seawall.robust.change.arl import cusum_threshold

PLUS, MINUS, ALARM, ONSET = range(4)


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


def cusum(
    x: npt.ArrayLike, *, target: float = 0.0, scale: float = 1.0, k: float = 0.5, h: float = 5.0,
    head_start: float = 0.0,
) -> CusumRun:  # fmt: skip
    """Run a two-sided CUSUM over a batch; parameters as in :class:`Cusum`."""
    values = np.ascontiguousarray(x, dtype=np.float64).ravel()
    state = Cusum(k, h, target=target, scale=scale, head_start=head_start)
    out = np.empty((values.size, len(kernel.ANALYTIC.outputs)))
    kernel.batch(state._state, state._params, out, values)
    alarmed = out[:, ALARM]
    valid = alarmed == alarmed
    alarms = np.flatnonzero(valid & (alarmed != 0.0))
    arms = out[:, : MINUS + 1].T.copy()
    if not valid.all():  # a missing value leaves the arms where they stood
        arms = _held(arms, alarmed, valid, head_start * h)
    onsets = alarms - out[alarms, ONSET].astype(np.int64)
    return CusumRun(arms[PLUS], arms[MINUS], alarms, onsets)


def _held(arms: Floats, alarmed: Floats, valid: npt.NDArray[np.bool_], start: float) -> Floats:
    """Fill rows without a value with the arms after the last value."""
    last = np.maximum.accumulate(np.where(valid, np.arange(valid.size), -1))
    begun = (last < 0) | (alarmed[last] != 0.0)
    return np.where(valid, arms, np.where(begun, start, arms[:, last]))


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
        Values taken, and values that were not finite.
    """

    __slots__ = (
        "_one",
        "_out",
        "_params",
        "_state",
        "h",
        "head_start",
        "missing",
        "onset",
        "s_minus",
        "s_plus",
        "seen",
    )  # fmt: skip

    def __init__(
        self, k: float = 0.5, h: float = 5.0, *, target: float = 0.0, scale: float = 1.0,
        head_start: float = 0.0,
    ) -> None:  # fmt: skip
        require(scale > 0.0 and k >= 0.0 and h > 0.0, f"scale {scale}, k {k}, h {h}",
                "give scale > 0, k >= 0, h > 0")  # fmt: skip
        self.h, self.head_start = h, head_start
        self._params = np.array([k, h, target, scale, head_start], dtype=np.float64)
        self._state: Floats = np.zeros(kernel.ANALYTIC.state_size(self._params, 0))
        self._one, self._out = np.empty(1), np.empty((1, len(kernel.ANALYTIC.outputs)))
        self.seen = self.missing = 0
        self.onset = -1
        self.reset()

    @classmethod
    def for_run_length(cls, arl: float, k: float = 0.5, **others: float) -> Cusum:
        """Return a CUSUM that false-alarms once in ``arl`` Gaussian values on average."""
        return cls(k, cusum_threshold(arl, k), **others)

    def reset(self) -> None:
        """Start both arms again."""
        self._state[:] = 0.0
        self.s_plus = self.s_minus = self.head_start * self.h

    def update(self, x: float) -> bool:
        """Take one value; True when it alarms, after which the arms start again."""
        self._one[0] = x
        kernel.batch(self._state, self._params, self._out, self._one)
        plus, minus, alarm, onset = self._out[0].tolist()
        self.seen += 1
        if alarm != alarm:
            self.missing += 1
            return False
        self.s_plus, self.s_minus = plus, minus
        if alarm == 0.0:
            return False
        self.onset = self.seen - 1 - int(onset)
        return True

# SPDX-License-Identifier: MIT
"""Page-Hinkley test: deviations from the running mean, cumulated with forgetting.

The kernel is that of the analytic ``page_hinkley``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from seawall.analytics.regimes import page_hinkley as kernel
from seawall.robust.base import Floats, Ints, require

RISE, FALL, ALARM = range(3)


def page_hinkley(
    x: npt.ArrayLike, *, min_instances: int = 30, delta: float = 0.005, threshold: float = 50.0,
    alpha: float = 0.9999, river: bool = False,
) -> Ints:  # fmt: skip
    """Return the numbers of the values at which a change was found, int64.

    Parameters as in :class:`PageHinkley`.
    """
    values = np.ascontiguousarray(x, dtype=np.float64).ravel()
    state = PageHinkley(min_instances, delta, threshold, alpha, river=river)
    out = np.empty(values.size, np.int64)
    n = kernel.alarms(state._state, state._params, values, out)
    return np.asarray(out[:n].copy())


class PageHinkley:
    """Cumulated deviation from the running mean against its extreme so far.

    Formula: ``U = alpha U + (x - mean) - delta``, alarm when ``U - min U`` is above the
    threshold, and the mirror image for falls; everything starts again after an alarm.
    Assumption: stationary mean until the change; no distribution is assumed, so the
    threshold has to be calibrated.  Breakdown: none against one far value.  Cost: O(1) per
    value.  Source: Page (1954); Hinkley (1971).

    Parameters
    ----------
    min_instances : int
        Values before the first alarm.
    delta : float
        Change of the mean that is tolerated, in units of the values.
    threshold : float
        In units of the values.
    alpha : float
        Forgetting of the cumulated sums, 0 to 1.
    river : bool
        Begin the extreme of falls at -1 as the package river 0.26 does; for comparisons.

    Attributes
    ----------
    rise, fall : float
        The two test statistics after the last value.
    seen, missing : int
        Values taken, and values that were not finite.
    """

    __slots__ = ("_one", "_out", "_params", "_state", "fall", "missing", "rise", "seen")

    def __init__(
        self, min_instances: int = 30, delta: float = 0.005, threshold: float = 50.0,
        alpha: float = 0.9999, *, river: bool = False,
    ) -> None:  # fmt: skip
        require(
            min_instances >= 1 and delta >= 0.0 and threshold > 0.0 and 0.0 < alpha <= 1.0,
            f"min_instances {min_instances}, delta {delta}, threshold {threshold}, alpha {alpha}",
            "give min_instances >= 1, delta >= 0, threshold > 0, 0 < alpha <= 1",
        )
        self._params = np.array([min_instances, delta, threshold, alpha, river], dtype=np.float64)
        self._state: Floats = np.zeros(kernel.ANALYTIC.state_size(self._params, 0))
        self._one, self._out = np.empty(1), np.empty((1, len(kernel.ANALYTIC.outputs)))
        self.seen = self.missing = 0
        self.rise = self.fall = 0.0

    def reset(self) -> None:
        """Forget all values."""
        self._state[:] = 0.0
        self.rise = self.fall = 0.0

    def update(self, x: float) -> bool:
        """Take one value; True when it alarms, after which all starts again."""
        self.seen += 1
        self._one[0] = x
        kernel.batch(self._state, self._params, self._out, self._one)
        rise, fall, alarm = self._out[0, : ALARM + 1].tolist()
        if alarm != alarm:
            self.missing += 1
            return False
        self.rise, self.fall = rise, fall
        return bool(alarm)

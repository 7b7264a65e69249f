# SPDX-License-Identifier: MIT
"""Page-Hinkley test: deviations from the running mean, cumulated with forgetting."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from seawall.analytics.jit import entry
from seawall.robust.base import Floats, Ints, require


@entry
def _run(
    x: Floats, least: int, delta: float, threshold: float, alpha: float, down_start: float,
    found_at: Ints,
) -> int:  # fmt: skip
    found, n = 0, 0
    mean, up, down, up_min, down_max = 0.0, 0.0, 0.0, np.inf, down_start
    for t in range(x.size):
        if np.isnan(x[t]):
            continue
        n += 1
        mean += (x[t] - mean) / n
        away = x[t] - mean
        up = alpha * up + away - delta
        down = alpha * down + away + delta
        if up < up_min:
            up_min = up
        if down > down_max:
            down_max = down
        if n >= least and (up - up_min > threshold or down_max - down > threshold):
            found_at[found] = t
            found += 1
            n = 0
            mean, up, down, up_min, down_max = 0.0, 0.0, 0.0, np.inf, down_start
    return found


def page_hinkley(
    x: npt.ArrayLike, *, min_instances: int = 30, delta: float = 0.005, threshold: float = 50.0,
    alpha: float = 0.9999, river: bool = False,
) -> Ints:  # fmt: skip
    """Return the numbers of the values at which a change was found, int64.

    Parameters as in :class:`PageHinkley`.
    """
    values = np.ascontiguousarray(x, dtype=np.float64).ravel()
    PageHinkley(min_instances, delta, threshold, alpha)  # checks the parameters
    out = np.empty(values.size, np.int64)
    start = -1.0 if river else -np.inf
    n = _run(values, min_instances, delta, threshold, alpha, start, out)
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
        Values taken, and values that were not a number.
    """

    __slots__ = ("_down", "_down_max", "_mean", "_n", "_up", "_up_min", "alpha", "delta", "fall",
                 "min_instances", "missing", "rise", "river", "seen", "threshold")  # fmt: skip

    def __init__(
        self, min_instances: int = 30, delta: float = 0.005, threshold: float = 50.0,
        alpha: float = 0.9999, *, river: bool = False,
    ) -> None:  # fmt: skip
        require(
            min_instances >= 1 and delta >= 0.0 and threshold > 0.0 and 0.0 < alpha <= 1.0,
            f"min_instances {min_instances}, delta {delta}, threshold {threshold}, alpha {alpha}",
            "give min_instances >= 1, delta >= 0, threshold > 0, 0 < alpha <= 1",
        )
        self.min_instances, self.delta, self.threshold = min_instances, delta, threshold
        self.alpha, self.river = alpha, river
        self.seen = self.missing = 0
        self.reset()

    def reset(self) -> None:
        """Forget all values."""
        self._n, self._mean, self._up, self._down = 0, 0.0, 0.0, 0.0
        self._up_min = float("inf")
        self._down_max = -1.0 if self.river else -float("inf")
        self.rise = self.fall = 0.0

    def update(self, x: float) -> bool:
        """Take one value; True when it alarms, after which all starts again."""
        self.seen += 1
        if x != x:
            self.missing += 1
            return False
        self._n += 1
        self._mean += (x - self._mean) / self._n
        away = x - self._mean
        self._up = self.alpha * self._up + away - self.delta
        self._down = self.alpha * self._down + away + self.delta
        self._up_min = min(self._up_min, self._up)
        self._down_max = max(self._down_max, self._down)
        rise, fall = self._up - self._up_min, self._down_max - self._down
        found = self._n >= self.min_instances and (rise > self.threshold or fall > self.threshold)
        if found:
            self.reset()
        self.rise, self.fall = rise, fall
        return found

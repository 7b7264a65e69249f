# SPDX-License-Identifier: MIT
"""CUSUM, Page-Hinkley and ADWIN on how well the model still explains the golden set."""

from __future__ import annotations

import math

import numpy as np

from seawall.robust.base import Floats
from seawall.robust.change.adwin import Adwin
from seawall.robust.gate.check import Limits
from seawall.robust.gate.profile import GateProfile

ADWIN_SPAN = 8.0
"""Standardised losses from -8 to 8 fill ADWIN's unit interval; beyond they are clipped."""
FIELDS = 5


class LossWatch:
    """Three detectors of a golden loss that creeps up, one value per check.

    CUSUM and Page-Hinkley only look upwards: a model that explains the golden set better than
    the reference does no harm.  Their limits come from the same null paths as all others,
    because losses of following checks are not independent.

    Parameters
    ----------
    profile : GateProfile
        Null mean and scale of the loss, allowances, and limits.
    adwin_delta : float
        Chance of a false cut per check; 0 leaves ADWIN out.
    """

    __slots__ = ("_adwin", "_n", "_profile", "_rise_min", "_sum", "cusum", "mean", "page_hinkley")

    def __init__(self, profile: GateProfile, adwin_delta: float = 1e-4) -> None:
        self._profile = profile
        self._adwin = (
            Adwin(adwin_delta, clock=1, min_window_length=5) if adwin_delta > 0.0 else None
        )
        self.reset()

    def reset(self) -> None:
        """Forget all losses, as after a rollback."""
        self.cusum = self.page_hinkley = self.mean = self._sum = 0.0
        self._rise_min = 0.0
        self._n = 0
        if self._adwin is not None:
            self._adwin.reset()

    def update(self, loss: float) -> bool:
        """Take the golden loss of a check; True when ADWIN saw its mean rise."""
        p = self._profile
        z = (loss - p.loss_mean) / p.loss_scale
        z = min(max(z, -1e6), 1e6)  # a singular model has an infinite loss
        self.cusum = max(0.0, self.cusum + z - p.cusum_allowance)
        self._n += 1
        self.mean += (z - self.mean) / self._n
        self._sum += z - self.mean - p.page_hinkley_delta
        self._rise_min = min(self._rise_min, self._sum)
        self.page_hinkley = self._sum - self._rise_min
        if self._adwin is None:
            return False
        before = self._adwin.mean
        inside = min(max(z, -ADWIN_SPAN), ADWIN_SPAN)
        cut = self._adwin.update(0.5 + 0.5 * inside / ADWIN_SPAN)
        return cut and self._adwin.mean > before

    def alarms(self, limits: Limits) -> tuple[str, ...]:
        """Name the detectors beyond their limits; :meth:`restart` starts those again."""
        out: tuple[str, ...] = ()
        if not self.cusum <= limits.cusum:
            out += ("cusum",)
        if not self.page_hinkley <= limits.page_hinkley:
            out += ("page_hinkley",)
        return out

    def restart(self, names: tuple[str, ...]) -> None:
        """Start detectors again that have alarmed, so that one change is told once."""
        if "cusum" in names:
            self.cusum = 0.0
        if "page_hinkley" in names:
            self.page_hinkley = self.mean = self._sum = self._rise_min = 0.0
            self._n = 0

    def export(self) -> Floats:
        """State of the two sums; ADWIN's window is not kept beyond a restart."""
        values = [self.cusum, self.mean, self._sum, self._rise_min, float(self._n)]
        return np.array(values)

    def restore(self, state: Floats) -> None:
        """Put the state of the two sums back."""
        self.reset()
        self.cusum, self.mean, self._sum, self._rise_min = (float(v) for v in state[:4])
        self._n = int(state[4])
        self.page_hinkley = self._sum - self._rise_min


def watch_path(losses: Floats, profile: GateProfile) -> tuple[float, float]:
    """Largest CUSUM and Page-Hinkley statistics over a path of golden losses."""
    watch = LossWatch(profile, adwin_delta=0.0)
    cusum = rise = -math.inf
    for loss in losses.tolist():
        watch.update(loss)
        cusum, rise = max(cusum, watch.cusum), max(rise, watch.page_hinkley)
    return cusum, rise

# SPDX-License-Identifier: MIT
"""What follows a rollback: pauses that grow, and a freeze when there are too many."""

from __future__ import annotations

from collections import deque

import numpy as np

from seawall.robust.base import Ints
from seawall.robust.gate.settings import DAY_NS, GateSettings

STRIKES_MAX = 30


class Sanctions:
    """Counts rollbacks, and rows that are not learned because of them.

    Parameters
    ----------
    settings : GateSettings
        Limits.

    Attributes
    ----------
    pause : int
        Rows still to be passed over after a rollback.
    frozen_since : int or None
        When the model was frozen, ns UTC.
    """

    __slots__ = ("_fine", "_rollbacks", "_settings", "_strikes", "frozen_since", "pause")

    def __init__(self, settings: GateSettings) -> None:
        self._settings = settings
        self._rollbacks: deque[int] = deque()
        self._strikes = self._fine = self.pause = 0
        self.frozen_since: int | None = None

    def accepted(self) -> None:
        """Forgive after enough accepted checks in a row."""
        self._fine += 1
        if self._fine >= self._settings.forgive_after:
            self._strikes = 0

    def warned(self) -> None:
        """Count accepted checks from the start."""
        self._fine = 0

    def too_many(self, ts_ns: int) -> bool:
        """Whether one more rollback would be too many within 24 hours."""
        while self._rollbacks and ts_ns - self._rollbacks[0] >= DAY_NS:
            self._rollbacks.popleft()
        return len(self._rollbacks) >= self._settings.rollbacks_per_day

    def rolled_back(self, ts_ns: int) -> None:
        """Begin a pause, twice as long as the one before."""
        s = self._settings
        self._rollbacks.append(ts_ns)
        self.pause = s.every * min(s.pause_checks << self._strikes, s.pause_checks_max)
        self._strikes = min(self._strikes + 1, STRIKES_MAX)
        self._fine = 0

    def freeze(self, ts_ns: int) -> None:
        """Learn nothing from now on."""
        self.frozen_since = ts_ns
        self.pause = self._fine = 0

    def release(self) -> None:
        """Learn again; the rollbacks of before count no more."""
        self.frozen_since = None
        self._rollbacks.clear()

    def served_out(self, ts_ns: int) -> bool:
        """Whether a freeze ends by itself at this time."""
        since, wait = self.frozen_since, self._settings.freeze_ns
        return since is not None and wait > 0 and ts_ns - since >= wait

    def frozen_rows(self, times: Ints) -> int:
        """How many of these rows come before the freeze ends."""
        assert self.frozen_since is not None
        if self._settings.freeze_ns == 0:
            return int(times.size)
        until = self.frozen_since + self._settings.freeze_ns
        return max(1, int(np.searchsorted(times, until, side="left")))

# SPDX-License-Identifier: MIT
"""One signal of an ensemble, with the record of what it said and what came."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

from seawall.signals.calibration import Calibration, calibrate
from seawall.signals.grid import Row
from seawall.signals.kind import Kind

KEPT: Final = 1_000
"""Outcomes that the calibration remembers."""

AGAIN: Final = 20
"""New outcomes after which it is fitted again."""


@dataclass(frozen=True, slots=True)
class View:
    """What a member says now.

    Parameters
    ----------
    direction : int
        -1, 0 or 1.
    confidence : float
        Calibrated, 0 to 1; one half while it has too few outcomes.
    expected_bps : float
        Move over its horizon in that direction, bps: (2 confidence - 1) times the mean
        absolute move.
    rows : int
        Its horizon.
    """

    direction: int
    confidence: float
    expected_bps: float
    rows: int


class Member:
    """A rule whose confidence is learned as outcomes become known.

    Outcomes do not overlap: while one statement waits for its horizon, none is added.

    Parameters
    ----------
    kind : Kind
        Which signal.
    source : str
        ``events`` or ``bars``.
    least : int
        Outcomes before it is believed at all.
    """

    def __init__(self, kind: Kind, source: str, least: int) -> None:
        self.kind, self.least = kind, least
        self.rows = kind.horizon[source]
        self.needs = kind.needs[source]
        self.rule = kind.make(source)
        self.n = 0
        self.waiting: tuple[int, int, float, float] | None = None  # row, direction, strength, mid
        self.strengths: deque[float] = deque(maxlen=KEPT)
        self.right: deque[bool] = deque(maxlen=KEPT)
        self.moves: deque[float] = deque(maxlen=KEPT)
        self.calibration: Calibration | None = None
        self.fresh = 0

    def update(self, row: Row) -> View | None:
        """Take one row; gives what is said now, nothing when it is silent."""
        self.n += 1
        mid = row["mid"]
        self._settle(mid)
        said = self.rule.update(row)
        if said.strength <= 0.0 or not mid > 0.0:
            return None
        if self.waiting is None:
            self.waiting = (self.n, said.direction, said.strength, mid)
        sure = 0.5
        if self.calibration is not None:
            sure = float(self.calibration(said.strength))
        move = sum(self.moves) / len(self.moves) if self.moves else 0.0
        return View(said.direction, sure, (2.0 * sure - 1.0) * move, self.rows)

    def _settle(self, mid: float) -> None:
        """Take down what came of the statement whose horizon is over."""
        if self.waiting is None or self.n - self.waiting[0] < self.rows:
            return
        _, direction, strength, before = self.waiting
        self.waiting = None
        change = 1e4 * math.log(mid / before) if mid > 0.0 else math.nan
        if not math.isfinite(change) or change == 0.0:
            return
        usual = sorted(self.moves)[len(self.moves) // 2] if self.moves else abs(change)
        self.moves.append(abs(change))
        self.strengths.append(strength)
        self.right.append(change * direction > 0.0 if direction else abs(change) > usual)
        self.fresh += 1
        if len(self.right) >= self.least and (self.calibration is None or self.fresh >= AGAIN):
            self.calibration, self.fresh = calibrate(list(self.strengths), list(self.right)), 0

# SPDX-License-Identifier: MIT
"""Regime: which way, and how far, the next return is expected by a hidden Markov model.

Rule: four states of ``hmm_fit`` (two on events), fitted on the rows so far and again
after each further block, filtered only; the price goes the way of the mean of the next
return, sum_ij p_i P_ij m_j, where that is above 2 % of its standard deviation.
Strength: mean over standard deviation, times 5.
Assumption: returns of bars, of five rows on events; means are small beside volatility, so
little is to be expected.
Source: Hamilton (1989), Econometrica 57(2).
"""

from __future__ import annotations

import math

import numpy as np

from seawall.analytics.regimes import hmm_filter, hmm_fit
from seawall.analytics.spec import Stream
from seawall.model.errors import ResearchError
from seawall.signals.grid import Row
from seawall.signals.kind import SILENT, Kind, Reading
from seawall.signals.kinds.memory import sign

LEVEL, GAIN = 0.02, 5.0
STATES = {"events": 2, "bars": 4}
EVERY = {"events": 5, "bars": 1}
FIRST, AGAIN, MOST = {"events": 50, "bars": 1_000}, {"events": 50, "bars": 4_000}, 4_000


class Regime:
    """A model that is fitted again and again on the past."""

    def __init__(self, source: str) -> None:
        self.states, self.every = STATES[source], EVERY[source]
        self.due, self.again = FIRST[source], AGAIN[source]
        self.returns: list[float] = []
        self.rows, self.last = 0, math.nan
        self.stream: Stream | None = None
        self.mean = self.sd = np.zeros(0)
        self.move = np.zeros((0, 0))
        self.reading = SILENT

    def update(self, row: Row) -> Reading:
        """Take one row; between its returns the last word stands."""
        self.rows += 1
        if self.rows % self.every:
            return self.reading
        mid = row["mid"]
        change = 100.0 * math.log(mid / self.last) if mid > 0.0 and self.last > 0.0 else math.nan
        self.last = mid
        if not math.isfinite(change):
            return self.reading
        self.returns.append(change)
        if len(self.returns) >= self.due:
            self._learn()
            self.due = len(self.returns) + self.again
        elif self.stream is not None:
            self.reading = self._read(self.stream.update(change))
        return self.reading

    def _learn(self) -> None:
        past = np.array(self.returns[-MOST:])
        try:
            fit = hmm_fit.fit(past, states=self.states, dof=5.0, starts=1, tolerance=1e-5)
        except ResearchError:
            self.stream, self.reading = None, SILENT  # too few that differ
            return
        self.mean, self.sd, self.move = np.array(fit.mean), np.array(fit.sd), np.array(fit.move)
        self.stream = Stream(hmm_filter.ANALYTIC, fit.parameters)
        for value in past[-500:].tolist():
            values = self.stream.update(value)
        self.reading = self._read(values)

    def _read(self, values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Reading:
        after = values[: self.states] @ self.move
        mean = float(after @ self.mean)
        spread = math.sqrt(max(float(after @ (self.sd**2 + self.mean**2)) - mean * mean, 1e-300))
        ratio = mean / spread
        if not abs(ratio) > LEVEL:
            return SILENT
        state = float(np.argmax(values[: self.states])) + 1.0
        parts = (state, float(self.states), mean, spread)
        return Reading(sign(ratio), min(1.0, GAIN * abs(ratio)), parts)


KIND = Kind(
    name="regime", family="regime", target="direction", doc=__doc__,
    needs={"events": ("mid",), "bars": ("mid",)}, horizon={"events": 5, "bars": 24},
    make=Regime,
    says="state {:.0f} of {:.0f}, calmest first: next return {:+.3g} % against {:.3g} % of noise",
)  # fmt: skip

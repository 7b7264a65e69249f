# SPDX-License-Identifier: MIT
"""Hits, misses and false alarms, with intervals that small numbers deserve."""

from __future__ import annotations

import math
from dataclasses import dataclass

Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Counts:
    """What a detector got right and wrong.

    Parameters
    ----------
    found : int
        Events with an alarm in time.
    missed : int
        Events without.
    right : int
        Alarms in time with an event.
    wrong : int
        Alarms without an event.
    latencies_s : tuple of float
        First alarm after the start of each event found, s.
    """

    found: int
    missed: int
    right: int
    wrong: int
    latencies_s: tuple[float, ...] = ()

    def __add__(self, other: Counts) -> Counts:
        """Counts of both."""
        return Counts(
            self.found + other.found, self.missed + other.missed, self.right + other.right,
            self.wrong + other.wrong, self.latencies_s + other.latencies_s,
        )  # fmt: skip

    @property
    def recall(self) -> float:
        """Share of events that were found."""
        return _share(self.found, self.found + self.missed)

    @property
    def precision(self) -> float:
        """Share of alarms that were right."""
        return _share(self.right, self.right + self.wrong)

    @property
    def f1(self) -> float:
        """Harmonic mean of the two; 0 where nothing was found."""
        if self.found == 0:
            return 0.0
        return 2.0 * self.precision * self.recall / (self.precision + self.recall)

    @property
    def recall_95(self) -> tuple[float, float]:
        """Wilson interval of the recall."""
        return wilson(self.found, self.found + self.missed)

    @property
    def precision_95(self) -> tuple[float, float]:
        """Wilson interval of the precision."""
        return wilson(self.right, self.right + self.wrong)

    @property
    def latency_s(self) -> float:
        """Median latency, s; not-a-number where nothing was found."""
        if not self.latencies_s:
            return float("nan")
        ordered = sorted(self.latencies_s)
        half = len(ordered) // 2
        return ordered[half] if len(ordered) % 2 else 0.5 * (ordered[half - 1] + ordered[half])


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """95 % interval of a proportion (Wilson, 1927); not-a-number without trials."""
    if not trials:
        return float("nan"), float("nan")
    p, z = hits / trials, Z95
    middle = (p + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(p * (1 - p) / trials + (z / (2 * trials)) ** 2)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def rate_95(events: int, exposure: float) -> tuple[float, float]:
    """Exact 95 % interval of a Poisson rate per unit of exposure (Garwood, 1936)."""
    from scipy.stats import chi2

    if exposure <= 0.0:
        return float("nan"), float("nan")
    low = chi2.ppf(0.025, 2 * events) / 2 if events else 0.0
    return float(low) / exposure, float(chi2.ppf(0.975, 2 * events + 2)) / 2 / exposure

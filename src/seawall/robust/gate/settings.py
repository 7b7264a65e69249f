# SPDX-License-Identifier: MIT
"""Settings and counts of a gated model."""

from __future__ import annotations

from dataclasses import dataclass

from seawall.robust.base import Floats
from seawall.robust.gate.errors import GateError

DAY_NS = 86_400_000_000_000


@dataclass(frozen=True, slots=True)
class GateSettings:
    """How a gated model behaves.

    Parameters
    ----------
    every : int
        Rows between checks; that of the profile's calibration, or its rate is not met.
    holds_after : int
        Warnings in a row that hold the model.
    rollbacks_per_day : int
        Rollbacks within 24 hours; one more freezes the model to the reference.
    pause_checks : int
        Checks' worth of rows that are not learned after a rollback, while the state that was
        gone back to is served; twice as many after each further one; 0 learns on at once.
    pause_checks_max : int
        Longest pause.
    forgive_after : int
        Accepted checks in a row after which a pause is short again.
    freeze_ns : int
        After which learning goes on from the reference; 0 waits for a person.
    adwin_delta : float
        Chance of a false cut per check of ADWIN on the golden loss; 0 leaves it out.
    rows_kept : int
        Rows kept to name influences.
    events_kept : int
        Newest events kept; counts and the digest know all.
    checkpoint_every : int
        Accepted checks between checkpoints.
    """

    every: int = 50
    holds_after: int = 2
    rollbacks_per_day: int = 3
    pause_checks: int = 2
    pause_checks_max: int = 32
    forgive_after: int = 16
    freeze_ns: int = DAY_NS
    adwin_delta: float = 1e-3
    rows_kept: int = 1_024
    events_kept: int = 10_000
    checkpoint_every: int = 1

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        least = min(self.every, self.holds_after, self.rows_kept, self.events_kept,
                    self.checkpoint_every)  # fmt: skip
        negative = min(self.rollbacks_per_day, self.freeze_ns, self.pause_checks)
        if least < 1 or negative < 0 or self.pause_checks_max < self.pause_checks:
            raise GateError(
                "a gate setting is too small",
                mend="give at least 1 of rows, warnings and events, no negative times, and a "
                "longest pause of at least the first",
            )


@dataclass(slots=True)
class GateCounts:
    """What a gated model has seen and done so far.

    Parameters
    ----------
    rows : int
        Rows learned from.
    clipped : int
        Of them pulled to the clip radius.
    down_weighted : int
        Of them with a weight below 1.
    weight_lost : float
        Sum of what their weights lack to 1: rows' worth that was not learned.
    not_finite, bad_weight, out_of_order : int
        Rows refused: a missing value, a weight outside of (0, 1], a time before the last.
    settling : int
        First rows of the stream, which only set its volatility.
    while_frozen, while_paused : int
        Rows that came while the model was frozen, or paused after a rollback.
    checks, accepts, warns, holds, rollbacks, freezes : int
        Checks, and what became of them.
    """

    rows: int = 0
    clipped: int = 0
    down_weighted: int = 0
    weight_lost: float = 0.0
    not_finite: int = 0
    bad_weight: int = 0
    out_of_order: int = 0
    settling: int = 0
    while_frozen: int = 0
    while_paused: int = 0
    checks: int = 0
    accepts: int = 0
    warns: int = 0
    holds: int = 0
    rollbacks: int = 0
    freezes: int = 0

    def weigh(self, weights: Floats) -> None:
        """Count what weights below 1 took off."""
        lost = weights.size - float(weights.sum())
        if lost > 0.0:
            self.down_weighted += int((weights < 1.0).sum())
            self.weight_lost += lost

    @property
    def refused(self) -> int:
        """Rows that were not even looked at."""
        return self.not_finite + self.bad_weight + self.out_of_order

# SPDX-License-Identifier: MIT
"""How often a gate would have rolled back on recorded data that nobody attacked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from seawall.robust.gate.events import GateEvent, GateEventKind
from seawall.robust.gate.judge import Gate
from seawall.robust.gate.learner import MakesModel
from seawall.robust.gate.model import GatedModel
from seawall.robust.gate.profile import poisson_interval
from seawall.robust.gate.settings import DAY_NS, GateSettings

NEVER = 2**31


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """Rollbacks on data in which nobody attacked.

    Parameters
    ----------
    profile : str
        Name of the profile.
    pauses : bool
        Whether learning paused after rollbacks, as it does live.
    days : float
        From the first row that was learned to the last.
    checks : int
        Checks in that time.
    rollbacks, holds, warns : int
        What they led to.
    idle : float
        Share of rows that were not learned because of a pause after a rollback.
    per_30_days : float
        Rollbacks per 30 days.
    low, high : float
        Exact 95 % Poisson interval of it.
    stated_per_30_days : float
        What the profile's calibration promises; NaN for fixed limits.
    causes : tuple of (str, int)
        Limits passed at rollbacks, the most frequent first.
    """

    profile: str
    pauses: bool
    days: float
    checks: int
    rollbacks: int
    holds: int
    warns: int
    idle: float
    per_30_days: float
    low: float
    high: float
    stated_per_30_days: float
    causes: tuple[tuple[str, int], ...]


def false_alarms(
    gate: Gate,
    ts_ns: npt.ArrayLike,
    X: npt.ArrayLike,
    *,
    learner: MakesModel | None = None,
    settings: GateSettings | None = None,
    pauses: bool = False,
) -> FalseAlarms:
    """Run a gated model over clean rows and count its rollbacks, without a limit of them.

    Parameters
    ----------
    gate : Gate
        With the profile that is to be judged; its first one is named in the answer.
    ts_ns : int64 array, shape (n,)
        Times, ns UTC.
    X : float64 array, shape (n, d)
        Raw features of a time in which nobody is known to have attacked.
    learner, settings
        As they would run live.
    pauses : bool
        Let learning pause after rollbacks.  Pauses make rollbacks rarer also where the
        limits are bad, at the price of a model that stands still: judge limits without.

    Returns
    -------
    FalseAlarms
        Counts and an exact interval; a model that is never frozen learns all the time.
    """
    times = np.asarray(ts_ns, dtype=np.int64)
    own = replace(settings or GateSettings(), rollbacks_per_day=NEVER)
    if not pauses:
        own = replace(own, pause_checks=0)
    model = GatedModel(gate, learner=learner, settings=own)
    seen: list[GateEvent] = model.observe_many(times, X)
    first = times[min(model.counts.settling, times.size - 1)] if times.size else 0
    days = max(float(times[-1] - first) / DAY_NS, 1e-9) if times.size else 1e-9
    c = model.counts
    low, high = poisson_interval(c.rollbacks, days / 30.0)
    causes = Counter(
        b.measure for e in seen if e.kind is GateEventKind.ROLLBACK for b in e.breaches
    )
    note = gate.profiles[0].calibration
    stated = note.rate_per_check * c.checks * 30.0 / days if note is not None else float("nan")
    return FalseAlarms(
        profile=gate.profiles[0].name,
        pauses=pauses,
        days=days,
        checks=c.checks,
        rollbacks=c.rollbacks,
        holds=c.holds,
        warns=c.warns,
        idle=c.while_paused / max(c.while_paused + c.rows, 1),
        per_30_days=c.rollbacks * 30.0 / days,
        low=low,
        high=high,
        stated_per_30_days=stated,
        causes=tuple(causes.most_common()),
    )

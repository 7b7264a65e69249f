# SPDX-License-Identifier: MIT
"""Why a source is trusted as much as it is, in words and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from seawall.admission.decision import SURPLUS, Change, Decision
from seawall.admission.kernel import layout as at
from seawall.admission.source import Source

if TYPE_CHECKING:
    from seawall.admission.admission import Admission

REFUSED_SHARE_MAX = 0.01
"""A source with more faulty samples than this is suspicious."""

LOW_TRUST = 0.35


@dataclass(frozen=True, slots=True)
class TrustChange:
    """A run of epochs in which trust changed for one reason.

    Parameters
    ----------
    first_ts, last_ts : int
        First and last settlement, ns UTC.
    change : Change
        The reason.
    before, after : float
        Trust before and after.
    agreed, disagreed, anomalies : int
        Samples that were the evidence.
    epochs : int
        Epochs in the run.
    """

    first_ts: int
    last_ts: int
    change: Change
    before: float
    after: float
    agreed: int
    disagreed: int
    anomalies: int
    epochs: int


@dataclass(frozen=True, slots=True)
class SourceReport:
    """All that is known of a source.

    Parameters
    ----------
    source : str
        ``venue|stream|feed``.
    group : str
        What it is compared on; empty for nothing.
    batches : tuple of str
        Deliveries seen.
    trust : float
        Present trust.
    agreement, disagreement : float
        Evidence behind it, in epochs, faded and capped.
    quota : int
        Samples per epoch that it may give now.
    basis : float
        Lasting difference from the others that was learned.
    scale : float
        Scatter around it.
    banned : tuple of str
        Patterns that ban it or one of its batches.
    suspended : str
        Reason of a suspension that holds now, or empty.
    last_ts : int
        Latest sample, ns UTC; 0 for none.
    counts : dict of str to int
        Samples by decision.
    history : tuple of TrustChange
        Latest changes of trust, oldest first.
    """

    source: str
    group: str
    batches: tuple[str, ...]
    trust: float
    agreement: float
    disagreement: float
    quota: int
    basis: float
    scale: float
    banned: tuple[str, ...]
    suspended: str
    last_ts: int
    counts: dict[str, int]
    history: tuple[TrustChange, ...]

    @property
    def faulty(self) -> int:
        """Samples refused for a fault, surplus not counted."""
        fine = ("admitted", *(d.name.lower() for d in SURPLUS))
        return sum(n for name, n in self.counts.items() if name not in fine)

    @property
    def total(self) -> int:
        """Samples judged."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A source that a person should look at.

    Parameters
    ----------
    source : str
        ``venue|stream|feed``.
    trust : float
        Present trust.
    faulty : float
        Share of its samples that were refused for a fault.
    reasons : tuple of str
        Why it is here.
    """

    source: str
    trust: float
    faulty: float
    reasons: tuple[str, ...]


def explain(admission: Admission, source: Source) -> SourceReport:
    """Collect what the state says about a source."""
    registry, s = admission.registry, admission.state
    row = registry.row(source)
    own, f = s.ints[row], s.floats[row]
    origin = source.origin
    mine = [x for x in registry.streams if x.origin == origin]
    suspended = int(own[at.SUSPENDED])
    return SourceReport(
        source=origin.text,
        group=registry.groups[int(own[at.GROUP])],
        batches=tuple(x.batch for x in mine if x.batch),
        trust=float(f[at.TRUST]),
        agreement=float(f[at.GOOD]),
        disagreement=float(f[at.BAD]),
        quota=int(own[at.QUOTA]),
        basis=float(f[at.BASIS]),
        scale=float(f[at.SCALE]),
        banned=tuple(p for p in admission.bans if any(x.under(p) for x in mine)),
        suspended=Decision(suspended).name.lower() if suspended else "",
        last_ts=int(own[at.LAST_TS]),
        counts={d.name.lower(): int(s.counts[row, d]) for d in Decision},
        history=_history(s, row),
    )


def _history(s: at.State, row: int) -> tuple[TrustChange, ...]:
    n, cap = int(s.ints[row, at.HISTORY_N]), s.history.shape[1]
    out = []
    for number in range(max(0, n - cap), n):
        line, ts = s.history[row, number % cap], s.history_ts[row, number % cap]
        out.append(
            TrustChange(
                int(ts[0]), int(ts[1]), Change(int(line[at.H_CHANGE])),
                float(line[at.H_BEFORE]), float(line[at.H_AFTER]), int(line[at.H_GOOD]),
                int(line[at.H_BAD]), int(line[at.H_ANOMALY]), int(line[at.H_EPOCHS]),
            )
        )  # fmt: skip
    return tuple(out)


def suspicious(admission: Admission) -> tuple[Suspicion, ...]:
    """List sources that are banned, suspended, mistrusted or often refused."""
    found = []
    for origin in admission.sources():
        report = explain(admission, origin)
        reasons = [f"banned by {p}" for p in report.banned]
        if report.suspended:
            reasons.append(f"suspended for {report.suspended}")
        share = report.faulty / report.total if report.total else 0.0
        if share > REFUSED_SHARE_MAX:
            worst = max(
                (d for d in Decision if d is not Decision.ADMITTED and d not in SURPLUS),
                key=lambda d: report.counts[d.name.lower()],
            )
            reasons.append(f"{share:.1%} of its samples refused, most for {worst.name.lower()}")
        if report.disagreement > report.agreement and report.trust < LOW_TRUST:
            reasons.append("disagrees with the other sources more often than it agrees")
        if reasons:
            found.append(Suspicion(origin.text, report.trust, share, tuple(reasons)))
    return tuple(sorted(found, key=lambda x: (-x.faulty, x.trust, x.source)))

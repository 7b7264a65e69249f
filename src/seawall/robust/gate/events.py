# SPDX-License-Identifier: MIT
"""What a gate did: events in words and numbers, the same byte for byte for the same input."""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from seawall.robust.gate.check import Check


class GateEventKind(StrEnum):
    """What happened at a check."""

    ACCEPT = "accept"
    """Within the corridor: the model is served and checkpointed."""
    WARN = "warn"
    """Beyond a warning limit: served, but not checkpointed."""
    HOLD = "hold"
    """Again: the last accepted model is served, and the adaptive one goes on learning."""
    ROLLBACK = "rollback"
    """Beyond an acting limit: back to the last accepted state."""
    FREEZE = "freeze"
    """Too many rollbacks: the reference is served and nothing is learned."""
    RELEASE = "release"
    """Learning goes on, from the reference."""


@dataclass(frozen=True, slots=True)
class Influence:
    """Part of a drift that one source, feature or row caused.

    Parameters
    ----------
    kind : str
        ``"source"``, ``"feature"`` or ``"row"``.
    name : str
        Source, feature, or time and source of a row.
    share : float
        Of all that pushed in the direction of the drift; negative when it pushed back.
    rows : int
        Rows behind it.
    """

    kind: str
    name: str
    share: float
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Breach:
    """A limit that a check was beyond."""

    measure: str
    value: float
    limit: float


@dataclass(frozen=True, slots=True)
class GateEvent:
    """One decision of a gate.

    Parameters
    ----------
    number : int
        Of the event in its model, from 0.
    ts_ns : int
        Time of the row that led to the check.
    kind : GateEventKind
        Decision.
    rows : int
        Rows taken by then.
    n_eff : float
        Effective rows behind the adaptive model.
    check : Check or None
        Distances; none for a release.
    breaches : tuple of Breach
        Limits it was beyond: acting ones for a rollback, otherwise warning ones.
    checkpoint : str
        sha256 of the state that was kept, or gone back to; empty for the reference.
    influences : tuple of Influence
        What moved the model most since the last accepted state; for rollbacks and freezes.
    note : str
        Anything else a person should know.
    """

    number: int
    ts_ns: int
    kind: GateEventKind
    rows: int
    n_eff: float
    check: Check | None = None
    breaches: tuple[Breach, ...] = ()
    checkpoint: str = ""
    influences: tuple[Influence, ...] = ()
    note: str = ""

    def encode(self) -> bytes:
        """Canonical bytes, of which the digest of a run is made."""
        c = self.check
        numbers = () if c is None else (
            c.mahalanobis, c.spectrum_min, c.spectrum_max, c.kl, c.kl_reverse, c.anchor_share,
            c.golden_loss,
        )  # fmt: skip
        parts = [
            str(self.number), str(self.ts_ns), self.kind.value, str(self.rows),
            self.n_eff.hex(), ",".join(x.hex() for x in numbers),
            ",".join(f"{b.measure}={b.value.hex()}/{b.limit.hex()}" for b in self.breaches),
            self.checkpoint,
            ",".join(f"{i.kind}:{i.name}={i.share.hex()}" for i in self.influences),
            self.note,
        ]  # fmt: skip
        return "|".join(parts).encode() + b"\n"

    def report(self) -> str:
        """Say in lines what happened and why, for a log or a person."""
        lines = [f"{self.kind.value} after {self.rows} rows"]
        lines += [f"  {b.measure} {b.value:.4g} beyond {b.limit:.4g}" for b in self.breaches]
        if self.check is not None and self.check.possible:
            c = self.check
            lines.append(
                f"  distance {c.mahalanobis:.3f}, spectrum {c.spectrum_min:.3f} to "
                f"{c.spectrum_max:.3f}, KL {c.kl:.4f} and {c.kl_reverse:.4f} nats, "
                f"anchors beyond {c.anchor_share:.3%}, golden loss {c.golden_loss:+.4f} nats"
            )
        lines += [
            f"  {i.kind} {i.name}: {i.share:+.0%} of the push"
            + (f", {i.rows} rows" if i.rows else "")
            for i in self.influences
        ]
        if self.note:
            lines.append(f"  {self.note}")
        return "\n".join(lines)


class EventLog:
    """The newest events, and a digest chained over all of them.

    Parameters
    ----------
    keep : int
        How many are kept.
    """

    __slots__ = ("digest", "kept", "number")

    def __init__(self, keep: int) -> None:
        self.kept: deque[GateEvent] = deque(maxlen=keep)
        self.number = 0
        self.digest = hashlib.sha256(b"").hexdigest()

    def add(self, event: GateEvent) -> None:
        """Take the next event."""
        self.kept.append(event)
        self.number += 1
        self.digest = hashlib.sha256(self.digest.encode() + event.encode()).hexdigest()

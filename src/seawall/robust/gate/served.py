# SPDX-License-Identifier: MIT
"""What can be read of a gated model."""

from __future__ import annotations

from collections import deque

from seawall.robust.base import Floats
from seawall.robust.gate.checkpoint import CheckpointStore
from seawall.robust.gate.custody import Custody
from seawall.robust.gate.events import EventLog, GateEvent
from seawall.robust.gate.judge import Gate
from seawall.robust.gate.learner import AdaptiveModel
from seawall.robust.gate.sanctions import Sanctions
from seawall.robust.gate.standard import Scale


class Served:
    """The served model, and what is known of the one that learns."""

    gate: Gate
    scale: Scale
    _held: Custody
    _log: EventLog
    _sanctions: Sanctions

    @property
    def names(self) -> tuple[str, ...]:
        """Features, in the order of the columns."""
        return self.gate.references[0].names

    @property
    def location(self) -> Floats:
        """Location of the served model, shape (d,), in standardised features."""
        return self._held.location

    @property
    def covariance(self) -> Floats:
        """Covariance of the served model, shape (d, d), in standardised features."""
        return self._held.covariance

    @property
    def adaptive(self) -> AdaptiveModel:
        """The model that learns; served only as far as the gate lets it."""
        return self._held.adaptive

    @property
    def store(self) -> CheckpointStore:
        """Where accepted states are kept."""
        return self._held.store

    @property
    def frozen(self) -> bool:
        """Whether nothing is learned and the reference is served."""
        return self._sanctions.frozen_since is not None

    @property
    def volatility(self) -> Floats:
        """Present volatility of each raw feature: multiply what is served by it."""
        return self.scale.volatility

    @property
    def checkpoint(self) -> str:
        """sha256 of the state that was kept last, or gone back to; empty before the first."""
        return self._held.checkpoint

    @property
    def digest(self) -> str:
        """sha256 over all events: equal for equal input, in a backtest or a session."""
        return self._log.digest

    @property
    def events(self) -> deque[GateEvent]:
        """The newest events, oldest first."""
        return self._log.kept

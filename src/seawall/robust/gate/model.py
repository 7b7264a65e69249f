# SPDX-License-Identifier: MIT
"""A model that learns only what its gate lets pass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from seawall.robust.gate.check import Level, Limits
from seawall.robust.gate.checkpoint import CheckpointStore, MemoryStore
from seawall.robust.gate.custody import Custody
from seawall.robust.gate.errors import CheckpointError, GateError
from seawall.robust.gate.events import (
    Breach,
    EventLog,
    GateEvent,
    GateEventKind,
    Influence,
)
from seawall.robust.gate.influence import influences
from seawall.robust.gate.intake import Batch, Intake
from seawall.robust.gate.judge import Gate, Verdict, limit_of, value_of
from seawall.robust.gate.learner import Learner, MakesModel
from seawall.robust.gate.loss_watch import LossWatch
from seawall.robust.gate.recent import Recent
from seawall.robust.gate.sanctions import Sanctions
from seawall.robust.gate.served import Served
from seawall.robust.gate.settings import GateCounts, GateSettings
from seawall.robust.gate.state import Stateful


class GatedModel(Served):
    """An adaptive model, its gate, and the state that is served meanwhile.

    A pure state machine: rows, their times and weights are its only input, so a backtest and
    a session that feed the same rows get the same events byte for byte (``digest``).  Rows
    are standardised with the golden constants, learned by the adaptive model, and every
    ``every`` rows that model is compared with the reference:

    - within the corridor: **accept** — it is served and checkpointed;
    - beyond a warning limit: **warn** — served, not checkpointed; after ``holds_after`` in a
      row **hold** — the last accepted model is served while the adaptive one goes on;
    - beyond an acting limit, or not comparable at all: **rollback** — parameters and all that
      is attached return to the last accepted state, or to the reference when there is none;
      Then learning pauses for some checks, twice as long each time it happens again;
    - one rollback too many within 24 hours: **freeze** — the reference is served, nothing is
      learned, and a person should look.

    The volatility by which rows are divided is not rolled back: it is the market's, and an
    old one would make an honest burst look like an attack again and again.  Rolling back
    reduces no open position: do that yourself on the event.

    Parameters
    ----------
    gate : Gate
        References and profiles.
    learner : MakesModel
        How the adaptive model learns.
    settings : GateSettings
        Cadence and limits of the machine.
    store : CheckpointStore, optional
        Where accepted states are kept; in memory when absent.
    judging : bool
        Whether the gate is closed at all: without it every model is served, as a naive
        learner would, and there are no checks and no events.

    Attributes
    ----------
    scale : Scale
        Running volatility of the raw features.
    counts : GateCounts
        What came and what became of it.
    """

    def __init__(
        self,
        gate: Gate,
        *,
        learner: MakesModel | None = None,
        settings: GateSettings | None = None,
        store: CheckpointStore | None = None,
        judging: bool = True,
    ) -> None:
        self.gate = gate
        self.settings = settings or GateSettings()
        self.judging = judging
        self.scale = gate.references[0].standard.start()
        self.counts = GateCounts()
        self._log = EventLog(self.settings.events_kept)
        self._watch = LossWatch(gate.profiles[0], self.settings.adwin_delta)
        self._held = Custody(
            gate.references[0],
            learner or Learner(),
            store if store is not None else MemoryStore(),
            self._watch,
        )
        self._recent = Recent(self.settings.rows_kept, gate.references[0].dimensions)
        self._intake = Intake(self.names, self.counts, self._recent)
        self._pending = 0
        self._warned = 0
        self._since_kept = 0
        self._sanctions = Sanctions(self.settings)

    def attach(self, name: str, part: Stateful) -> None:
        """Keep the state of something else with the model's: one rollback takes both back.

        Its present state is the one that goes with the reference.
        """
        self._held.attach(name, part)

    # --- rows -----------------------------------------------------------------------------

    def observe(
        self, ts_ns: int, x: npt.ArrayLike, weight: float = 1.0, source: str = ""
    ) -> GateEvent | None:
        """Take one row of raw features; the event when the row completed a check.

        Parameters
        ----------
        ts_ns : int
            When the row was known, ns UTC.
        x : array_like, shape (d,)
            Raw features, in the order of ``names``.
        weight : float
            How many rows it counts as, in (0, 1]; see
            :func:`~seawall.robust.gate.toxicity_weight`.
        source : str
            Who it came from, for the report of influences.

        Raises
        ------
        GateError
            Another number of features.
        """
        row = np.asarray(x, dtype=np.float64).reshape(1, -1)
        found = self.observe_many(
            np.array([ts_ns], dtype=np.int64), row, np.array([weight]), (source,)
        )
        return found[-1] if found else None

    def observe_many(
        self,
        ts_ns: npt.ArrayLike,
        X: npt.ArrayLike,
        weights: npt.ArrayLike | None = None,
        sources: Sequence[str] | str = "",
    ) -> list[GateEvent]:
        """Take rows in the order of time; the same events as one by one.

        Parameters
        ----------
        ts_ns : int64 array, shape (n,)
            When each row was known, ns UTC.
        X : float64 array, shape (n, d)
            Raw features.
        weights : float64 array, shape (n,), optional
            In (0, 1]; all 1 when absent.
        sources : str or sequence of str
            One for all, or one per row.
        """
        batch = self._intake.read(ts_ns, X, weights, sources)
        out: list[GateEvent] = []
        at, n = 0, batch.times.size
        while at < n:
            if self._sanctions.served_out(int(batch.times[at])):
                out.append(self.release(int(batch.times[at]), "the time of the freeze is over"))
            take = min(n - at, self.settings.every - self._pending)
            if self.scale.settling:
                take = min(n - at, self.scale.settling)
            elif self.frozen:
                take = self._sanctions.frozen_rows(batch.times[at:])
            elif self._sanctions.pause:
                take = min(n - at, self._sanctions.pause)
            out += self._take(batch.part(at, take))
            at += take
        return out

    def _take(self, batch: Batch) -> list[GateEvent]:
        n = batch.times.size
        c = self.counts
        settling = self.scale.settling
        made = self.scale.apply(batch.rows)
        if settling:
            c.settling += n
            return []
        if self.frozen:
            c.while_frozen += n
            return []
        if self._sanctions.pause:
            c.while_paused += n
            self._sanctions.pause -= n
            return []
        c.clipped += self.adaptive.push(made, batch.weights)
        c.rows += n
        c.weigh(batch.weights)
        if not self.judging:
            self._held.serve()
            return []
        self._recent.add(made, batch.weights, batch.sources, batch.times)
        self._pending += n
        if self._pending < self.settings.every:
            return []
        self._pending = 0
        return [self._check(int(batch.times[-1]))]

    # --- checks ---------------------------------------------------------------------------

    def _check(self, ts_ns: int) -> GateEvent:
        self.counts.checks += 1
        verdict = self.gate.judge(self.adaptive.location, self.adaptive.covariance)
        rising = self._watch.update(verdict.check.golden_loss)
        profile = self.gate.profiles[verdict.place]
        level, beyond = verdict.level, verdict.beyond
        alarms = self._watch.alarms(profile.warn)
        if level is not Level.ACT and (alarms or rising):
            level, beyond = Level.WARN, (*beyond, *alarms, *(("adwin",) if rising else ()))
        if level is Level.ACT:
            return self._roll_back(ts_ns, verdict, self._passed(verdict, beyond, profile.act))
        if level is Level.WARN:
            passed = self._passed(verdict, beyond, profile.warn)
            self._watch.restart(alarms)
            return self._warn(ts_ns, verdict, passed)
        return self._accept(ts_ns, verdict)

    def _passed(
        self, verdict: Verdict, beyond: tuple[str, ...], limits: Limits
    ) -> tuple[Breach, ...]:
        own = {"cusum": self._watch.cusum, "page_hinkley": self._watch.page_hinkley}
        return tuple(
            Breach(name, own.get(name, value_of(verdict.check, name)), limit_of(limits, name))
            for name in beyond
        )

    def _accept(self, ts_ns: int, verdict: Verdict) -> GateEvent:
        # Kept before it is served: when the disk refuses, the error comes before any change.
        if self._since_kept + 1 >= self.settings.checkpoint_every or not self.checkpoint:
            self._held.keep(ts_ns, self.scale, self.counts.rows)
            self._since_kept = 0
            self._recent.clear()
        else:
            self._since_kept += 1
        self._warned = 0
        self._sanctions.accepted()
        self.counts.accepts += 1
        self._held.serve()
        return self._event(ts_ns, GateEventKind.ACCEPT, verdict, checkpoint=self.checkpoint)

    def _warn(self, ts_ns: int, verdict: Verdict, passed: tuple[Breach, ...]) -> GateEvent:
        self._warned += 1
        self._sanctions.warned()
        if self._warned < self.settings.holds_after:
            self.counts.warns += 1
            self._held.serve()
            return self._event(ts_ns, GateEventKind.WARN, verdict, passed)
        self.counts.holds += 1
        name = self._held.serve_kept()
        return self._event(ts_ns, GateEventKind.HOLD, verdict, passed, name)

    def _roll_back(self, ts_ns: int, verdict: Verdict, passed: tuple[Breach, ...]) -> GateEvent:
        blame = self._influences(verdict, passed)
        if self._sanctions.too_many(ts_ns):
            return self._freeze(ts_ns, verdict, passed, blame, "too many rollbacks within 24 hours")
        try:
            name, note = self._go_back()
        except CheckpointError as error:  # closed: half of a state is worse than the reference
            return self._freeze(ts_ns, verdict, passed, blame, error.what)
        self._sanctions.rolled_back(ts_ns)
        self.counts.rollbacks += 1
        return self._event(ts_ns, GateEventKind.ROLLBACK, verdict, passed, name, blame, note)

    def _freeze(
        self, ts_ns: int, verdict: Verdict, passed: tuple[Breach, ...],
        blame: tuple[Influence, ...], why: str,
    ) -> GateEvent:  # fmt: skip
        self.counts.freezes += 1
        self._sanctions.freeze(ts_ns)
        note = f"alert: {why}; the reference is served{self._to_reference()}"
        return self._event(ts_ns, GateEventKind.FREEZE, verdict, passed, "", blame, note)

    def _influences(self, verdict: Verdict, passed: tuple[Breach, ...]) -> tuple[Influence, ...]:
        location, covariance = self.adaptive.location, self.adaptive.covariance
        rows, weights, sources, times = self._recent.read()
        if not verdict.check.possible or not rows.size:
            return ()
        return influences(
            self.gate.references[verdict.place], self._held.accepted, location, covariance,
            self.adaptive.entered(rows), self.adaptive.gains(weights), sources, times,
            self._recent.names, passed[0].measure,
        )  # fmt: skip

    # --- going back -----------------------------------------------------------------------

    def resume(self) -> bool:
        """Go on from the newest whole checkpoint of the store; False when there is none.

        For a process that starts again; the events of before are not replayed.
        """
        kept = self._held.go_back(self.scale)
        if kept is None:
            return False
        self._intake.last_ts = kept.ts_ns
        self.counts.rows = int(kept.arrays["clock"][0])
        self._begin_again()
        return True

    def release(self, ts_ns: int, why: str) -> GateEvent:
        """Let a frozen model learn again, from the reference; a person's decision.

        Raises
        ------
        GateError
            The model is not frozen.
        """
        if not self.frozen:
            raise GateError("the model is not frozen", mend="release it after a freeze event")
        self._sanctions.release()
        return self._event(ts_ns, GateEventKind.RELEASE, None, note=why)

    def _go_back(self) -> tuple[str, str]:
        """Go back to the newest whole state, or the reference; its name, and what to say."""
        kept = self._held.go_back()
        if kept is None:
            return "", f"no earlier checkpoint: back to the reference{self._to_reference()}"
        self._begin_again()
        said = ", ".join(name[:12] for name in kept.skipped)
        return kept.sha256, f"damaged checkpoints were passed over: {said}" if said else ""

    def _to_reference(self) -> str:
        said = self._held.to_reference()
        self._begin_again()
        return said

    def _begin_again(self) -> None:
        self._warned = self._pending = self._since_kept = 0
        self._recent.clear()

    def _event(
        self, ts_ns: int, kind: GateEventKind, verdict: Verdict | None,
        passed: tuple[Breach, ...] = (), checkpoint: str = "",
        blame: tuple[Influence, ...] = (), note: str = "",
    ) -> GateEvent:  # fmt: skip
        event = GateEvent(
            self._log.number, ts_ns, kind, self.counts.rows, self.adaptive.n_eff,
            verdict.check if verdict else None, passed, checkpoint, blame, note,
        )  # fmt: skip
        self._log.add(event)
        return event

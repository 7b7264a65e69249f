# SPDX-License-Identifier: MIT
"""Messages in, orders out: the engine fed as it would be live."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from seawall.engine import layout as L
from seawall.engine.journal import RecordType, pack_input
from seawall.engine.journal.payload import pack_json
from seawall.engine.outcome import Outcome
from seawall.engine.session.plan import SessionPlan
from seawall.model.errors import EngineError
from seawall.model.events import Events, empty_events
from seawall.model.market import Market

if TYPE_CHECKING:
    from seawall.admission import EventJudge
    from seawall.data.venues import DecodeStats
    from seawall.engine.run import AnyStrategy

COMMAND = np.dtype(
    [
        ("due_ts", "<i8"),  # when it takes effect at the venue, ns UTC
        ("order_id", "<i8"),
        ("px", "<i8"),  # ticks; 0 market, or an amendment that leaves it
        ("qty", "<i8"),  # lots; 0 an amendment that leaves it
        ("trigger", "<i8"),  # ticks
        ("instrument", "<i4"),
        ("op", "u1"),  # 1 new, 2 cancel, 3 amend
        ("type", "u1"),  # OrderType
        ("side", "i1"),
        ("flags", "u1"),  # OrderFlag
    ]
)
"""Record type of a command to the venue, 48 bytes.

An order that was sent and had ended within one message shows its terms in its ORDER record
only.
"""

FINISH = b'"finish"'
"""The note before what the end of a session makes."""

DISCONNECTED = "disconnected"
"""First word of the note on a lost connection; time and connection follow."""

CHECKPOINT_EVERY = 10_000
"""Messages between checkpoints."""


class Core(Protocol):
    """The part of the engine that a session drives."""

    def feed(self, events: Events | None = None, *, until: int = ...) -> None:
        """Run over a chunk of records."""

    def finish(self) -> Outcome:
        """End the run."""


class Sink(Protocol):
    """Where records go: a journal, or the comparison of a replay."""

    def append(self, kind: RecordType, payload: bytes) -> int:
        """Take one record and return its number."""


class Session:
    """One strategy, fed one message at a time.

    Parameters
    ----------
    strategy : Strategy or CompiledStrategy
        What trades.
    plan : SessionPlan
        Instruments, streams, connections and settings.
    sink : Sink
        Usually a :class:`~seawall.engine.journal.Journal`; the plan is its first record.
    begin : bool
        Whether to write the plan; false when a journal is gone on with.
    """

    def __init__(
        self, strategy: AnyStrategy, plan: SessionPlan, sink: Sink, *, begin: bool = True
    ) -> None:
        self.plan = plan
        self.sink = sink
        self._strategy = strategy
        self._decoders = plan.decoders()
        self._core: _Watched | None = None
        self._messages = 0
        self._events = 0
        self._last_ts = 0
        self._digest = hashlib.sha256()
        self.judge = _judge_of(plan)
        if begin:
            sink.append(RecordType.NOTE, plan.to_json())

    @property
    def messages(self) -> int:
        """Messages taken so far."""
        return self._messages

    @property
    def started(self) -> bool:
        """Whether an event has reached the engine."""
        return self._core is not None

    @property
    def decisions(self) -> dict[str, int]:
        """Events by what admission decided about them; empty without admission."""
        return {} if self.judge is None else self.judge.totals()

    @property
    def stats(self) -> tuple[DecodeStats, ...]:
        """Counts of each connection's decoder."""
        return tuple(decoder.stats for decoder in self._decoders)

    def message(self, receive_ts: int, message: bytes, *, connection: int = 0) -> int:
        """Take one message: journal it, decode it, run the engine over its events.

        Parameters
        ----------
        receive_ts : int
            Receive time, ns UTC; -1: the venue's own time.
        message : bytes
            Text as the venue sent it.
        connection : int
            Index of its connection in the plan.

        Returns
        -------
        int
            Number of events it gave.
        """
        self.sink.append(RecordType.INPUT, pack_input(receive_ts, connection, message))
        events = self._decoders[connection].decode(message, receive_ts)
        self._messages += 1
        if events.size:
            self._run(events)
        if self._messages % CHECKPOINT_EVERY == 0:
            self.checkpoint()
        return int(events.size)

    def tick(self, now_ts: int) -> None:
        """Tell the time although nothing came: timers ring, answers arrive."""
        self.sink.append(RecordType.TIMER, now_ts.to_bytes(8, "little", signed=True))
        if self._core is not None and now_ts > self._last_ts:
            self._last_ts = now_ts
            self._core.feed(None, until=now_ts)
            self._write_out()

    def disconnected(self, now_ts: int, connection: int = 0) -> None:
        """Say that a connection is lost: its books are GAPPED from here."""
        self.sink.append(RecordType.NOTE, pack_json([DISCONNECTED, now_ts, connection]))
        events = self._decoders[connection].disconnected(now_ts)
        if events.size:
            self._run(events)

    def events(self, events: Events) -> None:
        """Take event records that did not come as text; they are journalled as they are.

        With admission no message may be cut in two.
        """
        self.sink.append(RecordType.EVENT, events.tobytes())
        self._run(events.copy())

    def feed(self, messages: Iterable[tuple[int, int, bytes]]) -> None:
        """Take messages ``(receive_ts, connection, text)`` until there are no more."""
        for receive_ts, connection, message in messages:
            self.message(receive_ts, message, connection=connection)

    def checkpoint(self) -> None:
        """Write totals and the hash over all commands, fills and orders so far."""
        self.sink.append(RecordType.CHECKPOINT, pack_json(self._totals()))

    def finish(self) -> Outcome:
        """End the run and write its fingerprint.

        Raises
        ------
        EngineError
            When no message gave an event, or none that admission let through.
        """
        if self._core is None:
            said = ", ".join(f"{n:,} {name}" for name, n in self.decisions.items())
            raise EngineError(
                f"no message gave an event{' that was admitted' if said else ''}, "
                "so there is nothing to finish",
                where=said,
                mend="look at the session's stats: were the symbols those of the connection?",
            )
        self.sink.append(RecordType.NOTE, FINISH)
        outcome = self._core.finish()
        self._write_out()
        totals = self._totals() | {"fingerprint": outcome.fingerprint}
        self.sink.append(RecordType.CHECKPOINT, pack_json(totals))
        return outcome

    def _run(self, events: Events) -> None:
        """Feed the engine, which is made at the first events: they tell it the price."""
        if int(events["ts"][0]) < self._last_ts:
            # Another connection was already later: what is known now, is known now.
            events["ts"] = np.maximum(events["ts"], self._last_ts)
        self._last_ts = int(events["ts"][-1])
        self._events += events.size
        if self.judge is not None:
            events = self._admitted(self.judge, events)
            if not events.size:
                return
        if self._core is None:
            self._core = _Watched(self._strategy, self.plan, events)
        self._core.feed(events)
        self._write_out()

    def _admitted(self, judge: EventJudge, events: Events) -> Events:
        """Return what a strategy may see; journal what it may not, and why."""
        before = judge.refused
        codes = judge.judge(events)
        if judge.refused == before:
            return events
        from seawall.admission.event_judge import visible

        refused = {"refused": judge.refusals(events, codes)}
        self.sink.append(RecordType.DECISION, pack_json(refused))
        return events[visible(codes)]

    def _totals(self) -> dict[str, Any]:
        """Content of a checkpoint."""
        totals: dict[str, Any] = {
            "messages": self._messages,
            "events": self._events,
            "digest": self._digest.hexdigest(),
        }
        if self.judge is not None:
            totals["admission"] = {"decisions": self.decisions, "digest": self.judge.digest}
        return totals

    def _write_out(self) -> None:
        """Journal what the engine has done since the last time."""
        assert self._core is not None
        for kind, rows in self._core.news():
            payload = rows.tobytes()
            self._digest.update(payload)
            self.sink.append(kind, payload)


def _judge_of(plan: SessionPlan) -> EventJudge | None:
    """Make the judge that a plan asks for, with the seed that a backtest gives its own."""
    if plan.admission is None:
        return None
    from seawall.admission import EventJudge

    return EventJudge(plan.market(), plan.admission, seed=plan.settings.seed)


class _Watched:
    """The engine, with what it logs made visible as it happens."""

    def __init__(self, strategy: AnyStrategy, plan: SessionPlan, first: Events) -> None:
        from seawall.engine.run import Engine

        market = Market(plan.instruments, plan.streams, first if first.size else empty_events())
        self._engine = Engine(market, strategy, plan.settings)
        self._commands = 0
        self._fills = 0
        self._orders = 0

    def feed(self, events: Events | None = None, *, until: int = L.FAR) -> None:
        """Run over a chunk of records."""
        self._engine.feed(events, until=until)

    def finish(self) -> Outcome:
        """End the run."""
        return self._engine.finish()

    def news(self) -> list[tuple[RecordType, npt.NDArray[Any]]]:
        """Commands, fills and ended orders since the last call."""
        out: list[tuple[RecordType, npt.NDArray[Any]]] = []
        w = self._engine.world
        tail = int(w[L.H_CMD_TAIL])
        if tail != self._commands:
            capacity = int(w[L.H_CAP_RING])
            # Rows older than the ring's length have been overwritten.
            numbers = np.arange(max(self._commands, tail - capacity), tail) & (capacity - 1)
            table = w[int(w[L.O_CMD]) :][: capacity * L.CMD_COLS].reshape(capacity, L.CMD_COLS)
            out.append((RecordType.COMMAND, self._commands_of(table[numbers])))
            self._commands = tail
        fills = self._engine.collector.fills_since(self._fills)
        if fills:
            out.append((RecordType.FILL, np.concatenate(fills)))
            self._fills += len(fills)
        orders = self._engine.collector.orders_since(self._orders)
        if orders:
            out.append((RecordType.ORDER, np.concatenate(orders)))
            self._orders += len(orders)
        return out

    def _commands_of(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.void]:
        """Commands with the terms of their orders, where these still stand in the table."""
        w = self._engine.world
        capacity = int(w[L.H_CAP_ORD])
        orders = w[int(w[L.O_ORD]) :][: capacity * L.ORD_COLS].reshape(capacity, L.ORD_COLS)
        mine = orders[rows[:, L.K_SLOT]]
        stands = mine[:, L.R_ID] == rows[:, L.K_ID]
        out = np.zeros(len(rows), dtype=COMMAND)
        out["due_ts"], out["op"], out["order_id"] = (
            rows[:, L.K_TS], rows[:, L.K_OP], rows[:, L.K_ID],
        )  # fmt: skip
        fresh = stands & (rows[:, L.K_OP] == L.CMD_NEW)
        out["px"] = np.where(fresh, mine[:, L.R_PX], rows[:, L.K_PX])
        out["qty"] = np.where(fresh, mine[:, L.R_QTY], rows[:, L.K_QTY])
        for name, column in (
            ("trigger", L.R_TRIGGER), ("instrument", L.R_INST), ("type", L.R_TYPE),
            ("side", L.R_SIDE), ("flags", L.R_FLAGS),
        ):  # fmt: skip
            out[name] = np.where(stands, mine[:, column], 0)
        return out

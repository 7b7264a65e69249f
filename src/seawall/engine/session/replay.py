# SPDX-License-Identifier: MIT
"""Doing a journalled session again: to check it, or to go on with it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seawall.engine.journal import Journal, Record, RecordType, Sync, read_journal, unpack_input
from seawall.engine.journal.payload import unpack_json, unpack_rows
from seawall.engine.outcome import FILL, ORDER, Outcome
from seawall.engine.session.plan import SessionPlan
from seawall.engine.session.run import COMMAND, DISCONNECTED, FINISH, Session
from seawall.model.errors import JournalError
from seawall.model.events import EVENT

if TYPE_CHECKING:
    from seawall.engine.run import AnyStrategy

_DRIVING = frozenset({RecordType.INPUT, RecordType.EVENT, RecordType.TIMER})
_COMPARED = frozenset(
    {
        RecordType.COMMAND,
        RecordType.FILL,
        RecordType.ORDER,
        RecordType.DECISION,
        RecordType.CHECKPOINT,
    }
)
_LOST = f'["{DISCONNECTED}"'.encode()
_ROWS = {RecordType.COMMAND: COMMAND, RecordType.FILL: FILL, RecordType.ORDER: ORDER}


MakeStrategy = Callable[[SessionPlan], "AnyStrategy"]
"""Makes the strategy that a plan names."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a replay first did something else.

    Parameters
    ----------
    number : int
        Number of the journal's record.
    message : int
        Messages that had been taken by then.
    journalled, replayed : str
        What stands in the journal and what the replay did there.
    """

    number: int
    message: int
    journalled: str
    replayed: str


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What a replay found.

    Parameters
    ----------
    outcome : Outcome or None
        Result of the replayed session; none when no event came.
    fingerprint : str
        Of the outcome.
    journalled_fingerprint : str
        As the journal's end says; empty when the session never ended.
    difference : Difference or None
        The first one.
    records, messages : int
        Records read and messages fed.
    decisions : dict of str to int
        Events by what admission decided about them; empty without admission.
    """

    outcome: Outcome | None
    fingerprint: str
    journalled_fingerprint: str
    difference: Difference | None
    records: int
    messages: int
    decisions: dict[str, int] = field(default_factory=dict)

    @property
    def same(self) -> bool:
        """Whether the replay did what the journal says, to the last record."""
        ended = not self.journalled_fingerprint or self.journalled_fingerprint == self.fingerprint
        return self.difference is None and ended


class _Compared:
    """A sink that holds what a replay does until the journal says what it should be."""

    def __init__(self) -> None:
        self.done: deque[tuple[RecordType, bytes]] = deque()
        self.number = 0

    def append(self, kind: RecordType, payload: bytes) -> int:
        """Keep what the session did; what drove it is in the journal already."""
        if kind in _COMPARED:
            self.done.append((kind, payload))
        self.number += 1
        return self.number - 1


def replay_journal(
    folder: Path,
    strategy: MakeStrategy,
    *,
    advance: Callable[[int], None] = lambda records: None,
) -> ReplayReport:
    """Feed a journal's messages to a new session and compare all that it does.

    Parameters
    ----------
    folder : Path
        Folder of the journal.
    strategy : callable
        Makes the strategy for the journal's plan; it must be a fresh one.
    advance : callable
        Called now and then with the number of records done since, for a progress bar.

    Raises
    ------
    JournalError
        When the journal is damaged or does not begin with a plan.
    """
    records = read_journal(folder)
    plan = _plan_of(records, folder)
    sink = _Compared()
    session = Session(strategy(plan), plan, sink, begin=False)
    difference: Difference | None = None
    outcome: Outcome | None = None
    journalled = ""
    count, said = 1, 0
    for record in records:
        count += 1
        if count - said >= 4_096:
            advance(count - said)
            said = count
        if record.type is RecordType.CHECKPOINT:
            journalled = unpack_json(record.payload).get("fingerprint", journalled)
        if is_driving(record):
            if difference is None and sink.done:
                difference = _differ(record, session.messages, sink.done[0], driving=True)
            sink.done.clear()
            outcome = drive(session, record) or outcome
        elif difference is None and record.type in _COMPARED:
            found = sink.done.popleft() if sink.done else None
            if found != (record.type, record.payload):
                difference = _differ(record, session.messages, found)
    advance(count - said)
    if outcome is None and session.started:
        outcome = session.finish()
    fingerprint = outcome.fingerprint if outcome is not None else ""
    return ReplayReport(
        outcome, fingerprint, journalled, difference, count, session.messages, session.decisions
    )


def resume_session(
    folder: Path, strategy: MakeStrategy, *, sync: Sync = Sync.INTERVAL
) -> tuple[Session, Journal]:
    """Rebuild a session that was cut off, and go on behind its last whole record.

    Parameters
    ----------
    folder : Path
        Folder of the journal.
    strategy : callable
        Makes the strategy for the journal's plan; it must be a fresh one.
    sync : Sync
        Policy of the journal from here.

    Returns
    -------
    session : Session
        In the state that the journal describes; what the last message made and a crash kept
        out of the journal has been written behind it.
    journal : Journal
        Open for writing; the caller closes it.

    Raises
    ------
    JournalError
        When the journal is damaged, has been finished, or another process writes it.
    """
    from seawall.engine.journal import inspect_journal

    info = inspect_journal(folder)
    journal = Journal(
        folder,
        run_id=bytes.fromhex(info.run_id),
        manifest_hash=bytes.fromhex(info.manifest_hash),
        sync=sync,
    )
    try:
        records = read_journal(folder)
        plan = _plan_of(records, folder)
        sink = _Compared()
        session = Session(strategy(plan), plan, sink, begin=False)
        for record in records:
            if record.type is RecordType.NOTE and record.payload == FINISH:
                raise JournalError(
                    "the session was finished and cannot go on",
                    where=str(folder),
                    mend="begin another one in a new folder",
                )
            if is_driving(record):
                sink.done.clear()
                drive(session, record)
            elif record.type in _COMPARED and sink.done:
                sink.done.popleft()
        for kind, payload in sink.done:
            journal.append(kind, payload)
    except BaseException:
        journal.close()
        raise
    session.sink = journal
    return session, journal


def is_driving(record: Record) -> bool:
    """Whether a record is something that happened to the session."""
    if record.type is not RecordType.NOTE:
        return record.type in _DRIVING
    return record.payload == FINISH or record.payload.startswith(_LOST)


def drive(session: Session, record: Record) -> Outcome | None:
    """Let what a record says happen to a session; the outcome when it is the end."""
    if record.type is RecordType.INPUT:
        came = unpack_input(record.payload)
        session.message(came.receive_ts, came.message, connection=came.connection)
    elif record.type is RecordType.EVENT:
        session.events(unpack_rows(record.payload, EVENT))
    elif record.type is RecordType.TIMER:
        session.tick(int.from_bytes(record.payload, "little", signed=True))
    elif record.payload == FINISH:
        return session.finish()
    else:
        _, now_ts, connection = unpack_json(record.payload)
        session.disconnected(now_ts, connection)
    return None


def _plan_of(records: Iterator[Record], folder: Path) -> SessionPlan:
    """Plan in the first record."""
    first = next(records, None)
    if first is None or first.type is not RecordType.NOTE:
        raise JournalError(
            "the journal does not begin with a plan",
            where=str(folder),
            mend="only journals of `seawall session run` can be replayed",
        )
    return SessionPlan.from_json(first.payload)


def _differ(
    record: Record, messages: int, found: tuple[RecordType, bytes] | None, *, driving: bool = False
) -> Difference:
    """Describe what the journal has against what the replay did."""
    journalled = "nothing more" if driving else _tell(record.type, record.payload)
    return Difference(record.number, messages, journalled, _tell(*found) if found else "nothing")


def _tell(kind: RecordType, payload: bytes) -> str:
    """Content of a record in words."""
    if kind in _ROWS:
        rows: Any = unpack_rows(payload, _ROWS[kind])
        first = ", ".join(f"{n}={rows[0][n]}" for n in np.dtype(_ROWS[kind]).names or ())
        more = f" and {rows.size - 1} more" if rows.size > 1 else ""
        return f"{kind.name} {first}{more}"
    return f"{kind.name} {payload[:120].decode(errors='replace')}"

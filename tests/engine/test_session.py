# SPDX-License-Identifier: MIT
"""A session does what a backtest does, and does it again from its journal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from seawall.engine.journal import (
    Journal,
    RecordType,
    inspect_journal,
    pack_input,
    read_journal,
    unpack_input,
)
from seawall.engine.journal.payload import unpack_json, unpack_rows
from seawall.engine.outcome import FILL, Outcome
from seawall.engine.run import Engine
from seawall.engine.session import (
    COMMAND,
    Connection,
    Session,
    SessionPlan,
    plan_for_market,
    replay_journal,
    resume_session,
)
from seawall.model.errors import EngineError, JournalError
from seawall.model.market import Market

from .session_helpers import OtherQuoter, Quoter, messages, plan, quoter

STREAM = messages()


class NoSink:
    """Takes records and forgets them."""

    def append(self, kind: RecordType, payload: bytes) -> int:
        return 0


def backtest(the_plan: SessionPlan, stream: list[tuple[int, bytes]]) -> Outcome:
    """All events at once through the engine."""
    decoder = the_plan.decoders()[0]
    events = decoder.decode_text(b"".join(b"%d %s\n" % line for line in stream))
    engine = Engine(Market(the_plan.instruments, the_plan.streams, events), Quoter())
    engine.feed(events)
    return engine.finish()


def run(folder: Path, stream: list[tuple[int, bytes]]) -> Outcome:
    """All messages through a journalled session."""
    the_plan = plan()
    with Journal(folder, manifest_hash=the_plan.digest) as journal:
        session = Session(Quoter(), the_plan, journal)
        for receive_ts, message in stream:
            session.message(receive_ts, message)
        return session.finish()


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """Folder of a finished session's journal, and its outcome."""
    folder = tmp_path_factory.mktemp("session")
    return folder, run(folder, STREAM)


def test_one_message_at_a_time_gives_the_fingerprint_of_the_backtest(
    finished: tuple[Path, Outcome],
) -> None:
    _, outcome = finished
    whole = backtest(plan(), STREAM)
    assert outcome.fills.size > 20
    assert outcome.orders.tobytes() == whole.orders.tobytes()
    assert outcome.fills.tobytes() == whole.fills.tobytes()
    assert outcome.equity.tobytes() == whole.equity.tobytes()
    assert outcome.fingerprint == whole.fingerprint


def test_being_told_the_time_between_messages_changes_nothing() -> None:
    session = Session(Quoter(), plan(), NoSink())
    for (receive_ts, message), (after, _) in zip(STREAM, [*STREAM[1:], STREAM[-1]], strict=True):
        session.message(receive_ts, message)
        session.tick(receive_ts + (after - receive_ts) // 2)
    assert session.finish().fingerprint == backtest(plan(), STREAM).fingerprint


def test_the_journal_holds_every_message_command_and_fill(finished: tuple[Path, Outcome]) -> None:
    folder, outcome = finished
    records = list(read_journal(folder))
    came = [unpack_input(r.payload) for r in records if r.type is RecordType.INPUT]
    assert [(c.receive_ts, c.message) for c in came] == STREAM
    fills = [unpack_rows(r.payload, FILL) for r in records if r.type is RecordType.FILL]
    assert np.concatenate(fills).tobytes() == outcome.fills.tobytes()
    commands = np.concatenate(
        [unpack_rows(r.payload, COMMAND) for r in records if r.type is RecordType.COMMAND]
    )
    sent = commands["order_id"][commands["op"] == 1]
    assert sent.tolist() == sorted(outcome.orders["id"].tolist())
    last = unpack_json(records[-1].payload)
    assert last["fingerprint"] == outcome.fingerprint
    assert inspect_journal(folder).manifest_hash == plan().digest.hex()


def test_replay_does_the_same_and_says_so(finished: tuple[Path, Outcome]) -> None:
    folder, outcome = finished
    seen: list[int] = []
    report = replay_journal(folder, quoter, advance=seen.append)
    assert report.same
    assert report.difference is None
    assert report.fingerprint == report.journalled_fingerprint == outcome.fingerprint
    assert report.messages == len(STREAM)
    assert sum(seen) == report.records == inspect_journal(folder).records


def test_replay_with_another_strategy_names_the_first_record_that_differs(
    finished: tuple[Path, Outcome],
) -> None:
    folder, _ = finished
    report = replay_journal(folder, lambda _: OtherQuoter())
    assert not report.same
    assert report.difference is not None
    record = list(read_journal(folder))[report.difference.number]
    assert record.type is RecordType.COMMAND
    assert "qty=10" in report.difference.journalled
    assert "qty=20" in report.difference.replayed
    assert 0 < report.difference.message < len(STREAM)


def test_a_changed_message_in_the_journal_is_found_by_replay(
    finished: tuple[Path, Outcome], tmp_path: Path
) -> None:
    folder, _ = finished
    changed = False
    with Journal(tmp_path, manifest_hash=plan().digest) as forged:
        for record in read_journal(folder):
            payload = record.payload
            if not changed and record.number > 300 and b'"e":"trade"' in payload:
                came = unpack_input(payload)
                payload = pack_input(
                    came.receive_ts, 0, came.message.replace(b'"q":"0.', b'"q":"9.')
                )
                changed = True
            forged.append(record.type, payload)
    report = replay_journal(tmp_path, quoter)
    assert changed
    assert not report.same


@pytest.mark.parametrize("share", [0.0, 0.0005, 0.1, 0.37, 0.5, 0.8, 0.97])
def test_a_session_cut_off_anywhere_goes_on_to_the_same_end(
    finished: tuple[Path, Outcome], tmp_path: Path, share: float
) -> None:
    folder, outcome = finished
    segment = min(folder.glob("*.swj"))
    whole = segment.read_bytes()
    start = 80 + 17 + len(plan().to_json())  # header and plan, without which nothing began
    (tmp_path / segment.name).write_bytes(whole[: start + int(share * (len(whole) - start))])
    session, journal = resume_session(tmp_path, quoter)
    with journal:
        for receive_ts, message in STREAM[session.messages :]:
            session.message(receive_ts, message)
        again = session.finish()
    assert again.fingerprint == outcome.fingerprint
    assert replay_journal(tmp_path, quoter).same


def test_a_finished_session_does_not_go_on(finished: tuple[Path, Outcome]) -> None:
    with pytest.raises(JournalError, match="finished"):
        resume_session(finished[0], quoter)
    assert replay_journal(finished[0], quoter).same  # and it was not touched


def test_a_journal_without_an_end_is_replayed_as_far_as_it_goes(tmp_path: Path) -> None:
    the_plan = plan()
    with Journal(tmp_path) as journal:
        session = Session(Quoter(), the_plan, journal)
        for receive_ts, message in STREAM[:400]:
            session.message(receive_ts, message)
    report = replay_journal(tmp_path, quoter)
    assert report.same
    assert report.journalled_fingerprint == ""
    assert report.messages == 400


def test_a_lost_connection_is_part_of_the_journal(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        session = Session(Quoter(), plan(), journal)
        for receive_ts, message in STREAM[:300]:
            session.message(receive_ts, message)
        session.disconnected(STREAM[299][0] + 1)
        for receive_ts, message in STREAM[320:600]:
            session.message(receive_ts, message)
        outcome = session.finish()
    report = replay_journal(tmp_path, quoter)
    assert report.same
    assert report.fingerprint == outcome.fingerprint


def test_faulty_messages_are_journalled_counted_and_change_nothing(tmp_path: Path) -> None:
    clean = run(tmp_path / "clean", STREAM[:500])
    dirty = [*STREAM[:200], (STREAM[199][0], b"{broken"), (STREAM[199][0], b"[]"), *STREAM[200:500]]
    with Journal(tmp_path / "dirty") as journal:
        session = Session(Quoter(), plan(), journal)
        session.feed((ts, 0, message) for ts, message in dirty)
        outcome = session.finish()
    assert outcome.fingerprint == clean.fingerprint
    assert session.stats[0].messages == 502
    assert session.stats[0].refused == 1
    assert inspect_journal(tmp_path / "dirty").counts[RecordType.INPUT] == 502


def test_a_session_without_any_event_cannot_be_finished() -> None:
    session = Session(Quoter(), plan(), NoSink())
    session.message(1, b"{}")
    session.tick(2)
    with pytest.raises(EngineError, match="no message gave an event"):
        session.finish()


def test_a_plan_comes_back_from_its_text() -> None:
    the_plan = plan()
    assert SessionPlan.from_json(the_plan.to_json()) == the_plan
    with pytest.raises(JournalError, match="plan"):
        SessionPlan.from_json(b'{"instruments":1}')


def test_a_journal_that_begins_with_no_plan_is_refused(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.append(RecordType.INPUT, pack_input(1, 0, b"{}"))
    with pytest.raises(JournalError, match="plan"):
        replay_journal(tmp_path, quoter)


def test_a_market_of_two_venues_makes_a_connection_of_each() -> None:
    one = plan()
    other = replace(one.instruments[0], venue="binance", symbol="BTC/USDT")
    market = Market((one.instruments[0], other), one.streams)
    made = plan_for_market(market, cold_start=True)
    assert made.connections == (
        Connection((0,), ("btcusdt",), cold_start=True),
        Connection((1,), ("btcusdt",), cold_start=True),
    )
    assert len(made.decoders()) == 2

# SPDX-License-Identifier: MIT
"""Admission in a session: what a backtest behind admission does, message by message."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from seawall.admission import AdmissionSettings, admit_market
from seawall.cli.app import app
from seawall.data.catalogue.catalogue import Catalogue, Select
from seawall.data.importing.pipeline import import_files
from seawall.data.simulated import SimConfig, simulate
from seawall.data.venues.binance import read_messages
from seawall.engine.journal import Journal, RecordType, read_journal
from seawall.engine.journal.payload import unpack_json
from seawall.engine.session import (
    Session,
    SessionPlan,
    plan_for_market,
    replay_journal,
    resume_session,
)
from seawall.engine.settings import EngineSettings
from seawall.model.errors import EngineError
from seawall.model.events import EventFlag, EventKind, Events
from seawall.model.market import Market
from seawall.research.backtest import Backtest

from .quoting import PLACE, Follower, follower

ADMISSION = AdmissionSettings()
RAW = "binance_usdm_btcusdt_20230404.raw.gz"
TRADE = re.compile(rb'("e":"trade".*"p":")([0-9.]+)(")')


def lying(market: Market) -> Market:
    """A copy in which one feed of one venue says one per cent more from its first third on."""
    number = next(
        i for i, s in enumerate(market.streams)
        if (s.venue, s.symbol, s.feed) == ("simswap", "BTC/USDT", "trades")
    )  # fmt: skip
    events = market.events.copy()
    third = events["ts"][0] + (events["ts"][-1] - events["ts"][0]) // 3
    bad = (events["stream"] == number) & (events["ts"] > third)
    events["px"][bad] = (events["px"][bad] * 1.01).astype(np.int32)
    return replace(market, events=events)


def in_messages(events: Events, seed: int = 1) -> list[Events]:
    """Cut between messages, at a third of the places."""
    ends = np.flatnonzero(events["flags"] & EventFlag.LAST) + 1
    rng = np.random.default_rng(seed)
    return [p for p in np.split(events, ends[rng.random(ends.size) < 0.3]) if p.size]


@pytest.fixture(scope="module")
def market() -> Market:
    return lying(simulate(SimConfig(duration_s=30.0, seed=5)).to_market())


@pytest.fixture(scope="module")
def plan(market: Market) -> SessionPlan:
    return SessionPlan(
        market.instruments, market.streams, (), EngineSettings(), PLACE, (), ADMISSION
    )


@pytest.fixture(scope="module")
def journal(market: Market, plan: SessionPlan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished session over the lying market."""
    folder = tmp_path_factory.mktemp("journal")
    with Journal(folder, manifest_hash=plan.digest) as book:
        session = Session(Follower(), plan, book)
        for piece in in_messages(market.events):
            session.events(piece)
        session.finish()
    return folder


def test_a_lying_feed_is_refused_message_by_message_as_in_the_backtest(
    market: Market, journal: Path
) -> None:
    backtest = Backtest(Follower(), market, band=False, bootstrap=0, admission=ADMISSION).run()
    _, report = admit_market(market, ADMISSION, seed=EngineSettings().seed)
    replayed = replay_journal(journal, follower)
    assert replayed.same
    assert replayed.outcome is not None
    assert replayed.outcome.orders.size > 100
    assert replayed.outcome.orders.tobytes() == backtest.outcome.orders.tobytes()
    assert replayed.outcome.fills.tobytes() == backtest.outcome.fills.tobytes()
    assert replayed.fingerprint == replayed.journalled_fingerprint == backtest.fingerprint
    told = {name: sum(c[name] for c in report.counts.values()) for name in replayed.decisions}
    assert replayed.decisions == told
    assert replayed.decisions["outlier"] > 50
    naive = Backtest(Follower(), market, band=False, bootstrap=0).run()
    assert naive.fingerprint != backtest.fingerprint


def test_the_journal_says_what_was_refused_and_why(market: Market, journal: Path) -> None:
    records = list(read_journal(journal))
    sums: dict[str, int] = {}
    for record in records:
        if record.type is RecordType.DECISION:
            for reasons in unpack_json(record.payload)["refused"].values():
                for reason, n in reasons.items():
                    sums[reason] = sums.get(reason, 0) + n
    last = unpack_json(records[-1].payload)["admission"]
    surplus = ("admitted", "rate", "quota")
    assert sums == {k: n for k, n in last["decisions"].items() if k not in surplus}
    assert sum(last["decisions"].values()) == market.events.size
    first = next(r for r in records if r.type is RecordType.DECISION)
    assert any("simswap|BTC/USDT|trades" in s for s in unpack_json(first.payload)["refused"])


def test_another_judgement_in_the_journal_is_named_by_the_replay(
    journal: Path, plan: SessionPlan, tmp_path: Path
) -> None:
    changed = -1
    with Journal(tmp_path, manifest_hash=plan.digest) as book:
        for record in read_journal(journal):
            payload = record.payload
            if record.type is RecordType.DECISION and changed < 0:
                changed, payload = record.number, payload.replace(b"outlier", b"noise")
            book.append(record.type, payload)
    report = replay_journal(tmp_path, follower)
    assert report.difference is not None
    assert report.difference.number == changed
    assert "outlier" in report.difference.replayed


def test_a_session_that_was_cut_off_goes_on_with_the_same_judge(
    market: Market, plan: SessionPlan, journal: Path, tmp_path: Path
) -> None:
    pieces = in_messages(market.events)
    half = len(pieces) // 2
    with Journal(tmp_path, manifest_hash=plan.digest) as book:
        session = Session(Follower(), plan, book)
        for piece in pieces[:half]:
            session.events(piece)
    session, book = resume_session(tmp_path, follower)
    with book:
        for piece in pieces[half:]:
            session.events(piece)
        outcome = session.finish()
    whole = replay_journal(journal, follower)
    assert outcome.fingerprint == whole.fingerprint
    assert session.decisions == whole.decisions
    assert replay_journal(tmp_path, follower).same


def test_a_session_in_which_everything_is_refused_says_why_it_has_no_end(
    market: Market, plan: SessionPlan, tmp_path: Path
) -> None:
    trades = market.events[market.events["kind"] == EventKind.TRADE][:50].copy()
    trades["px"] = 0
    with Journal(tmp_path, manifest_hash=plan.digest) as book:
        session = Session(Follower(), plan, book)
        session.events(trades)
        with pytest.raises(EngineError, match="50 not_a_number"):
            session.finish()


def test_a_plan_with_admission_comes_back_from_its_text(plan: SessionPlan) -> None:
    kinds = AdmissionSettings(root=Path("elsewhere"), stale_ns=7)
    for one in (plan, replace(plan, admission=kinds), replace(plan, admission=None)):
        assert SessionPlan.from_json(one.to_json()) == one
    assert plan.digest != replace(plan, admission=kinds).digest


@pytest.fixture(scope="module")
def poisoned(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real recording; from its middle on every third print is one per cent higher."""
    source = test_data / "lob" / "raw" / RAW
    if not source.is_file():
        pytest.skip(f"the recorded data lack {RAW}")
    lines = gzip.decompress(source.read_bytes()).splitlines(keepends=True)
    for n in range(len(lines) // 2, len(lines)):
        found = TRADE.search(lines[n])
        if found and n % 3 == 0:
            price = b"%.1f" % (float(found[2]) * 1.01)
            lines[n] = lines[n][: found.start(2)] + price + lines[n][found.end(2) :]
    path = tmp_path_factory.mktemp("raw") / RAW
    path.write_bytes(gzip.compress(b"".join(lines), 1))
    return path


def test_a_real_raw_stream_behind_admission_is_the_backtest_over_the_imported_file(
    poisoned: Path, tmp_path: Path
) -> None:
    catalogue = Catalogue(tmp_path / "catalogue")
    import_files(catalogue, [poisoned])
    market = catalogue.market([Select("binanceusdm", "BTC/USDT:USDT")])
    backtest = Backtest(Follower(), market, band=False, bootstrap=0, admission=ADMISSION).run()
    the_plan = plan_for_market(market, strategy=PLACE, admission=ADMISSION)
    with Journal(tmp_path / "journal", manifest_hash=the_plan.digest) as book:
        session = Session(Follower(), the_plan, book)
        for receive_ts, message in read_messages(poisoned):
            session.message(receive_ts, message)
        live = session.finish()
    assert session.decisions["outlier"] > 100
    assert live.orders.size > 100
    assert live.orders.tobytes() == backtest.outcome.orders.tobytes()
    assert live.fills.tobytes() == backtest.outcome.fills.tobytes()
    assert live.fingerprint == backtest.fingerprint
    replayed = replay_journal(tmp_path / "journal", follower)
    assert replayed.same
    assert replayed.decisions == session.decisions


def test_run_and_replay_count_what_was_refused(poisoned: Path, tmp_path: Path) -> None:
    def call(*words: str | Path) -> dict[str, dict[str, int]]:
        answer = CliRunner().invoke(app, [*map(str, words), "--json"])
        assert answer.exit_code == 0, answer.output
        return json.loads(answer.stdout.strip().splitlines()[-1])  # type: ignore[no-any-return]

    told = ("session", "run", poisoned, "--strategy", PLACE, "--journal")
    ran = call(*told, tmp_path / "a", "--admission")
    assert ran["admission"]["outlier"] > 100
    again = call("session", "replay", tmp_path / "a")
    assert again["same"]
    assert again["admission"] == ran["admission"]
    bare = call(*told, tmp_path / "b")
    assert bare["admission"] == {}
    assert bare["fingerprint"] != ran["fingerprint"]
    root = f"admission.root={tmp_path / 'admission'}"
    source = "binanceusdm|BTC/USDT:USDT|trades"
    call("--set", root, "provenance", "ban", source, "--why", "it lies")
    banned = call("--set", root, *told, tmp_path / "d", "--admission")
    assert banned["admission"]["banned"] > 1_000
    assert "outlier" not in banned["admission"]
    assert call("session", "replay", tmp_path / "d")["admission"] == banned["admission"]
    strict = ("--set", "admission.stale_ns=1", *told, tmp_path / "c", "--admission")
    assert CliRunner().invoke(app, [*map(str, strict)]).exit_code == EngineError.exit_code


def test_a_backtest_of_a_file_knows_the_bans_of_the_audit_file(
    poisoned: Path, tmp_path: Path
) -> None:
    import_files(Catalogue(tmp_path / "catalogue"), [poisoned])

    def told(*words: str) -> dict[str, str]:
        answer = CliRunner().invoke(app, [
            "--set", f"catalogue.root={tmp_path / 'catalogue'}",
            "--set", f"admission.root={tmp_path / 'admission'}", *words, "--json",
        ])  # fmt: skip
        assert answer.exit_code == 0, answer.output
        return json.loads(answer.stdout.strip().splitlines()[-1])  # type: ignore[no-any-return]

    words = (
        "backtest", "run", PLACE, "--venue", "binanceusdm", "--symbol", "BTC/USDT:USDT",
        "--no-band", "--admission", "--out", str(tmp_path / "run"),
    )  # fmt: skip
    free = told(*words)["fingerprint"]
    assert told(*words)["fingerprint"] == free
    told("provenance", "ban", "binanceusdm|BTC/USDT:USDT|trades", "--why", "it lies")
    assert told(*words)["fingerprint"] != free

# SPDX-License-Identifier: MIT
"""A strategy that owns a gated model learns the same in a backtest, a session and a replay."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np

from seawall.engine.journal import Journal
from seawall.engine.run import Engine
from seawall.engine.session import Session, SessionPlan, replay_journal
from seawall.engine.strategy import Strategy
from seawall.model.market import Market
from seawall.robust.gate import (
    Gate,
    GatedModel,
    GateEventKind,
    GateSettings,
    Learner,
    WindowRows,
    build_golden,
    calibrated,
    fit_reference,
)

from .session_helpers import messages, plan

STREAM = messages(6_000)


@cache
def gate() -> Gate:
    """Golden rows as the made-up market makes them in its first half, seen once."""
    watcher = Watcher()
    feed_all(watcher, STREAM[:3_000])
    rows = np.array(watcher.rows)
    golden = build_golden([WindowRows("first", "calm", rows)], ("mid", "imbalance"), halflife=50)
    reference = fit_reference(golden)
    profile = calibrated(
        reference, false_alarm_rate=0.02, learner=Learner(60.0), every=10, paths=20,
        nulls=("parametric", "bootstrap"),
    )  # fmt: skip
    return Gate(reference, profile)


class Watcher(Strategy):
    """Looks at the book every 50 ms."""

    def on_start(self) -> None:
        self.rows: list[tuple[float, float]] = []
        self.before = 0.0
        self.every("50ms")

    def on_timer(self, ts: int) -> None:
        bid, ask = self.best_bid(), self.best_ask()
        if not bid or not ask or bid >= ask:
            return
        mid = math.log(0.5 * (bid + ask))
        if self.before:
            self.learn(ts, (mid - self.before, self.imbalance()))
        self.before = mid

    def learn(self, ts: int, row: tuple[float, float]) -> None:
        self.rows.append(row)


class GatedTaker(Watcher):
    """Trades on what its gated model says, and stops when the model is frozen."""

    def on_start(self) -> None:
        super().on_start()
        settings = GateSettings(every=10, rollbacks_per_day=2, freeze_ns=0)
        self.model = GatedModel(gate(), learner=Learner(60.0), settings=settings)

    def learn(self, ts: int, row: tuple[float, float]) -> None:
        # From half-way on, somebody pushes the imbalance.
        pushed = (row[0], row[1] + (3.0 if self.model.counts.rows > 250 else 0.0))
        self.model.observe(ts, pushed, source="binanceusdm")
        if self.model.frozen:
            self.target_quantity(0.0)
        elif self.model.location[1] > 0.0:
            self.target_quantity(0.01)


def feed_all(strategy: Strategy, stream: list[tuple[int, bytes]]) -> None:
    """Run a backtest: all events at once."""
    the_plan = plan()
    decoder = the_plan.decoders()[0]
    events = decoder.decode_text(b"".join(b"%d %s\n" % line for line in stream))
    engine = Engine(Market(the_plan.instruments, the_plan.streams, events), strategy)
    engine.feed(events)
    engine.finish()


def test_events_of_the_gate_are_the_same_in_a_backtest_a_session_and_a_replay(
    tmp_path: Path,
) -> None:
    tested, live, again = GatedTaker(), GatedTaker(), GatedTaker()
    feed_all(tested, STREAM)
    the_plan = plan()
    with Journal(tmp_path, manifest_hash=the_plan.digest) as journal:
        session = Session(live, the_plan, journal)
        for receive_ts, message in STREAM:
            session.message(receive_ts, message)
        session.finish()

    def same_again(_: SessionPlan) -> Strategy:
        return again

    report = replay_journal(tmp_path, same_again)
    assert report.same
    kinds = {e.kind for e in tested.model.events}
    assert {GateEventKind.ACCEPT, GateEventKind.ROLLBACK, GateEventKind.FREEZE} <= kinds
    assert tested.model.digest == live.model.digest == again.model.digest
    assert list(tested.model.events) == list(live.model.events) == list(again.model.events)
    assert tested.model.checkpoint == live.model.checkpoint
    assert tested.model.counts == again.model.counts

# SPDX-License-Identifier: MIT
"""However a run is fed or written, it is the same run; and it knows no future."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.engine.outcome import Outcome
from seawall.engine.run import Engine
from seawall.engine.settings import EngineSettings, LatencySettings
from seawall.engine.strategy import (
    Bar,
    CompiledStrategy,
    FillNote,
    OrderNote,
    Strategy,
    TargetStrategy,
    Tick,
)
from seawall.model.events import EventKind, Stream, empty_events
from seawall.model.instrument import Instrument, perpetual, spot
from seawall.model.market import Market
from seawall.model.order import Side

from .stage import MS, T0

HOUR = 3_600_000 * MS
BOUNCY = EngineSettings(
    latency=LatencySettings(sampled=((3 * MS, 2 * MS), (9 * MS, MS), (MS, 20 * MS)))
)


# --- three forms of one rule --------------------------------------------------------------------


def minute_bars(n: int, seed: int, stream: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    close = 30_000_00 + np.cumsum(rng.normal(0, 30_00, n)).astype(np.int64)
    bars = np.zeros((7, n), dtype=np.int64)
    bars[0] = T0 + np.arange(1, n + 1) * 60_000 * MS
    bars[4] = close
    bars[1] = np.concatenate([close[:1], close[:-1]]) + rng.integers(-5_00, 5_00, n)
    bars[2] = np.maximum(bars[1], close) + rng.integers(0, 20_00, n)
    bars[3] = np.minimum(bars[1], close) - rng.integers(0, 20_00, n)
    bars[5] = rng.integers(1_000, 90_000, n)
    bars[6] = stream
    return bars


class Cross(Strategy):
    """The rule of ``compiled_rules.ema_cross`` as hooks."""

    def on_start(self) -> None:
        self.n, self.long = 0, False
        self.fast = self.slow = 0.0

    def on_bar(self, bar: Bar) -> None:
        close = bar.close
        if self.n == 0:
            self.fast = self.slow = close
        else:
            self.fast += (close - self.fast) * (2 / 21)
            self.slow += (close - self.slow) * (2 / 51)
        self.n += 1
        if self.n > 50 and (self.fast > self.slow) != self.long:
            self.long = not self.long
            self.target_quantity(1.0 if self.long else 0.0)


class TalkativeCross(Cross):
    """The same with every hook, so that the kernel wakes for everything."""

    def on_fill(self, fill: FillNote) -> None:
        self.position()

    def on_order(self, note: OrderNote) -> None:
        self.open_orders()


class AskingCross(Cross):
    """The same, asking the engine at every bar, so that nothing is put off."""

    def on_bar(self, bar: Bar) -> None:
        assert self.last() == bar.close
        self.equity()
        super().on_bar(bar)


def cross_targets(columns: Any) -> np.ndarray:
    """The rule at once: nothing until the averages differ for the first time."""
    close = columns["close"]
    out = np.full(close.size, np.nan)
    fast = slow = close[0]
    long = False
    for i, x in enumerate(close.tolist()):
        if i:
            fast += (x - fast) * (2 / 21)
            slow += (x - slow) * (2 / 51)
        if i >= 50 and (fast > slow) != long:
            long = not long
            out[i] = 1.0 if long else 0.0
    return out


def forms() -> dict[str, Any]:
    from .compiled_rules import ema_cross

    return {
        "hooks": Cross(),
        "talkative hooks": TalkativeCross(),
        "asking hooks": AskingCross(),
        "vectorised": TargetStrategy(cross_targets),
        "compiled": CompiledStrategy(ema_cross, frozenset({"bar"}), state=(0, 0, 0, 0)),
    }


def funding_stamps(instrument: Instrument, bars: np.ndarray) -> np.ndarray:
    """A stamp at the close of every 240th bar and one inside a bar, with varied rates."""
    at = bars[0, 239::240]
    events = empty_events(2 * at.size)
    events["ts"] = np.sort(np.concatenate([at, at + 7 * MS]))
    events["kind"], events["stream"], events["flags"] = int(EventKind.FUNDING), 1, 2
    events["qty"] = 100_000 * (1 - np.arange(events.size) % 3)
    return events


def run_form(strategy: Any, instrument: Instrument, bars: np.ndarray, events: Any) -> Outcome:
    streams = tuple(Stream(instrument.venue, instrument.symbol, f) for f in ("bars_1m", "funding"))
    engine = Engine(Market((instrument,), streams), strategy, EngineSettings())
    engine.feed(events, bars)
    return engine.finish()


@pytest.mark.parametrize("with_funding", [False, True])
@pytest.mark.parametrize(
    "instrument",
    [spot("BTC/USDT", "0.01", "0.001"), perpetual("BTC/USDT:USDT", "0.01", "0.001")],
    ids=["spot", "perpetual"],
)
def test_all_forms_of_one_rule_give_the_same_orders_fills_and_equity(
    instrument: Instrument, with_funding: bool
) -> None:
    bars = minute_bars(3_000, 5)
    events = funding_stamps(instrument, bars) if with_funding else None
    outcomes = {name: run_form(s, instrument, bars, events) for name, s in forms().items()}
    reference = outcomes["hooks"]
    assert len(reference.fills) > 20
    if with_funding and instrument.settle != instrument.base and ":" in instrument.symbol:
        assert reference.totals.funding != 0
    for name, outcome in outcomes.items():
        for part in ("orders", "fills", "equity"):
            a, b = getattr(outcome, part), getattr(reference, part)
            assert np.array_equal(a, b), f"{name} differs in {part}"
        assert outcome.fingerprint == reference.fingerprint
        assert outcome.totals == reference.totals


# --- pieces -------------------------------------------------------------------------------------


class Busy(Strategy):
    """Quotes, takes, cancels and protects on events; everything that can go wrong in pieces."""

    def on_start(self) -> None:
        self.heard: list[tuple[int, int]] = []
        self.every("40ms")

    def on_timer(self, ts: int) -> None:
        bid, ask = self.best_bid(), self.best_ask()
        if not bid or not ask or bid >= ask:
            return
        turn = len(self.heard) % 5
        if turn == 0:
            self.cancel_all()
        self.buy(2, price=bid, post_only=True)
        self.sell(2, price=ask)
        if turn == 3:
            self.bracket(Side.BUY, 1, price=ask, stop=bid - 4, take_profit=ask + 4)
        if turn == 4:
            self.target_quantity(0.0)

    def on_trade(self, trade: Tick) -> None:
        self.heard.append((trade.ts, 0))

    def on_fill(self, fill: FillNote) -> None:
        self.heard.append((fill.ts, fill.order))

    def on_order(self, note: OrderNote) -> None:
        self.heard.append((note.ts, int(note.state)))


def book_events(n: int, seed: int) -> np.ndarray:
    """A snapshot, then changes and trades around a wandering mid; some of one moment."""
    rng = np.random.default_rng(seed)
    rows = [
        (
            T0,
            20,
            px,
            0,
            0,
            int(EventKind.SNAPSHOT),
            (px < 1_000) | 4 * (px == 990) | 2 * (px == 1_010),
            0,
        )
        for px in (*range(990, 1_000), *range(1_001, 1_011))
    ]
    ts, mid = T0, 1_000
    while len(rows) < n:
        ts += int(rng.integers(0, 12)) * MS
        lag = int(rng.integers(0, 9_000))
        if rng.random() < 0.15:  # the mid moves: one side gives way, the other follows
            step = 1 if rng.random() < 0.5 else -1
            up = step > 0
            taken = int(not up)  # the ask side gives way when the mid goes up
            rows.append((ts, 4, mid + step, lag, 0, int(EventKind.TRADE), 2 | int(up), 0))
            rows.append((ts, 0, mid + step, lag, 0, int(EventKind.DELTA), taken, 0))
            mid += step
            rows.append((ts, 15, mid - step, lag, 0, int(EventKind.DELTA), 2 | int(up), 0))
            continue
        buy = bool(rng.random() < 0.5)
        if rng.random() < 0.4:
            px = mid + (1 if buy else -1)
            qty = int(rng.integers(1, 9))
            rows.append((ts, qty, px, lag, 0, int(EventKind.TRADE), 2 | int(buy), 0))
        else:
            px = mid - int(rng.integers(1, 8)) * (1 if buy else -1)
            qty = int(rng.integers(1, 25))
            rows.append((ts, qty, px, lag, 0, int(EventKind.DELTA), 2 | int(buy), 0))
    events = empty_events(len(rows))
    for k, row in enumerate(rows):
        events[k] = row
    return events


def unit_perpetual() -> Instrument:
    return perpetual("BTC/USDT:USDT", "1", "1")


def run_busy(events: np.ndarray, borders: list[int], **changes: Any) -> tuple[Outcome, list]:  # type: ignore[type-arg]
    instrument = unit_perpetual()
    market = Market((instrument,), (Stream("sim", instrument.symbol, "depth"),))
    strategy = Busy()
    engine = Engine(market, strategy, replace(BOUNCY, **changes))
    for a, b in pairwise([0, *sorted(borders), events.size]):
        engine.feed(events[a:b])
    return engine.finish(), strategy.heard


EVENTS = book_events(1_500, 11)
WHOLE = "whole"


@pytest.fixture(scope="module")
def whole() -> tuple[Outcome, list]:  # type: ignore[type-arg]
    outcome, heard = run_busy(EVENTS, [])
    assert len(outcome.fills) > 100
    assert outcome.equity.size > 3
    return outcome, heard


@given(borders=st.lists(st.integers(0, EVENTS.size), max_size=12))
@settings(max_examples=25)
def test_events_in_pieces_are_the_same_run(whole: Any, borders: list[int]) -> None:
    outcome, heard = run_busy(EVENTS, borders)
    assert outcome.fingerprint == whole[0].fingerprint
    assert heard == whole[1]


def test_events_one_by_one_are_the_same_run(whole: Any) -> None:
    outcome, heard = run_busy(EVENTS, list(range(EVENTS.size)))
    assert outcome.fingerprint == whole[0].fingerprint
    assert heard == whole[1]


@given(borders=st.lists(st.integers(0, 400), max_size=9), data=st.data())
@settings(max_examples=25)
def test_bars_in_pieces_are_the_same_run(borders: list[int], data: st.DataObject) -> None:
    bars = minute_bars(400, 3)
    kind = data.draw(st.sampled_from([Cross, TalkativeCross, AskingCross]))
    instrument = spot("BTC/USDT", "0.01", "0.001")
    market = Market((instrument,), (Stream("sim", "BTC/USDT", "bars_1m"),))

    def run(cuts: list[int]) -> str:
        engine = Engine(market, kind(), EngineSettings())
        for a, b in pairwise([0, *sorted(cuts), 400]):
            engine.feed(None, np.ascontiguousarray(bars[:, a:b]))
        return engine.finish().fingerprint

    assert run(borders) == run([])


class Pair(Strategy):
    """Trades two instruments against one another, on bars."""

    def on_bar(self, bar: Bar) -> None:
        if bar.i % 3 == 0:
            side = 1.0 if bar.close > bar.open else -1.0
            self.target_quantity(side, bar.symbol)


@given(borders=st.lists(st.integers(0, 200), max_size=9))
@settings(max_examples=20)
def test_bars_of_two_instruments_may_be_cut_between_bars_of_one_moment(borders: list[int]) -> None:
    both = tuple(perpetual(s, "0.01", "0.001") for s in ("BTC/USDT:USDT", "ETH/USDT:USDT"))
    market = Market(both, tuple(Stream("sim", i.symbol, "bars_1m") for i in both))
    merged = np.empty((7, 200), dtype=np.int64)
    merged[:, 0::2], merged[:, 1::2] = minute_bars(100, 1, 0), minute_bars(100, 2, 1)

    class Steady(Pair):
        def on_start(self) -> None:
            self.count = 0

        def on_bar(self, bar: Bar) -> None:
            self.count += 1  # the number of a bar within its chunk depends on the chunk
            if self.count % 3 == 0:
                self.target_quantity(1.0 if bar.close > bar.open else -1.0, bar.symbol)

    def run(cuts: list[int]) -> str:
        engine = Engine(market, Steady(), EngineSettings())
        for a, b in pairwise([0, *sorted(cuts), 200]):
            engine.feed(None, np.ascontiguousarray(merged[:, a:b]))
        return engine.finish().fingerprint

    assert run(borders) == run([])


def test_an_empty_first_piece_changes_nothing(whole: Any) -> None:
    outcome, _ = run_busy(EVENTS, [0, 0])
    assert outcome.fingerprint == whole[0].fingerprint


def test_another_process_gives_the_same_fingerprint(whole: Any) -> None:
    code = (
        "from tests.engine.test_feeding import EVENTS, run_busy;"
        "print(run_busy(EVENTS, [700])[0].fingerprint)"
    )
    root = Path(__file__).resolve().parents[2]
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": f"{root}:{root / 'src'}", "PATH": "", "PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert answer.stdout.strip() == whole[0].fingerprint


def test_a_seed_changes_a_run_with_sampled_latency(whole: Any) -> None:
    assert run_busy(EVENTS, [], seed=1)[0].fingerprint != whole[0].fingerprint


# --- the future ---------------------------------------------------------------------------------


def until(outcome: Outcome, ts: int) -> tuple[np.ndarray, ...]:
    """What had happened up to a moment."""
    orders = outcome.orders[outcome.orders["sent_ts"] <= ts]
    sent = orders[["id", "sent_ts", "side", "instrument"]]  # quantity and type may change later
    # Fills carry the venue's time and come in the order of receipt.
    return (
        outcome.fills[outcome.fills["ts"] <= ts],
        np.sort(sent, order="id"),
        outcome.equity[outcome.equity["ts"] <= ts],
    )


@given(
    cut=st.integers(100, EVENTS.size - 1), seed=st.integers(0, 99),
    how=st.sampled_from(["drop", "prices", "quantities", "other"]),
)  # fmt: skip
@settings(max_examples=40)
def test_what_happens_later_changes_nothing_earlier(
    whole: Any, cut: int, seed: int, how: str
) -> None:
    changed = EVENTS.copy()
    rng = np.random.default_rng(seed)
    while cut < EVENTS.size and EVENTS["ts"][cut] == EVENTS["ts"][cut - 1]:
        cut += 1
    rest = changed[cut:]
    if how == "drop":
        changed = changed[:cut]
    elif how == "prices":
        rest["px"] += rng.integers(-300, 300, rest.size)
    elif how == "quantities":
        rest["qty"] = rng.integers(0, 99, rest.size)
    else:
        rest["flags"] ^= 1
    outcome, heard = run_busy(changed, [])
    # A record received after the cut happened up to 9 ms earlier at the venue.
    known = int(EVENTS["ts"][cut - 1])
    venue = known - 9 * MS
    mine, theirs = until(outcome, venue), until(whole[0], venue)
    told = [[h for h in x if h[0] <= known] for x in (heard, whole[1])]
    if how == "drop":
        # The venue's time is known from its records: without any, what is on the way waits.
        theirs = tuple(b[: len(a)] for a, b in zip(mine, theirs, strict=True))
        told[1] = told[1][: len(told[0])]
        assert len(told[0]) >= len([h for h in whole[1] if h[0] <= known - 30 * MS])
    for a, b in zip(mine, theirs, strict=True):
        assert np.array_equal(a, b)
    assert told[0] == told[1]


@given(cut=st.integers(60, 399), seed=st.integers(0, 99))
@settings(max_examples=25)
def test_later_bars_change_nothing_earlier(cut: int, seed: int) -> None:
    bars = minute_bars(400, 3)
    other = bars.copy()
    other[1:6, cut:] = minute_bars(400, seed + 1_000)[1:6, cut:]
    instrument = spot("BTC/USDT", "0.01", "0.001")
    known = int(bars[0, cut - 1])
    a, b = (run_form(Cross(), instrument, x, None) for x in (bars, other))
    for mine, theirs in zip(until(a, known - 1), until(b, known - 1), strict=True):
        assert np.array_equal(mine, theirs)


def test_a_strategy_knows_its_fills_only_when_it_is_told() -> None:
    class Prober(Busy):
        def on_timer(self, ts: int) -> None:
            assert self.position() == sum(
                (1 if f.side is Side.BUY else -1) * f.quantity for f in self.told
            )
            super().on_timer(ts)

        def on_start(self) -> None:
            super().on_start()
            self.told: list[FillNote] = []

        def on_fill(self, fill: FillNote) -> None:
            assert fill.ts <= self.now_ns
            self.told.append(fill)

    market = Market((unit_perpetual(),), (Stream("sim", "BTC/USDT:USDT", "depth"),))
    engine = Engine(market, Prober(), BOUNCY)
    engine.feed(EVENTS)
    assert len(engine.finish().fills) > 50

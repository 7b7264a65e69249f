# SPDX-License-Identifier: MIT
"""Records may come in any number of chunks, and time may pass without any."""

from __future__ import annotations

import numpy as np
import pytest

from seawall.engine.run import Engine
from seawall.engine.strategy import Bar, Strategy
from seawall.model.errors import EngineError
from seawall.model.market import Market
from seawall.research.lookahead_runs import walk_market

HOUR_NS = 3_600 * 10**9


class Clock(Strategy):
    """Buys at every other bar, sells at the others, and notes when it is woken."""

    def on_start(self) -> None:
        self.rung: list[int] = []
        self.seen: list[float] = []

    def on_bar(self, bar: Bar) -> None:
        self.seen.append(bar.close)
        self.target_quantity(0.001 * (len(self.seen) % 2))

    def on_timer(self, now_ns: int) -> None:
        self.rung.append(now_ns)


def made(n: int = 6) -> tuple[Market, Clock, Engine]:
    market = walk_market(n, 1)
    strategy = Clock()
    return market, strategy, Engine(market, strategy)


def test_time_that_passes_without_a_bar_rings_timers_up_to_it() -> None:
    market, strategy, engine = made()
    engine.feed(None, market.bars)
    engine.set_timer(HOUR_NS)
    due = (int(market.bars[0, -1]) // HOUR_NS + 1) * HOUR_NS
    engine.feed(until=due - 1)
    assert strategy.rung == []
    engine.feed(until=due)
    assert strategy.rung == [due]


def test_an_empty_chunk_changes_nothing() -> None:
    market, strategy, engine = made()
    engine.feed(None, market.bars[:, :3].copy())
    engine.feed(None, market.bars[:, 3:3].copy())
    engine.feed(None, market.bars[:, 3:].copy())
    _, _, whole = made()
    whole.feed(None, market.bars)
    assert engine.finish().fingerprint == whole.finish().fingerprint
    assert len(strategy.seen) == 6


def test_bars_one_at_a_time_give_what_all_at_once_give() -> None:
    market, strategy, engine = made(40)
    for n in range(40):
        engine.feed(None, market.bars[:, n : n + 1].copy())
    _, at_once, whole = made(40)
    whole.feed(None, market.bars)
    assert strategy.seen == at_once.seen
    assert engine.finish().fingerprint == whole.finish().fingerprint


def test_the_collector_gives_what_is_new_since_a_chunk() -> None:
    market, _, engine = made(40)
    engine.feed(None, market.bars[:, :20].copy())
    before = engine.collector.fills_since(0)
    engine.feed(None, market.bars[:, 20:].copy())
    fresh = engine.collector.fills_since(len(before))
    assert engine.collector.fills_since(len(before) + len(fresh)) == []
    ended = engine.collector.orders_since(0)
    outcome = engine.finish()
    rows = np.concatenate([*before, *fresh]).view(outcome.fills.dtype)
    assert rows.tolist() == outcome.fills.tolist()
    assert len(ended) > 0


def test_a_chunk_from_the_past_is_refused() -> None:
    market, _, engine = made()
    engine.feed(None, market.bars)
    with pytest.raises(EngineError, match="back in time"):
        engine.feed(None, market.bars[:, :1].copy())

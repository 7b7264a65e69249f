# SPDX-License-Identifier: MIT
"""The ensemble runs like any strategy, learns from what came, and knows no future."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from seawall.engine.run import Engine
from seawall.engine.settings import EngineSettings
from seawall.model.errors import ResearchError, SettingsError
from seawall.model.events import BarField
from seawall.research.ensemble.member import Member, View
from seawall.research.ensemble.strategy import MultiSignalEnsemble, caution, combined
from seawall.research.lookahead_runs import check_strategy
from seawall.research.plugin import load_strategy, source_hash
from seawall.signals.kind import SILENT, Kind, Reading

from .signal_helpers import bars_market, one_of, simulated

TREND = ["signals=scaling_trend", "cost_bps=0", "least=10"]


@cache
def trending():
    return one_of(bars_market(3_000, seed=4, memory=0.6, scale=0.004), 1)


def backtest(market, strategy):
    engine = Engine(market, strategy, EngineSettings())
    engine.feed(market.events, market.bars)
    return engine.finish()


def run(market, *words: str):
    return backtest(market, load_strategy("multi_signal_ensemble", words))


def test_it_is_there_by_its_name_alone() -> None:
    assert isinstance(load_strategy("multi_signal_ensemble"), MultiSignalEnsemble)
    assert source_hash("multi_signal_ensemble")
    with pytest.raises(SettingsError, match="does not take"):
        load_strategy("multi_signal_ensemble", ["speed=2"])
    with pytest.raises(SettingsError, match="names nothing") as told:
        load_strategy("multi_signal_ensembel")
    assert "multi_signal_ensemble" in str(told.value.mend)


@pytest.mark.parametrize("word", ["share=0", "share=1.5", "least=0", "spread_bps=-1"])
def test_numbers_out_of_bounds_are_refused(word) -> None:
    with pytest.raises(SettingsError, match="share="):
        load_strategy("multi_signal_ensemble", [word])


def test_an_unknown_signal_is_refused() -> None:
    with pytest.raises(ResearchError, match="no signal"):
        load_strategy("multi_signal_ensemble", ["signals=oracle"])


def test_on_bars_it_learns_a_planted_trend_and_trades_with_it() -> None:
    outcome = run(trending(), *TREND)
    assert outcome.fills.size > 20
    equity = outcome.equity["equity"].astype(float)
    assert equity[-1] > 1.2 * equity[0]


def test_on_bars_without_anything_to_learn_costs_keep_it_out() -> None:
    outcome = run(one_of(bars_market(2_000, seed=3), 1), "signals=scaling_trend")
    assert outcome.fills.size <= 4


def test_on_bars_its_orders_do_not_know_the_future() -> None:
    report = check_strategy(
        lambda market: run(market, *TREND), trending(), n_cuts=4, subject="ensemble"
    )
    assert report.clean


def test_on_the_simulated_market_it_trades_all_that_a_strategy_can_see() -> None:
    strategy = load_strategy("multi_signal_ensemble", ["cost_bps=0", "least=2", "share=0.2"])
    assert isinstance(strategy, MultiSignalEnsemble)
    outcome = backtest(simulated(), strategy)
    assert outcome.fills.size > 0
    perpetual = next(b for s, b in strategy.books.items() if ":" in s)
    names = {m.kind.name for m in perpetual.members}
    assert names == {"phase_transition", "book_pressure", "flash_crash", "toxicity",
                     "arbitrage_gap", "funding_bound", "regime"}  # fmt: skip
    assert all(m.n > 100 for m in perpetual.members)
    assert any(m.right for m in perpetual.members)


def test_on_the_simulated_market_the_same_run_gives_the_same_fingerprint() -> None:
    words = ("cost_bps=0", "least=2", "share=0.2")
    early = simulated().events["ts"] < simulated().events["ts"][0] + 60 * 10**9
    short = replace(simulated(), events=simulated().events[early])
    one = run(short, *words)
    assert one.fingerprint == run(short, *words).fingerprint
    whole = run(simulated(), *words)
    end = int(short.events["ts"][-1]) - 2 * 10**9
    sent = [o.orders[o.orders["sent_ts"] < end] for o in (one, whole)]
    for column in ("sent_ts", "instrument", "side", "qty"):
        assert np.array_equal(sent[0][column], sent[1][column])


def test_spot_is_never_sold_short() -> None:
    market = one_of(bars_market(3_000, seed=4, memory=0.6, scale=0.004), 0)
    outcome = run(market, *TREND)
    assert outcome.fills.size > 5
    assert outcome.fills["position"].min() >= 0


class Says:
    def __init__(self, said: Reading) -> None:
        self.said = said

    def update(self, row):
        return self.said if row["mid"] > 0 else SILENT


def member(direction: int, horizon: int = 2, least: int = 5) -> Member:
    reading = Reading(direction, 0.5, ())
    kind = Kind("k", "book", "direction" if direction else "size", {"bars": ("mid",)},
                {"bars": horizon}, lambda source: Says(reading), "", "K.")  # fmt: skip
    return Member(kind, "bars", least)


def test_a_member_is_worth_nothing_before_its_outcomes_and_as_much_as_they_say_after() -> None:
    mids = 100 * np.exp(1e-3 * np.arange(60))
    right, wrong = member(1), member(-1)
    views = [(right.update({"mid": m}), wrong.update({"mid": m})) for m in mids]
    first = views[3][0]
    assert first is not None
    assert (first.confidence, first.expected_bps) == (0.5, 0.0)
    last = views[-1]
    assert last[0].confidence == 1.0
    assert last[0].expected_bps == pytest.approx(20.0)
    assert last[1].confidence == 0.0
    # Outcomes do not overlap: two rows each, from the first statement on.
    assert len(right.right) == 29


def test_a_price_that_is_unknown_or_stays_is_no_outcome() -> None:
    m = member(1)
    for mid in [100.0] * 30 + [float("nan")] * 10:
        m.update({"mid": mid})
    assert not m.right


def test_weights_follow_confidence_and_warnings_take_the_position_back() -> None:
    up, down = View(1, 0.9, 10.0, 4), View(-1, 0.6, 5.0, 9)
    mean, rows = combined([up, down])
    assert mean == pytest.approx((0.8 * 10 - 0.2 * 5) / 1.0)
    assert rows == 4
    assert combined([View(1, 0.5, 0.0, 4), View(-1, 0.3, -4.0, 4)]) == (0.0, 0)
    assert combined([]) == (0.0, 0)
    assert caution([up]) == 1.0
    assert caution([up, View(0, 0.75, 5.0, 4), View(0, 0.4, 5.0, 4)]) == pytest.approx(0.5)


def test_the_market_of_bars_has_no_hole_in_it() -> None:
    assert (np.diff(trending().bars[BarField.TS]) > 0).all()

# SPDX-License-Identifier: MIT
"""The fused pass and the engine give the same money, unit by unit."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from seawall.engine.run import Engine
from seawall.engine.settings import AccountSettings, EngineSettings, FillSettings
from seawall.engine.strategy import TargetStrategy
from seawall.model.events import BarField, Stream, empty_bars
from seawall.model.instrument import perpetual, rate_units, spot
from seawall.model.market import Market
from seawall.research.sweep import Sweep, parse_space, share_arrays
from seawall.research.sweep.cross import EmaCrossObjective, day_ends
from seawall.research.sweep.fused import FusedTerms, ema_cross_metrics

MINUTE_NS = 60_000_000_000
DAY_NS = 1440 * MINUTE_NS


def bars_of(n: int, seed: int, step_ns: int = MINUTE_NS) -> np.ndarray:
    rng = np.random.default_rng(seed)
    bars = empty_bars(n)
    close = np.exp(np.log(100_000) + np.cumsum(rng.normal(0, 0.002, n)))
    close = np.round(close).astype(np.int64)
    open_ = close + rng.integers(-80, 81, n)
    bars[BarField.TS] = np.arange(1, n + 1) * step_ns
    bars[BarField.OPEN], bars[BarField.CLOSE] = open_, close
    bars[BarField.HIGH], bars[BarField.LOW] = np.maximum(open_, close), np.minimum(open_, close)
    bars[BarField.VOLUME] = 10**9
    return bars


def ema(values: np.ndarray, span: int) -> np.ndarray:
    out, now = np.empty(len(values)), float(values[0])
    for i, value in enumerate(values):
        now += 2.0 / (span + 1.0) * (value - now)
        out[i] = now
    return out


def cross(fast: int, slow: int, short: bool) -> TargetStrategy:
    def rule(columns):
        close = columns["close"]
        off = -1.5 if short else 0.0
        wanted = np.where(ema(close, fast) > ema(close, slow), 1.5, off)
        wanted[:slow] = np.nan
        return wanted

    return TargetStrategy(rule)


@pytest.mark.parametrize("pair", [(5, 20), (10, 50)])
@pytest.mark.parametrize(("kind", "short"), [("linear", False), ("linear", True), ("spot", False)])
def test_engine_and_fused_pass_agree_to_the_last_unit(pair, kind, short):
    make = perpetual if kind == "linear" else spot
    symbol = "BTC/USDT:USDT" if kind == "linear" else "BTC/USDT"
    instrument, bars = make(symbol, "0.01", "0.001"), bars_of(4_000, 9)
    market = Market((instrument,), (Stream("sim", symbol, "bars_1m"),), bars=bars)
    settings = EngineSettings(
        fills=FillSettings(slippage=Decimal(0), volume_cap=Decimal(0)),
        account=AccountSettings(deposits=(("USDT", Decimal(50_000)),)),
    )
    engine = Engine(market, cross(*pair, short), settings)
    engine.feed(market.events, bars)
    outcome = engine.finish()

    unit = 10**outcome.money_decimals
    per_tick_lot = int(instrument.tick * instrument.lot * unit)
    terms = FusedTerms(
        1_500, 50_000 * unit, rate_units(instrument.fees[0].taker), per_tick_lot, short
    )
    fused = ema_cross_metrics(
        bars[BarField.OPEN], bars[BarField.CLOSE], [pair[0]], [pair[1]], terms, keep_samples=True
    )
    assert fused.fills[0] == len(outcome.fills) > 50
    assert fused.fees[0] == outcome.fills["fee"].sum()
    theirs = np.round(outcome.equity["equity"] * unit).astype(np.int64)
    assert np.array_equal(fused.samples[0], theirs[-4_000:])


def test_days_end_at_midnight_and_the_last_day_counts():
    ts = np.array([1, DAY_NS - 1, DAY_NS, DAY_NS + 1, 3 * DAY_NS])
    assert day_ends(ts).tolist() == [2, 3, 4]


def test_a_sweep_of_crosses_gives_daily_returns_and_the_metrics_of_each_pair(tmp_path):
    bars = bars_of(20_000, 3)
    arrays = share_arrays(
        tmp_path,
        {"ts": bars[BarField.TS], "open": bars[BarField.OPEN], "close": bars[BarField.CLOSE]},
    )
    objective = EmaCrossObjective(arrays, FusedTerms(10, 10**8, 500_000))
    space = parse_space(["fast=5:20:5", "slow=30:60:10"])
    found = Sweep(objective, space, tmp_path / "study", engine="serial", workers=1).run()
    assert len(found.trials) == 16
    assert found.honesty is not None
    assert {trial.count for trial in found.trials} == {14}
    alone = objective(found.best.params)
    assert alone.metrics == dict(found.best.metrics)
    assert found.best.metrics["sharpe"] == max(t.metrics["sharpe"] for t in found.trials)


def test_a_ruined_pair_does_not_take_the_others_down(tmp_path):
    bars = bars_of(3_000, 3)
    arrays = share_arrays(
        tmp_path,
        {"ts": bars[BarField.TS], "open": bars[BarField.OPEN], "close": bars[BarField.CLOSE]},
    )
    objective = EmaCrossObjective(arrays, FusedTerms(50, 700_000, 1_000_000, short=True))
    space = parse_space(["fast=2,40", "slow=3,2500"])
    found = Sweep(objective, space, tmp_path / "study", engine="serial", workers=1).run()
    drawdowns = {tuple(t.params.values()): t.metrics["max_drawdown"] for t in found.trials}
    assert min(drawdowns.values()) == -1.0
    assert max(drawdowns.values()) > -1.0

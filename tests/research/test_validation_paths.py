# SPDX-License-Identifier: MIT
"""Resampled markets are markets, keep assets together, and bracket the true one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seawall.model.errors import ResearchError
from seawall.model.events import BarField, empty_bars
from seawall.research.validation import monte_carlo_market, monte_carlo_returns
from seawall.research.validation.montecarlo import path_figures
from seawall.research.validation.paths import (
    choose_block,
    common_bars,
    path_rows,
    put_together,
    take_apart,
)


def bars_of(n: int, assets: int, seed: int, drift: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    common = rng.normal(drift, 0.01, n)
    out = empty_bars(n * assets)
    cube = out.reshape(7, n, assets)
    cube[BarField.TS] = (np.arange(n) * 60)[:, None]
    cube[BarField.STREAM] = np.arange(assets) * 2 + 3
    for a in range(assets):
        close = np.exp(np.log(50_000 * (a + 1)) + np.cumsum(common + rng.normal(0, 1e-4, n)))
        close = np.round(close).astype(np.int64)
        cube[BarField.CLOSE, :, a] = close
        cube[BarField.OPEN, :, a] = close + rng.integers(-40, 41, n)
        top, low = np.maximum(close, cube[BarField.OPEN, :, a]), None
        low = np.minimum(close, cube[BarField.OPEN, :, a])
        cube[BarField.HIGH, :, a] = top + rng.integers(0, 50, n)
        cube[BarField.LOW, :, a] = low - rng.integers(0, 50, n)
        cube[BarField.VOLUME, :, a] = rng.integers(0, 1_000, n)
    return out


def test_steps_in_their_own_order_give_the_true_market_back():
    bars = bars_of(400, 3, 1)
    again = put_together(take_apart(bars), np.arange(399))
    assert np.array_equal(again, bars)


def test_a_resampled_market_has_bars_like_any_other():
    bars = bars_of(500, 2, 2)
    shapes = take_apart(bars)
    for path in range(20):
        made = put_together(shapes, path_rows(499, 20.0, 5, path))
        assert made.shape == bars.shape
        assert np.array_equal(made[BarField.TS], bars[BarField.TS])
        assert np.array_equal(made[BarField.STREAM], bars[BarField.STREAM])
        ends = np.stack([made[BarField.OPEN], made[BarField.CLOSE]])
        assert (made[BarField.HIGH] >= ends.max(axis=0)).all()
        assert (made[BarField.LOW] <= ends.min(axis=0)).all()
        assert made[BarField.LOW].min() >= 1


def test_assets_are_resampled_together():
    shapes = take_apart(bars_of(600, 2, 3))
    made = put_together(shapes, path_rows(599, 15.0, 1, 0)).reshape(7, 600, 2)
    close = np.log(made[BarField.CLOSE].astype(float))
    assert np.corrcoef(np.diff(close, axis=0).T)[0, 1] > 0.98


def test_the_rows_of_a_path_depend_on_seed_and_path_only():
    assert np.array_equal(path_rows(300, 10.0, 4, 7), path_rows(300, 10.0, 4, 7))
    assert not np.array_equal(path_rows(300, 10.0, 4, 7), path_rows(300, 10.0, 4, 8))
    assert not np.array_equal(path_rows(300, 10.0, 4, 7), path_rows(300, 10.0, 5, 7))


def test_blocks_have_the_mean_length_asked_for():
    rows = np.concatenate([path_rows(5_000, 25.0, 1, k) for k in range(20)])
    jumps = np.count_nonzero((np.diff(rows) != 1) & (np.diff(rows) != -4_999))
    assert len(rows) / jumps == pytest.approx(25.0, rel=0.05)


def test_the_block_is_long_against_the_holding_time():
    shapes = take_apart(bars_of(600, 1, 3))
    assert choose_block(shapes, holding=12.0) == 120.0
    assert choose_block(shapes, holding=1e6) == 599.0


def test_assets_with_other_times_and_prices_of_zero_are_refused():
    bars = bars_of(50, 2, 1)
    with pytest.raises(ResearchError, match="other bar times"):
        take_apart(bars[:, :-1])
    bars[BarField.LOW, 4] = 0
    with pytest.raises(ResearchError, match="not positive"):
        take_apart(bars)
    with pytest.raises(ResearchError, match="too few"):
        take_apart(bars_of(8, 1, 1))


@pytest.fixture
def rules(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    import validation_objectives

    return validation_objectives


def test_buy_and_hold_over_markets_agrees_with_its_own_returns_resampled(tmp_path, rules):
    bars = bars_of(400, 2, 4)
    market = monte_carlo_market(
        rules.hold_first, bars, tmp_path, n_paths=600, block=20.0, engine="serial"
    )
    mine = bars[:, bars[BarField.STREAM] == 3][BarField.CLOSE].astype(float)
    returns = monte_carlo_returns(mine[1:] / mine[:-1] - 1.0, n_paths=4_000, block=20.0)
    assert market.real_total_return == pytest.approx(mine[-1] / mine[0] - 1.0)
    for name in ("total_return", "max_drawdown"):
        ours, theirs = market.quantiles()[name], returns.quantiles()[name]
        assert ours == pytest.approx(theirs, abs=0.05), name
    assert market.failed == 0
    assert 0.2 < market.rank_of_real() < 0.8


def test_processes_make_the_same_markets(tmp_path, rules):
    bars = bars_of(100, 1, 6)
    one, two = (
        monte_carlo_market(
            rules.hold_first, bars, tmp_path, n_paths=8, block=9.0, seed=3, engine=e, workers=2
        )
        for e in ("serial", "pool")
    )
    assert np.array_equal(one.total_return, two.total_return)


def test_paths_on_which_the_strategy_fails_are_counted_apart(tmp_path, rules):
    bars = bars_of(100, 1, 6, drift=0.001)
    found = monte_carlo_market(
        rules.fails_sometimes, bars, tmp_path, n_paths=200, block=9.0, engine="serial"
    )
    assert 0 < found.failed < 200
    assert len(found.total_return) == 200 - found.failed
    assert "went down" in found.error


def test_figures_of_a_path_worked_by_hand():
    found = path_figures(np.array([0.5, -0.5, 0.2]))
    assert found["total_return"] == pytest.approx(1.5 * 0.5 * 1.2 - 1)
    assert found["max_drawdown"] == pytest.approx(-0.5)
    assert path_figures(np.array([-1.0, 0.3]))["max_drawdown"] == -1.0


def test_ruin_is_counted_by_the_deepest_fall():
    found = monte_carlo_returns(
        np.random.default_rng(1).normal(-0.001, 0.03, 500), n_paths=500, block=5.0
    )
    assert found.probability_of_ruin(0.5) == np.mean(found.max_drawdown <= -0.5)
    assert found.probability_of_ruin(0.2) >= found.probability_of_ruin(0.6)


def test_bars_that_not_all_assets_have_can_be_left_out():
    whole = bars_of(60, 3, 6)
    gone = np.zeros(whole.shape[1], dtype=bool)
    gone[[4, 31, 32, 100]] = True
    left = common_bars(whole[:, ~gone])
    moments = np.unique(whole[BarField.TS])
    lost = {1, 10, 33}  # bars of a moment stand three in a row
    kept = np.isin(whole[BarField.TS], [t for i, t in enumerate(moments) if i not in lost])
    assert np.array_equal(left, whole[:, kept])
    assert take_apart(left).steps.shape == (56, 3, 4)
    assert common_bars(whole[:, :1]).shape == (7, 1)

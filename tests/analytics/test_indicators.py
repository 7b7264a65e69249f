# SPDX-License-Identifier: MIT
"""Ten indicators: equal to TA-Lib bar by bar, and unharmed by a bad bar."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.analytics.indicators.live import OUTPUTS, LiveIndicators, Periods
from seawall.analytics.indicators.talib_batch import CALLS, talib_values
from seawall.analytics.registry import analytic
from seawall.analytics.spec import run
from seawall.model.errors import DataError, ResearchError, SettingsError

NAMES = tuple(CALLS)
ORACLES = {
    "sma": ("SMA", "y"), "ema": ("EMA", "y"), "rsi": ("RSI", "y"), "atr": ("ATR", "y"),
    "obv": ("OBV", "y"), "cci": ("CCI", "y"), "macd": ("MACD", "macd signal hist"),
    "bollinger": ("BBANDS", "upper middle lower"), "stochastic": ("STOCH", "slowk slowd"),
}  # fmt: skip
PARAMS = {"stochastic": {"period": 14.0}}


def bars(n: int, seed: int = 0, jump: float = 0.01) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    close = 6e4 * np.exp(np.cumsum(jump * rng.normal(size=n)))
    wide = np.abs(rng.normal(size=(2, n))) * jump
    return {"close": close, "high": close * (1 + wide[0]), "low": close * (1 - wide[1]),
            "volume": rng.lognormal(size=n)}  # fmt: skip


def ours(name: str, columns: Any, params: Any = None) -> np.ndarray:
    one = analytic(name)
    return run(one, {k: columns[k] for k in one.inputs}, params).values


def close_to(got: np.ndarray, want: np.ndarray, scale: float = 1.0) -> None:
    np.testing.assert_array_equal(np.isfinite(got), np.isfinite(want))
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9 * scale)


@pytest.mark.parametrize("name", ORACLES)
def test_it_agrees_with_the_reference_from_the_first_value_on(oracle: Any, name: str) -> None:
    cases = {c.id: c for c in oracle.cases("ta")}
    id_, columns = ORACLES[name]
    got = ours(name, cases["ohlcv"].inputs, PARAMS.get(name))
    want = cases[id_].outputs
    for k, column in enumerate(columns.split()):
        close_to(got[:, k], want[column])


def test_directional_movement_agrees_with_the_reference(oracle: Any) -> None:
    cases = {c.id: c for c in oracle.cases("ta")}
    got = ours("adx", cases["ohlcv"].inputs)
    for k, id_ in enumerate(("ADX", "PLUS_DI", "MINUS_DI")):
        close_to(got[:, k], cases[id_].outputs["y"])


@pytest.mark.parametrize("name", NAMES)
def test_it_equals_talib_over_recorded_hours(recorded: Callable[[str], Any], name: str) -> None:
    table = recorded("ohlcv/binance_btcusdt_1h_2017-08_2023-06.parquet")
    columns = {k: table[k].to_numpy().astype(float) for k in ("high", "low", "close", "volume")}
    assert columns["close"].size > 50_000
    want = np.column_stack(talib_values(name, columns))
    close_to(ours(name, columns), want, scale=100.0)  # of prices near 30,000


@settings(max_examples=15)
@given(
    st.integers(0, 10**6), st.integers(2, 40), st.integers(1, 9), st.sampled_from(NAMES),
    st.sampled_from([1e-6, 0.01, 0.2]),
)  # fmt: skip
def test_it_equals_talib_for_any_period(
    seed: int, period: int, smooth: int, name: str, jump: float
) -> None:
    columns = bars(150, seed, jump)
    given: dict[str, float] = {"period": float(period)}
    if name == "macd":
        given = {"fast": float(period), "slow": float(period + smooth), "smooth": float(smooth)}
    elif name == "stochastic":
        given |= {"k": float(smooth), "d": float(min(period, 5))}
    elif name == "obv":
        given = {}
    want = np.column_stack(talib_values(name, columns, given))
    got = ours(name, columns, given)
    np.testing.assert_array_equal(np.isfinite(got), np.isfinite(want))
    # Where prices hardly move TA-Lib's own sums cancel: its digits, not ours, are lost.
    loose = 1e-4 if jump < 1e-3 else 1e-8
    np.testing.assert_allclose(got, want, rtol=loose, atol=loose * 6e4 * jump)


@pytest.mark.parametrize("name", NAMES)
def test_prices_that_stand_still_give_no_error_and_what_talib_gives(name: str) -> None:
    flat = {k: np.full(80, 100.0) for k in ("high", "low", "close", "volume")}
    close_to(ours(name, flat), np.column_stack(talib_values(name, flat)))


def test_all_ten_live_are_the_batch_ones() -> None:
    columns = bars(200)
    live = LiveIndicators()
    rows = zip(*(columns[k].tolist() for k in ("high", "low", "close", "volume")), strict=True)
    got = np.array([live.update(*row).copy() for row in rows])
    batch = np.column_stack([ours(n, columns) for n in NAMES])
    order = [OUTPUTS.index(o) for o in (
        "sma", "ema", "rsi", "macd", "macd_signal", "macd_histogram", "bollinger_upper",
        "bollinger_middle", "bollinger_lower", "atr", "adx", "plus", "minus", "slow_k",
        "slow_d", "obv", "cci")]  # fmt: skip
    np.testing.assert_array_equal(got[:, order], batch)
    assert np.isfinite(got[60:]).all()


def test_a_bad_bar_is_skipped_where_talib_would_be_wrong_for_ever() -> None:
    columns = bars(300)
    whole = {k: np.delete(v, 150) for k, v in columns.items()}
    broken = {k: v.copy() for k, v in columns.items()}
    broken["close"][150] = np.nan
    for name in NAMES:
        got = ours(name, broken)
        assert np.isnan(got[150]).all()
        np.testing.assert_array_equal(np.delete(got, 150, axis=0), ours(name, whole))
        with pytest.raises(DataError, match="150"):
            talib_values(name, broken)
    live = LiveIndicators()
    for row in zip(*(columns[k][:50] for k in ("high", "low", "close", "volume")), strict=True):
        live.update(*row)
    before = live.state.copy()
    with pytest.raises(DataError):
        live.update(1.0, np.nan, 1.0, 1.0)
    np.testing.assert_array_equal(live.state, before)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(SettingsError):
        LiveIndicators(Periods(macd_fast=30))
    with pytest.raises(SettingsError):
        LiveIndicators(Periods(sma=0))
    with pytest.raises(ResearchError):
        talib_values("vpin", bars(5))


def test_a_long_run_does_not_drift() -> None:
    """After a million bars at 1e9 the mean of twenty near 1 has all its digits."""
    n = 1_000_000
    close = np.full(n, 1e9) + np.random.default_rng(0).normal(size=n)
    close[-40:] = 1.0 + 1e-3 * np.arange(40)
    got = ours("bollinger", {"close": close})[-1]
    want = close[-20:]
    np.testing.assert_allclose(got[1], want.mean(), rtol=1e-12)
    np.testing.assert_allclose(got[0] - got[1], 2 * want.std(), rtol=1e-9)
    assert ours("sma", {"close": close})[-1, 0] == pytest.approx(want.mean(), rel=1e-12)


def test_a_copy_of_live_indicators_goes_on_by_itself() -> None:
    rng = np.random.default_rng(3)
    closes = 100 * np.exp(np.cumsum(rng.normal(0, 1e-3, 120)))
    bars = [(c * 1.001, c * 0.999, c, 5.0) for c in closes.tolist()]
    live = LiveIndicators()
    for bar in bars[:80]:
        live.update(*bar)
    others = [copy.deepcopy(live), pickle.loads(pickle.dumps(live))]
    frozen = others[0].state.copy()
    for bar in bars[80:]:
        live.update(*bar)
    assert np.array_equal(others[0].state, frozen), "its memory is its own"
    for other in others:
        for bar in bars[80:]:
            other.update(*bar)
        np.testing.assert_array_equal(other.values, live.values)


def test_a_bar_with_nothing_in_it_is_refused_and_changes_nothing() -> None:
    live = LiveIndicators()
    live.update(2.0, 1.0, 1.5, 3.0)
    before = live.state.copy()
    with pytest.raises(TypeError):
        live.update(2.0, None, 1.5, 3.0)  # type: ignore[arg-type]
    np.testing.assert_array_equal(live.state, before)

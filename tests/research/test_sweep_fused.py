# SPDX-License-Identifier: MIT
"""The fused pass equals a plain account kept in whole numbers and fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from seawall.model.errors import ResearchError
from seawall.research.sweep.fused import FusedTerms, ema_cross_metrics
from seawall.research.sweep.fused_signal import fused_metrics


def bars(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    log_close = np.log(500) + np.cumsum(rng.normal(0, 0.01, n))
    close = np.round(np.exp(log_close) * 100).astype(np.int64)
    open_ = np.maximum(1, close + rng.integers(-30, 31, n))
    return open_, close


def plain_account(open_, close, fast, slow, terms, ends):
    """Bar by bar, python integers and exact fractions; written without looking at the kernel."""
    warm = slow if terms.warmup < 0 else terms.warmup
    cash, position, wanted, fees, fills, trades = terms.initial, 0, 0, 0, 0, 0
    averages = [float(close[0]), float(close[0])]
    curve = []
    for i in range(len(close)):
        if wanted != position:
            delta = wanted - position
            value = delta * int(open_[i]) * terms.money_per_tick_lot
            fee = -((-abs(value) * terms.fee_rate) // 10**9)  # rounded up
            cash, fees, fills = cash - value - fee, fees + fee, fills + 1
            trades += position != 0
            position = wanted
        curve.append(cash + position * int(close[i]) * terms.money_per_tick_lot)
        for j, span in enumerate((fast, slow)):
            averages[j] += 2.0 / (span + 1) * (float(close[i]) - averages[j])
        if i >= warm:
            off = -terms.size if terms.short else 0
            wanted = terms.size if averages[0] > averages[1] else off
    peak, drawdown = terms.initial, Fraction(0)
    for value in curve:
        peak = max(peak, value)
        drawdown = max(drawdown, Fraction(peak - value, peak))
    marks = np.array([terms.initial] + [curve[e] for e in ends], dtype=float)
    returns = marks[1:] / marks[:-1] - 1
    spread = returns.std(ddof=1)
    return {
        "final": curve[-1],
        "fees": fees,
        "fills": fills,
        "trades": trades,
        "drawdown": -float(drawdown),
        "sharpe": returns.mean() / spread if spread > 0 else 0.0,
        "lowest": min([*curve, terms.initial]),
        "samples": [curve[e] for e in ends],
    }


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(3, 300),
    block=st.integers(1, 64),
    short=st.booleans(),
    rate=st.sampled_from([0, 1_000_000, 333_333, -100_000]),
    mult=st.sampled_from([1, 7]),
    size=st.integers(1, 5),
    every=st.integers(1, 40),
    warmup=st.sampled_from([-1, 0, 5]),
)
def test_every_pair_equals_an_account_kept_bar_by_bar(
    seed, n, block, short, rate, mult, size, every, warmup
):
    open_, close = bars(n, seed)
    terms = FusedTerms(size, 10**7, rate, mult, short, warmup)
    pairs = [(2, 5), (3, 20), (5, 2), (4, 4)]
    ends = np.unique(np.append(np.arange(0, n, every), n - 1))
    found = ema_cross_metrics(
        open_, close, *zip(*pairs, strict=True), terms, ends=ends, keep_samples=True, block=block
    )
    for k, (fast, slow) in enumerate(pairs):
        plain = plain_account(open_, close, fast, slow, terms, ends)
        assert found.final[k] == plain["final"]
        assert found.fees[k] == plain["fees"]
        assert found.fills[k] == plain["fills"]
        assert found.trades[k] == plain["trades"]
        assert found.lowest[k] == plain["lowest"]
        assert found.samples[k].tolist() == plain["samples"]
        assert found.max_drawdown[k] == pytest.approx(plain["drawdown"], rel=1e-12, abs=1e-15)
        assert found.sharpe[k] == pytest.approx(plain["sharpe"], rel=1e-7, abs=1e-9)


def test_the_sharpe_ratio_of_every_bar_is_that_of_numpy():
    open_, close = bars(5_000, 3)
    terms = FusedTerms(1, 10**6, 500_000)
    found = ema_cross_metrics(open_, close, [5, 10], [50, 100], terms, keep_samples=True)
    for k in range(2):
        marks = np.concatenate([[terms.initial], found.samples[k]])
        returns = marks[1:] / marks[:-1] - 1.0
        assert found.sharpe[k] == pytest.approx(returns.mean() / returns.std(ddof=1), rel=1e-10)


def test_a_rule_written_as_a_signal_gives_the_same_metrics():
    @njit
    def cross(state, close, params):
        if state[2] == 0.0:
            state[0] = state[1] = close
        state[2] += 1.0
        for j in range(2):
            state[j] += 2.0 / (params[j] + 1.0) * (close - state[j])
        return 1 if state[2] > params[1] and state[0] > state[1] else 0

    open_, close = bars(2_000, 11)
    terms = FusedTerms(3, 10**7, 1_000_000)
    pairs = np.array([[5.0, 20.0], [10.0, 60.0]])
    ours = ema_cross_metrics(open_, close, pairs[:, 0], pairs[:, 1], terms)
    other = fused_metrics(cross, 3)(open_, close, pairs, terms)
    for name in ("final", "fees", "fills", "trades", "lowest"):
        assert getattr(ours, name).tolist() == getattr(other, name).tolist(), name
    assert ours.max_drawdown == pytest.approx(other.max_drawdown, rel=1e-14)
    assert ours.sharpe == pytest.approx(other.sharpe, rel=1e-12)


def test_a_large_notional_does_not_overflow_the_fee():
    open_ = np.full(4, 2_000_000, dtype=np.int64)
    close = np.array([2_000_000, 2_000_001, 2_000_002, 2_000_003])
    terms = FusedTerms(10**6, 4 * 10**18, 1_000_000, 1, warmup=0)
    found = ema_cross_metrics(open_, close, [1], [3], terms)
    notional = 2_000_000 * 10**6
    assert found.fees[0] == notional // 1000


@pytest.mark.parametrize(
    "change",
    [
        {"close": np.ones(3, dtype=np.int64)},
        {"fast": [0]},
        {"slow": [5, 6]},
        {"ends": np.array([5, 4])},
        {"ends": np.array([50])},
    ],
)
def test_arrays_that_do_not_fit_are_refused(change):
    given = {"open": np.ones(10, dtype=np.int64), "close": np.ones(10, dtype=np.int64)}
    given |= {"fast": [2], "slow": [5], "ends": None} | change
    with pytest.raises(ResearchError):
        ema_cross_metrics(
            given["open"], given["close"], given["fast"], given["slow"], FusedTerms(1, 10**6),
            ends=given["ends"],
        )  # fmt: skip


def test_terms_without_size_are_refused():
    with pytest.raises(ResearchError, match="size"):
        FusedTerms(0, 10**6)

# SPDX-License-Identifier: MIT
"""Equity samples at irregular times become bars of one length."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.model.errors import ResearchError
from seawall.model.time import NS_PER_DAY, NS_PER_HOUR, NS_PER_MIN, NS_PER_S
from seawall.research.metrics import choose_bar, to_bars

DAY = ("1d", NS_PER_DAY)


def times(span_ns, n):
    return np.linspace(0, span_ns, n).astype(np.int64)


@pytest.mark.parametrize(
    ("span", "n", "name"),
    [
        (40 * NS_PER_DAY, 10_000, "1d"),
        (30 * NS_PER_DAY, 10_000, "1d"),
        (29 * NS_PER_DAY, 10_000, "4h"),
        (5 * NS_PER_DAY, 10_000, "1h"),
        (6 * NS_PER_HOUR, 10_000, "5min"),
        (10 * NS_PER_MIN, 10_000, "10s"),
        (20 * NS_PER_S, 10_000, "1s"),
        (5 * NS_PER_DAY, 6, "1d"),  # daily samples are not cut into hours
    ],
)
def test_the_bar_fits_the_length_and_the_sampling_of_the_run(span, n, name):
    assert choose_bar(times(span, n))[0] == name


def test_bars_take_the_last_equity_known_at_their_close():
    ts = np.array([0, 10, NS_PER_DAY - 1, NS_PER_DAY, NS_PER_DAY + 5, 2 * NS_PER_DAY], np.int64)
    bars = to_bars(ts, np.array([100.0, 101, 102, 103, 104, 105]), 100.0, DAY)
    assert bars.ts.tolist() == [0, NS_PER_DAY, 2 * NS_PER_DAY]
    assert bars.equity.tolist() == [100.0, 103.0, 105.0]


def test_a_sliver_joins_its_neighbour():
    ts = np.array([NS_PER_DAY - 5, NS_PER_DAY, 2 * NS_PER_DAY, 2 * NS_PER_DAY + 9], np.int64)
    bars = to_bars(ts, np.array([100.0, 101, 102, 103]), 100.0, DAY)
    assert bars.ts.tolist() == [NS_PER_DAY - 5, 2 * NS_PER_DAY + 9]


def test_equity_below_zero_ends_the_returns():
    ts = np.arange(5, dtype=np.int64) * NS_PER_DAY
    bars = to_bars(ts, np.array([100.0, 50, -10, 5, 5]), 100.0, DAY)
    assert bars.returns.tolist() == pytest.approx([-0.5, -1.2])


@pytest.mark.parametrize("initial", [0.0, -5.0, float("nan")])
def test_a_run_without_capital_is_refused_with_its_mend(initial):
    with pytest.raises(ResearchError, match="begins with an equity") as refused:
        to_bars(np.array([0, 1]), np.array([1.0, 1.0]), initial, DAY)
    assert "deposit" in refused.value.mend


def test_time_that_goes_back_is_refused():
    with pytest.raises(ResearchError, match="back in time"):
        to_bars(np.array([5, 3]), np.array([1.0, 1.0]), 1.0, DAY)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 20 * NS_PER_DAY), min_size=1, max_size=50),
    st.lists(st.floats(1.0, 1e6), min_size=50, max_size=50),
    st.sampled_from([NS_PER_DAY, NS_PER_HOUR]),
)
def test_returns_multiply_to_the_total(ts, equity, bar_ns):
    t = np.sort(np.array(ts, dtype=np.int64))
    e = np.array(equity)[: t.size]
    bars = to_bars(t, e, 1_000.0, ("bar", bar_ns))
    assert np.prod(1.0 + bars.returns) == pytest.approx(e[-1] / 1_000.0, rel=1e-9)
    gaps = np.diff(bars.ts)
    if gaps.size > 1:
        assert gaps.min() >= bar_ns / 2
        assert gaps.max() <= 1.5 * bar_ns

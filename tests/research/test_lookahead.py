# SPDX-License-Identifier: MIT
"""The check finds every planted leak, says where it is, and lets clean rules pass."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.model.errors import ResearchError
from seawall.research.lookahead import check_feature


def walk(n: int = 600, seed: int = 1) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, n)))
    open_ = close * np.exp(rng.normal(0, 0.004, n))
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0, 0.003, n)))
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0, 0.003, n)))
    volume = rng.lognormal(3, 1, n)
    return {"open": open_, "high": high, "low": low, "close": close, "volume": volume}


def ema(x, span):
    return pd.Series(x).ewm(span=span, adjust=False).mean().to_numpy()


LEAKS = {
    "centred moving average": (
        lambda c: pd.Series(c["close"]).rolling(21, center=True).mean(), "10 rows ahead"
    ),
    "normalised by the mean of the sample": (
        lambda c: c["close"] / c["close"].mean(), "whole sample"
    ),
    "z-score over the sample": (
        lambda c: (c["close"] - c["close"].mean()) / c["close"].std(), "whole sample"
    ),
    "next close": (lambda c: pd.Series(c["close"]).shift(-1), "next row"),
    "label as a feature": (
        lambda c: np.sign(np.append(np.diff(c["close"]), np.nan)), "next row"
    ),
    "back-filled": (
        lambda c: pd.Series(np.where(c["close"] > c["open"], c["close"], np.nan)).bfill(), ""
    ),
    "rank in the sample": (lambda c: pd.Series(c["close"]).rank(pct=True), "whole sample"),
    "reversed average": (lambda c: ema(c["close"][::-1], 10)[::-1], ""),
    "known peak": (lambda c: c["close"] - c["high"].max(), "whole sample"),
    "one day out of many": (
        lambda c: np.where(np.arange(len(c["close"])) % 97 == 50, np.roll(c["close"], -1), 0.0), ""
    ),
}  # fmt: skip

CLEAN = {
    "trailing average": lambda c: pd.Series(c["close"]).rolling(20).mean(),
    "exponential average": lambda c: ema(c["close"], 15),
    "trailing z-score": lambda c: (
        (pd.Series(c["close"]) - pd.Series(c["close"]).rolling(50).mean())
        / pd.Series(c["close"]).rolling(50).std()
    ),
    "expanding rank": lambda c: pd.Series(c["close"]).expanding().rank(pct=True),
    "running sum": lambda c: np.cumsum(c["volume"] * 1e6),
    "own bar's high": lambda c: c["close"] / c["high"],
    "two columns": lambda c: np.column_stack([ema(c["close"], 5), ema(c["close"], 50)]),
    "target of a cross": lambda c: (ema(c["close"], 5) > ema(c["close"], 20)).astype(float),
}


@pytest.mark.parametrize("name", LEAKS)
def test_a_planted_leak_is_found_and_explained(name):
    rule, advice = LEAKS[name]
    report = check_feature(rule, walk(), subject=name)
    assert not report.clean
    assert report.leaks[0].row < report.leaks[0].cut
    assert report.leaks[0].size > 0
    assert advice in report.mend, report.mend


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_rule_passes(name):
    report = check_feature(CLEAN[name], walk(), subject=name)
    assert report.clean, report.sentence()
    assert report.compared > 1_000


@settings(max_examples=25, deadline=None)
@given(ahead=st.integers(1, 30), back=st.integers(0, 30), seed=st.integers(0, 99))
def test_the_reach_of_a_window_is_measured_to_the_row(ahead, back, seed):
    weights = np.ones(ahead + back + 1)

    def window(c):
        padded = np.concatenate([np.zeros(back), c["close"], np.zeros(ahead)])
        return np.convolve(padded, weights, mode="valid")

    report = check_feature(window, walk(200, seed))
    assert max(leak.reach for leak in report.leaks) == ahead


def test_a_high_used_before_its_bar_closes_is_found_when_the_rule_acts_at_the_open():
    def early(c):
        return (c["high"] > np.append(np.inf, c["high"][:-1])).astype(float)

    def honest(c):
        return (c["open"] > np.append(np.inf, c["high"][:-1])).astype(float)

    assert check_feature(early, walk(), decides="close").clean
    found = check_feature(early, walk(), decides="open")
    assert not found.clean
    assert "shift by 1" in found.mend
    assert check_feature(honest, walk(), decides="open").clean


def test_the_first_offending_time_is_told():
    data, ts = walk(300), 1_700_000_000_000_000_000 + np.arange(300) * 60_000_000_000

    def from_row_200(c):
        ahead = np.append(c["close"][1:], 0.0)
        return np.where(np.arange(len(ahead)) >= 200, ahead, 0.0)

    report = check_feature(from_row_200, data, ts=ts, n_cuts=298)
    assert report.leaks[0].row == 200
    assert report.leaks[0].ts == ts[200]
    assert "2023-11-15T01:33:20Z" in report.sentence()


def test_the_size_is_the_change_of_the_value():
    def peek(x):
        return np.append(x[1:], 0.0)

    x = np.arange(1.0, 101.0)
    report = check_feature(peek, x, n_cuts=98)
    truncated = [leak for leak in report.leaks if leak.test == "truncated"]
    for leak in truncated:
        assert leak.row == leak.cut - 1
        assert leak.size == x[leak.cut]


def test_a_single_array_works_as_well_as_named_columns():
    assert check_feature(np.cumsum, np.random.default_rng(1).normal(size=100)).clean
    assert not check_feature(np.gradient, np.random.default_rng(1).normal(size=100)).clean


def test_a_rule_that_writes_into_its_input_does_not_spoil_the_check():
    def careless(x):
        x *= 2.0
        return x

    data = np.arange(50.0)
    assert check_feature(careless, data).clean
    assert data[1] == 1.0


def test_a_rule_that_is_random_is_told_apart_from_one_that_leaks():
    rng = np.random.default_rng(3)
    report = check_feature(lambda x: rng.normal(size=len(x)), np.arange(50.0))
    assert not report.clean
    assert not report.deterministic
    assert "seed" in report.sentence()


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        (lambda x: x[:-1], "shape"),
        (lambda x: np.full(len(x), np.nan), "no value"),
    ],
)
def test_a_rule_that_cannot_be_judged_is_refused(rule, word):
    with pytest.raises(ResearchError, match=word):
        check_feature(rule, np.arange(50.0))


def test_two_rows_are_too_few():
    with pytest.raises(ResearchError, match="too few"):
        check_feature(lambda x: x, np.arange(2.0))


def test_a_rule_that_needs_more_rows_is_judged_by_the_altered_future():
    def needs_ten(x):
        if len(x) < 10:
            raise ValueError("ten at least")
        return np.convolve(x, np.ones(3), mode="same")

    report = check_feature(needs_ten, np.random.default_rng(1).normal(size=12), n_cuts=11)
    assert "ten at least" in report.skipped
    assert min(leak.cut for leak in report.leaks) < 10

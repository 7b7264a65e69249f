# SPDX-License-Identifier: MIT
"""How many regimes there are is judged on later rows, beside GARCH."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from seawall.analytics.regimes import hmm_filter, hmm_fit, hmm_states
from seawall.analytics.spec import run
from seawall.model.errors import ResearchError


def regimes(n: int, sd: tuple[float, ...], stay: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    state, out = 0, np.empty(n)
    for t in range(n):
        state = state if rng.random() < stay else int(rng.integers(len(sd)))
        out[t] = sd[state] * rng.normal()
    return out


def test_the_number_of_states_that_made_the_series_wins_and_beats_garch() -> None:
    got = hmm_states.fit(regimes(12_000, (0.3, 1.0, 4.0), 0.98, 0), most=4.0, dof=0.0)
    assert got.best_bic == 3
    assert got.edge > 3.0 * got.error
    scores = np.array(got.log_score)
    assert scores[2] > max(scores[:2]) + 0.005
    assert abs(scores[3] - scores[2]) < 0.005


def test_garch_wins_on_a_series_that_garch_made() -> None:
    rng = np.random.default_rng(1)
    n, variance, x = 8_000, 1.0, np.empty(8_000)
    for t in range(n):
        x[t] = np.sqrt(variance) * rng.normal()
        variance = 0.02 + 0.1 * x[t] ** 2 + 0.88 * variance
    got = hmm_states.fit(x, most=4.0, dof=0.0)
    assert got.edge < 0.0
    assert got.garch_log_score > max(got.log_score)


def test_the_score_is_that_of_the_filter_and_a_future_row_changes_no_fit() -> None:
    x = regimes(4_000, (0.5, 2.0), 0.97, 2)
    got = hmm_states.fit(x, most=2.0, starts=2.0)
    one = hmm_fit.fit(x[:2_800], states=2.0, starts=2.0)
    surprise = run(hmm_filter.ANALYTIC, {"value": x}, one.parameters)["surprise"]
    assert got.log_score[1] == pytest.approx(-surprise[2_800:].mean(), rel=1e-9)
    spoilt = x.copy()
    spoilt[3_500:] *= 5.0
    assert hmm_states.fit(spoilt, most=2.0, starts=2.0).bic == got.bic


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(ResearchError):
        hmm_states.fit(np.zeros(100))


def test_on_recorded_hours_several_states_beat_one_by_far(recorded: Callable[[str], Any]) -> None:
    """BTC: four states against one gain a tenth of a nat per hour out of sample."""
    close = recorded("ohlcv/binance_btcusdt_1h_2017-08_2023-06.parquet")["close"].to_numpy()
    got = hmm_states.fit(100.0 * np.diff(np.log(close[-10_001:])), most=4.0, starts=3.0)
    assert got.log_score[3] > got.log_score[0] + 0.1
    assert got.best_bic >= 3

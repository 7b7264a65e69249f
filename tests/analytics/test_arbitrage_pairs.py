# SPDX-License-Identifier: MIT
"""Pairs: the test, the correction for searching, and trading what was formed before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from seawall.analytics.arbitrage.bar_gaps import Series
from seawall.analytics.arbitrage.pairs import engle_granger, scan_pairs, surviving
from seawall.analytics.arbitrage.relations import Costs
from seawall.model.errors import ResearchError

HOUR = 3_600 * 10**9
FREE = Costs(taker_bps=0.0, borrow_year=0.0)


def returning(n: int, phi: float, sd: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    out = np.zeros(n)
    for i in range(1, n):
        out[i] = phi * out[i - 1] + rng.normal(0, sd)
    return out


def walk(n: int, seed: int) -> np.ndarray:
    return 3.0 + np.cumsum(np.random.default_rng(seed).normal(0, 0.005, n))


def series(name: str, log: np.ndarray) -> Series:
    close = np.exp(log)
    ts = np.arange(1, close.size + 1, dtype=np.int64) * HOUR
    return Series("alpha", name, "USDT", ts, np.concatenate((close[:1], close[:-1])), close)


def together(n: int = 1_500) -> tuple[Series, ...]:
    base = walk(n, 1)
    pair = (series("A", base), series("B", 0.5 + base + returning(n, 0.9, 0.004, 2)))
    return (*pair, *(series(f"R{k}", walk(n, 10 + k)) for k in range(4)))


def test_the_statistic_is_that_of_statsmodels_with_one_lag() -> None:
    tools = pytest.importorskip("statsmodels.tsa.stattools")
    y, x = walk(800, 1) + returning(800, 0.9, 0.01, 2), walk(800, 1)
    got = engle_granger(y, x)
    assert got is not None
    beta = np.polyfit(x, y, 1)
    u = y - np.polyval(beta, x)
    want = tools.adfuller(u, maxlag=1, autolag=None, regression="n", result_object=False)
    assert got.stat == pytest.approx(want[0], rel=1e-8)
    assert got.beta == pytest.approx(beta[0])
    assert got.half_life == pytest.approx(np.log(2) / -np.log(0.9), rel=0.35)


def test_a_still_or_scaled_series_is_no_pair() -> None:
    x = walk(100, 3)
    assert engle_granger(x, np.ones(100)) is None
    assert engle_granger(2.0 * x + 1.0, x) is None


@settings(max_examples=60)
@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=40))
def test_the_correction_is_benjamini_and_hochbergs(p: list[float]) -> None:
    values = np.array(p)
    assert surviving(values).tolist() == (false_discovery_control(values) <= 0.05).tolist()


def test_a_pair_that_returns_is_found_among_walks_and_gains_before_costs() -> None:
    pytest.importorskip("statsmodels")
    got = scan_pairs(together(), FREE, formation=600, trading=200)
    assert got.windows == 4
    assert got.tested <= 4 * 15
    assert 3 <= got.traded <= 6
    assert got.trades > 10
    assert got.gross_bps > 20.0
    assert got.net_bps == pytest.approx(got.gross_bps)
    dear = scan_pairs(together(), replace(FREE, taker_bps=100.0), formation=600, trading=200)
    assert dear.trades == got.trades
    assert dear.cost_bps == pytest.approx(200.0)
    assert dear.net_bps == pytest.approx(got.gross_bps - 200.0)


def test_walks_alone_leave_next_to_nothing_after_the_correction() -> None:
    pytest.importorskip("statsmodels")
    alone = tuple(series(f"R{k}", walk(1_500, 50 + k)) for k in range(8))
    got = scan_pairs(alone, FREE, formation=600, trading=200)
    assert got.tested > 40
    assert got.surviving <= got.nominal / 2
    assert got.surviving <= 0.1 * got.tested


def test_the_trading_window_does_not_change_what_was_formed() -> None:
    pytest.importorskip("statsmodels")
    whole = together()
    spoilt = []
    for k, s in enumerate(whole):
        close, open_ = s.close.copy(), s.open.copy()
        close[1_200:] *= 3.0 + k  # the last of four trading windows begins there
        open_[1_200:] *= 3.0 + k
        spoilt.append(replace(s, close=close, open=open_))
    a = scan_pairs(whole, FREE, formation=600, trading=200)
    b = scan_pairs(tuple(spoilt), FREE, formation=600, trading=200)
    for name in ("windows", "tested", "nominal", "surviving", "traded"):
        assert getattr(a, name) == getattr(b, name), name


def test_too_few_bars_make_no_pairs() -> None:
    with pytest.raises(ResearchError, match="no pairs"):
        scan_pairs(together(300), FREE, formation=600, trading=200)
    with pytest.raises(ResearchError, match="no pairs"):
        scan_pairs((), FREE)

# SPDX-License-Identifier: MIT
"""Figures and inference on recorded prices, against other programs."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from seawall.research.metrics import series_figures
from seawall.research.statistics import block_length, bootstrap_paths


@pytest.fixture(scope="module")
def bitcoin(test_data):
    """Daily closes of bitcoin, US dollars."""
    path = test_data / "ohlcv" / "yahoo_usd_1d_2014-09_2022-02.parquet"
    if not path.exists():
        pytest.skip(f"no {path}")
    bars = pl.read_parquet(path).filter(pl.col("symbol") == "BTC").sort("Date")
    return bars.filter(pl.col("Close").is_not_null())["Close"].to_numpy()


def test_figures_of_bitcoin_are_those_of_pandas(bitcoin):
    import pandas as pd

    close = pd.Series(bitcoin)
    r = close.pct_change().dropna()
    s = series_figures(r.to_numpy(), periods_per_year=365)
    assert s.total_return == pytest.approx(close.iloc[-1] / close.iloc[0] - 1)
    assert s.volatility == pytest.approx(r.std() * np.sqrt(365))
    assert s.max_drawdown == pytest.approx((close / close.cummax() - 1).min())
    assert s.var_95 == pytest.approx(-r.quantile(0.05, interpolation="lower"), rel=1e-9)
    assert s.skew == pytest.approx(r.skew(), rel=0.01)
    assert s.kurtosis - 3 == pytest.approx(r.kurt(), rel=0.01)


def test_clustered_volatility_asks_for_longer_blocks_than_returns_do(bitcoin):
    from arch.bootstrap import optimal_block_length

    r = bitcoin[1:] / bitcoin[:-1] - 1
    for x in (r, np.abs(r)):
        expected = float(optimal_block_length(x)["stationary"].iloc[0])
        assert block_length(x) == pytest.approx(max(1.0, expected), rel=1e-9)
    assert block_length(np.abs(r)) > 3 * block_length(r)
    assert bootstrap_paths(r, draws=10).block == block_length(np.abs(r))


def test_the_drawdown_that_happened_lies_inside_the_fan(bitcoin):
    r = bitcoin[1:] / bitcoin[:-1] - 1
    paths = bootstrap_paths(r, draws=500, seed=2)
    low, high = np.quantile(paths.max_drawdown, [0.05, 0.95])
    assert low < series_figures(r, periods_per_year=365).max_drawdown < high

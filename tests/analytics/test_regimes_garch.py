# SPDX-License-Identifier: MIT
"""GARCH: the streaming filter against definitions and arch, the fit against arch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from seawall.analytics.regimes import garch_filter, garch_fit
from seawall.analytics.spec import Stream, run
from seawall.model.errors import ResearchError


def backcast(one: Any) -> float:
    """Square before the first row that gives the start variance of a case."""
    stay = one["alpha"] + 0.5 * one["gamma"] + one["beta"]
    return float((one["sigma2_0"] - one["omega"]) / stay)


def test_the_filter_agrees_with_the_definition(oracle: Any) -> None:
    for case in oracle.cases("garch", "garch.gjr.filter"):
        one = case.inputs
        params = {k: one[k] for k in ("omega", "alpha", "gamma", "beta")}
        got = run(garch_filter.ANALYTIC, {"value": one["r"]},
                  {**params, "backcast": backcast(one)})  # fmt: skip
        z = got["z"]
        loglik = np.sum(-0.5 * np.log(2 * np.pi) - np.log(got["vol"]) - 0.5 * z * z)
        oracle.check(case, {"sigma2": got["vol"] ** 2, "loglik_normal": loglik})
        ahead = np.sqrt(np.mean(case.outputs["forecast_20"]))
        assert got["forecast"][-1] == pytest.approx(ahead, rel=1e-12)
        np.testing.assert_array_equal(got["vol"][1:], got["next_vol"][:-1])


def test_a_fit_agrees_with_arch_and_its_filter_gives_the_same_variances(oracle: Any) -> None:
    for case in oracle.cases("garch", "garch.fit"):
        one = case.inputs
        got = garch_fit.fit(one["r"], model=one["o"], student=float(one["dist"] == "t"), unit=1.0)
        assert got.backcast == pytest.approx(one["backcast"], rel=1e-12)
        vol = run(garch_filter.ANALYTIC, {"value": one["r"]}, got.parameters)["vol"]
        oracle.check(case, {"params": got.values, "loglik": got.loglik,
                            "sigma2_first": vol[0] ** 2, "sigma2_last": vol[-1] ** 2})  # fmt: skip
    for case in oracle.cases("garch", "garch.egarch.fit"):
        got = garch_fit.fit(case.inputs["r"], model=2.0, student=0.0, unit=1.0)
        oracle.check(case, {"params": got.values, "loglik": got.loglik})
        with pytest.raises(ResearchError, match="EGARCH"):
            _ = got.parameters


@pytest.mark.parametrize("gjr", [0.0, 1.0])
def test_the_stream_equals_the_conditional_volatility_of_arch(
    recorded: Callable[[str], Any], gjr: float
) -> None:
    """Two thousand hours of BTC, one at a time."""
    from arch.univariate import GARCH, StudentsT, ZeroMean

    close = recorded("ohlcv/binance_btcusdt_1h_2017-08_2023-06.parquet")["close"].to_numpy()
    x = 100.0 * np.diff(np.log(close[-2_001:]))
    model = ZeroMean(x, rescale=False)
    model.volatility = GARCH(1, int(gjr), 1)
    model.distribution = StudentsT()
    theirs = model.fit(disp="off").conditional_volatility
    got = garch_fit.fit(x / 100.0, model=gjr)
    stream = Stream(garch_filter.ANALYTIC, got.parameters)
    ours = np.array([stream.update(r)[0] for r in x])
    np.testing.assert_allclose(ours, theirs, rtol=1e-10)
    assert stream.state[garch_filter.NEXT] ** 0.5 / 100 == pytest.approx(got.next_vol, rel=1e-9)


def test_without_a_backcast_it_begins_at_the_unconditional_variance() -> None:
    got = run(garch_filter.ANALYTIC, {"value": np.array([1.0, -2.0])})
    level = 0.02 / (1 - 0.98)
    assert got["vol"][0] == pytest.approx(np.sqrt(level))
    explosive = {"alpha": 0.3, "beta": 0.8}
    assert np.isfinite(
        run(garch_filter.ANALYTIC, {"value": np.array([1.0, -2.0])}, explosive).values
    ).all()


def test_doubts_are_told() -> None:
    rng = np.random.default_rng(0)
    short = garch_fit.fit(0.01 * rng.normal(size=300))
    assert any("fewer than" in d for d in short.doubts)
    wild = garch_fit.fit(0.01 * rng.standard_t(1.5, size=2_000))
    assert any("degrees of freedom" in d for d in wild.doubts)

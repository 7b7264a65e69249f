# SPDX-License-Identifier: MIT
"""Every analytic of options, surfaces, regimes and indicators, by name, on a recorded market."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from seawall.analytics.registry import ANALYTICS
from seawall.analytics.spec import Analytic, run
from seawall.analytics.surface.arbitrage import check
from seawall.analytics.surface.deribit import deribit_chain
from seawall.analytics.surface.surface import VolSurface
from seawall.analytics.surface.surface_fit import fit as surface_fit

OPTIONS = [a for a in ANALYTICS if a.group in ("options", "surface")]
BARS = [a for a in ANALYTICS if a.group in ("regimes", "indicators")]
ONE_SMILE = ("sabr_fit", "svi_fit", "risk_neutral_density")
PARAMS = {"hmm_states": {"most": 3.0, "starts": 1.0}, "hmm_fit": {"starts": 2.0}}
HOURS = "options/deribit_btc_chain_hourly_2026-01-23.parquet"


def fitted(one: Analytic, columns: dict[str, Any]) -> Any:
    assert one.fit is not None
    return one.fit(*one.columns(columns), **PARAMS.get(one.name, {}))


@pytest.mark.parametrize("one", OPTIONS, ids=lambda a: a.name)
def test_it_runs_on_a_recorded_chain(recorded: Callable[[str], Any], one: Analytic) -> None:
    import polars as pl

    at = datetime.fromtimestamp(1_704_712_781.414, UTC)
    chain = deribit_chain(recorded("options/deribit_eth_chain_2024-01-08.parquet"), at).tradable()
    assert len(chain) > 250
    if one.name in ONE_SMILE:
        chain = chain.take(chain.years == np.unique(chain.years)[6])
    columns = pl.DataFrame(chain.columns)  # as a file would hold them
    given = {k: columns[k].to_numpy() for k in one.inputs}
    if one.fit is not None:
        got = fitted(one, given)
        numbers = [v for v in asdict(got).values() if isinstance(v, float)]
        assert numbers
        assert np.isfinite(numbers).all()
    else:
        assert np.isfinite(run(one, given).values).all()


@pytest.mark.parametrize("one", BARS, ids=lambda a: a.name)
def test_it_runs_on_recorded_hours(recorded: Callable[[str], Any], one: Analytic) -> None:
    table = recorded("ohlcv/binance_btcusdt_1h_2017-08_2023-06.parquet").tail(3_001)
    close = table["close"].to_numpy()
    columns = {k: table[k].to_numpy().astype(float)[1:] for k in ("high", "low", "volume")}
    columns |= {"close": close[1:], "value": 100.0 * np.diff(np.log(close))}
    if one.fit is not None:
        got = asdict(fitted(one, columns))
        assert not np.isnan([v for v in got.values() if isinstance(v, float)]).any()
    else:
        values = run(one, columns).values
        assert np.isfinite(values[100:]).all()
        assert (np.ptp(values[100:], axis=0) > 0).any()


def test_no_hour_of_a_recorded_day_has_a_surface_with_an_arbitrage(
    recorded: Callable[[str], Any],
) -> None:
    table = recorded(HOURS)
    errors = []
    for at in table["date"].unique().sort().to_list():
        chain = deribit_chain(table.filter(table["date"] == at), at).tradable()
        got: VolSurface = surface_fit(*chain.rows)
        assert check(got) == ()
        errors.append(got.rmse)
    assert len(errors) == 23
    assert np.mean(errors) < 0.0022  # vol: 0.22 points
    assert max(errors) < 0.0036

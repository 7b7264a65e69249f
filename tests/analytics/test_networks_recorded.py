# SPDX-License-Identifier: MIT
"""Panels out of long tables, and the network of coins before crises and in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from seawall.analytics.networks import contagion, spillover
from seawall.analytics.networks.crisis import before_and_in
from seawall.analytics.networks.panel import Panel, panel_of
from seawall.analytics.registry import analytic
from seawall.analytics.spec import run
from seawall.analytics.tables import columns_of
from seawall.model.errors import FormatError, ResearchError

HOUR = 3_600 * 10**9


@pytest.fixture(scope="module")
def coins(request: pytest.FixtureRequest) -> Panel:
    recorded: Callable[[str], Any] = request.getfixturevalue("recorded")
    return panel_of(recorded("ohlcv/binance_spot_usdt_1h_2021-04_2023-06.parquet"))


def long_table() -> pl.DataFrame:
    return pl.DataFrame({
        "ticker": ["A"] * 5 + ["B"] * 3,
        "ts": [0, HOUR, 2 * HOUR, 5 * HOUR, 6 * HOUR, 0, HOUR, 6 * HOUR],
        "close": [1.0, 2.0, 4.0, 8.0, 16.0, 1.0, 3.0, 9.0],
    })  # fmt: skip


def test_returns_are_taken_between_neighbours_and_never_across_a_gap() -> None:
    got = panel_of(long_table())
    assert got.names == ("A", "B")
    assert got.ts.tolist() == [HOUR, 2 * HOUR, 5 * HOUR, 6 * HOUR]
    two, three = np.log(2), np.log(3)
    wanted = [[two, three], [two, np.nan], [np.nan, np.nan], [two, np.nan]]
    assert np.allclose(got.returns, wanted, equal_nan=True)
    assert got.complete(0.7).names == ("A",)
    assert got.only(("B", "A")).returns[0].tolist() == pytest.approx([three, two])
    assert got.between("1970-01-01T01:00", "1970-01-01T05:00").ts.tolist() == [HOUR, 2 * HOUR]


def test_tables_without_the_columns_or_with_doubles_are_refused() -> None:
    with pytest.raises(FormatError, match="close"):
        panel_of(long_table().drop("close"))
    with pytest.raises(FormatError, match="two closes"):
        panel_of(pl.concat((long_table(), long_table())))
    with pytest.raises(ResearchError, match="no instrument"):
        panel_of(long_table()).only(("C",))


def test_the_command_line_reads_returns_out_of_a_long_table_or_of_columns() -> None:
    one = analytic("mst")
    rng = np.random.default_rng(0)
    closes = np.exp(0.01 * rng.normal(size=(60, 3)).cumsum(axis=0))
    long = pl.DataFrame({
        "ticker": np.repeat(["A", "B", "C"], 60), "ts": np.tile(np.arange(60) * HOUR, 3),
        "close": closes.T.ravel(),
    })  # fmt: skip
    got = columns_of(one, long)["returns"]
    assert np.allclose(got, np.diff(np.log(closes), axis=0))
    wide = pl.DataFrame({f"return_{k}": got[:, i] for i, k in enumerate("ABC")})
    assert np.array_equal(columns_of(one, wide)["returns"], got)
    value = columns_of(analytic("hill"), long, {"value": "returns:close"})["value"]
    assert np.isnan(value[0])
    assert np.allclose(value[1:60], got[:, 0])


def test_the_return_of_one_coin_into_another_is_not_in_the_panel(coins: Panel) -> None:
    luna = coins.returns[:, coins.names.index("LUNAUSDT")]
    back = coins.ts == np.datetime64("2022-05-31T06:00", "ns").astype(np.int64)
    assert back.sum() == 1
    assert np.isnan(luna[back]).all()
    assert np.nanmax(luna) < 3.0


@pytest.mark.parametrize(
    ("calm", "crisis"),
    [(("2022-04-01", "2022-05-01"), ("2022-05-08", "2022-05-14")),
     (("2022-10-01", "2022-11-01"), ("2022-11-07", "2022-11-14"))],
    ids=["LUNA", "FTX"],
)  # fmt: skip
def test_trees_shrink_in_crises(
    coins: Panel, calm: tuple[str, str], crisis: tuple[str, str]
) -> None:
    got = before_and_in(coins, calm, crisis, samples=20)
    assert len(got.names) > 40
    assert got.crisis.length < 0.75 * got.calm.length
    assert got.crisis.mean_correlation > got.calm.mean_correlation
    assert got.share_below < 0.01  # no calm window of the same length has so short a tree
    assert 0.0 < got.kept < 0.6  # and few of its links survive
    assert got.calm.positions().shape == (len(got.names), 2)
    assert got.crisis.edges.shape == (len(got.names) - 1, 2)
    with pytest.raises(ResearchError, match="longer"):
        before_and_in(coins, crisis, calm)


def test_the_tightest_network_of_two_years_is_that_of_the_fall_of_luna(coins: Panel) -> None:
    core = coins.complete(0.99)
    got = run(analytic("rolling_network"), {"returns": core.returns}, {"window": 168})
    at = np.datetime64(int(core.ts[np.nanargmin(got["length"])]), "ns")
    assert np.datetime64("2022-05-09") < at < np.datetime64("2022-05-19")
    known = got["survival"][np.isfinite(got["survival"])]
    assert np.median(known) > 0.9
    absorbed = run(analytic("absorption_ratio"), {"returns": core.returns}, {"every": 6})
    top = np.datetime64(int(core.ts[np.nanargmax(absorbed["absorption"])]), "ns")
    assert np.datetime64("2022-05-09") < top < np.datetime64("2022-05-19")


def test_on_the_eve_of_its_fall_ftt_left_the_market_farthest_but_not_unusually_far(
    coins: Panel,
) -> None:
    span = coins.between("2022-10-01", "2022-11-08").complete(0.97)
    got = run(analytic("decorrelation"), {"returns": span.returns})
    eve = span.ts >= np.datetime64("2022-11-07", "ns").astype(np.int64)
    far = np.argmax(got["worst_z"][eve])
    assert span.names[int(got["worst"][eve][far])] == "FTTUSDT"
    usual = got["worst_z"][~eve]
    # the same number comes about in calm weeks as well: it is no alarm by itself
    assert np.mean(usual[np.isfinite(usual)] > got["worst_z"][eve][far]) > 0.02


def test_luna_did_not_pull_the_others_along_but_fell_alone(coins: Panel) -> None:
    names = ("LUNAUSDT", "BTCUSDT", "ETHUSDT", "SOLUSDT", "AVAXUSDT", "BNBUSDT")
    span = coins.between("2022-04-08", "2022-05-13").only(names).complete(0.9)
    split = int(np.searchsorted(span.ts, np.datetime64("2022-05-08", "ns").astype(np.int64)))
    got = contagion.fit(span.returns, split=split)
    assert got.variance_ratio > 100
    assert got.rises == 0
    assert got.found == 0


def test_volatility_spills_over_between_coins_on_most_days(coins: Panel) -> None:
    names = ("BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT", "ADAUSDT")
    p = coins.only(names).complete(0.9)
    days = p.ts // (24 * HOUR)
    _, at = np.unique(days, return_index=True)
    variance = np.log(np.add.reduceat(p.returns**2, at, axis=0))
    got = spillover.fit(variance, lags=3)
    assert 0.5 < got.total < 0.8
    assert got.radius < 1.0

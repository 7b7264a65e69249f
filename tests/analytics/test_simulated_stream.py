# SPDX-License-Identifier: MIT
"""Every analytic by name on a market that is simulated now, and streamed event by event.

The markets are made once and shared by all: what one command would simulate for itself.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
import pytest

from seawall.analytics import simulated
from seawall.analytics.from_market import instrument_of, table_of
from seawall.analytics.registry import ANALYTICS, analytic
from seawall.analytics.simulated import Asked, Simulation, draw
from seawall.analytics.spec import Analytic, Need, run
from seawall.analytics.tables import columns_of
from seawall.cli.analytics_source import streamed
from seawall.model.errors import ResearchError, SettingsError

STREAMING = [a for a in ANALYTICS if a.batch is not None]
PATHS = "price paths without agents"


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return Simulation(seed=7)


def command(*words: object) -> tuple[int, str, str]:
    from click.testing import CliRunner
    from typer.main import get_command

    from seawall.cli.app import app

    whole: Any = get_command(app)
    answer = CliRunner().invoke(whole, [str(w) for w in words])
    return answer.exit_code, answer.stdout, answer.stderr


def numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [x for v in value.values() for x in numbers(v)]
    if isinstance(value, list):
        return [x for v in value for x in numbers(v)]
    return [float(value)] if isinstance(value, int | float) else []


@pytest.mark.parametrize("one", ANALYTICS, ids=lambda a: a.name)
def test_it_runs_by_name_on_a_simulated_stream(
    one: Analytic, simulation: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulated, "Simulation", lambda seed, bar: simulation)
    code, out, err = command("analytics", "run", one.name, "--simulated", 60, "--json")
    assert code == 0, err
    got = json.loads(out)
    assert got["name"] == one.name
    assert "simulated" in got["source" if one.fit is None else "origin"]
    if one.fit is not None:
        assert len(numbers(got)) > 1
        return
    for output in got["outputs"]:
        assert output["rows"] > 0
        assert output["undefined"] < output["rows"], output["output"]


@pytest.mark.parametrize("one", STREAMING, ids=lambda a: a.name)
def test_what_is_streamed_event_by_event_equals_the_batch(
    one: Analytic, simulation: Simulation
) -> None:
    columns = columns_of(one, draw(simulation, one).table)
    got = streamed(one, columns, {})
    want = run(one, columns)
    np.testing.assert_array_equal(got.values, want.values)
    assert got.state.tobytes() == want.state.tobytes()


def test_rows_come_in_the_order_of_their_times(simulation: Simulation) -> None:
    for one in ANALYTICS:
        table = draw(simulation, one).table
        if "ts" in table.columns and "symbol" not in table.columns:
            assert (np.diff(table["ts"].to_numpy()) >= 0).all(), one.name


def test_a_length_that_is_too_short_is_made_longer_and_said(simulation: Simulation) -> None:
    short = draw(simulation, analytic("hjorth"), Asked(seconds=60.0))
    assert "simulated 300 s (the least it needs)" in short.origin
    assert "simulated 60 s, seed 7" in draw(simulation, analytic("ofi")).origin
    assert "simulated 300 s, seed 7" in draw(simulation, analytic("hjorth")).origin


def test_a_need_is_no_exaggeration(simulation: Simulation) -> None:
    """What is asked for at least would not do at the usual minute."""
    market = simulation.run(simulated.USUAL_S)[1]
    for name in ("hjorth", "rolling_hurst", "crash_alert", "liquidity_alert", "vpin"):
        one = analytic(name)
        table = table_of(market, instrument_of(market), one.inputs)
        values = run(one, columns_of(one, table)).values
        assert not np.isfinite(values).any(axis=0).all(), name


def test_days_minutes_and_many_coins_come_from_paths_and_say_so(simulation: Simulation) -> None:
    for name, bars in (("invariance", 250), ("lee_mykland", 2_880), ("mst", 1_000)):
        drawn = draw(simulation, analytic(name))
        assert PATHS in drawn.origin
        assert f"{bars} bars" in drawn.origin
    assert draw(simulation, analytic("mst")).table["symbol"].n_unique() == simulated.COINS
    assert PATHS not in draw(simulation, analytic("rsi")).origin


def test_an_expiry_an_instrument_and_bars_can_be_chosen(simulation: Simulation) -> None:
    near = draw(simulation, analytic("svi_fit"), Asked(expiry_days=7.0))
    assert np.ptp(near.table["years"].to_numpy()) == 0.0
    assert 365.0 * near.table["years"][0] == pytest.approx(7.0, abs=0.1)
    few = draw(simulation, analytic("implied_vol"), Asked(expiry_days=7.0))
    assert few.table["days"].unique().to_list() == [7.0]
    ether = draw(simulation, analytic("ofi"), Asked(symbol="ETH/USDT", venue="simswap"))
    assert ether.origin.startswith("ETH/USDT at simswap")
    wide = draw(simulation, analytic("rsi"), Asked(bar_s=5.0)).table
    assert wide["ts"].diff().drop_nulls().min() == 5 * 10**9
    hours = draw(simulation, analytic("mst"), Asked(bar_s=60.0)).table
    assert hours.filter(pl.col("symbol") == "BTC/USDT")["ts"].diff().max() == 60 * 10**9


def test_coins_of_paths_and_books_that_go_together_can_be_named(simulation: Simulation) -> None:
    two = draw(simulation, analytic("mst"), Asked(symbol="BTC/USDT,SOL/USDT, ADA/USDT"))
    assert sorted(two.table["symbol"].unique()) == ["ADA/USDT", "BTC/USDT", "SOL/USDT"]
    assert two.origin.startswith("3 coins")
    one = draw(simulation, analytic("invariance"), Asked(symbol="SOL/USDT"))
    assert one.origin.startswith("SOL/USDT")
    pair = Asked(symbol="ETH/USDT,BTC/USDT", venue="simswap")
    both = draw(simulation, analytic("pair_spread"), pair)
    assert both.origin.startswith("ETH/USDT at simswap, BTC/USDT at simswap")
    assert (both.table["left_px"] < both.table["right_px"]).all()
    ether = draw(simulation, analytic("svi_fit"), Asked(symbol="ETH/USDT"))
    assert ether.table["forward"][0] == pytest.approx(2_600.0, rel=0.1)


def test_what_a_simulation_does_not_hold_is_refused(simulation: Simulation) -> None:
    for name, asked in (
        ("mst", Asked(symbol="DOGE/USDT")), ("mst", Asked(venue="simex")),
        ("ofi", Asked(symbol="DOGE/USDT")), ("svi_fit", Asked(venue="nowhere")),
        ("pair_spread", Asked(symbol="BTC/USDT,DOGE/USDT")),
        ("triangle_edge", Asked(symbol="BTC/USDT,ETH/USDT")),
    ):  # fmt: skip
        with pytest.raises((ResearchError, SettingsError)):
            draw(simulation, analytic(name), asked)


def test_hours_are_those_of_a_quiet_coin_unless_one_is_named(simulation: Simulation) -> None:
    assert "quiet coin" in draw(simulation, analytic("pump_rush")).origin
    one = Analytic("made_up", "flow", ("price",), "", need=Need(seconds=400.0))
    assert "quiet" not in draw(simulation, one, Asked(symbol="BTC/USDT")).origin


@pytest.mark.parametrize("length", ["0", "-3", "nan", "inf", "soon"])
def test_a_senseless_length_is_refused(length: str) -> None:
    code, _, err = command("analytics", "run", "ofi", f"--simulated={length}")
    assert code != 0
    assert "auto" in err
    with pytest.raises(SettingsError):
        draw(Simulation(), analytic("ofi"), Asked(seconds=-1.0))

# SPDX-License-Identifier: MIT
"""Every book, flow, cost and fill analytic by its name on recorded sessions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import polars as pl
import pytest

from seawall.analytics.book.merged import merge_quotes_and_trades
from seawall.analytics.costs.price_discovery import sample_mids
from seawall.analytics.fills import cox, kaplan_meier
from seawall.analytics.fills.waits import waits
from seawall.analytics.registry import ANALYTICS, analytic
from seawall.analytics.spec import run
from seawall.analytics.tables import columns_of, join_mid

DAY = "20240808"
PERP, SPOT = f"binance_usdm_btcusdt_{DAY}", f"binance_spot_btcusdt_{DAY}"
GROUPS = ("book", "flow", "costs", "fills")
BARS = {"kyle_lambda", "amihud", "edge", "bvc", "invariance", "invariance_fit", "pin"}
WAITS = {"kaplan_meier", "weibull", "cox", "price_discovery"}
SMALL = {"vpin": {"bucket": 5.0}, "microprice": {"tick": 0.1}, "value_area": {"size": 5.0},
         "integrated_ofi": {"seconds": 1.0}, "integrated_ofi_fit": {"seconds": 1.0},
         "fill_probability": {"unit": 0.25}, "vpin_rank": {"bucket": 5.0}}  # fmt: skip

Recorded = Callable[[str], Any]


@pytest.fixture(scope="module")
def market(test_data: Any) -> dict[str, pl.DataFrame]:
    """Books, quotes, trades with mids, and quotes merged with trades, of one session."""
    folder = test_data / "lob"
    if not (folder / f"{PERP}_trades.parquet").is_file():
        pytest.skip(f"no recorded session in {folder}")
    kinds = {k: pl.read_parquet(folder / f"{PERP}_{k}.parquet")
             for k in ("lob10_100ms", "bookticker", "trades")}  # fmt: skip
    quotes, trades = kinds["bookticker"], kinds["trades"]
    kinds["joined"] = join_mid(trades, quotes).drop_nulls("mid")
    kinds["merged"] = merge_quotes_and_trades(trades, quotes, venue_clock=True)
    return kinds


def table_for(name: str, market: dict[str, pl.DataFrame]) -> pl.DataFrame:
    inputs = set(analytic(name).inputs)
    if "bid_px" in inputs and ("qty" in inputs or "price" in inputs):
        return market["merged"]
    if inputs & {"bid_pxs", "ask_pxs"}:
        return market["lob10_100ms"]
    if inputs & {"bid_px", "bid_qty"}:
        return market["bookticker"]
    return market["joined"]


MINE = [a for a in ANALYTICS if a.group in GROUPS and a.name not in BARS | WAITS]


@pytest.mark.parametrize("one", MINE, ids=lambda a: a.name)
def test_it_runs_by_name_on_a_recorded_session(one: Any, market: dict[str, pl.DataFrame]) -> None:
    columns = columns_of(one, table_for(one.name, market))
    given = SMALL.get(one.name, {})
    if one.batch is not None:
        values = run(one, columns, given).values
        assert np.isfinite(values).any(axis=0).all(), one.outputs
        return
    found = one.fit(*one.columns(columns), **given)
    for field in fields(found):
        value = getattr(found, field.name)
        if isinstance(value, float | int | np.ndarray) and "rho" not in field.name:
            assert np.isfinite(np.asarray(value, float)).any() or "life" in field.name, field.name


def test_the_perpetual_and_spot_agree_on_one_price_and_share_its_discovery(
    market: dict[str, pl.DataFrame], recorded: Recorded
) -> None:
    perp, spot = market["bookticker"], recorded(f"lob/{SPOT}_bookticker.parquet")
    ts = [t["local_ts_ns"].to_numpy() for t in (perp, spot)]
    mids = [(0.5 * (t["bid_price"] + t["ask_price"])).to_numpy() for t in (perp, spot)]
    got = {}
    for step in (100_000_000, 1_000_000_000):
        grid, table = sample_mids(ts, mids, step)
        assert grid.size > 300 * 10**9 / step
        one = analytic("price_discovery")
        assert one.fit is not None
        got[step] = one.fit(table, lags=5 if step > 10**8 else 0)
        np.testing.assert_allclose(got[step].component.sum(), 1.0)
        assert (got[step].least <= got[step].most).all()
    # Finer steps make narrower bounds.
    fine, coarse = got[100_000_000], got[1_000_000_000]
    assert (fine.most - fine.least)[0] < (coarse.most - coarse.least)[0]
    # In these minutes the perpetual led.
    assert fine.middle[0] > 0.5


def test_bars_of_the_session_give_signs_impact_and_vpin(market: dict[str, pl.DataFrame]) -> None:
    trades = market["joined"].with_columns(
        side=pl.when(pl.col("is_buyer_maker")).then(-1.0).otherwise(1.0),
        second=pl.col("local_ts_ns") // 10**9,
    )
    bars = trades.group_by("second", maintain_order=True).agg(
        close=pl.col("price").last(), volume=pl.col("qty").sum(), mid=pl.col("mid").last(),
        signed_volume=(pl.col("qty") * pl.col("side")).sum(),
    )  # fmt: skip
    columns = {k: bars[k].to_numpy() for k in ("close", "volume", "mid", "signed_volume")}
    truth = 0.5 * (1.0 + columns["signed_volume"] / columns["volume"])
    got = run(analytic("bvc"), {k: columns[k] for k in ("close", "volume")})["share"]
    known = np.isfinite(got)
    assert np.corrcoef(got[known], truth[known])[0, 1] > 0.3
    kyle = run(analytic("kyle_lambda"), {k: columns[k] for k in ("mid", "signed_volume")})
    assert kyle["t"][-1] > 3.0


def test_the_micro_price_beats_the_mid_on_quotes_that_come_later(
    market: dict[str, pl.DataFrame],
) -> None:
    columns = columns_of(analytic("microprice"), market["bookticker"])
    cut = columns["bid_px"].size // 2
    fit = analytic("microprice_fit").fit
    assert fit is not None
    table = fit(**{k: v[:cut] for k, v in columns.items()})
    rest = {k: v[cut:] for k, v in columns.items()}
    micro = run(analytic("microprice"), rest, table.params, state=table.state)
    mid = 0.5 * (rest["bid_px"] + rest["ask_px"])
    later = np.append(mid[200:], np.full(200, np.nan))
    ok = np.isfinite(later)
    off_mid = ((later - mid)[ok] ** 2).mean()
    off_micro = ((later - micro["microprice"])[ok] ** 2).mean()
    assert off_micro < off_mid
    assert np.corrcoef(micro["adjustment"][ok], (later - mid)[ok])[0, 1] > 0.05


def test_waits_of_imagined_orders_make_a_curve(market: dict[str, pl.DataFrame]) -> None:
    one = analytic("queue_position")
    got = run(one, columns_of(one, market["merged"]))
    ended = got["outcome"] > 0
    curve = kaplan_meier.fit(got["seconds"][ended], (got["outcome"][ended] == 1).astype(float))
    assert curve.orders == got["ended"][-1]
    assert curve.observed / curve.orders == pytest.approx(got["fill_rate"][-1])
    assert 0.0 < curve.chance(0.1) < curve.chance(5.0) <= 1.0


def test_models_of_dealers_say_when_the_spread_does_not_hold_the_whole_impact(
    market: dict[str, pl.DataFrame],
) -> None:
    for name in ("mrr", "glosten_harris", "huang_stoll"):
        one = analytic(name)
        assert one.fit is not None
        found = one.fit(*one.columns(columns_of(one, market["trades"])))
        assert found.merged > found.trades
        assert found.spread > 0.1  # more than the one tick that is quoted
        assert found.doubts


PUMPED = ("AST_2018-09-07T1530", "BRD_2018-11-13T1700", "DLT_2018-08-23T1600",
          "STORJ_2019-08-10T2000")  # fmt: skip


def coin_days(recorded: Recorded) -> pl.DataFrame:
    """Days of four small coins: volatility of five-minute returns, money, buys and sells."""
    days = []
    for coin in PUMPED:
        trades = recorded(f"manipulation/pump_trades_binance_{coin}.parquet").sort("timestamp")
        five = trades.group_by(pl.col("datetime").dt.truncate("5m"), maintain_order=True).agg(
            pl.col("price").last()
        )
        vol = five.with_columns(r=pl.col("price").log().diff()).group_by(
            pl.col("datetime").dt.date().alias("day"), maintain_order=True
        ).agg(daily_vol=(pl.col("r") ** 2).sum().sqrt())  # fmt: skip
        flow = trades.group_by(pl.col("datetime").dt.date().alias("day"), maintain_order=True).agg(
            turnover=pl.col("btc_volume").sum() * 5_000.0, trades=pl.len().cast(pl.Float64),
            buys=(pl.col("side") == "buy").sum().cast(pl.Float64),
            sells=(pl.col("side") == "sell").sum().cast(pl.Float64),
        )  # fmt: skip
        days.append(flow.join(vol, on="day").with_columns(coin=pl.lit(coin)))
    return pl.concat(days)


def test_trades_of_small_coins_grow_with_activity_near_the_power_of_invariance(
    recorded: Recorded,
) -> None:
    days = coin_days(recorded)
    one = analytic("invariance_fit")
    assert one.fit is not None
    found = one.fit(*(days[c].to_numpy() for c in one.inputs))
    assert found.rows > 70
    assert 0.4 < found.slope < 0.9
    assert found.r2 > 0.7
    cost = run(analytic("invariance"), {c: days[c].to_numpy() for c in ("daily_vol", "turnover")})
    assert np.nanmedian(cost["cost_root_bps"]) > 10.0


def test_pin_of_real_days_says_that_they_are_no_poisson_days(recorded: Recorded) -> None:
    days = coin_days(recorded).filter(pl.col("coin") == PUMPED[0])
    one = analytic("pin")
    assert one.fit is not None
    found = one.fit(*(days[c].to_numpy() for c in one.inputs))
    assert 0.0 < found.pin < 1.0
    assert any("Poisson" in d for d in found.doubts)


@pytest.mark.parametrize("name", sorted(BARS - {"pin", "invariance_fit", "kyle_lambda"}))
def test_it_runs_by_name_on_recorded_bars(name: str, recorded: Recorded) -> None:
    bars = recorded("ohlcv/binance_btcusdt_1h_2017-08_2023-06.parquet").tail(5_000)
    bars = bars.with_columns(
        turnover=pl.col("close") * pl.col("volume"),
        daily_vol=pl.col("close").log().diff().rolling_std(24) * 24**0.5,
    )
    one = analytic(name)
    columns = columns_of(one, bars)
    if one.fit is not None:
        assert 0.0 < one.fit(*one.columns(columns)).spread < 0.01
    else:
        assert np.isfinite(run(one, columns, {}).values[-1]).all()


def test_orders_behind_a_long_or_heavy_queue_wait_longer(market: dict[str, pl.DataFrame]) -> None:
    found = waits(columns_of(analytic("queue_position"), market["merged"]))
    half = found.duration.size // 2
    law = cox.fit(found.duration[:half], found.observed[:half], found.covariates[:half, :2])
    assert law.beta[0] < -2 * law.errors[0]
    assert law.concordance > 0.6
    # On the orders that came later the same weights still tell the quick from the slow.
    score = found.covariates[half:, :2] @ law.beta
    later = cox.concordance(found.duration[half:], found.observed[half:], score)
    assert later > 0.6


def test_the_model_of_queues_ranks_fills_of_this_market_but_overstates_them(
    market: dict[str, pl.DataFrame],
) -> None:
    columns = columns_of(analytic("queue_position"), market["merged"])
    rates = analytic("queue_rates").fit
    assert rates is not None
    found = waits(columns)
    sizes = {k: columns[k][found.joined] for k in ("bid_qty", "ask_qty")}
    given = rates(*analytic("queue_rates").columns(columns)).params()
    chance = run(analytic("fill_probability"), sizes, given)["fill_bid"]
    known = np.isfinite(chance)
    assert np.corrcoef(chance[known], found.observed[known])[0, 1] > 0.3
    assert chance[known].mean() > found.observed[known].mean() + 0.1

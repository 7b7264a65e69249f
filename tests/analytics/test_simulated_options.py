# SPDX-License-Identifier: MIT
"""The simulated option chain: sound quotes, and fits that find the surface they were made from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.analytics.from_options import futures_table, last_chain, quotes_table
from seawall.analytics.options import heston_fit, sabr_fit
from seawall.analytics.registry import analytic
from seawall.analytics.simulated import Simulation
from seawall.analytics.spec import run
from seawall.analytics.surface import ssvi_fit, surface_fit
from seawall.analytics.surface.chain import Chain, Vector
from seawall.analytics.surface.svi import durrleman
from seawall.analytics.tables import columns_of
from seawall.data.simulated.beside.chain import ChainConfig, SimulatedChain, option_chain
from seawall.data.simulated.beside.surface import TrueSurface, black
from seawall.data.simulated.result import SimulatedMarket
from seawall.model.errors import DataError, SettingsError


@pytest.fixture(scope="module")
def market() -> SimulatedMarket:
    return Simulation(seed=7).run(60.0)[0]


@pytest.fixture(scope="module")
def chain(market: SimulatedMarket) -> SimulatedChain:
    return option_chain(market)


@pytest.fixture(scope="module")
def last(chain: SimulatedChain) -> Chain:
    return last_chain(chain).tradable()


def truth(chain: SimulatedChain, rows: Chain) -> Vector:
    return chain.surfaces[-1].vol(np.log(rows.strike / rows.forward), rows.years)


def within(rows: Chain, vol: Vector) -> npt.NDArray[np.bool_]:
    """Whether volatilities lie between those of the bid and of the ask."""
    return (vol > rows.bid_vol) & (vol < rows.ask_vol)


surfaces = st.builds(
    TrueSurface, now=st.floats(0.02, 2.0), mean=st.floats(0.05, 1.5), kappa=st.floats(0.5, 30.0),
    rho=st.floats(-0.9, 0.9), eta=st.floats(0.05, 1.05), gamma=st.floats(0.05, 0.5),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(surface=surfaces, years=st.floats(0.003, 2.0))
def test_the_true_surface_has_no_arbitrage(surface: TrueSurface, years: float) -> None:
    wide = 6.0 * float(np.sqrt(surface.theta(years)))
    k, h = np.linspace(-wide, wide, 2_001), 12.0 * float(np.sqrt(surface.theta(years))) / 2_000
    w = surface.variance(k, years)
    first, second = np.gradient(w, h), np.gradient(np.gradient(w, h), h)
    assert durrleman(k, w, first, second)[3:-3].min() > -1e-3
    assert (surface.variance(k, 1.01 * years) > w).all()


def test_a_surface_or_a_chain_that_cannot_be_is_refused() -> None:
    for bad in ({"rho": 1.0}, {"eta": 1.9}, {"gamma": 0.6}, {"now": 0.0}):
        with pytest.raises(SettingsError):
            TrueSurface(**{"now": 0.1, "mean": 0.2, **bad})
    for wrong in (
        {"days": ()},
        {"days": (7.0, 7.0)},
        {"strikes": 0},
        {"tick": -1.0},
        {"half_spread": 0.0},
    ):
        with pytest.raises(SettingsError):
            ChainConfig(**wrong)


def test_a_run_too_short_for_one_look_is_refused(market: SimulatedMarket) -> None:
    with pytest.raises(DataError, match="span less"):
        option_chain(market, ChainConfig(every_s=90.0))


def test_black_prices_keep_parity_and_their_volatility() -> None:
    f, k, t, v = (np.full(5, x) for x in (100.0, 0.0, 0.3, 0.6))
    k = np.linspace(70.0, 140.0, 5)
    call, put = black(f, k, t, v, np.ones(5)), black(f, k, t, v, -np.ones(5))
    np.testing.assert_allclose(call - put, f - k, atol=1e-12)
    columns = {"option_price": call, "forward": f, "strike": k, "years": t, "call": np.ones(5)}
    np.testing.assert_allclose(run(analytic("implied_vol"), columns)["vol"], v, rtol=1e-9)


def test_bids_and_asks_stand_on_ticks_around_the_true_price(chain: SimulatedChain) -> None:
    quotes, tick = chain.quotes, chain.config.tick
    bid, ask = quotes["bid"].to_numpy(), quotes["ask"].to_numpy()
    assert (bid < ask).all()
    for price in (bid, ask):
        np.testing.assert_allclose(price / tick, np.round(price / tick), atol=1e-9)
    columns = ("forward", "strike", "years", "true_vol", "call")
    true = black(*(quotes[c].to_numpy() for c in columns))
    assert ((bid <= true) & (true <= ask)).mean() > 0.999


def test_a_cheaper_coin_has_a_finer_tick(market: SimulatedMarket, chain: SimulatedChain) -> None:
    assert chain.config.tick == 1.0
    ether = option_chain(market, book=4)
    assert ether.underlying.startswith("ETH/USDT")
    assert ether.config.tick == pytest.approx(0.01)


def test_quotes_come_in_order_through_the_run_and_only_when_they_change(
    chain: SimulatedChain,
) -> None:
    quotes = chain.quotes
    assert (np.diff(quotes["ts"].to_numpy()) >= 0).all()
    assert quotes["ts"].n_unique() == quotes.height
    assert quotes.height > 10 * chain.moments.size
    names = ["expiry", "strike", "call"]
    same = quotes.with_columns(
        (pl.col("bid") == pl.col("bid").shift().over(names))
        & (pl.col("ask") == pl.col("ask").shift().over(names))
    )
    assert not same["bid"].drop_nulls().any()


def test_no_quote_knows_the_price_of_tomorrow(chain: SimulatedChain) -> None:
    """The spot of a quote is the last mid of the book that had arrived by then."""
    run_ = Simulation(seed=7).run(60.0)[0]
    top, got = run_.feeds.top[0], run_.feeds.top_got[0]
    tick = float(run_.instruments[0].tick)
    for row in chain.quotes.sample(40, seed=1).iter_rows(named=True):
        look = chain.moments[chain.moments <= row["ts"]][-1]
        before = np.flatnonzero(got <= look)[-1]
        assert row["spot"] == 0.5 * tick * (int(top["bid"][before]) + int(top["ask"][before]))


def test_the_same_run_gives_the_same_chain(market: SimulatedMarket, chain: SimulatedChain) -> None:
    assert option_chain(market).quotes.equals(chain.quotes)


def test_ssvi_finds_the_true_surface(chain: SimulatedChain, last: Chain) -> None:
    found, true = ssvi_fit.fit(*last.rows), chain.config
    assert found.rho == pytest.approx(true.rho, abs=0.02)
    assert found.eta == pytest.approx(true.eta, rel=0.05)
    assert found.gamma == pytest.approx(true.gamma, abs=0.02)
    theta = chain.surfaces[-1].theta(np.array(found.years))
    np.testing.assert_allclose(found.theta, theta, rtol=0.02)
    assert not found.doubts


def test_svi_lies_within_every_quoted_spread(chain: SimulatedChain, last: Chain) -> None:
    surface = surface_fit.fit(*last.rows)
    vol = np.array([surface.vol([k], t)[0] for k, t in zip(last.strike, last.years, strict=True)])
    assert within(last, vol).all()
    assert np.abs(vol - truth(chain, last)).max() < 0.003
    assert not surface.doubts


def test_sabr_lies_within_every_quoted_spread(chain: SimulatedChain, last: Chain) -> None:
    formula = analytic("sabr_vol")
    for years in np.unique(last.years):
        rows = last.take(last.years == years)
        found = sabr_fit.fit(*rows.rows)
        params = {p.name: float(getattr(found, p.name)) for p in formula.params}
        vol = run(formula, rows.columns, params)["vol"]
        assert within(rows, vol).all()
        assert np.abs(vol - truth(chain, rows)).max() < 0.005


def test_heston_lies_within_most_quoted_spreads(chain: SimulatedChain, last: Chain) -> None:
    """Five numbers for the whole surface, and another law than the true one."""
    found = heston_fit.fit(*last.rows)
    names = ("v0", "kappa", "theta", "sigma", "rho")
    params = {n: float(getattr(found, n)) for n in names}
    price = run(analytic("heston_price"), last.columns, params)["price"]
    columns = {**last.columns, "option_price": price}
    vol = run(analytic("implied_vol"), columns)["vol"]
    assert within(last, vol).mean() > 0.8
    assert np.sqrt(np.mean((vol - truth(chain, last)) ** 2)) < 0.01
    assert found.rho < 0.0


def test_a_surface_quoted_with_a_wrong_skew_is_not_called_the_true_one(
    market: SimulatedMarket, chain: SimulatedChain
) -> None:
    other = option_chain(market, ChainConfig(rho=0.3))
    rows = last_chain(other).tradable()
    assert ssvi_fit.fit(*rows.rows).rho == pytest.approx(0.3, abs=0.03)
    assert not within(rows, truth(chain, rows)).all()


def test_streamed_volatilities_are_those_of_the_quotes(chain: SimulatedChain) -> None:
    table = quotes_table(chain)
    assert "true_vol" not in table.columns
    one = analytic("implied_vol")
    vol = run(one, columns_of(one, table))["vol"]
    gap = np.abs(vol - chain.quotes["true_vol"].to_numpy())
    near = np.abs(np.log(table["strike"].to_numpy() / table["forward"].to_numpy())) < 0.05
    assert np.nanmedian(gap[near]) < chain.config.half_spread


def test_futures_carry_what_the_chain_carries(chain: SimulatedChain) -> None:
    one = analytic("dated_basis")
    table = futures_table(chain, 200.0)
    assert table["days"].unique().to_list() == [240.0]
    log = run(one, columns_of(one, table))["log"]
    assert np.median(log) == pytest.approx(chain.config.carry, abs=1e-3)

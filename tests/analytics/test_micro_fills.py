# SPDX-License-Identifier: MIT
"""Chances, queues and waits of fills against simulation, closed forms and other packages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.analytics.fills import (
    cox,
    fill_intensity,
    fill_probability,
    kaplan_meier,
    queue_rates,
    weibull,
)
from seawall.analytics.fills.waits import waits
from seawall.analytics.registry import analytic
from seawall.analytics.spec import Result
from seawall.analytics.spec import run as run_spec
from seawall.model.errors import ResearchError

PAPER = {"arrivals": 1.85, "markets": 0.94, "cancels": 0.71}


def run(name: str, params: dict[str, float] | None = None, **columns: Any) -> Result:
    return run_spec(analytic(name), columns, params)


def chances(params: dict[str, float], n: int = 5) -> Result:
    b, a = np.meshgrid(np.arange(1.0, n + 1), np.arange(1.0, n + 1), indexing="ij")
    return run("fill_probability", params, bid_qty=b.ravel(), ask_qty=a.ravel())


def test_chances_of_an_up_move_are_those_of_the_paper() -> None:
    """Rates of Sky Perfect on the Tokyo exchange; the table has three digits."""
    table = [[0.500, 0.336, 0.259, 0.216, 0.188], [0.664, 0.500, 0.407, 0.348, 0.307],
             [0.741, 0.593, 0.500, 0.437, 0.391], [0.784, 0.652, 0.563, 0.500, 0.452],
             [0.812, 0.693, 0.609, 0.548, 0.500]]  # fmt: skip
    np.testing.assert_allclose(chances(PAPER)["p_up"].reshape(5, 5), table, atol=1.1e-3)


def spectral(params: dict[str, float], n: int = fill_probability.QUEUE) -> tuple[Any, Any]:
    """Survival of a queue of i orders as a sum of exponentials: decays and weights."""
    from scipy.linalg import eigh_tridiagonal

    die = params["markets"] + params["cancels"] * np.arange(1, n + 1)
    born = np.full(n, params["arrivals"])
    born[-1] = 0.0
    values, vectors = eigh_tridiagonal(-(born + die), np.sqrt(born[:-1] * die[1:]))
    root = np.exp(0.5 * np.concatenate(([0.0], np.log(born[:-1] / die[1:]).cumsum())))
    return -values, vectors / root[:, None] * (root @ vectors)[None, :]


@pytest.mark.parametrize(("inside", "patience"), [(0.0, 0.0), (0.4, 0.0), (0.1, 2.0)])
def test_chances_agree_with_the_spectrum_of_the_queues(inside: float, patience: float) -> None:
    decay, weight = spectral(PAPER)
    got = chances({**PAPER, "inside": inside, "patience": patience})
    end = 2 * inside + (1 / patience if patience else 0.0)
    pairs = (decay[:, None] + inside) / (decay[:, None] + decay[None, :] + 2 * inside)
    up = (weight @ pairs @ weight.T)[:5, :5].T
    np.testing.assert_allclose(got["p_up"].reshape(5, 5), up, atol=1e-8)
    for b in range(1, 6):
        rate = PAPER["markets"] + PAPER["cancels"] * np.arange(b + 1)  # it joins behind b
        hit = np.prod(rate[:, None] / (rate[:, None] + decay + end), axis=0)
        expected = (weight[:5] * hit).sum(axis=1)
        np.testing.assert_allclose(got["fill_bid"].reshape(5, 5)[b - 1], expected, atol=1e-8)


def test_the_chance_of_a_fill_is_how_often_it_happens() -> None:
    rng = np.random.default_rng(0)
    lam, mu, theta = PAPER.values()
    runs, filled, up = 20_000, 0, 0
    for _ in range(runs):
        place, ask = 3, 2  # two ahead of the order, two at the ask
        while place > 0 and ask > 0:
            gone = mu + theta * (place - 1)
            u = rng.random() * (gone + lam + mu + theta * ask)
            if u < gone:
                place -= 1
            else:
                ask += 1 if u < gone + lam else -1
        filled += place == 0
    for _ in range(runs):
        bid, ask = 2, 3
        while bid > 0 and ask > 0:
            u = rng.random() * (2 * lam + 2 * mu + theta * (bid + ask))
            if u < 2 * lam:
                bid, ask = (bid + 1, ask) if u < lam else (bid, ask + 1)
            else:
                bid, ask = (bid - 1, ask) if u < 2 * lam + mu + theta * bid else (bid, ask - 1)
        up += ask == 0
    got = run("fill_probability", PAPER, bid_qty=[2.0, 2.0], ask_qty=[2.0, 3.0])
    assert filled / runs == pytest.approx(got["fill_bid"][0], abs=4 * 0.5 / np.sqrt(runs))
    assert up / runs == pytest.approx(got["p_up"][1], abs=4 * 0.5 / np.sqrt(runs))


@settings(max_examples=15, deadline=None)
@given(st.floats(0.0, 20.0), st.floats(0.05, 10.0), st.floats(0.0, 5.0), st.floats(0.0, 5.0))
def test_chances_are_symmetric_ordered_and_within_0_and_1(
    arrivals: float, markets: float, cancels: float, inside: float
) -> None:
    given_ = {"arrivals": arrivals, "markets": markets, "cancels": cancels, "inside": inside}
    up = chances(given_)["p_up"].reshape(5, 5)
    fill = chances(given_)["fill_bid"].reshape(5, 5)
    np.testing.assert_allclose(up + up.T, 1.0, atol=1e-9)
    assert (np.diff(up, axis=0) >= -1e-12).all()
    assert (np.diff(up, axis=1) <= 1e-12).all()
    assert (np.diff(fill, axis=0) <= 1e-12).all()
    assert (np.diff(fill, axis=1) >= -1e-12).all()
    assert fill.min() >= 0.0
    assert fill.max() <= 1.0 + 1e-12


def rows(*table: tuple[float, ...]) -> dict[str, np.ndarray]:
    names = ("ts", "bid_px", "bid_qty", "ask_px", "ask_qty", "price", "qty", "side")
    t = np.array(table, dtype=float)
    columns = {k: t[:, i] for i, k in enumerate(names)}
    columns["ts"] = (t[:, 0] * 1e9).astype(np.int64)
    return columns


def test_an_order_moves_up_by_trades_and_by_its_share_of_cancels() -> None:
    got = run("queue_position", **rows(
        (0, 99, 10, 101, 5, 100, 0, 0),   # joins behind 10
        (1, 99, 14, 101, 5, 100, 0, 0),   # four more behind it
        (2, 99, 14, 101, 5, 99, 3, -1),   # three are sold to the front: 7 ahead of 4
        (3, 99, 11, 101, 5, 100, 0, 0),   # which is what the quote then says
        (4, 99, 5.5, 101, 5, 100, 0, 0),  # half is cancelled: 3.5 ahead
        (5, 99, 5.5, 101, 5, 101, 9, 1),  # somebody buys at the ask: not our queue
        (6, 99, 5.5, 101, 5, 99, 4, -1),  # 3.5 ahead, and the order
        (6, 99, 5.5, 101, 5, 99, 2, -1),  # the same sweep goes on: nothing joins that book
        (7, 98, 6, 101, 5, 100, 0, 0),    # the next one joins behind 6
        (9, 98.5, 1, 101, 5, 100, 0, 0),  # and is left behind
    ))  # fmt: skip
    assert got["outcome"].tolist() == [0, 0, 0, 0, 0, 0, 1, 0, 0, 2]
    np.testing.assert_allclose(got["ahead"][:6], [10, 10, 7, 7, 3.5, 3.5])
    assert got["seconds"][6] == 6.0
    assert np.isnan(got["ahead"][7])
    assert got["ahead"][8] == 6.0
    assert got["seconds"][9] == 2.0
    assert got["fill_rate"][-1] == 0.5
    assert got["ended"][-1] == 2.0


def test_an_order_is_filled_when_the_price_goes_through_it() -> None:
    through = run("queue_position", **rows(
        (0, 99, 10, 101, 5, 100, 0, 0), (1, 99, 10, 101, 5, 98.5, 1, -1)))  # fmt: skip
    assert through["outcome"].tolist() == [0, 1]
    crossed = run("queue_position", **rows(
        (0, 99, 10, 101, 5, 100, 0, 0), (1, 98, 1, 100, 5, 99, 0, 0),
        (2, 98, 1, 99, 5, 99, 0, 0)))  # fmt: skip
    assert crossed["outcome"].tolist() == [0, 0, 1]
    assert crossed["ahead"][1] == 0.0  # alone at its price


def test_an_order_to_sell_is_the_mirror_of_one_to_buy() -> None:
    rng = np.random.default_rng(1)
    n = 2_000
    mid = 100.0 + 0.5 * rng.integers(-1, 2, n).cumsum()
    qty = np.where(rng.random(n) < 0.3, rng.lognormal(size=n), 0.0)
    side = np.where(qty > 0, rng.choice([-1.0, 1.0], n), 0.0)
    one = {"ts": np.arange(n), "bid_px": mid - 0.5, "bid_qty": rng.lognormal(size=n),
           "ask_px": mid + 0.5, "ask_qty": rng.lognormal(size=n), "price": mid + 0.5 * side,
           "qty": qty, "side": side}  # fmt: skip
    other = {**one, "bid_px": 1_000 - one["ask_px"], "ask_px": 1_000 - one["bid_px"],
             "bid_qty": one["ask_qty"], "ask_qty": one["bid_qty"], "price": 1_000 - one["price"],
             "side": -side}  # fmt: skip
    buy, sell = run("queue_position", **one), run("queue_position", {"buy": -1}, **other)
    assert buy["ended"][-1] > 100
    np.testing.assert_allclose(buy.values, sell.values, atol=1e-12)


def test_rates_of_a_made_up_market_are_found() -> None:
    """Poisson queues at a price that stands; the stock of orders is known."""
    rng = np.random.default_rng(2)
    lam, mu, theta = 3.0, 1.0, 0.1
    t, bid, ask, table = 0.0, 20, 20, [(0.0, 99.0, 20.0, 100.0, 20.0, 99.5, 0.0, 0.0)]
    for _ in range(60_000):
        rates = np.array([lam, lam, mu, mu, theta * bid, theta * ask])
        t += rng.exponential(1.0 / rates.sum())
        what = int(rng.choice(6, p=rates / rates.sum()))
        if what >= 2 and (bid, ask)[what % 2] == 1:
            continue
        if what in (2, 3):
            price, side = ((99.0, -1.0), (100.0, 1.0))[what % 2]
            table.append((t, 99.0, bid, 100.0, ask, price, 1.0, side))
        change = 1 if what < 2 else -1
        bid, ask = (bid + change, ask) if what % 2 == 0 else (bid, ask + change)
        table.append((t, 99.0, bid, 100.0, ask, 99.5, 0.0, 0.0))
    got = queue_rates.fit(**rows(*table))
    assert got.unit == pytest.approx(1.0)
    assert got.arrivals == pytest.approx(lam, rel=0.03)
    assert got.markets == pytest.approx(mu, rel=0.05)
    assert got.cancels == pytest.approx(theta, rel=0.05)
    assert got.wide_share == 0.0
    with pytest.raises(ResearchError, match="arrivals"):
        queue_rates.fit(**rows(*table[:1]))


def test_the_reach_of_trades_falls_as_it_was_made_to() -> None:
    rng = np.random.default_rng(3)
    n = 60_000
    time = rng.exponential(0.1, n).cumsum()
    side = rng.choice([-1.0, 1.0], n)
    away = rng.exponential(2.0, n)  # basis points: rate 5 exp(-d / 2) per side
    got = fill_intensity.fit(
        (time * 1e9).astype(np.int64), np.full(n, 100.0), 100.0 * (1 + side * away * 1e-4), side
    )
    assert got.k == pytest.approx(0.5, rel=0.05)
    assert got.a == pytest.approx(5.0, rel=0.1)
    assert got.r2 > 0.99
    with pytest.raises(ResearchError, match="thirty"):
        fill_intensity.fit(np.arange(9), np.ones(9), np.ones(9), np.ones(9))


def lives(seed: int, n: int = 700) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    true = rng.weibull(1.3, n) * np.exp(-(x @ [0.5, -0.3, 0.0]) / 1.3)
    until = rng.exponential(1.5, n)
    return np.round(np.minimum(true, until), 3) + 0.001, (true <= until).astype(float), x


def test_kaplan_and_meier_agree_with_statsmodels() -> None:
    sm = pytest.importorskip("statsmodels.api")
    t, d, _ = lives(4)
    got, theirs = kaplan_meier.fit(t, d), sm.SurvfuncRight(t, d)
    np.testing.assert_allclose(got.seconds, theirs.surv_times)
    np.testing.assert_allclose(got.waiting, theirs.surv_prob, atol=1e-13)
    np.testing.assert_array_equal(got.at_risk, theirs.n_risk)
    assert got.median == theirs.quantile(0.5)
    at = 20
    se = theirs.surv_prob_se[at] / (theirs.surv_prob[at] * abs(np.log(theirs.surv_prob[at])))
    assert got.low[at] == pytest.approx(theirs.surv_prob[at] ** np.exp(1.96 * se), rel=1e-4)
    assert got.chance(0.0) == 0.0
    assert got.chance(t.max()) == 1.0 - got.waiting[-1]


def test_without_withdrawals_the_curve_is_the_share_that_waits() -> None:
    t = np.array([3.0, 1.0, 2.0, 2.0])
    got = kaplan_meier.fit(t, np.ones(4))
    assert got.waiting.tolist() == [0.75, 0.25, 0.0]
    assert got.mean == pytest.approx(t.mean())
    with pytest.raises(ResearchError, match="none of"):
        kaplan_meier.fit(t, np.zeros(4))


def test_weibull_agrees_with_scipy_and_is_no_worse() -> None:
    from scipy import stats

    t, d, _ = lives(5)
    got = weibull.fit(t, d)
    c, _, scale = stats.weibull_min.fit(
        stats.CensoredData(uncensored=t[d > 0], right=t[d == 0]), floc=0
    )
    assert got.shape == pytest.approx(c, rel=1e-3)
    assert got.scale == pytest.approx(scale, rel=1e-3)

    def loglik(shape: float, size: float) -> float:
        law = stats.weibull_min(shape, scale=size)
        return float(law.logpdf(t[d > 0]).sum() + law.logsf(t[d == 0]).sum())

    assert got.loglik == pytest.approx(loglik(got.shape, got.scale), abs=1e-8)
    assert got.loglik >= loglik(c, scale) - 1e-9
    assert got.loglik_exponential == pytest.approx(loglik(1.0, t.sum() / d.sum()), abs=1e-8)
    # Errors: curvature of the likelihood by differences.
    h = 1e-4
    curve = np.empty((2, 2))
    x = np.array([got.shape, got.scale])
    for i in range(2):
        for j in range(2):
            e, f = np.eye(2)[i] * h, np.eye(2)[j] * h
            curve[i, j] = -(loglik(*(x + e + f)) - loglik(*(x + e - f)) - loglik(*(x - e + f))
                            + loglik(*(x - e - f))) / (4 * h * h)  # fmt: skip
    errors = np.sqrt(np.diag(np.linalg.inv(curve)))
    np.testing.assert_allclose([got.shape_error, got.scale_error], errors, rtol=1e-3)


def test_cox_agrees_with_statsmodels() -> None:
    ph = pytest.importorskip("statsmodels.duration.hazard_regression")
    t, d, x = lives(6)
    x = 3.0 + 10.0 * x  # no matter where covariates are centred
    got = cox.fit(t, d, x)
    theirs = ph.PHReg(t, x, status=d, ties="breslow").fit()
    np.testing.assert_allclose(got.beta, theirs.params, atol=1e-9)
    np.testing.assert_allclose(got.errors, theirs.bse, rtol=1e-6)
    assert got.loglik == pytest.approx(theirs.llf, abs=1e-8)
    assert 0.55 < got.concordance < 0.8
    assert np.diff(got.baseline).min() > 0.0
    np.testing.assert_allclose(got.hazard_ratio, np.exp(got.beta))


def test_covariates_that_tell_nothing_or_all_are_refused() -> None:
    t, d, x = lives(7, 100)
    with pytest.raises(ResearchError, match="never varies"):
        cox.fit(t, d, np.ones((100, 1)))
    with pytest.raises(ResearchError, match="depend"):
        cox.fit(t, d, np.column_stack((x[:, 0], 2 * x[:, 0])))
    # The largest covariate is always filled next: the likelihood grows for ever.
    with pytest.raises(ResearchError):
        cox.fit(np.arange(1.0, 31.0), np.ones(30), -np.arange(30.0)[:, None])


@settings(max_examples=25, deadline=None)
@given(st.floats(1e-3, 1e6), st.integers(0, 2**31))
def test_laws_of_waits_scale_with_the_unit_of_time(unit: float, seed: int) -> None:
    t, d, _ = lives(seed, 120)
    one, two = weibull.fit(t, d), weibull.fit(unit * t, d)
    assert two.shape == pytest.approx(one.shape, rel=1e-9)
    assert two.scale == pytest.approx(unit * one.scale, rel=1e-9)
    assert kaplan_meier.fit(unit * t, d).mean == pytest.approx(
        unit * kaplan_meier.fit(t, d).mean, rel=1e-9
    )


def test_waits_know_what_was_known_when_the_order_joined() -> None:
    got = waits(rows(
        (0, 99, 10, 101, 30, 100, 0, 0), (1, 99, 9, 101, 5, 100, 0, 0),
        (2, 99, 9, 101, 5, 99, 20, -1),   # filled
        (2, 99, 9, 101, 5, 99, 2, -1),    # the same book: nothing joins
        (3, 98, 4, 102, 4, 100, 0, 0),    # the next one joins
        (5, 98.5, 2, 102, 6, 100, 0, 0),  # it is left behind, the third joins
        (6, 98.5, 2, 102, 6, 98, 1, -1),  # and is filled by a trade through its price
    ))  # fmt: skip
    assert got.joined.tolist() == [0, 4, 5]
    assert got.ended.tolist() == [2, 5, 6]
    assert got.duration.tolist() == [2.0, 2.0, 1.0]
    assert got.observed.tolist() == [1.0, 0.0, 1.0]
    np.testing.assert_allclose(got.covariates[:, 0], np.log([10, 4, 2]))
    np.testing.assert_allclose(got.covariates[:, 1], [-0.5, 0.0, -0.5])
    with pytest.raises(ResearchError, match="no order"):
        waits(rows((0, 99, 10, 101, 30, 100, 0, 0)))

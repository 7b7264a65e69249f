# SPDX-License-Identifier: MIT
"""Networks of instruments against networkx, numpy, statsmodels and closed forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.analytics.networks import (
    contagion,
    mst,
    percolation,
    rmt,
    spillover,
    tail_dependence,
    tree,
)
from seawall.analytics.networks.panel import correlation
from seawall.analytics.registry import analytic
from seawall.analytics.spec import run
from seawall.model.errors import ResearchError


def market(rows: int, n: int, seed: int = 0, common: float = 1.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    loads = rng.uniform(0.5, 1.5, n)
    return 0.01 * (common * rng.normal(size=(rows, 1)) * loads + rng.normal(size=(rows, n)))


def graph(c: np.ndarray) -> nx.Graph:
    """Complete graph with Mantegna's distances."""
    made = nx.Graph()
    for i in range(c.shape[0]):
        for j in range(i):
            made.add_edge(i, j, weight=np.sqrt(2 * (1 - c[i, j])))
    return made


def test_distances_are_mantegnas() -> None:
    got = mst.distance(np.array([0.9, 0.5, 0.0, -1.0, 1.0]))
    assert got == pytest.approx([0.4472136, 1.0, 1.4142136, 2.0, 0.0], abs=1e-7)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(3, 25))
def test_the_tree_and_its_measures_are_those_of_networkx(seed: int, n: int) -> None:
    x = market(60, n, seed)
    c = correlation(x)
    got = mst.tree_of(c, 60)
    wanted = nx.minimum_spanning_tree(graph(c))
    assert {tuple(e) for e in got.edges.tolist()} == {tuple(sorted(e)) for e in wanted.edges}
    total = sum(d["weight"] for *_, d in wanted.edges(data=True))
    assert got.length == pytest.approx(total / (n - 1), rel=1e-9)
    assert got.degree.tolist() == [wanted.degree[k] for k in range(n)]
    between = nx.betweenness_centrality(wanted)
    assert np.allclose(got.between, [between[k] for k in range(n)])
    assert got.diameter == nx.diameter(wanted)
    steps = nx.shortest_path_length(wanted, got.centre)
    assert got.layer == pytest.approx(sum(steps.values()) / (n - 1))
    assert got.max_degree == max(dict(wanted.degree).values())


def test_positions_show_the_tree_at_the_scale_of_its_links() -> None:
    got = mst.fit(market(300, 20), samples=0)
    places = got.positions()
    assert np.abs(places[got.centre]).max() == 0.0
    ends = places[got.edges]
    drawn = np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1)
    assert np.median(drawn) == pytest.approx(got.length, rel=0.25)
    gaps = np.linalg.norm(places[:, None] - places[None], axis=2)
    assert gaps[np.triu_indices(20, 1)].min() > 0.1 * got.length  # no two on one spot
    again = mst.fit(market(300, 20), samples=0)
    assert np.array_equal(again.positions(), places)
    wanted = dict(nx.all_pairs_shortest_path_length(nx.Graph(got.edges.tolist())))
    assert tree.hops(got.edges).tolist() == [[wanted[i][j] for j in range(20)] for i in range(20)]


def test_two_instruments_make_a_tree_and_perfect_ones_keep_their_link() -> None:
    x = market(50, 3)
    x[:, 2] = x[:, 0]  # a distance of 0 is a link like any other
    got = mst.fit(x, samples=0)
    assert [0, 2] in got.edges.tolist()
    pair = mst.fit(x[:, :2], samples=0)
    assert pair.edges.tolist() == [[0, 1]]
    assert pair.between.tolist() == [0.0, 0.0]


def test_links_of_noise_are_not_reliable_and_those_of_a_hub_are() -> None:
    rng = np.random.default_rng(0)
    noise = mst.fit(rng.normal(size=(200, 12)), samples=50, block=5)
    hub = rng.normal(size=(200, 1))
    star = mst.fit(
        np.concatenate((hub, hub + 0.5 * rng.normal(size=(200, 11))), axis=1), samples=50
    )
    assert star.centre == 0
    assert star.max_degree == 11
    assert star.mean_reliability > 0.95 > 0.7 > noise.mean_reliability


def test_the_edges_of_the_noise_are_those_of_marchenko_and_pastur() -> None:
    assert rmt.edges(1_000, 100) == pytest.approx((0.46754, 1.73246), abs=1e-5)
    rng = np.random.default_rng(1)
    got = rmt.fit(rng.normal(size=(2_000, 100)))
    assert got.informative <= 1
    assert got.eigenvalues.max() == pytest.approx(got.high, rel=0.03)
    assert got.eigenvalues.min() == pytest.approx(got.low, rel=0.05)
    assert np.allclose(got.cleaned, np.eye(100), atol=0.02)


def test_cleaning_brings_a_correlation_nearer_to_the_true_one() -> None:
    rng = np.random.default_rng(2)
    loads = np.zeros((60, 3))
    loads[:, 0], loads[:30, 1], loads[30:, 2] = 0.6, 0.4, 0.5
    true = loads @ loads.T
    true /= np.sqrt(np.outer(np.diag(true) + 0.5, np.diag(true) + 0.5))
    np.fill_diagonal(true, 1.0)
    x = rng.multivariate_normal(np.zeros(60), true, 150)
    got = rmt.fit(x)
    assert got.informative == 2
    raw = np.linalg.norm(correlation(x) - true)
    assert np.linalg.norm(got.cleaned - true) < 0.85 * raw
    assert np.allclose(np.diag(got.cleaned), 1.0)
    assert np.linalg.eigvalsh(got.cleaned).min() > 0.0
    assert got.eigenvalues.sum() == pytest.approx(60.0)


def test_the_rolling_network_is_the_tree_of_each_window() -> None:
    x = market(120, 8, 3)
    w = 40
    got = run(analytic("rolling_network"), {"returns": x}, {"window": w, "threshold": 0.5})
    before: set[tuple[int, int]] = set()
    for i in range(w - 1, 120):
        c = correlation(x[i - w + 1 : i + 1])
        one = mst.tree_of(c, w)
        links = {tuple(e) for e in one.edges.tolist()}
        assert got["length"][i] == pytest.approx(one.length, rel=1e-9)
        assert got["mean_correlation"][i] == pytest.approx(one.mean_correlation, rel=1e-9)
        assert got["max_degree"][i] == pytest.approx(one.max_degree / 7)
        if before:
            assert got["survival"][i] == pytest.approx(len(links & before) / 7)
        before = links
        joined = nx.from_numpy_array((c >= 0.5) & ~np.eye(8, dtype=bool))
        giant = max(len(part) for part in nx.connected_components(joined))
        assert got["giant"][i] == pytest.approx(giant / 8)


def test_the_absorption_ratio_is_the_share_of_the_largest_eigenvalues() -> None:
    x = market(200, 10, 4)
    h, long, short = 30.0, 60, 10
    params = {"half_life": h, "long": long, "short": short}
    got = run(analytic("absorption_ratio"), {"returns": x}, params)
    for i in (9, 50, 199):
        weight = 0.5 ** (np.arange(i, -1, -1) / h)
        values = np.linalg.eigvalsh(
            np.corrcoef(x[: i + 1].T) if h > 1e9 else _weighted_correlation(x[: i + 1], weight)
        )
        assert got["absorption"][i] == pytest.approx(values[-2:].sum() / 10, rel=1e-9)
        assert got["first"][i] == pytest.approx(values[-1] / 10, rel=1e-9)
    ratio = got["absorption"]
    past = ratio[199 - long + 1 :]
    wanted = (ratio[199 - short + 1 :].mean() - past.mean()) / past.std()
    assert got["shift"][199] == pytest.approx(wanted, rel=1e-9)
    held = run(analytic("absorption_ratio"), {"returns": x}, params | {"every": 7})["absorption"]
    assert np.unique(held[np.isfinite(held)]).size == pytest.approx(191 / 7, abs=2)


def _weighted_correlation(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    d = x - np.average(x, axis=0, weights=weight)
    c = (weight[:, None] * d).T @ d
    scale = np.sqrt(np.diag(c))
    return c / np.outer(scale, scale)


def test_an_instrument_that_leaves_the_market_is_named() -> None:
    x = market(900, 9, 5, common=2.0)
    rng = np.random.default_rng(6)
    x[800:, 4] = 0.02 * rng.normal(size=100)
    got = run(analytic("decorrelation"), {"returns": x}, {"fast": 12.0, "slow": 300.0})
    assert (got["worst"][840:] == 4).mean() > 0.95
    assert np.median(got["worst_z"][840:]) > 3.3
    assert np.median(got["worst_z"][400:800]) < 3.0
    assert np.abs(got["z"][400:800]).mean() < 1.5
    market_left = x.copy()
    market_left[800:] = 0.01 * rng.normal(size=(100, 9))
    alone = run(analytic("decorrelation"), {"returns": market_left}, {"fast": 12.0, "slow": 300.0})
    assert np.median(alone["z"][840:]) > 4.0


def test_the_adjusted_correlation_is_the_published_one() -> None:
    assert contagion.adjust(np.array([0.8]), 8.0)[0] == pytest.approx(0.406, abs=5e-4)
    assert contagion.adjust(np.array([0.8]), 0.0)[0] == pytest.approx(0.8)


def test_more_volatility_alone_is_not_contagion_and_a_new_link_is() -> None:
    rng = np.random.default_rng(7)
    shock = rng.normal(size=(800, 1)) * np.where(np.arange(800) < 500, 1.0, 3.0)[:, None]
    x = np.concatenate((shock, 0.5 * shock + rng.normal(size=(800, 6))), axis=1)
    same = contagion.fit(x, split=500)
    assert same.rises == 6
    assert same.found_plain == 6  # without the adjustment all of it looks like contagion
    assert same.found == 0
    assert np.nanmean(same.adjusted) == pytest.approx(np.nanmean(same.calm), abs=0.06)
    linked = x.copy()
    linked[500:, 1:] += 2.0 * shock[500:]
    assert contagion.fit(linked, split=500).found == 6
    assert contagion.fit(x, split=0.625).calm_rows == 500


def test_holm_equals_statsmodels() -> None:
    multi = pytest.importorskip("statsmodels.stats.multitest")
    p = np.random.default_rng(0).uniform(0, 0.2, 20)
    assert np.allclose(contagion.holm(p), multi.multipletests(p, method="holm")[1])


def test_the_autoregression_and_its_answers_are_those_of_statsmodels() -> None:
    api = pytest.importorskip("statsmodels.tsa.api")
    rng = np.random.default_rng(8)
    x = np.zeros((400, 3))
    a = np.array([[0.4, 0.2, 0.0], [0.0, 0.3, 0.1], [0.1, 0.0, 0.5]])
    for t in range(1, 400):
        x[t] = a @ x[t - 1] + rng.normal(size=3) @ np.array([[1, 0.3, 0], [0, 1, 0], [0, 0, 1.0]])
    wanted = api.VAR(x).fit(2, trend="c")
    coefficients, covariance = spillover.autoregression(x, 2)
    assert np.allclose(coefficients, wanted.coefs, atol=1e-9)
    assert np.allclose(covariance, wanted.sigma_u, atol=1e-9)
    answers = spillover.moving_average(coefficients, 10)
    assert np.allclose(answers, wanted.ma_rep(9), atol=1e-9)
    table = np.zeros((3, 3))
    for i in range(3):
        below = sum(m[i] @ covariance @ m[i] for m in answers)
        for j in range(3):
            above = sum((m[i] @ covariance[:, j]) ** 2 for m in answers)
            table[i, j] = above / covariance[j, j] / below
    table /= table.sum(axis=1, keepdims=True)
    assert np.allclose(spillover.shares(answers, covariance), table)
    got = spillover.fit(x)  # standardising the columns changes no share
    assert np.allclose(got.table, table, atol=1e-8)
    assert got.total == pytest.approx(1 - np.trace(table) / 3)
    assert got.net.sum() == pytest.approx(0.0, abs=1e-12)
    assert got.radius < 1.0


def test_spillovers_of_independent_columns_are_small_and_of_a_leader_point_away_from_it() -> None:
    rng = np.random.default_rng(9)
    x = rng.normal(size=(2_000, 3))
    assert spillover.fit(x).total < 0.02
    x[1:, 1] += 0.8 * x[:-1, 0]
    x[1:, 2] += 0.8 * x[:-1, 0]
    got = spillover.fit(x)
    assert np.argmax(got.net) == 0
    assert got.at_once < 0.02  # nothing came together
    assert got.table[1, 0] == pytest.approx(0.64 / 1.64, abs=0.04)
    ends, totals = spillover.rolling(x, 500, 250)
    assert ends.tolist() == [499, 749, 999, 1249, 1499, 1749, 1999]
    assert totals[-1] == spillover.fit(x[1_500:]).total


@pytest.mark.parametrize(
    "fit", [mst.fit, rmt.fit, contagion.fit, percolation.fit, spillover.fit, tail_dependence.fit]
)
def test_bad_panels_are_refused_and_incomplete_rows_left_out(fit: Callable[..., Any]) -> None:
    good = market(200, 4)
    still = good.copy()
    still[:, 2] = 0.0
    for bad in (np.zeros((0, 4)), good[:, :1], good[:5], still, np.full((200, 4), np.nan), good[0]):
        with pytest.raises(ResearchError):
            fit(bad)
    holes = np.insert(good, [10, 40], np.nan, axis=0)
    got = fit(holes)
    if fit is not contagion.fit:  # whose split moves with the rows
        assert got.rows == 200


def test_too_many_coefficients_and_impossible_splits_are_refused() -> None:
    with pytest.raises(ResearchError, match="too few"):
        spillover.fit(market(60, 10), lags=3)
    for split in (2, 199):
        with pytest.raises(ResearchError, match="leave nothing"):
            contagion.fit(market(200, 4), split=split)
    with pytest.raises(ResearchError, match="leave nothing"):
        contagion.fit(market(200, 4), source=9)

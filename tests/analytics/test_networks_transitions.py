# SPDX-License-Identifier: MIT
"""Percolation and tail dependence of many instruments."""

from __future__ import annotations

from types import ModuleType

import networkx as nx
import numpy as np
import pytest

from seawall.analytics.networks import percolation, tail_dependence
from seawall.analytics.networks.panel import correlation


def market(rows: int, n: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    loads = rng.uniform(0.5, 1.5, n)
    return 0.01 * (rng.normal(size=(rows, 1)) * loads + rng.normal(size=(rows, n)))


def test_percolation_is_that_of_the_graph_at_every_strength() -> None:
    c = correlation(market(80, 12, 3))
    strength, order, rest = percolation.curves(c)
    for t, g, x in zip(strength, order, rest, strict=True):
        parts = nx.connected_components(nx.from_numpy_array((c >= t) & ~np.eye(12, dtype=bool)))
        sizes = sorted(len(p) for p in parts)
        assert g == sizes[-1] / 12
        assert x == pytest.approx(sum(s * s for s in sizes[:-1]) / 12)
    assert order[-1] == 1.0
    assert rest[-1] == 0.0


def test_a_market_percolates_above_chance_and_noise_does_not() -> None:
    tied = percolation.fit(market(300, 20), samples=40)
    assert tied.half > tied.null_half + 0.2
    assert tied.whole <= tied.half <= 1.0
    rng = np.random.default_rng(0)
    loose = [percolation.fit(rng.normal(size=(300, 20)), samples=40, seed=k) for k in range(10)]
    assert np.mean([f.half > f.null_half for f in loose]) < 0.4


def test_the_coefficient_of_tail_dependence_equals_the_oracle(oracle: ModuleType) -> None:
    for case in oracle.cases("tails", "tails.t_copula_lambda"):
        pairs = zip(case.inputs["rho"], case.inputs["nu"], strict=True)
        got = [float(tail_dependence.coefficient(np.array(r), nu)) for r, nu in pairs]
        oracle.check(case, {"lambda": got})
    assert tail_dependence.coefficient(np.array(1.0), 4.0) == pytest.approx(1.0)


def test_the_likelihood_of_the_copula_is_that_of_scipy() -> None:
    from scipy.stats import multivariate_t, t

    rng = np.random.default_rng(0)
    ranks = np.argsort(np.argsort(rng.normal(size=(50, 3)), axis=0), axis=0) + 1
    rho = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, -0.3], [0.2, -0.3, 1.0]])
    for nu in (2.5, 7.0, 60.0):
        z = t(nu).ppf(ranks / 51.0)
        wanted = multivariate_t(np.zeros(3), rho, df=nu).logpdf(z).sum() - t(nu).logpdf(z).sum()
        assert tail_dependence.copula_loglik(ranks, rho, nu) == pytest.approx(wanted, rel=1e-9)


def test_a_t_copula_is_found_again_and_a_normal_one_has_no_tail() -> None:
    rng = np.random.default_rng(1)
    rho = np.full((4, 4), 0.6) + 0.4 * np.eye(4)
    z = rng.multivariate_normal(np.zeros(4), rho, 4_000)
    normal = tail_dependence.fit(np.exp(z), samples=50)  # the margins do not matter
    heavy = tail_dependence.fit(z / np.sqrt(rng.chisquare(4, (4_000, 1)) / 4), samples=50)
    assert normal.nu > 25
    assert normal.mean_lambda < 0.12
    assert heavy.nu == pytest.approx(4.0, abs=0.8)
    assert np.allclose(heavy.correlation, rho, atol=0.04)
    wanted = tail_dependence.coefficient(np.array(0.6), 4.0)
    assert heavy.mean_lambda == pytest.approx(wanted, abs=0.05)
    assert heavy.lower > wanted > normal.mean_lambda
    assert heavy.asymmetry_p > 0.05


def test_joint_falls_that_outnumber_joint_rises_are_noticed() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(3_000, 5))
    crash = rng.random(3_000) < 0.03
    x[crash] -= 4.0
    got = tail_dependence.fit(x, samples=100, block=5)
    assert got.lower > 0.4
    assert got.upper < 0.1
    assert got.asymmetry_p < 0.02
    calm = [tail_dependence.fit(rng.normal(size=(500, 3)), samples=60, block=1, seed=k).asymmetry_p
            for k in range(20)]  # fmt: skip
    assert np.mean(np.array(calm) < 0.1) < 0.35

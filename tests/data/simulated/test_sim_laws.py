# SPDX-License-Identifier: MIT
"""Layers of the simulator against published laws of the models they come from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from seawall.data.simulated import layout as at
from seawall.data.simulated.facts.stats import acf, power_slope
from seawall.data.simulated.flow import meta_sign
from seawall.data.simulated.zero_intelligence import zero_intelligence

from .sim_helpers import MID, bare_venue, command, feed

LAMBDA, MU, THETA = 1.85, 0.94, 0.71  # Cont, Stoikov and Talreja (2010), at the touch


def first_to_empty(w: at.World, rng: np.random.Generator, bids: int, asks: int) -> int:
    """Play unit orders at both touches until one side is gone; 1 when it is the ask."""
    ids: dict[int, list[int]] = {1: [], -1: []}

    def add(side: int) -> None:
        px = MID if side > 0 else MID + 1
        ids[side].append(int(feed(w, command(0, side, px, 1, agent=2 if side > 0 else 3))[0]["id"]))

    for side, n in ((1, bids), (-1, asks)):
        for _ in range(n):
            add(side)
    while ids[1] and ids[-1]:
        n, m = len(ids[1]), len(ids[-1])
        rates = np.array([LAMBDA, LAMBDA, MU, MU, THETA * n, THETA * m])
        what = int(np.searchsorted(np.cumsum(rates), rng.random() * rates.sum()))
        side = 1 if what % 2 == 0 else -1
        if what < 2:
            add(side)
        elif what < 4:
            lines = feed(w, command(0, -side, MID if side > 0 else MID + 1, 1, 4, at.IOC))
            ids[side].remove(int(lines[lines["type"] == at.EXEC]["id"][0]))
        else:
            feed(w, command(0, 0, 0, 0, 2 if side > 0 else 3, id_=ids[side].pop(int(rng.integers(
                len(ids[side]))))))  # fmt: skip
    up = int(not ids[-1])
    for side in (1, -1):
        for id_ in ids[side]:
            feed(w, command(0, 0, 0, 0, 2 if side > 0 else 3, id_=id_))
    w.ctr[at.C_LOG] = 0
    return up


@pytest.mark.parametrize(
    ("bids", "asks", "published"), [(1, 2, 0.335), (3, 1, 0.741), (2, 3, 0.407), (4, 4, 0.500)]
)
def test_the_next_move_is_up_as_often_as_in_the_published_queue_model(
    bids: int, asks: int, published: float
) -> None:
    w, rng, n = bare_venue(), np.random.default_rng(5), 600
    ups = sum(first_to_empty(w, rng, bids, asks) for _ in range(n))
    error = (published * (1 - published) / n) ** 0.5
    assert abs(ups / n - published) < 3 * error


def spread(mu: float, alpha: float, delta: float) -> float:
    w = bare_venue()._replace(held=np.zeros(1 << 16, np.int64))
    return zero_intelligence(w, alpha, mu, delta, int(6 * mu / alpha), 400_000, 40_000)


@pytest.mark.parametrize(
    ("mu", "alpha", "delta"), [(1.0, 0.01, 0.1), (1.0, 0.01, 0.2), (2.0, 0.02, 0.6)]
)
def test_the_zero_intelligence_spread_follows_the_published_form(
    mu: float, alpha: float, delta: float
) -> None:
    form = mu / alpha * (0.28 + 1.86 * (delta / mu) ** 0.75)
    assert spread(mu, alpha, delta) == pytest.approx(form, rel=0.15)


def test_the_zero_intelligence_spread_scales_with_the_characteristic_price() -> None:
    # Both rates per time doubled, the same book; placement halved, twice the price scale.
    assert spread(2.0, 0.02, 0.2) == pytest.approx(spread(1.0, 0.01, 0.1), rel=0.03)
    assert spread(1.0, 0.005, 0.1) == pytest.approx(2 * spread(1.0, 0.01, 0.1), rel=0.05)


def test_signs_of_split_orders_remember_with_the_exponent_of_their_lengths() -> None:
    from seawall.data.simulated.build import build
    from seawall.data.simulated.config import preset
    from seawall.data.simulated.kernel import start

    lags = tuple(int(x) for x in np.unique(np.geomspace(10, 1_000, 15)))
    total = np.zeros(len(lags))
    for seed in range(1, 6):
        w = build(replace(preset("small"), seed=seed), np.zeros(0, at.SCRIPT), 0)
        start(w, 0)
        total += acf(np.array([meta_sign(w, 0) for _ in range(150_000)], dtype=float), lags)
    # Lillo, Mike and Farmer: lengths of tail 1.5 give an autocorrelation of exponent 0.5.
    decay = -power_slope(np.array(lags, dtype=float), total)
    assert decay == pytest.approx(0.5, abs=0.15)

# SPDX-License-Identifier: MIT
"""Random numbers and elementary functions of the simulator, against numpy and scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from seawall.data.simulated import layout as at
from seawall.data.simulated.rng import draw, elementary, seed_streams

from .sim_helpers import bare_venue

_M = (1 << 64) - 1


def xoshiro(state: list[int]) -> int:
    """xoshiro256++ as published, on Python integers."""

    def rotl(x: int, k: int) -> int:
        return ((x << k) | (x >> (64 - k))) & _M

    s = state
    result = (rotl((s[0] + s[3]) & _M, 23) + s[0]) & _M
    t = (s[1] << 17) & _M
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= t
    s[3] = rotl(s[3], 45)
    return result


def test_the_generator_is_xoshiro256_plus_plus() -> None:
    w = bare_venue()
    state = [int(x) for x in w.rng[3]]
    expected = [((xoshiro(state) >> 11) + 0.5) / 2**53 for _ in range(100)]
    assert [draw(w, 3, 0) for _ in range(100)] == expected


def test_streams_of_one_seed_and_of_two_seeds_differ() -> None:
    a, b = seed_streams(1, at.STREAMS), seed_streams(2, at.STREAMS)
    assert len({tuple(r) for r in np.concatenate([a, b]).tolist()}) == 2 * at.STREAMS


@pytest.mark.parametrize(("kind", "law"), [(0, "uniform"), (1, "expon"), (2, "norm")])
def test_draws_follow_their_law(kind: int, law: str) -> None:
    w = bare_venue()
    x = np.array([draw(w, 1, kind) for _ in range(20_000)])
    assert stats.kstest(x, law).pvalue > 1e-3


def test_logarithm_and_exponential_are_right_to_twelve_places() -> None:
    for x in np.geomspace(1e-12, 1e12, 500):
        assert math.isclose(elementary(0, float(x)), math.log(x), rel_tol=1e-11, abs_tol=1e-12)
    for x in np.linspace(-600, 600, 500):
        assert math.isclose(elementary(1, float(x)), math.exp(x), rel_tol=1e-11)

# SPDX-License-Identifier: MIT
"""Attacks on what admission learns: its scale of agreement and its lasting differences.

The attacker reads the state, so that it is always as near to the limit as it wants to be.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.admission import Admission, AdmissionSettings, Decision
from seawall.admission.decision import SURPLUS, SUSPENSIONS
from seawall.admission.kernel import layout as at

T0 = 1_700_000_000_000_000_000
S = 1_000_000_000
LEARNT = 120
"""Seconds of honesty before an attack."""

FINE = (Decision.ADMITTED, *SURPLUS)
Floats = npt.NDArray[np.float64]
Lie = Callable[["Feed", int, int], float | Floats]
"""Offset of a liar from the truth: of the feed, its row and how many samples it gives."""


@dataclass
class Feed:
    """Noisy copies of one random walk; the last ``liars`` of the sources lie."""

    sources: int
    liars: int = 0
    noise: float = 1e-4
    rate: int = 20
    seed: int = 1
    truth: float = 11.0
    second: int = 0
    scales: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    passed: float = 0.0

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.judge = Admission(AdmissionSettings())
        self.judge.enroll_all((f"venue{k}|BTC/USDT|trades", "BTC") for k in range(self.sources))

    @property
    def scale(self) -> float:
        """Scale of agreement of the group."""
        return float(self.judge.state.groups[1, at.G_SCALE])

    def allowed(self, row: int) -> float:
        """Scale that holds for a source."""
        own = float(self.judge.state.floats[row, at.SCALE])
        return min(max(own, self.scale), 3.0 * self.scale)

    def basis(self, row: int) -> float:
        """Lasting difference learned for a source."""
        return float(self.judge.state.floats[row, at.BASIS])

    def trust(self) -> Floats:
        """Trust of the honest sources."""
        return np.array(self.judge.state.floats[1 : self.sources - self.liars + 1, at.TRUST])

    def run(self, seconds: int, lie: Lie | None = None, *, wider: float = 1.0) -> None:
        """Let time pass."""
        n = self.rate * self.sources
        for _ in range(seconds):
            ts = T0 + self.second * S + np.sort(self.rng.integers(0, S, n))
            stream = self.rng.integers(0, self.sources, n)
            walk = self.truth + np.cumsum(self.rng.normal(0, 5e-5 * wider / math.sqrt(n), n))
            value = walk + self.rng.normal(0, self.noise * wider, n)
            honest = stream < self.sources - self.liars if lie else np.ones(n, np.bool_)
            if lie:
                for k in range(self.sources - self.liars, self.sources):
                    mine = stream == k
                    value[mine] = walk[mine] + lie(self, k + 1, int(mine.sum()))
            fine = np.isin(self.judge.admit(ts, stream, value), FINE)
            self.truth = float(walk[-1])
            self.second += 1
            self.scales.append(self.scale)
            self.refused.append(float(np.mean(~fine[honest])))
            if np.any(fine & ~honest):
                self.passed = max(self.passed, float(np.abs(value - walk)[fine & ~honest].max()))


def tolerance(feed: Feed, row: int) -> float:
    """Distance at which a sample of a source is refused."""
    kinds = feed.judge.settings
    return max(kinds.refuse_sigmas * feed.allowed(row), kinds.refuse_floor)


def just_agreeing(feed: Feed, row: int, n: int) -> float:
    """Just below what would cost trust, on top of what was learned so far."""
    return feed.basis(row) + 0.95 * feed.judge.settings.disagree_sigmas * feed.allowed(row)


def just_admitted(feed: Feed, row: int, n: int) -> float:
    """Just below what would be refused."""
    return feed.basis(row) + 0.99 * tolerance(feed, row)


def sides(feed: Feed, row: int, n: int) -> Floats:
    """Just admitted, above and below in turn."""
    return feed.basis(row) + 0.99 * tolerance(feed, row) * np.where(np.arange(n) % 2, 1.0, -1.0)


def far_off(feed: Feed, row: int, n: int) -> float:
    """One per cent, and never anything else."""
    return 0.01


def in_steps(feed: Feed, row: int, n: int) -> float:
    """A step of half the tolerance every five minutes."""
    return (feed.second - LEARNT) // 300 * 0.5 * tolerance(feed, row)


LIES = (just_agreeing, just_admitted, sides, far_off, in_steps)


@pytest.mark.parametrize("lie", LIES, ids=lambda f: f.__name__)
@pytest.mark.parametrize(("sources", "liars", "most"), [(3, 1, 1.25), (5, 2, 2.0)])
def test_patience_does_not_widen_what_is_allowed(
    lie: Lie, sources: int, liars: int, most: float
) -> None:
    feed = Feed(sources, liars)
    feed.run(LEARNT)
    usual = float(np.mean(feed.scales[-30:]))
    feed.run(1_800, lie)
    assert max(feed.scales[LEARNT:]) < most * usual
    assert max(feed.refused) == 0.0
    assert feed.trust().min() > 0.9
    # What remains possible: the lasting difference and one tolerance of its own on top.
    kinds = feed.judge.settings
    own = max(kinds.refuse_floor, kinds.refuse_sigmas * 3.0 * max(feed.scales))
    assert feed.passed <= kinds.basis_max + own


def test_three_hours_of_drift_move_nobody_but_the_liar() -> None:
    feed = Feed(3, 1, rate=10)
    feed.run(LEARNT)
    feed.run(3 * 3_600, just_agreeing)
    most = feed.judge.settings.basis_max
    assert abs(feed.basis(1)) < 2e-5
    assert abs(feed.basis(2)) < 2e-5
    assert feed.basis(3) == pytest.approx(most, rel=1e-3)
    assert feed.passed < most + 3.0 * 3.0 * max(feed.scales)
    assert max(feed.refused) == 0.0


def test_a_lie_of_one_per_cent_is_refused_however_long_it_is_told() -> None:
    feed = Feed(3, 1)
    feed.run(LEARNT)
    feed.run(3_600, far_off)
    assert feed.passed == 0.0
    assert feed.judge.trust("venue2|BTC/USDT|trades") == 0.25


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.floats(-0.02, 0.02), st.floats(0, 0.02)), min_size=3, max_size=12))
def test_nothing_that_one_of_three_says_widens_the_scale(said: list[tuple[float, float]]) -> None:
    """Against the same honest samples without the liar's."""
    feed, alone = Feed(3, 1, seed=4), Feed(3, 1, seed=4)
    for x in (feed, alone):
        x.run(60)
    for k, (offset, spread) in enumerate(said):
        shape = np.random.default_rng(k)
        feed.run(30, lambda f, row, n, o=offset, w=spread, g=shape: o + g.uniform(-w, w, n))
    alone.run(30 * len(said))
    # Between the two honest sources lies 1.41 of the noise of one, and the gain is 5 %.
    assert max(feed.scales[60:]) < 1.5 * float(np.mean(alone.scales[30:]))


@pytest.mark.parametrize("times", [0.3, 1.0, 5.0])
def test_a_liar_that_shows_each_source_another_face_parts_them_by_one_tolerance(
    times: float,
) -> None:
    """Just before each honest sample it stands above the one and below the other."""
    feed = Feed(3, 1, rate=10)
    feed.run(LEARNT)
    floats, apart = feed.judge.state.floats, 0.0
    for second in range(LEARNT, LEARNT + 1_800):
        ts = T0 + second * S + np.sort(feed.rng.integers(0, S, 20))
        who, value = np.arange(20) % 2, feed.truth + feed.rng.normal(0, 1e-4, 20)
        basis = floats[1:, at.BASIS].copy()
        push = times * 3.0 * feed.scale * np.where(who, -1.0, 1.0)
        face = value - basis[who] + basis[2] + push
        feed.judge.admit(
            np.stack([ts - 1, ts], axis=1).ravel(),
            np.stack([np.full(20, 2), who], axis=1).ravel(),
            np.stack([face, value], axis=1).ravel(),
        )
        apart = max(apart, abs(floats[1, at.BASIS] - floats[2, at.BASIS]))
    assert apart < 3.0 * feed.scale
    assert feed.scale < 1.5 * feed.scales[-1]


def test_a_liar_that_swings_does_not_make_standing_still_a_fault() -> None:
    """Two sources of a quiet market repeat themselves; a third pretends that it moved."""
    judge = Admission()
    judge.enroll_all((f"venue{k}|USDC/USDT|trades", "USDC") for k in range(3))
    n = 60 * 300
    ts, stream = T0 + np.arange(n) * S // 60, np.arange(n) % 3
    value = np.where(stream == 2, 0.004 * np.sin(np.arange(n) / 40), 0.0)
    judge.admit(ts, stream, value)
    for k in range(2):
        counts = judge.counts(f"venue{k}|USDC/USDT|trades")
        assert all(counts[d] == 0 for d in (*SUSPENSIONS, Decision.OUTLIER))


def test_the_noise_of_a_liar_is_its_own_also_among_three() -> None:
    feed = Feed(3, 1, rate=60)
    feed.run(LEARNT)
    feed.run(60, lambda f, row, n: f.rng.normal(0, 1.5e-3, n))
    assert feed.judge.counts("venue2|BTC/USDT|trades")[Decision.NOISE] > 100
    assert max(feed.refused) == 0.0


@pytest.mark.parametrize("lie", [None, far_off], ids=["honest", "with-a-liar"])
@pytest.mark.parametrize("sources", [3, 5, 12])
@pytest.mark.parametrize("noise", [1e-4, 1e-3])
def test_a_market_that_grows_five_times_as_rough_is_followed_within_half_a_minute(
    sources: int, noise: float, lie: Lie | None
) -> None:
    feed = Feed(sources, 1 if lie else 0, noise=noise, seed=2)
    feed.run(180)
    feed.run(60, lie)
    before = float(np.mean(feed.scales[-30:]))
    feed.run(180, lie, wider=5.0)
    after = np.array(feed.refused[240:])
    assert after.max() < 0.2
    assert after[30:60].mean() < 0.002
    assert after[60:].max() < 0.01
    assert feed.scale > 4.0 * before
    assert feed.trust().min() > 0.6

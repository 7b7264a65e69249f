# SPDX-License-Identifier: MIT
"""Each rule speaks where its page says so, the way it says, and is silent elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from seawall.analytics.manipulation.scores import DETECTORS
from seawall.model.errors import ResearchError
from seawall.signals.grid import Grid
from seawall.signals.kinds.memory import Back, Scale, Window
from seawall.signals.readings import read, signals_of
from seawall.signals.registry import KINDS, kind_of

from .signal_helpers import grid

N = 400
RNG = np.random.default_rng(2)
QUIET = 100 * np.exp(np.cumsum(RNG.normal(0, 1e-5, N)))


def spoken(name: str, g: Grid):
    out = read(kind_of(name), g)
    return out, np.flatnonzero(out.speaks)


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.name)
def test_every_kind_says_its_rule_and_has_a_source(kind) -> None:
    assert all(kind.section(s) for s in ("Rule", "Strength", "Assumption", "Source"))
    assert set(kind.needs) == set(kind.horizon)
    assert all(rows >= 1 for rows in kind.horizon.values())


@pytest.mark.parametrize("source", ["events", "bars"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.name)
@pytest.mark.parametrize("value", [np.nan, 0.0, 1.0], ids=["unknown", "nought", "constant"])
def test_nothing_known_and_nothing_moving_is_silence(kind, source, value) -> None:
    if source not in kind.needs:
        with pytest.raises(ResearchError, match="cannot be read"):
            read(kind, grid(source, rows=5))
        return
    names = [n for n in kind.needs[source] if n not in {d.name for d in DETECTORS}]
    g = grid(source, rows=1_300, **dict.fromkeys(names, value))
    if kind.name in ("book_pressure", "toxicity", "order_flow") and value == 1.0:
        return  # bids alone lean, a rank of one is the highest, a steady flow is a flow
    assert not read(kind, g).speaks.any()


def test_order_flow_points_the_way_of_an_unusual_flow() -> None:
    ofi = RNG.normal(0, 1, N)
    ofi[300:303] = -40.0
    out, at = spoken("order_flow", grid(mid=QUIET, ofi=ofi))
    assert out.direction[302] == -1
    assert out.strength[302] == out.strength.max() == 1.0
    assert "order flow imbalance" in signals_of(out)[0].reason
    assert set(np.abs(out.direction[at])) == {1}


def test_book_pressure_goes_to_the_thin_side_unless_the_spread_is_wide() -> None:
    lean, half = np.zeros(N), RNG.uniform(0.5, 0.6, N)
    lean[200], lean[300], lean[350] = 0.8, -0.9, 0.9
    half[[200, 300, 350]] = 0.5, 0.5, 50.0
    out, at = spoken("book_pressure", grid(mid=QUIET, imbalance=lean, half_spread_bps=half))
    assert at.tolist() == [200, 300]
    assert out.direction[[200, 300]].tolist() == [1, -1]


def test_a_flash_crash_alert_believes_the_fit_only_while_it_is_reliable() -> None:
    base = {"mid": QUIET, "spike": 5.0, "lean": -0.8, "count_branching": 0.2, "branching": 0.9}
    out, at = spoken("flash_crash", grid(**base, reliable=1.0))
    assert at.size == N
    assert set(out.direction) == {-1}
    assert spoken("flash_crash", grid(**base, reliable=0.0))[1].size == 0
    counted = base | {"count_branching": 0.8, "branching": 0.1}
    out, at = spoken("flash_crash", grid(**counted, reliable=0.0))
    assert at.size == N
    assert "reliable fit: 0" in signals_of(out)[0].reason


def test_toxicity_needs_both_a_high_rank_and_more_than_chance() -> None:
    high = grid(mid=QUIET, vpin=0.6, vpin_floor=0.3, vpin_rank=0.95)
    chance = grid(mid=QUIET, vpin=0.3, vpin_floor=0.4, vpin_rank=0.95)
    usual = grid(mid=QUIET, vpin=0.6, vpin_floor=0.3, vpin_rank=0.5)
    assert [spoken("toxicity", g)[1].size for g in (high, chance, usual)] == [N, 0, 0]
    assert set(spoken("toxicity", high)[0].direction) == {0}


def test_manipulation_names_the_strongest_detector_above_its_alarm() -> None:
    out, at = spoken("manipulation", grid(mid=QUIET, wash=0.6, spoof=0.9, pump=0.2))
    assert at.size == N
    assert set(out.strength) == {0.9}
    assert "detector 2 of (wash, spoof" in signals_of(out)[0].reason
    assert "2 above" in signals_of(out)[0].reason


def test_a_hot_and_uneven_book_goes_on_and_every_other_quarter_is_silent() -> None:
    heat, even = RNG.random(N), RNG.random(N)
    heat[300:], even[300:] = 2.0, 2.0
    mid = 100 * np.exp(1e-4 * np.arange(N))
    heat[310], even[310] = 9.0, -1.0
    out, at = spoken("temperature_entropy", grid(mid=mid, temperature=heat, entropy=even))
    assert out.direction[310] == 1
    assert not (set(range(300, N)) - {310}) & set(at.tolist())


def test_the_gap_closes_towards_the_other_market() -> None:
    peer = 50 * np.exp(np.cumsum(RNG.normal(0, 1e-4, N)))
    mid = 2 * peer * np.exp(RNG.normal(0, 1e-5, N))
    mid[300] *= 1.001
    mid[350] *= 0.999
    out, _ = spoken("arbitrage_gap", grid(mid=mid, peer_mid=peer))
    assert out.direction[[300, 350]].tolist() == [-1, 1]
    assert out.strength[300] == 1.0


def test_a_perpetual_far_above_spot_is_beyond_the_bound_and_a_near_one_is_not() -> None:
    spot = np.full(N, 100.0)
    mid = spot.copy()
    mid[100], mid[200] = 101.0, 99.0
    out, at = spoken("funding_bound", grid(mid=mid, spot_mid=spot))
    assert at.tolist() == [100, 200]
    assert out.direction[at].tolist() == [-1, 1]


def test_a_price_that_loses_stability_warns_and_a_stable_one_seldom() -> None:
    shares = {0.2: [], 0.99: []}
    for last, found in shares.items():
        for seed in range(6):
            rng = np.random.default_rng(seed)
            x, rows = 0.0, []
            for phi in np.linspace(0.2, last, 1_000):
                x = phi * x + 0.01 * rng.normal()
                rows.append(100 * np.exp(x))
            out, _ = spoken("phase_transition", grid("bars", mid=rows))
            found.append(out.speaks[600:].mean())
    assert np.mean(shares[0.99]) > 2 * np.mean(shares[0.2]) > 0


def test_scaling_follows_a_trend_and_fades_what_comes_back() -> None:
    rng = np.random.default_rng(6)
    for memory, sense in ((0.7, 1), (-0.7, -1)):
        r = np.zeros(1_500)
        for i in range(1, r.size):
            r[i] = memory * r[i - 1] + 0.01 * rng.normal()
        mid = 100 * np.exp(np.cumsum(r))
        out, at = spoken("scaling_trend", grid("bars", mid=mid))
        move = np.sign(mid[at] - mid[at - 16])
        assert at.size > 500
        assert (out.direction[at] == sense * move).all()


def test_a_pump_over_bars_is_expected_to_fall_back() -> None:
    mid, volume = np.full(100, 1.0), np.full(100, 10.0)
    mid[60], volume[60] = 1.5, 500.0
    mid[61:] = 1.1
    out, at = spoken("pump_fade", grid("bars", mid=mid, high=mid * 1.001, volume=volume))
    assert 60 in at
    assert out.direction[60] == -1
    assert at.min() == 60


def test_the_regime_points_the_way_in_which_its_state_drifts() -> None:
    rng = np.random.default_rng(7)
    state = (np.arange(3_000) // 250) % 2
    r = np.where(state, -0.004, 0.004) + np.where(state, 0.02, 0.005) * rng.normal(size=3_000)
    out, at = spoken("regime", grid("bars", mid=100 * np.exp(np.cumsum(r))))
    later = at[at > 1_500]
    assert later.size > 1_000
    assert (out.direction[later] == np.where(state[later], -1, 1)).mean() > 0.8


def test_memories_rank_look_back_and_scale_over_the_past_only() -> None:
    x = RNG.normal(size=300)
    window, back, scale = Window(50), Back(7), Scale(20, 10)
    for i, value in enumerate(x.tolist()):
        rank = window.rank(value)
        window.push(value)
        assert rank == pytest.approx((x[i - 50 : i] < value).mean()) if i >= 50 else rank != rank
        before, usual = back.push(value), scale.push(value)
        assert before == x[i - 7] if i >= 7 else before != before
        assert (usual == usual) == (i >= 10)
    assert Scale(20, 0).push(3.0) == 0.0


def test_an_unknown_signal_is_refused_with_those_there_are() -> None:
    with pytest.raises(ResearchError, match="no signal") as told:
        kind_of("oracle")
    assert "order_flow" in str(told.value.mend)

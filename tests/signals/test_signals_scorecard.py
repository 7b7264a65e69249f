# SPDX-License-Identifier: MIT
"""A scorecard finds what was planted, finds nothing in noise, and never judges what taught."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from seawall.model.errors import ResearchError, SettingsError
from seawall.research.scorecard import Scorecard, ScoreSettings, score_all
from seawall.research.scorecard.blocks import (
    block_sums,
    correlation_interval,
    excess_low,
    ranks,
    ratio_interval,
)
from seawall.research.scorecard.judge import cut_of, horizons, score
from seawall.research.scorecard.outcomes import forward_bps, trades_of, usual_bps
from seawall.signals.grid import Grid
from seawall.signals.kind import SILENT, Kind, Reading
from seawall.signals.readings import read

from .signal_helpers import grid

OWN = 5


class Hears:
    """A rule that reads its statement from a column."""

    def update(self, row):
        said = row["ofi"]
        return Reading(int(np.sign(said)), min(1.0, abs(said)), (said,)) if said else SILENT


def kind(target: str = "direction") -> Kind:
    return Kind(
        name="planted", family="book", target=target, needs={"events": ("mid", "ofi")},
        horizon={"events": OWN}, make=lambda source: Hears(), says="told {:.2f}", doc="Planted.",
    )  # fmt: skip


def planted(gain_bps: float, seed: int = 1, n: int = 6_000, half: float = 0.5) -> Grid:
    """Every 20 rows a statement, after which the price moves its way over five rows."""
    rng = np.random.default_rng(seed)
    said, returns = np.zeros(n), rng.normal(0, 1e-4, n)
    for i in range(20, n - 20, 20):
        said[i] = rng.choice([-1, 1]) * rng.uniform(0.1, 1.0)
        returns[i + 1 : i + 1 + OWN] += said[i] * gain_bps * 1e-4 / OWN
    mid = 100 * np.exp(np.cumsum(returns))
    return grid(mid=mid, ofi=said, half_spread_bps=half)


def card(g: Grid, target: str = "direction", **settings: object) -> Scorecard:
    return score_all([g], ScoreSettings(**settings), (kind(target),))[0]  # type: ignore[arg-type]


def test_a_planted_edge_beyond_costs_is_found_with_its_size() -> None:
    found = card(planted(60.0))
    assert found.hit_rate > 0.95
    assert found.ic.low > 0.1
    assert found.cost_bps == pytest.approx(2 * 5.0 + 2 * 0.5)
    assert found.gross_bps == pytest.approx(0.55 * 60, rel=0.1)
    assert found.net_bps == pytest.approx(found.gross_bps - found.cost_bps)
    assert found.net_low > 0
    assert found.verdict.startswith("edge after costs in this sample")
    assert found.reliability.brier <= found.reliability.brier_base + 0.01


def test_a_planted_edge_below_costs_is_right_and_still_no_edge() -> None:
    found = card(planted(8.0))
    assert found.informative
    assert found.gross_bps > 0 > found.net_high
    assert found.verdict == "no edge after costs"


def test_noise_has_no_edge_on_any_of_twenty_seeds() -> None:
    cards = [card(planted(0.0, seed, n=3_000, half=0.0)) for seed in range(20)]
    assert all(c.verdict == "no edge after costs" for c in cards)
    assert sum(c.ic.low > 0 or c.ic.high < 0 for c in cards) <= 4
    assert sum(c.informative for c in cards) <= 1


def test_a_warning_of_size_is_judged_against_all_rows() -> None:
    rng = np.random.default_rng(4)
    said, scale = np.zeros(6_000), np.full(6_000, 1e-4)
    for i in range(20, 5_980, 40):
        said[i] = 1.0
        scale[i + 1 : i + 6] = 1e-3
    mid = 100 * np.exp(np.cumsum(rng.normal(size=6_000) * scale))
    found = card(grid(mid=mid, ofi=said, half_spread_bps=1.0), "size")
    assert found.hit_rate > found.base_rate + 0.25
    assert found.verdict == "warns of moves; no direction, no edge after costs"
    quiet = card(planted(0.0), "size")
    assert quiet.verdict.startswith("not shown to warn")


def test_training_ends_a_horizon_before_the_cut_and_judging_begins_one_after() -> None:
    g = planted(60.0)
    cut = cut_of([g], 0.6)
    far = horizons(OWN)[-1]
    at = int(np.searchsorted(g.ts, cut))
    before = score(kind(), [g], cut, ScoreSettings(), 1)
    lied = {k: v.copy() for k, v in g.columns.items()}
    between = slice(at - far, at + far)  # statements there are neither learned nor judged
    lied["ofi"][between] *= -1
    same = score(kind(), [replace(g, columns=lied)], cut, ScoreSettings(), 1)
    assert (same.hit_rate, same.train_signals, same.signals) == (
        before.hit_rate, before.train_signals, before.signals
    )  # fmt: skip
    assert same.reliability == before.reliability
    lied["ofi"][at + far : at + far + 200] *= -1
    other = score(kind(), [replace(g, columns=lied)], cut, ScoreSettings(), 1)
    assert other.hit_rate < before.hit_rate


def test_more_trials_widen_the_interval_of_net() -> None:
    few, many = card(planted(20.0)), card(planted(20.0), trials=200)
    assert many.trials == few.trials + 200
    assert many.net_low < few.net_low < few.net_bps < few.net_high < many.net_high


def test_trades_do_not_overlap_and_pay_both_half_spreads_and_both_fees() -> None:
    n = 40
    said = np.zeros(n)
    said[[3, 5, 10, 36, 39]] = 1, 1, -1, 1, 1
    half = np.linspace(1, 2, n)
    g = grid(mid=100 * np.exp(1e-4 * np.arange(n)), ofi=said, half_spread_bps=half)
    r = read(kind(), g)
    ahead = forward_bps(g, OWN)
    got = trades_of(r, ahead, OWN, np.ones(n, dtype=bool))
    assert got.gross_bps == pytest.approx([5.0, -5.0])  # 5 overlaps 3; 36 and 39 have no end
    assert got.cost_bps == pytest.approx([half[3] + half[8] + 10, half[10] + half[15] + 10])


def test_a_move_across_a_gap_is_unknown_and_what_is_usual_is_of_the_past() -> None:
    g = planted(0.0, n=400)
    ts = g.ts.copy()
    ts[200:] += 3_600 * 10**9
    gapped = replace(g, ts=ts)
    ahead = forward_bps(gapped, OWN)
    assert np.isnan(ahead[195:200]).all()
    assert np.isfinite(ahead[:195]).all()
    assert np.isnan(ahead[-OWN:]).all()
    usual = usual_bps(g, OWN)
    changed = g.columns["mid"].copy()
    changed[301:] *= 2
    later = usual_bps(replace(g, columns={**g.columns, "mid": changed}), OWN)
    assert np.array_equal(usual[:301], later[:301], equal_nan=True)
    whole = np.abs(forward_bps(g, OWN))
    assert usual[300] == pytest.approx(np.median(whole[300 - OWN - 59 : 300 - OWN + 1]))


def test_the_coefficient_is_spearmans_and_its_interval_covers() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 9, 500).astype(float), rng.normal(size=500)
    value, low, high = correlation_interval([(ranks(x), ranks(y))], [np.arange(500) // 5], 500, 0)
    assert value == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)
    assert low < value < high
    covered = 0
    for seed in range(100):
        a = np.random.default_rng(seed).normal(size=(400, 2))
        a[:, 1] += 0.5 * a[:, 0]
        _, low, high = correlation_interval([(a[:, 0], a[:, 1])], [np.arange(400) // 5], 400, seed)
        covered += low < 0.5 / np.sqrt(1.25) < high
    assert 86 <= covered <= 100


def test_instruments_of_one_moment_share_a_block_and_no_row_is_lost() -> None:
    keys = [np.arange(7) // 3, np.arange(7) // 3, np.arange(0)]
    sums = block_sums([np.ones((7, 2)), 2 * np.ones((7, 2)), np.ones((0, 2))], keys)
    assert sums[:, 0].tolist() == [9, 9, 3]


def test_copies_of_an_instrument_do_not_narrow_the_interval() -> None:
    a = np.random.default_rng(1).normal(size=(400, 2))
    pair, key = (a[:, 0], a[:, 1]), np.arange(400) // 5
    one = correlation_interval([pair], [key], 500, 0)
    six = correlation_interval([pair] * 6, [key] * 6, 500, 0)
    assert six == pytest.approx(one)


def test_intervals_are_unknown_without_enough_blocks() -> None:
    assert np.isnan(ratio_interval([], [], 200, 0)).all()
    ones, key = np.ones(10), np.arange(10) // 5
    value, low, high = ratio_interval([(ones, ones)], [key], 200, 0)
    assert value == 1.0
    assert np.isnan([low, high]).all()
    assert np.isnan(excess_low([], [], 200, 0, 0.95))


def test_a_recording_of_a_few_blocks_is_too_short_to_tell() -> None:
    found = card(planted(60.0, n=160), "size")
    assert found.signals > 0
    assert np.isnan([found.hit_low, found.excess_low, found.ic.low]).all()
    assert found.verdict == "too little time to tell; no direction, no edge after costs"


def test_what_cannot_be_scored_is_refused() -> None:
    with pytest.raises(ResearchError, match="none of the signals"):
        score_all([grid("bars", rows=10)], None, (kind(),))
    with pytest.raises(SettingsError, match="train_share"):
        ScoreSettings(train_share=1.0)


def test_a_silent_signal_is_said_to_be_silent() -> None:
    found = card(grid(mid=np.full(300, 100.0), ofi=0.0, half_spread_bps=1.0))
    assert found.verdict == "silent: nothing to judge"
    assert found.trades == 0


def test_rows_without_a_mid_do_not_move_the_cut() -> None:
    g = planted(0.0, n=1_000)
    mid = g.columns["mid"].copy()
    mid[400:] = np.nan
    known = replace(g, columns={**g.columns, "mid": mid})
    assert cut_of([known], 0.5) == g.ts[200]
    nothing = replace(g, columns={**g.columns, "mid": np.full(1_000, np.nan)})
    with pytest.raises(ResearchError, match="no mid"):
        cut_of([nothing], 0.5)

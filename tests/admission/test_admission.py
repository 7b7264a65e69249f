# SPDX-License-Identifier: MIT
"""Decisions over samples: guards, quotas, agreement, trust, suspensions, memory."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from seawall.admission import Admission, AdmissionError, AdmissionSettings, Decision
from seawall.admission.decision import Change
from seawall.admission.kernel import layout as at

from .samples import T0, S, enrolled, name, one, walk


def test_each_bad_sample_has_its_reason_and_hurts_nothing_that_was_accepted() -> None:
    a = enrolled()
    kinds = a.settings
    assert one(a) is Decision.ADMITTED
    kept = a.reservoir(name(0)).tobytes()
    assert one(a, stream=5) is Decision.UNKNOWN_SOURCE
    assert one(a, stream=-1) is Decision.UNKNOWN_SOURCE
    assert one(a, value=np.nan) is Decision.NOT_A_NUMBER
    assert one(a, value=np.inf) is Decision.NOT_A_NUMBER
    assert one(a, lag_ns=-kinds.skew_ns - 1) is Decision.FUTURE
    assert one(a, lag_ns=kinds.stale_ns + 1) is Decision.STALE
    assert one(a, ts=T0 - kinds.skew_ns - 1) is Decision.BACKWARD
    assert a.reservoir(name(0)).tobytes() == kept
    assert one(a, seq=7, lag_ns=-kinds.skew_ns) is Decision.ADMITTED
    assert one(a, seq=7) is Decision.REPLAYED
    assert one(a, seq=6) is Decision.REPLAYED
    assert one(a, seq=8) is Decision.ADMITTED
    assert one(a, value=np.nan, judged=False) is Decision.ADMITTED
    assert a.counts()[Decision.UNKNOWN_SOURCE] == 2
    assert a.counts(name(0))[Decision.NOT_A_NUMBER] == 2
    logged = a.rejections()
    assert np.bincount(logged["reason"], minlength=14)[1:8].tolist() == [2, 0, 2, 1, 1, 1, 2]


def test_sequence_numbers_go_round_and_a_restarted_count_is_no_replay() -> None:
    a = enrolled()
    assert one(a, seq=2**32 - 1) is Decision.ADMITTED
    assert one(a, seq=3) is Decision.ADMITTED
    assert one(a, seq=2**32 - 1) is Decision.REPLAYED
    b = enrolled()
    assert one(b, seq=900_000_000) is Decision.ADMITTED
    assert one(b, seq=5) is Decision.ADMITTED


def test_compiled_code_of_other_sources_is_dropped(tmp_path: Path) -> None:
    from seawall.admission.kernel.jit import drop_stale

    cached = tmp_path / "judge.admit-1.py311.nbi"
    cached.write_bytes(b"old")
    assert not drop_stale(tmp_path)
    assert not cached.exists()
    cached.write_bytes(b"new")
    assert drop_stale(tmp_path)
    assert cached.exists()


def test_an_unequal_column_is_refused_before_anything_is_judged() -> None:
    a = enrolled()
    before = a.fingerprint
    with pytest.raises(AdmissionError, match="one length"):
        a.admit([T0, T0], [0, 1], [1.0])
    assert a.fingerprint == before


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.floats(0, 3e8)), min_size=1, max_size=300),
    st.integers(1, 50),
)
def test_no_source_gets_more_than_its_bucket_gives(
    gaps: list[tuple[int, float]], burst: int
) -> None:
    rate = 100.0
    a = enrolled(1, AdmissionSettings(rate_per_s=rate, burst=burst))
    ts = T0 + np.cumsum([int(k * g / 30) for k, g in gaps])
    out = a.admit(ts, np.zeros(ts.size, int), np.zeros(ts.size), judged=False)
    level, last = burst, ts[0]  # an oracle with whole numbers: tokens times ns per token
    cost, level = 10_000_000, burst * 10_000_000
    for t, code in zip(ts, out, strict=True):
        level, last = min(burst * cost, level + int(t - last)), t
        assert (code == Decision.ADMITTED) == (level >= cost)
        level -= cost if level >= cost else 0


@settings(max_examples=25)
@given(st.integers(0, 2**32), st.integers(1, 6), st.floats(20, 5_000))
def test_quotas_and_the_reservoir_are_bounds_whatever_comes(
    seed: int, sources: int, rate: float
) -> None:
    a = enrolled(sources, AdmissionSettings(reservoir_cap=16))
    c = walk(3_000, sources, seed=seed, rate=rate)
    out = a.admit(**c)
    epoch = c["ts"] // S
    for k in range(sources):
        mine = (c["stream"] == k) & (out == Decision.ADMITTED)
        assert np.unique(epoch[mine], return_counts=True)[1].max(initial=0) <= 200
        first = mine & (epoch == epoch[0])
        assert first.sum() <= 50  # a newcomer has the least quota
        kept = a.reservoir(name(k))
        assert kept.size == min(16, int(mine.sum()))
        assert set(kept["ts"]) <= set(c["ts"][mine])
    assert np.all(a.state.counts.sum(axis=1)[1:] == np.bincount(c["stream"], minlength=sources))
    trust = a.state.floats[1:, at.TRUST]
    assert np.all((trust >= 0.25) & (trust <= 1.0))


@settings(max_examples=15)
@given(st.lists(st.integers(0, 4_000), max_size=6))
def test_samples_one_by_one_or_in_any_cut_are_judged_as_in_one_batch(cuts: list[int]) -> None:
    c = walk(4_000, 4, rate=1_000.0)
    c["value"][::97] += 0.1
    c["seq"] = np.arange(1, 4_001)
    c["seq"][::53] = 1
    whole, pieces = enrolled(4), enrolled(4)
    wanted = whole.admit(**c)
    edges = [0, *sorted(cuts), 4_000]
    got = [pieces.admit(**{k: v[i:j] for k, v in c.items()}) for i, j in itertools.pairwise(edges)]
    assert np.array_equal(np.concatenate(got), wanted)
    assert pieces.fingerprint == whole.fingerprint


def test_the_same_seed_keeps_the_same_samples_and_another_seed_others() -> None:
    c = walk(20_000, 3, rate=500.0)
    runs = [enrolled(3, seed=seed) for seed in (1, 1, 2)]
    outs = [r.admit(**c) for r in runs]
    assert np.array_equal(outs[0], outs[2])
    assert runs[0].fingerprint == runs[1].fingerprint
    assert runs[0].reservoir(name(0)).tobytes() != runs[2].reservoir(name(0)).tobytes()


def test_agreement_earns_trust_and_quota_slowly_and_says_why() -> None:
    a = enrolled()
    assert a.trust(name(0)) == 0.25
    a.admit(**walk(20_000, 5))
    assert all(a.trust(name(k)) > 0.75 for k in range(5))
    report = a.explain(name(2))
    assert report.quota > 150
    assert report.history[-1].change is Change.AGREED
    assert report.history[0].before == 0.25
    for one_, next_ in itertools.pairwise(report.history):
        assert one_.after == next_.before  # the runs leave no change out
    assert report.history[-1].after == report.trust
    assert a.suspicious() == ()
    assert a.counts()[Decision.OUTLIER] == 0


def test_a_poisoned_source_is_refused_loses_trust_fast_and_its_peers_do_not() -> None:
    a = enrolled()
    c = walk(40_000, 5)
    start = 20_000
    bad = (c["stream"] == 4) & (np.arange(40_000) >= start)
    c["value"][bad] += 0.01
    a.admit(**{k: v[:start] for k, v in c.items()})
    earned = a.trust(name(4))
    out = a.admit(**{k: v[start:] for k, v in c.items()})
    assert (out[bad[start:]] == Decision.OUTLIER).mean() > 0.99
    assert (out[~bad[start:]] == Decision.OUTLIER).mean() == 0.0
    assert earned > 0.75
    assert a.trust(name(4)) < 0.35
    assert all(a.trust(name(k)) > 0.75 for k in range(4))
    worst = a.suspicious()
    assert [x.source for x in worst] == [name(4)]
    assert "outlier" in " ".join(worst[0].reasons)
    assert a.explain(name(4)).history[-1].change is Change.DISAGREED


def test_a_lasting_basis_is_learned_and_a_larger_one_is_not() -> None:
    c = walk(30_000, 5)
    c["value"][c["stream"] == 3] += 0.002
    a = enrolled()
    out = a.admit(**c)
    assert (out == Decision.OUTLIER).sum() == 0
    assert a.explain(name(3)).basis == pytest.approx(0.002, abs=2e-4)
    c["value"][c["stream"] == 3] += 0.02
    b = enrolled()
    out = b.admit(**c)
    assert (out[c["stream"] == 3] == Decision.OUTLIER).mean() > 0.9
    assert abs(b.explain(name(3)).basis) <= b.settings.basis_max


def test_feeds_of_one_venue_share_one_voice() -> None:
    """Five feeds of a lying venue do not outvote two honest venues with one each."""
    a = Admission()
    liar = [a.enroll(f"liar|BTC/USDT|feed{k}", "BTC") for k in range(5)]
    for k in (1, 2, 3):
        a.enroll(f"honest{k}|BTC/USDT|trades", "BTC")
    c = walk(40_000, 8)
    late = np.arange(40_000) >= 20_000
    c["value"][np.isin(c["stream"], liar) & late] += 0.01
    out = a.admit(**c)
    mine = np.isin(c["stream"], liar)
    assert np.isin(out[mine & late], [Decision.OUTLIER, Decision.NOISE]).mean() > 0.99
    assert (out[~mine] == Decision.OUTLIER).sum() == 0


def test_when_all_jump_at_once_nobody_earns_and_few_are_refused() -> None:
    a = enrolled()
    c = walk(40_000, 5)
    c["value"][20_000:] -= 0.05
    out = a.admit(**c)
    assert (out == Decision.OUTLIER).sum() < 20
    assert all(a.trust(name(k)) > 0.7 for k in range(5))


def test_a_noisy_source_is_suspended_with_its_reason() -> None:
    a = enrolled()
    c = walk(40_000, 5)
    mine = c["stream"] == 1
    c["value"][mine] += np.random.default_rng(0).normal(0, 6e-4, int(mine.sum()))
    out = a.admit(**c)
    assert (out[mine] == Decision.NOISE).sum() > 1_000
    assert (out[~mine] == Decision.NOISE).sum() == 0
    assert Change.NOISE in {h.change for h in a.explain(name(1)).history}
    assert a.trust(name(1)) < 0.35


def test_a_constant_feature_is_suspended_only_while_the_others_move() -> None:
    c = walk(40_000, 5, noise=2e-5)
    mine = c["stream"] == 1
    swing = 1.5e-3 * np.sin(np.arange(40_000) / 300)
    c["value"] = 11.0 + swing + np.random.default_rng(0).normal(0, 2e-5, 40_000)
    c["value"][mine] = 11.0
    a = enrolled()
    out = a.admit(**c)
    assert (out[mine] == Decision.CONSTANT).sum() > 1_000
    assert (out[~mine] == Decision.CONSTANT).sum() == 0
    still = c | {"value": np.full(40_000, 11.0)}
    b = enrolled()
    assert (b.admit(**still) == Decision.CONSTANT).sum() == 0


def test_a_single_source_is_not_judged_by_itself_and_concentration_says_so() -> None:
    a = enrolled(1)
    out = a.admit(**walk(5_000, 1))
    assert set(out) <= {Decision.ADMITTED, Decision.QUOTA}
    assert a.trust(name(0)) == 0.25
    c = a.concentration()
    assert (c.unique, c.hhi, c.largest) == (1, 1.0, 1.0)
    assert "all samples come from one source" in c.faults


def test_evidence_fades_when_a_source_falls_silent() -> None:
    a = enrolled()
    a.admit(**walk(20_000, 5))
    before = a.trust(name(0))
    a.admit([a.state.ctl[at.NOW] + 7 * 86_400 * S], [1], [11.0])
    good, now = a.explain(name(0)).agreement, a.trust(name(0))
    assert now < before
    assert good < 51
    history = a.explain(name(0)).history
    assert history[-1].after == now
    a.admit([a.state.ctl[at.NOW] + 7 * 86_400 * S], [1], [11.0])
    later = a.explain(name(0)).history
    assert later[-1].change is Change.FORGOT
    assert (later[-1].before, later[-1].agreed) == (now, 0)
    assert later[:-1] == history


def test_trust_is_close_to_the_lower_tenth_of_the_beta_posterior() -> None:
    from seawall.admission.kernel.epoch import trust_of

    for good, bad in [(5, 0), (20, 1), (50, 3), (80, 20), (30, 30)]:
        exact = stats.beta(1 + good, 1 + bad).ppf(0.1)
        assert trust_of.py_func(good, bad, 0.01) == pytest.approx(exact, abs=0.03)


def test_a_reservoir_of_one_keeps_each_sample_as_often_as_its_weight_says() -> None:
    a = enrolled(1, AdmissionSettings(reservoir_cap=1, reservoir_half_life_ns=S))
    ages = np.array([0, 1, 2])  # with a half-life of one second: weights 1, 2, 4
    counts = np.zeros(3)
    for seed in range(3_000):
        a.state.ints[1, at.KEPT] = 0
        a.state.rng[0] = seed * 7919
        a.state.ctl[at.STARTED] = 0
        a.state.ctl[at.NOW] = 0
        a.state.ints[1, at.LAST_TS] = 0
        a.state.ints[1, at.TAKEN] = 0
        a.admit(T0 + ages * S, [0, 0, 0], [1.0, 2.0, 3.0])
        counts[int((a.reservoir(name(0))["ts"][0] - T0) // S)] += 1
    assert stats.chisquare(counts, 3_000 * np.array([1, 2, 4]) / 7).pvalue > 1e-4


def test_without_fading_every_sample_is_kept_with_equal_chance() -> None:
    a = enrolled(1, AdmissionSettings(reservoir_cap=10, reservoir_half_life_ns=0))
    hits = np.zeros(40)
    for seed in range(1_000):
        a.state.ints[1, at.KEPT] = a.state.ints[1, at.TAKEN] = 0
        a.state.rng[0] = seed * 104_729
        a.admit(np.full(40, T0), np.zeros(40, int), np.arange(40.0))
        hits[a.reservoir(name(0))["value"].astype(int)] += 1
    assert stats.chisquare(hits).pvalue > 1e-4


def test_the_log_of_rejections_is_bounded_and_even_over_time() -> None:
    a = enrolled(1, AdmissionSettings(log_cap=50))
    n = 20_000
    a.admit(T0 + np.arange(n) * 1_000, np.full(n, 9), np.zeros(n))
    log = a.rejections()
    assert log.size == 50
    assert a.counts()[Decision.UNKNOWN_SOURCE] == n
    share = (log["ts"] - T0) / (n * 1_000)
    assert stats.kstest(share, "uniform").pvalue > 1e-3


def test_a_new_connection_goes_on_with_the_record_of_its_origin() -> None:
    a = enrolled()
    a.admit(**walk(20_000, 5))
    before = a.trust(name(0))
    number = a.enroll(f"{name(0)}|c1", "BTC")
    assert a.trust(name(0)) == before
    assert a.explain(name(0)).batches == ("c0", "c1")
    assert one(a, ts=int(a.state.ctl[at.NOW]), stream=number, value=11.0) is not Decision.BANNED
    with pytest.raises(AdmissionError, match="group"):
        a.enroll(f"{name(0)}|c2", "ETH")


def test_a_ban_covers_a_batch_a_source_or_a_venue_and_is_taken_back() -> None:
    a = enrolled()
    a.enroll(f"{name(0)}|c1", "BTC")
    a.ban([f"{name(0)}|c1"])
    assert one(a, stream=5) is Decision.BANNED
    assert one(a, stream=0) is Decision.ADMITTED
    a.ban(["venue0"])
    assert one(a, stream=0) is Decision.BANNED
    assert one(a, stream=1) is Decision.ADMITTED
    assert a.enroll(f"{name(0)}|c2", "BTC") == 6
    assert one(a, stream=6) is Decision.BANNED
    assert "banned by venue0" in a.suspicious()[0].reasons
    a.ban([])
    assert one(a, stream=6) is Decision.ADMITTED

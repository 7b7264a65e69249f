# SPDX-License-Identifier: MIT
"""The gated model: what it serves, what it refuses, and how it goes back."""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.robust import EwRobust
from seawall.robust.gate import (
    ArraysPart,
    CheckpointError,
    FileStore,
    Gate,
    GatedModel,
    GateError,
    GateEventKind,
    GateSettings,
    Learner,
    Level,
    Limits,
    MemoryStore,
    RandomPart,
    reference_of,
)

from .conftest import MINUTE, NAMES, market, times

K = GateEventKind


def model_of(stage, **terms) -> GatedModel:
    """A fresh gated model on the stage."""
    settings = terms.pop("settings", stage.settings)
    return GatedModel(stage.gate, learner=stage.learner, settings=settings, **terms)


def attacked(n: int = 2_000, begin: int = 1_200, push: float = 0.02) -> np.ndarray:
    """Rows with features a and b pushed from some row on."""
    rows = market(n, 11)
    rows[begin:, :2] += push
    return rows


class Part:
    """A reservoir of numbers and a generator, attached to a model."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(1)
        self.rows = np.zeros(3)
        self.refuse = False

    def export(self) -> Mapping[str, np.ndarray]:
        key = self.rng.bit_generator.state["state"]
        words = [key["state"] >> (64 * i) & (2**64 - 1) for i in range(2)]
        return {"rows": self.rows.copy(), "rng": np.array(words, dtype=np.uint64)}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        if self.refuse:
            raise ValueError("not today")
        self.rows = np.array(state["rows"])
        inner = self.rng.bit_generator.state
        inner["state"]["state"] = int(state["rng"][0]) | int(state["rng"][1]) << 64
        self.rng.bit_generator.state = inner


def test_clean_rows_are_accepted_checkpointed_and_served(stage):
    model = model_of(stage)
    events = model.observe_many(times(1_000), market(1_000, 5))
    assert {e.kind for e in events} <= {K.ACCEPT, K.WARN, K.HOLD}
    assert model.counts.accepts > 30
    assert model.counts.rows + model.counts.settling == 1_000
    kept = model.store.latest()
    assert kept is not None
    assert kept.sha256 == model.checkpoint
    if events[-1].kind is K.ACCEPT:
        np.testing.assert_array_equal(model.location, model.adaptive.location)


@given(st.integers(0, 500), st.lists(st.integers(1, 200), min_size=1, max_size=12))
def test_rows_one_by_one_or_in_any_pieces_give_the_same_events(stage, seed, pieces):
    rng = np.random.default_rng(seed)
    rows = attacked(900, 500)
    rows[rng.integers(0, 900, 5)] = math.nan
    ts = times(900)
    ts[rng.integers(1, 900, 3)] -= 10 * MINUTE
    weights = rng.uniform(0.2, 1.0, 900)
    weights[rng.integers(0, 900, 3)] = 0.0
    sources = [f"s{k}" for k in rng.integers(0, 3, 900)]
    whole, parts = model_of(stage), model_of(stage)
    whole.observe_many(ts, rows, weights, sources)
    at = 0
    while at < 900:
        n = pieces[at % len(pieces)]
        parts.observe_many(
            ts[at : at + n], rows[at : at + n], weights[at : at + n], sources[at : at + n]
        )
        at += n
    assert parts.digest == whole.digest
    assert parts.counts.refused == whole.counts.refused > 0
    assert replace(parts.counts, weight_lost=0.0) == replace(whole.counts, weight_lost=0.0)
    np.testing.assert_array_equal(parts.covariance, whole.covariance)


def test_row_by_row_is_the_batch(stage):
    rows, ts = attacked(1_500, 900), times(1_500)
    single, batch = model_of(stage), model_of(stage)
    seen = [e for t, x in zip(ts.tolist(), rows, strict=True) if (e := single.observe(t, x))]
    assert [e.kind for e in seen if e.kind is not K.RELEASE] == [
        e.kind for e in batch.observe_many(ts, rows) if e.kind is not K.RELEASE
    ]
    assert single.digest == batch.digest


def test_without_clipping_by_hand_the_learner_is_the_weighted_stream():
    rows = np.random.default_rng(2).standard_t(4, (900, 3))
    stream = EwRobust(halflife=80.0, warmup=300).fit(rows)
    reference = reference_of(rows[:300], ("x", "y", "z"))
    model = Learner(80.0).make(reference)
    first = EwRobust(halflife=80.0, warmup=300).fit(rows[:300])
    model.restore(
        {"location": first.location_, "covariance": first.covariance_, "mass": np.zeros(2)}
    )
    model.push(rows[300:], np.ones(600))
    np.testing.assert_allclose(model.location, stream.location_, rtol=1e-10)
    np.testing.assert_allclose(model.covariance, stream.covariance_, rtol=1e-10)


def test_a_row_of_half_the_weight_counts_as_half_a_row(stage):
    half, whole = stage.learner.make(stage.reference), stage.learner.make(stage.reference)
    row = np.full((1, 4), 0.5)
    half.push(np.repeat(row, 2, axis=0), np.array([0.5, 0.5]))
    whole.push(row, np.ones(1))
    np.testing.assert_allclose(half.location, whole.location, rtol=1e-12)
    assert half.n_eff == pytest.approx(2.0, rel=0.01)


def test_a_plain_learner_is_moved_by_one_row_as_far_as_it_likes(stage):
    row = np.full((1, 4), 1e6)
    plain = replace(stage.learner, clip=False).make(stage.reference)
    clipped = stage.learner.make(stage.reference)
    plain.push(row, np.ones(1))
    clipped.push(row, np.ones(1))
    assert plain.location[0] > 1_000.0
    assert abs(clipped.location[0] - stage.reference.location[0]) < 0.05


def test_poison_is_rolled_back_and_its_source_named(stage):
    model = model_of(stage)
    rows = attacked()
    sources = ["honest"] * 1_200 + ["forger"] * 800
    events = model.observe_many(times(2_000), rows, sources=sources)
    back = next(e for e in events if e.kind is K.ROLLBACK and e.rows > 1_100)
    assert back.rows <= 1_200 + 50
    leading = {i.kind: i for i in reversed(back.influences)}
    assert leading["source"].name == "forger"
    assert leading["source"].share > 0.9
    assert {i.name for i in back.influences if i.kind == "feature"} >= {"a", "b"}
    assert "forger" in back.report()
    assert "beyond" in back.report()
    reach = abs(model.location - stage.reference.location).max()
    assert reach < 0.3


def test_parts_of_a_drift_add_up_to_it(stage):
    model = model_of(stage)
    events = model.observe_many(times(2_000), attacked(), sources=["x"] * 1_200 + ["y"] * 800)
    back = next(e for e in events if e.kind is K.ROLLBACK and e.rows > 1_100)
    shares = [i.share for i in back.influences if i.kind == "source"]
    assert all(s <= 1.0 + 1e-9 for s in shares)
    assert sum(i.share for i in back.influences if i.kind == "feature") <= 1.0 + 1e-9


def test_slow_poison_cannot_drift_beyond_the_corridor(stage):
    n = 12_000
    rows = market(n, 21)
    rows[:, 0] += 0.03 * np.linspace(0.0, 1.0, n)
    gated, naive = model_of(stage), model_of(stage, judging=False)
    served = []
    for at in range(0, n, 250):
        part = slice(at, at + 250)
        gated.observe_many(times(n)[part], rows[part])
        naive.observe_many(times(n)[part], rows[part])
        served.append(gated.location.copy())
    spread = np.sqrt(np.diagonal(stage.reference.covariance))
    reach = np.abs((np.array(served) - stage.reference.location) / spread).max()
    gone = np.abs((naive.location - stage.reference.location) / spread).max()
    assert reach <= stage.profile.act.mahalanobis * 1.001
    assert gone > 3.0 * reach


@given(
    st.integers(0, 10_000),
    st.lists(st.tuples(st.floats(-5, 5), st.floats(0.0, 30.0)), min_size=2, max_size=8),
)
def test_whatever_is_fed_what_is_served_lies_within_the_corridor(stage, seed, pushes):
    model = model_of(stage, settings=replace(stage.settings, pause_checks=0, freeze_ns=1))
    rng = np.random.default_rng(seed)
    ts = 0
    for shift, stretch in pushes:
        rows = market(110, int(rng.integers(10_000))) * stretch
        rows[:, int(rng.integers(4))] += 0.01 * shift
        for part in np.array_split(rows, 4):
            model.observe_many(times(part.shape[0], ts), part, rng.uniform(0.1, 1, part.shape[0]))
            ts += MINUTE * part.shape[0]
            verdict = stage.gate.judge(model.location, model.covariance)
            assert verdict.level is not Level.ACT


def test_a_rollback_takes_all_parts_back_together(stage):
    model, part = model_of(stage), Part()
    model.attach("reservoir", part)
    rows, ts = attacked(), times(2_000)
    for at in range(0, 2_000, 25):
        part.rows += 1.0
        part.rng.normal()
        before = part.rows.copy()
        events = model.observe_many(ts[at : at + 25], rows[at : at + 25])
        if any(e.kind is K.ACCEPT for e in events):
            accepted, drawn = part.rows.copy(), copy.deepcopy(part.rng)
        if at > 1_200 and any(e.kind is K.ROLLBACK for e in events):
            break
    assert (before > accepted).all()
    np.testing.assert_array_equal(part.rows, accepted)
    assert part.rng.normal() == drawn.normal()


def test_ready_made_parts_come_back_as_they_were_or_not_at_all(stage):
    rng = np.random.default_rng(5)
    rows, counts = np.zeros((3, 2)), np.zeros(3, np.int64)
    part, chance = ArraysPart(rows=rows, counts=counts), RandomPart(rng)
    rng.integers(0, 9, 3, dtype=np.uint32)  # leaves half a word behind
    before, drawn = chance.export(), part.export()
    first = rng.integers(0, 2**31, 5, dtype=np.uint32), rng.normal(size=5)
    rows += 1.0
    counts += 2
    part.restore(drawn)
    chance.restore(before)
    assert not rows.any()
    assert not counts.any()
    again = rng.integers(0, 2**31, 5, dtype=np.uint32), rng.normal(size=5)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    rows += 1.0
    for bad in ({"rows": np.ones((3, 2))}, {"rows": np.ones(2), "counts": counts}, {}):
        with pytest.raises(CheckpointError):
            part.restore(bad)
    assert (rows == 1.0).all()
    with pytest.raises(CheckpointError, match="PCG64"):
        chance.restore({})
    with pytest.raises(CheckpointError, match="MT19937"):
        RandomPart(np.random.Generator(np.random.MT19937(1)))


def test_ready_made_parts_go_through_a_file(stage, tmp_path: Path):
    rng, rows = np.random.default_rng(5), np.zeros(4)
    model = model_of(stage, store=FileStore(tmp_path))
    model.attach("rows", ArraysPart(rows=rows))
    model.attach("chance", RandomPart(rng))
    model.observe_many(times(700), market(700, 5))
    kept = model.store.latest()
    assert kept is not None
    expected = copy.deepcopy(rng).normal()
    rows += 3.0
    rng.normal(size=10)
    model.observe_many(times(25, 10**15), 0.5 + market(25, 6))
    assert model.counts.rollbacks == 1
    assert not rows.any()
    assert rng.normal() == expected


def test_a_model_may_move_from_one_regime_to_another_but_not_between_them(stage):
    here = reference_of(np.random.default_rng(1).normal(size=(2_000, 2)), ("x", "y"))
    far = reference_of(np.random.default_rng(2).normal(size=(2_000, 2)) + 1.2, ("x", "y"))
    profile = replace(stage.profile, warn=Limits(), act=Limits(mahalanobis=0.6))
    settings = GateSettings(every=100, pause_checks=0, rollbacks_per_day=1_000, adwin_delta=0.0)

    def moved(by: float) -> GatedModel:
        model = GatedModel(Gate((here, far), profile), learner=Learner(20.0), settings=settings)
        rows = np.random.default_rng(3).normal(size=(2_000, 2))
        rows[1_000:] += by
        model.observe_many(times(2_000), rows)
        return model

    assert moved(1.2).counts.rollbacks == 0
    assert abs(moved(1.2).location - 1.2).max() < 0.6
    assert moved(0.6).counts.rollbacks > 5
    assert abs(moved(0.6).location).max() < 0.6


def test_a_part_that_refuses_leaves_everything_as_it_was(stage, tmp_path: Path):
    store = FileStore(tmp_path)
    model, part = model_of(stage, store=store), Part()
    model.attach("reservoir", part)
    model.observe_many(times(800), market(800, 5))
    before, rows = model.adaptive.export(), part.rows.copy()
    part.refuse = True
    part.rows += 7.0
    with pytest.raises(CheckpointError, match="not today"):
        model.resume()
    np.testing.assert_array_equal(model.adaptive.location, before["location"])
    assert (part.rows == rows + 7.0).all()


def test_a_part_that_refuses_in_a_rollback_freezes_the_model(stage):
    model, part = model_of(stage), Part()
    model.attach("reservoir", part)
    model.observe_many(times(1_000), market(1_000, 5))
    part.refuse = True
    events = model.observe_many(times(100, 10**15), 0.2 + market(100, 6))
    assert events[-1].kind is K.FREEZE
    assert "reservoir" in events[-1].note
    np.testing.assert_array_equal(model.location, stage.reference.location)


def test_a_rollback_to_the_reference_takes_parts_to_where_they_began(stage):
    model, part = model_of(stage), Part()
    model.attach("reservoir", part)
    model.observe_many(times(50), market(50, 1))
    part.rows += 5.0
    model.observe_many(times(25, 10**15), 0.5 + market(25, 6))
    assert model.counts.rollbacks == 1
    assert (part.rows == 0.0).all()


def test_a_process_that_starts_again_goes_on_from_the_last_accepted_state(stage, tmp_path: Path):
    first = model_of(stage, store=FileStore(tmp_path))
    first.observe_many(times(1_000), market(1_000, 5))
    kept = first.store.latest()
    assert kept is not None
    again = model_of(stage, store=FileStore(tmp_path))
    assert again.resume()
    assert again.checkpoint == first.checkpoint
    np.testing.assert_array_equal(again.location, kept.arrays["model/location"])
    assert again.observe(kept.ts_ns - 1, np.zeros(4)) is None
    assert again.counts.out_of_order == 1
    assert not model_of(stage).resume()


def test_a_checkpoint_cut_short_is_passed_over_at_a_rollback(stage, tmp_path: Path):
    store = FileStore(tmp_path)
    model = model_of(stage, store=store)
    model.observe_many(times(1_000), market(1_000, 5))
    newest = store.entries[-1].sha256
    path = tmp_path / "objects" / f"{newest}.ckpt"
    path.write_bytes(path.read_bytes()[:100])
    events = model.observe_many(times(200, 10**15), 0.2 + market(200, 6))
    back = next(e for e in events if e.kind is K.ROLLBACK)
    assert back.checkpoint == store.entries[-2].sha256
    assert newest[:12] in back.note


def test_a_full_disk_is_told_and_serves_nothing_that_was_not_kept(
    stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    model = model_of(stage, store=FileStore(tmp_path))
    model.observe_many(times(800), market(800, 5))
    served, name = model.location.copy(), model.checkpoint

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as m:
        m.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            model.observe_many(times(25, 10**15), market(25, 6))
    np.testing.assert_array_equal(model.location, served)
    assert model.checkpoint == name
    assert FileStore(tmp_path).latest().sha256 == name
    model.observe_many(times(100, 2 * 10**15), market(100, 7))
    assert model.checkpoint != name


def test_a_rollback_with_no_earlier_checkpoint_goes_to_the_reference(stage):
    model = model_of(stage)
    model.observe_many(times(50), market(50, 1))  # settles
    events = model.observe_many(times(25, 10**15), 0.5 + market(25, 6))
    assert [e.kind for e in events] == [K.ROLLBACK]
    assert events[0].checkpoint == ""
    assert "reference" in events[0].note
    np.testing.assert_array_equal(model.location, stage.reference.location)


def test_too_many_rollbacks_freeze_the_model_until_the_day_is_over(stage):
    model = model_of(stage)
    rows = attacked(3_000)
    rows[2_700:] = market(300, 8)
    ts = times(3_000)
    ts[2_700:] += 2 * 86_400 * 10**9
    events = model.observe_many(ts, rows)
    kinds = [e.kind for e in events]
    frozen = kinds.index(K.FREEZE)
    assert model.counts.while_paused > 0
    day = [e for e in events[: frozen + 1] if e.kind is K.ROLLBACK]
    assert len(day) >= stage.settings.rollbacks_per_day
    assert "alert" in events[frozen].note
    assert K.RELEASE in kinds
    assert model.counts.while_frozen > 0
    assert kinds[-1] in (K.ACCEPT, K.WARN, K.HOLD)


def test_learning_pauses_after_a_rollback_and_longer_each_time(stage):
    settings = replace(stage.settings, rollbacks_per_day=1_000, pause_checks=2, pause_checks_max=8)
    model = model_of(stage, settings=settings)
    events = model.observe_many(times(4_000), attacked(4_000, push=0.03))
    back = [e.ts_ns // MINUTE for e in events if e.kind is K.ROLLBACK and e.rows > 1_100]
    assert len(back) > 5
    gaps = np.diff(back)
    assert gaps[0] >= 25 * 3
    assert gaps[-1] >= 25 * 9
    assert model.counts.while_paused > 1_000
    assert (np.diff(gaps[:3]) > 0).all()


def test_a_frozen_model_can_wait_for_a_person(stage):
    model = model_of(stage, settings=replace(stage.settings, freeze_ns=0, rollbacks_per_day=0))
    model.observe_many(times(2_000), attacked())
    assert model.frozen
    np.testing.assert_array_equal(model.location, stage.reference.location)
    model.observe_many(times(100, 10**17), market(100, 3))
    assert model.frozen
    event = model.release(2 * 10**17, "looked at by the desk")
    assert event.kind is K.RELEASE
    assert not model.frozen
    with pytest.raises(GateError, match="not frozen"):
        model.release(2 * 10**17, "again")


def test_two_warnings_in_a_row_hold_the_last_accepted_model(stage):
    profile = replace(stage.profile, warn=Limits(mahalanobis=0.05), act=Limits())
    model = GatedModel(
        Gate(stage.reference, profile), learner=stage.learner, settings=stage.settings
    )
    rows = market(1_500, 5)
    rows[700:, 0] += 0.005
    events = model.observe_many(times(1_500), rows)
    kinds = [e.kind for e in events]
    assert {K.ACCEPT, K.WARN, K.HOLD} <= set(kinds)
    for before, now in itertools.pairwise(kinds):
        if now is K.HOLD:
            assert before in (K.WARN, K.HOLD)
    assert kinds[-1] is K.HOLD
    kept = model.store.latest()
    assert kept is not None
    np.testing.assert_array_equal(model.location, kept.arrays["model/location"])
    assert not np.array_equal(model.location, model.adaptive.location)


def test_a_golden_loss_that_creeps_up_is_told_by_the_detectors(stage):
    open_wide = replace(stage.profile, act=Limits(), warn=Limits(cusum=8.0, page_hinkley=8.0))
    model = GatedModel(
        Gate(stage.reference, open_wide), learner=stage.learner,
        settings=replace(stage.settings, adwin_delta=0.05),
    )  # fmt: skip
    rows = market(6_000, 5)
    rows[3_000:, 0] += 0.008
    events = model.observe_many(times(6_000), rows)
    told = [(e.rows, b.measure) for e in events for b in e.breaches]
    assert {"cusum", "page_hinkley", "adwin"} <= {name for rows_, name in told if rows_ > 3_000}
    early = [name for rows_, name in told if rows_ <= 2_900]
    assert len(early) < len(told) / 4


def test_rows_that_cannot_be_looked_at_are_counted_by_reason(stage):
    model = model_of(stage)
    model.observe(100, np.zeros(4))
    model.observe(101, [1.0, math.nan, 0.0, 0.0])
    model.observe(99, np.zeros(4))
    for weight in (0.0, -1.0, 1.5, math.nan):
        model.observe(102, np.zeros(4), weight=weight)
    c = model.counts
    assert (c.not_finite, c.out_of_order, c.bad_weight, c.refused) == (1, 1, 4, 6)
    with pytest.raises(GateError, match="features"):
        model.observe(103, np.zeros(3))
    with pytest.raises(GateError, match="weights"):
        model.observe_many(times(3), np.zeros((3, 4)), weights=[1.0])
    with pytest.raises(GateError, match="attach"):
        model.attach("a/b", Part())


def test_what_weights_took_off_is_counted(stage):
    model = model_of(stage)
    model.observe_many(times(150), market(150, 2), weights=np.full(150, 0.25))
    assert model.counts.down_weighted == 100
    assert model.counts.weight_lost == pytest.approx(75.0)


def test_a_stream_gone_constant_is_not_accepted(stage):
    model = model_of(stage)
    model.observe_many(times(1_000), market(1_000, 5))
    events = model.observe_many(times(2_000, 10**15), np.zeros((2_000, 4)))
    assert {e.kind for e in events} & {K.ROLLBACK, K.FREEZE}
    assert np.linalg.eigvalsh(model.covariance)[0] > 0.1


def test_a_model_can_be_copied_before_it_runs(stage):
    first = model_of(stage, store=MemoryStore(keep=2))
    second = copy.deepcopy(first)
    for model in (first, second):
        model.observe_many(times(1_500), attacked(1_500, 900))
    assert first.digest == second.digest


def test_settings_that_make_no_sense_are_refused():
    for terms in ({"every": 0}, {"rollbacks_per_day": -1}, {"rows_kept": 0}):
        with pytest.raises(GateError, match="too small"):
            GateSettings(**terms)


def test_events_are_said_in_words(stage):
    model = model_of(stage)
    (event,) = model.observe_many(times(75), market(75, 2))
    assert event.report().startswith(f"{event.kind.value} after 25 rows")
    assert model.names == NAMES

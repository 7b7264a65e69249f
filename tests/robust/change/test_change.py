# SPDX-License-Identifier: MIT
"""Change detectors against independent numbers, and one value at a time against all at once."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from seawall.robust import EstimationError
from seawall.robust.change import (
    Adwin,
    Cusum,
    PageHinkley,
    adwin,
    cusum,
    cusum_arl,
    cusum_threshold,
    page_hinkley,
)

VALUES = arrays(
    np.float64,
    st.integers(0, 300),
    elements=st.floats(-3, 3) | st.just(math.nan),
    fill=st.nothing(),
)


def test_cusum_agrees_with_its_definition(oracle):
    for case in oracle.cases("regime", function="drift.cusum"):
        i = case.inputs
        run = cusum(i["x"], target=i["target"], scale=i["sigma"], k=i["k"], h=i["h"])
        oracle.check(case, {"s_plus": run.s_plus, "s_minus": run.s_minus, "alarms_at": run.alarms})


def test_page_hinkley_finds_what_river_finds(oracle):
    for case in oracle.cases("regime", function="drift.page_hinkley"):
        i = case.inputs | {"min_instances": int(case.inputs["min_instances"])}
        x = i.pop("x")
        oracle.check(case, {"detections": page_hinkley(x, river=True, **i)})


def test_adwin_cuts_where_river_and_the_paper_cut(oracle):
    for case in oracle.cases("regime", function="drift.adwin"):
        i = {k: v if k in ("x", "delta") else int(v) for k, v in case.inputs.items()}
        x = i.pop("x")
        paper = adwin(x, bounded=False, **i)
        river = adwin(x, bounded=False, keep_newest=False, **i)
        oracle.check(
            case,
            {
                "detections_paper": paper.detections,
                "detections_river": river.detections,
                "width_at_detection_river": river.widths,
            },
        )


def test_run_lengths_agree_with_the_integral_equation(oracle):
    (case,) = oracle.cases("regime", function="drift.cusum_arl")
    i = case.inputs
    rows = list(zip(i["k"], i["h"], i["shift"], strict=True))
    one = [cusum_arl(k, h, s, two_sided=False) for k, h, s in rows]
    oracle.check(
        case, {"arl_one_sided": one, "arl_two_sided": [cusum_arl(k, h, s) for k, h, s in rows]}
    )


def test_the_table_of_run_lengths_and_one_alarm_in_thirty_days_of_minutes():
    assert cusum_arl(0.5, 4.0) == pytest.approx(167.7, abs=0.05)
    assert cusum_arl(0.5, 4.77) == pytest.approx(368.6, abs=0.05)
    assert cusum_arl(0.25, 8.0) == pytest.approx(368.4, abs=0.05)
    assert cusum_threshold(43_200.0) == pytest.approx(9.51, abs=0.01)
    assert cusum_arl(0.5, cusum_threshold(1_000.0)) == pytest.approx(1_000.0, rel=1e-8)


def test_simulated_run_lengths_are_those_that_were_asked_for():
    rng = np.random.default_rng(3)
    h = cusum_threshold(200.0)
    alarms = cusum(rng.standard_normal(400_000), h=h).alarms
    lengths = np.diff(np.concatenate([[-1], alarms]))
    error = 200.0 / math.sqrt(lengths.size)
    assert abs(lengths.mean() - 200.0) < 4.0 * error


@given(VALUES)
def test_one_value_at_a_time_is_the_batch(x):
    c, p, a = Cusum(h=2.0), PageHinkley(5, 0.01, 2.0), Adwin(0.3, clock=4, bounded=False)
    seen = [(c.update(v), p.update(v), a.update(v), c.s_plus, c.s_minus) for v in x.tolist()]
    run = cusum(x, h=2.0)
    cut = adwin(x, delta=0.3, clock=4, bounded=False)
    assert [t for t, s in enumerate(seen) if s[0]] == run.alarms.tolist()
    assert [t for t, s in enumerate(seen) if s[1]] == page_hinkley(
        x, min_instances=5, delta=0.01, threshold=2.0
    ).tolist()
    assert [t for t, s in enumerate(seen) if s[2]] == cut.detections.tolist()
    assert a.width == cut.width
    good = ~np.isnan(x)
    np.testing.assert_array_equal([s[3] for s, g in zip(seen, good, strict=True) if g],
                                  run.s_plus[good])  # fmt: skip
    assert c.missing == p.missing == a.missing == int((~good).sum())


@given(VALUES, st.sampled_from([0.0, 0.5]))
def test_arms_and_onsets_are_those_of_the_formula_also_where_values_are_missing(x, head_start):
    head, arms, since = 2.0 * head_start, [2.0 * head_start] * 2, [None, None]
    plus, minus, onsets = [], [], []
    for t, z in enumerate(x.tolist()):
        if z == z:
            since = [t if arm == 0.0 or at is None else at
                     for arm, at in zip(arms, since, strict=True)]  # fmt: skip
            arms = [max(0.0, arms[0] + z - 0.5), max(0.0, arms[1] - z - 0.5)]
        plus.append(arms[0])
        minus.append(arms[1])
        if max(arms) > 2.0:
            onsets.append(since[0] if arms[0] > 2.0 else since[1])
            arms, since = [head, head], [t + 1, t + 1]
    run = cusum(x, h=2.0, head_start=head_start)
    np.testing.assert_allclose(run.s_plus, plus, atol=1e-12)
    np.testing.assert_allclose(run.s_minus, minus, atol=1e-12)
    np.testing.assert_array_equal(run.onsets, onsets)


@given(st.integers(0, 1_000), st.integers(20, 60))
def test_the_onset_of_a_large_step_is_where_it_happened(seed, at):
    x = np.random.default_rng(seed).uniform(-0.4, 0.4, 100)
    x[at:] += 6.0
    run = cusum(x)
    assert run.alarms[0] == at
    assert run.onsets[0] == at


def test_a_head_start_finds_an_early_change_sooner():
    x = np.full(30, 1.2)
    assert cusum(x, head_start=0.5).alarms[0] < cusum(x).alarms[0]


def test_adwin_cuts_soon_after_a_step_and_never_without_one():
    x = np.concatenate([np.full(512, 0.25), np.full(512, 0.75)])
    cut = adwin(x)
    assert cut.detections.size >= 1
    assert cut.detections[0] < 512 + 96
    assert adwin(np.full(5_000, 0.5)).detections.size == 0


def test_missing_values_change_nothing_and_are_counted():
    x = np.array([0.3, math.nan, 4.0, math.nan])
    run = cusum(x)
    np.testing.assert_array_equal(run.s_plus, [0.0, 0.0, 3.5, 3.5])
    state = Adwin()
    assert not state.update(math.nan)
    assert (state.seen, state.missing, state.width) == (1, 1, 0)
    assert math.isnan(state.mean)


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: Adwin().update(1.5), "outside"),
        (lambda: Adwin(delta=2.0), "delta"),
        (lambda: Adwin(clock=0), "too small"),
        (lambda: Cusum(h=0.0), "h 0"),
        (lambda: cusum([1.0], scale=-1.0), "scale"),
        (lambda: PageHinkley(threshold=0.0), "threshold"),
        (lambda: cusum_threshold(1.0), "arl"),
        (lambda: cusum_arl(-1.0, 5.0), "k -1"),
    ],
)
def test_terms_that_make_no_sense_are_refused(make, word):
    with pytest.raises(EstimationError, match=word):
        make()


def test_nothing_is_found_in_nothing():
    assert cusum([]).alarms.size == page_hinkley([]).size == adwin([]).detections.size == 0

# SPDX-License-Identifier: MIT
"""Change detectors row by row: the definitions, and the batch ones of the estimators."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seawall.analytics.regimes import adwin, cusum, page_hinkley
from seawall.analytics.spec import run
from seawall.robust import change


def test_cusum_agrees_with_the_definition_and_names_the_onset(oracle: Any) -> None:
    for case in oracle.cases("regime", "drift.cusum"):
        one = case.inputs
        params = {"k": one["k"], "h": one["h"], "target": one["target"], "scale": one["sigma"]}
        got = run(cusum.ANALYTIC, {"value": one["x"]}, params)
        at = np.flatnonzero(got["alarm"])
        oracle.check(case, {"s_plus": got["s_plus"], "s_minus": got["s_minus"], "alarms_at": at})
        other = change.cusum(one["x"], k=one["k"], h=one["h"], target=one["target"],
                             scale=one["sigma"])  # fmt: skip
        np.testing.assert_array_equal(at - got["onset"][at], other.onsets)


def test_the_rows_between_false_alarms_are_those_of_the_integral_equation(oracle: Any) -> None:
    (case,) = oracle.cases("regime", "drift.cusum_arl")
    rng = np.random.default_rng(0)
    for k, h, shift, arl in zip(*(case.inputs[n] for n in ("k", "h", "shift")),
                                case.outputs["arl_two_sided"], strict=True):  # fmt: skip
        rows = int(min(arl * 2_000, 1_500_000))
        x = rng.normal(shift, 1.0, rows)
        alarms = np.count_nonzero(run(cusum.ANALYTIC, {"value": x}, {"k": k, "h": h})["alarm"])
        assert rows / alarms == pytest.approx(arl, rel=4.0 / np.sqrt(alarms) + 0.005)


@pytest.mark.parametrize("keep", [0.0, 1.0])
def test_adwin_cuts_where_river_and_the_paper_cut(oracle: Any, keep: float) -> None:
    for case in oracle.cases("regime", "drift.adwin"):
        one = case.inputs
        params = {"delta": one["delta"], "clock": one["clock"], "buckets": one["max_buckets"],
                  "least": one["min_window_length"], "grace": one["grace_period"]}  # fmt: skip
        got = run(adwin.ANALYTIC, {"value": one["x"]}, {**params, "keep": keep, "bounded": 0.0})
        at = np.flatnonzero(got["cut"])
        if keep == 0.0:
            oracle.check(
                case, {"detections_river": at, "width_at_detection_river": got["width"][at]}
            )
        else:
            oracle.check(case, {"detections_paper": at})
        other = change.adwin(one["x"], keep_newest=keep == 1.0, bounded=False)
        np.testing.assert_array_equal(at, other.detections)
        assert got.state[adwin.WIDTH] == other.width


def test_page_hinkley_agrees_with_the_batch_one(oracle: Any) -> None:
    for case in oracle.cases("regime", "drift.page_hinkley"):
        one = case.inputs
        params = {"rows": one["min_instances"], "delta": one["delta"],
                  "threshold": one["threshold"], "alpha": one["alpha"]}  # fmt: skip
        got = run(page_hinkley.ANALYTIC, {"value": one["x"]}, params)
        other = change.page_hinkley(one["x"], min_instances=int(one["min_instances"]),
                                    delta=one["delta"], threshold=one["threshold"],
                                    alpha=one["alpha"])  # fmt: skip
        np.testing.assert_array_equal(np.flatnonzero(got["alarm"]), other)
        # The reference follows river, whose falls begin at -1: the same changes, a bit apart.
        assert abs(other.size - case.outputs["detections"].size) <= 1


def test_a_value_outside_of_its_range_is_clipped_for_adwin() -> None:
    x = np.full(100, 0.5)
    x[50] = 7.0
    got = run(adwin.ANALYTIC, {"value": x})
    assert got["cut"].sum() == 0
    assert got["mean"][-1] == pytest.approx(0.505, abs=1e-12)

# SPDX-License-Identifier: MIT
"""False alarms: stated, simulated, and counted on real hours that nobody attacked."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from seawall.robust.gate import (
    ORIGINAL,
    Gate,
    GateError,
    GateSettings,
    Learner,
    WindowRows,
    build_golden,
    calibrated,
    fit_reference,
    reference_of,
)
from seawall.robust.gate.calibrate import joint_limits
from seawall.robust.gate.false_alarms import false_alarms
from seawall.robust.gate.features import COLUMNS, bar_features, join_features
from seawall.robust.gate.null_rates import null_rates
from seawall.robust.gate.nulls import lengths_for, tail_of
from seawall.robust.gate.profile_file import load_profile, save_profile

from .conftest import NAMES, market, times


def test_the_original_triple_alarms_without_drift_and_the_calibrated_limits_hardly(stage):
    rates = null_rates(
        stage.reference, [ORIGINAL, stage.profile], stage.learner, every=25, paths=30
    )
    by = {(r.profile, r.null): r for r in rates}
    for null in ("parametric", "bootstrap"):
        assert by["original", null].act > 0.5
        assert by["calibrated", null].act < 0.02
        assert by["calibrated", null].act <= by["calibrated", null].warn


@pytest.mark.parametrize(
    ("n", "d", "tail", "published"), [(200, 3, 0, 0.76), (500, 5, 0, 0.73), (2000, 5, 3, 0.86)]
)
def test_the_fifteen_percent_of_the_original_alarm_by_sampling_alone(n, d, tail, published):
    rng = np.random.default_rng(7)
    beyond = 0
    for _ in range(300):
        rows = rng.normal(size=(n, d)) if tail == 0 else rng.standard_t(tail, (n, d)) / math.sqrt(3)
        g = np.linalg.eigvalsh(np.cov(rows, rowvar=False))
        beyond += bool(g[0] < 0.85 or g[-1] > 1.15)
    assert beyond / 300 == pytest.approx(published, abs=0.09)


def test_a_fresh_clean_stream_alarms_about_as_often_as_stated(stage):
    found = false_alarms(
        stage.gate, times(60_000), market(60_000, 77), learner=stage.learner,
        settings=stage.settings,
    )  # fmt: skip
    assert found.checks > 2_300
    expected = 1e-3 * found.checks
    assert found.rollbacks <= expected + 4.0 * math.sqrt(expected)
    assert found.low <= found.per_30_days <= found.high


def test_joint_limits_are_passed_as_often_as_asked():
    rng = np.random.default_rng(1)
    maxima = np.exp(rng.normal(size=(4_000, 3)) @ np.array([[1, 0.5, 0], [0, 1, 0.3], [0, 0, 1]]))
    limits, far = joint_limits(maxima, 0.05)
    assert not far
    assert (maxima > limits).any(axis=1).mean() == pytest.approx(0.05, abs=0.002)
    rarer, far = joint_limits(maxima, 1e-4)
    assert far
    assert (rarer > limits).all()


def test_rarer_alarms_and_heavier_tails_need_wider_limits():
    gaussian = reference_of(np.random.default_rng(1).normal(size=(3_000, 3)), ("x", "y", "z"))
    heavy = reference_of(np.random.default_rng(1).standard_t(4, (3_000, 3)), ("x", "y", "z"))
    assert tail_of(heavy) < 12.0 < tail_of(gaussian)
    terms = {"learner": Learner(100.0), "every": 20, "paths": 30, "nulls": ("bootstrap",)}
    often = calibrated(gaussian, false_alarm_rate=1e-2, **terms)
    seldom = calibrated(gaussian, false_alarm_rate=1e-4, **terms)
    assert seldom.act.kl > often.act.kl
    assert seldom.calibration.extrapolated
    again = calibrated(gaussian, false_alarm_rate=1e-2, **terms)
    assert again == often


def test_a_longer_memory_has_a_narrower_corridor(stage):
    terms = {"false_alarm_rate": 1e-3, "every": 25, "paths": 20, "nulls": ("bootstrap",)}
    short = calibrated(stage.reference, learner=Learner(60.0), **terms)
    long = calibrated(stage.reference, learner=Learner(400.0), **terms)
    assert long.act.mahalanobis < short.act.mahalanobis
    assert long.act.kl < short.act.kl


def test_calibrations_that_make_no_sense_are_refused(stage):
    for terms in (
        {"false_alarm_rate": 0.0},
        {"false_alarm_rate": 0.9},
        {"false_alarm_rate": 1e-3, "nulls": ()},
        {"false_alarm_rate": 1e-3, "nulls": ("hope",)},
        {"false_alarm_rate": 1e-3, "paths": 3},
        {"false_alarm_rate": 1e-3, "every": 0},
    ):
        with pytest.raises(GateError):
            calibrated(stage.reference, **terms)
    short = reference_of(market(60, 1), NAMES)
    with pytest.raises(GateError, match="enough golden rows"):
        calibrated(short, false_alarm_rate=1e-3, nulls=("left-out",))
    assert lengths_for(100.0, 10).start == 30


def test_a_profile_is_kept_with_its_golden_set_and_every_byte_of_it_counts(stage, tmp_path: Path):
    path = save_profile(stage.profile, stage.golden.digest, tmp_path / "p" / "profile.json")
    assert load_profile(path, stage.golden.digest) == stage.profile
    with pytest.raises(GateError, match="another golden set"):
        load_profile(path, "0" * 64)
    text = path.read_text()
    path.write_text(text.replace('"every": 25', '"every": 26'))
    with pytest.raises(GateError, match="changed"):
        load_profile(path)
    path.write_text(text[:-40])
    with pytest.raises(GateError, match="cut short"):
        load_profile(path)
    with pytest.raises(GateError, match="no profile"):
        load_profile(tmp_path / "none.json")


def test_bars_become_rows_without_a_level_and_gaps_give_none():
    n = 50
    close = 100.0 * np.exp(np.cumsum(np.full(n, 0.01)))
    bars = {"open": close, "high": close, "low": close, "close": close, "volume": np.full(n, 2.0)}
    ts = times(n)
    ts[30:] += 10**12
    at, rows, names = bar_features(ts, bars, "X ")
    assert names == ("X return", "X skew", "X volume")
    assert at.size == n - 2
    np.testing.assert_allclose(rows, np.tile([0.01, 0.0, 0.0], (n - 2, 1)), atol=1e-12)
    bars["volume"] = bars["volume"].copy()
    bars["volume"][10] = 0.0
    assert bar_features(ts, bars)[0].size == n - 4
    both, side, names = join_features([(at, rows, ("a", "b", "c")), (at[5:], rows[5:], ("d",) * 3)])
    assert both.tolist() == at[5:].tolist()
    assert side.shape == (n - 7, 6)
    with pytest.raises(GateError, match="volume"):
        bar_features(ts, {k: v for k, v in bars.items() if k != "volume"})
    with pytest.raises(GateError, match="too few"):
        bar_features(ts[:2], {k: v[:2] for k, v in bars.items()})


SEASONS = [
    ("2017-10-01", "2018-02-01", "trend"), ("2018-02-01", "2018-08-01", "volatile"),
    ("2018-08-01", "2018-11-01", "calm"), ("2018-11-01", "2019-04-01", "crash"),
    ("2019-04-01", "2019-10-01", "trend"), ("2019-10-01", "2020-02-01", "calm"),
    ("2020-02-01", "2020-07-01", "crash"), ("2020-07-01", "2021-01-01", "trend"),
]  # fmt: skip


def test_real_hours_that_nobody_attacked_are_rolled_back_at_most_once_in_thirty_days(
    test_data: Path,
):
    table = pl.read_parquet(test_data / "ohlcv" / "binance_btcusdt_1h_2017-08_2023-06.parquet")
    table = table.sort("date")
    ts, rows, names = bar_features(
        table["date"].dt.epoch("ns").to_numpy(), {c: table[c].to_numpy() for c in COLUMNS}
    )

    def between(start: str, end: str) -> slice:
        marks = [np.datetime64(x, "ns").astype(np.int64) for x in (start, end)]
        return slice(*np.searchsorted(ts, marks).tolist())

    golden = build_golden(
        [WindowRows(a, r, rows[between(a, b)], ts[between(a, b)]) for a, b, r in SEASONS], names
    )
    reference, learner = fit_reference(golden), Learner(500.0)
    profile = calibrated(
        reference, false_alarm_rate=1.0 / 90.0, learner=learner, every=24, paths=100
    )
    later = between("2021-01-01", "2023-07-01")
    found = [
        false_alarms(
            Gate(reference, p), ts[later], rows[later], learner=learner,
            settings=GateSettings(every=24),
        )
        for p in (profile, ORIGINAL)
    ]  # fmt: skip
    own, original = found
    assert own.days > 900
    assert own.per_30_days <= 1.0
    assert own.high <= 1.0
    assert original.low > 3.0

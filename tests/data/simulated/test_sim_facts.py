# SPDX-License-Identifier: MIT
"""The measures of the scorecard against closed forms and independent libraries."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats as scipy_stats

from seawall.data.simulated.facts import measures as m
from seawall.data.simulated.facts import stats
from seawall.data.simulated.facts.bootstrap import band
from seawall.data.simulated.facts.real import load_rows
from seawall.data.simulated.facts.series import Recording, orders_of
from seawall.data.simulated.scorecard import bands_of, reference, run_rows, value_of, verdict

from .sim_helpers import small

RNG = np.random.default_rng(1)


def test_hill_finds_the_exponent_of_a_pareto_law() -> None:
    x = RNG.pareto(3.0, 200_000) + 1.0
    assert stats.hill(x) == pytest.approx(3.0, rel=0.03)


def test_dfa_of_white_noise_is_a_half_and_of_a_walk_one_and_a_half() -> None:
    x = RNG.normal(size=20_000)
    assert stats.dfa(x) == pytest.approx(0.5, abs=0.03)
    assert stats.dfa(np.cumsum(x)) == pytest.approx(1.5, abs=0.08)


def test_kurtosis_and_autocorrelation_agree_with_libraries() -> None:
    x = RNG.standard_t(5, 5_000)
    assert stats.kurtosis(x) == pytest.approx(float(scipy_stats.kurtosis(x)))
    d = x - x.mean()
    direct = [float(np.sum(d[k:] * d[:-k]) / np.sum(d * d)) for k in (1, 7)]
    assert stats.acf(x, (1, 7)).tolist() == pytest.approx(direct)


def test_variance_ratio_agrees_with_an_independent_implementation() -> None:
    unitroot = pytest.importorskip("arch.unitroot")
    x = RNG.normal(size=2_000) + 0.01
    theirs = unitroot.VarianceRatio(np.concatenate(([0.0], np.cumsum(x))), lags=10).vr
    assert stats.variance_ratio(x, 10) == pytest.approx(theirs, rel=1e-6)


def test_a_trend_raises_the_variance_ratio_and_a_bounce_lowers_it() -> None:
    e = RNG.normal(size=20_000)
    assert stats.variance_ratio(e[1:] + 0.5 * e[:-1], 10) > 1.5
    assert stats.variance_ratio(e[1:] - 0.5 * e[:-1], 10) < 0.5


def test_a_poisson_stream_has_no_branching() -> None:
    counts = RNG.poisson(3.0, (20_000, 1)).astype(float)
    branching = next(x for x in m.MEASURES if x.source == "arrivals").stat
    assert abs(branching(counts)) < 0.03


def test_prints_of_one_millisecond_and_side_are_one_order() -> None:
    ts = np.array([0, 100, 900_000, 2_000_000, 2_000_001], dtype=np.int64)
    buy = np.array([True, True, False, False, False])
    rec = Recording(
        ts, np.ones(5), np.arange(1.0, 6.0), buy, ts, np.ones(5), np.zeros((1, 10, 4)), 0.1
    )
    when, sign, qty = orders_of(rec)
    assert (when.tolist(), sign.tolist(), qty.tolist()) == (
        [0, 900_000, 2_000_000], [1.0, -1.0, -1.0], [3.0, 3.0, 9.0],
    )  # fmt: skip


def test_the_band_of_a_mean_has_the_width_of_its_error() -> None:
    x = RNG.normal(size=(4_000, 1))
    low, high = band(x, lambda r: float(r.mean()), 20, 1_000, 1_000, 3)
    assert high - low == pytest.approx(2 * 1.96 / np.sqrt(1_000), rel=0.15)


def test_every_fact_has_a_measure_and_every_measure_a_stored_band() -> None:
    assert {x.fact for x in m.MEASURES} == set(range(1, 15))
    bands, command = reference()
    assert set(bands) == {x.name for x in m.MEASURES}
    assert command.startswith("seawall sim reference")
    assert all(low <= high for _, low, high in bands.values())


def test_a_band_that_holds_every_value_decides_nothing() -> None:
    share = next(x for x in m.MEASURES if x.fact == 14)
    assert verdict(share, 0.5, 0.0, 1.0) is None
    assert verdict(share, 0.5, 0.2, 0.6) is True
    assert verdict(share, 0.7, 0.2, 0.6) is False
    assert verdict(share, 0.7, float("nan"), float("nan")) is None


def test_a_quarter_of_an_hour_gives_a_number_for_every_measure_but_those_of_tails() -> None:
    rows = run_rows(small(duration_s=900.0))
    values = {x.name: value_of(x, rows) for x in m.MEASURES if x.fact not in (3, 4, 14)}
    assert not [name for name, v in values.items() if not np.isfinite(v)]
    assert values["share of time with a one-tick spread"] > 0.5
    # Fifteen points decide no sign; a day of simulation gives 0.67.
    assert abs(values["correlation of |r| and volume, 1 min"]) < 1.0


def test_the_stored_bands_are_those_of_the_real_data(test_data: Path) -> None:
    rows = load_rows(test_data)
    stored, _ = reference()
    for name, fresh in bands_of(rows, 24 * 60).items():
        assert stored[name] == pytest.approx(fresh, abs=1e-5), name


def test_reference_is_valid_json_without_the_rows_of_anybody() -> None:
    import seawall.data.simulated.facts as facts

    path = Path(facts.__file__).with_name("reference.json")
    body = json.loads(path.read_text())
    assert set(body) == {"command", "sources", "draws", "bands"}
    assert all(len(v) == 3 for v in body["bands"].values())

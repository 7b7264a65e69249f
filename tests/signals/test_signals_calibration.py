# SPDX-License-Identifier: MIT
"""Confidence is a probability: isotonic, shrunk where little is known, and checked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from seawall.model.errors import ResearchError
from seawall.signals.calibration import calibrate, pool, reliability
from seawall.signals.readings import read, signals_of
from seawall.signals.registry import kind_of
from seawall.signals.signal import Signal

from .signal_helpers import grid


@given(
    hnp.arrays(float, st.integers(1, 60), elements=st.integers(0, 12).map(lambda k: k / 12)),
    st.integers(0, 2**32 - 1),
)
def test_pooling_is_the_isotonic_regression_of_scikit_learn(x, seed) -> None:
    isotonic = pytest.importorskip("sklearn.isotonic").IsotonicRegression
    y = np.random.default_rng(seed).random(x.size)
    upper, level, mass = pool(x, y)
    ours = level[np.searchsorted(upper, x)]
    assert ours == pytest.approx(isotonic().fit_transform(x, y), abs=1e-12)
    assert mass.sum() == x.size
    assert (np.diff(level) > 0).all()
    assert (np.diff(upper) > 0).all()


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=80),
)
def test_confidence_is_a_probability_that_never_falls_with_strength(outcomes) -> None:
    strength, right = zip(*outcomes, strict=True)
    fitted = calibrate(strength, right)
    curve = fitted(np.linspace(0, 1, 200))
    assert ((curve >= 0) & (curve <= 1)).all()
    assert (np.diff(curve) >= 0).all()
    assert min(right) - 1e-12 <= curve.min()
    assert curve.max() <= max(right) + 1e-12


def test_a_known_probability_is_recovered_and_beats_the_base_rate() -> None:
    rng = np.random.default_rng(3)
    x = rng.random(20_000)
    truth = 0.35 + 0.4 * x
    y = rng.random(x.size) < truth
    fitted = calibrate(x[:10_000], y[:10_000])
    assert np.abs(fitted(x) - truth).mean() < 0.02
    curve = reliability(fitted, x[10_000:], y[10_000:])
    assert sum(curve.counts) == 10_000
    assert np.abs(np.subtract(curve.confidence, curve.frequency)).max() < 0.03
    assert curve.brier < curve.brier_base
    assert curve.brier == pytest.approx(np.mean(truth * (1 - truth)), abs=0.006)


def test_one_lucky_signal_is_not_certain() -> None:
    fitted = calibrate([0.1] * 50 + [0.9], [False, True] * 25 + [True])
    assert fitted([0.9])[0] < 0.55


@pytest.mark.parametrize("bad", [([], []), ([0.1], [True, False]), ([np.nan], [True])])
def test_what_cannot_be_calibrated_is_refused(bad) -> None:
    with pytest.raises(ResearchError, match="cannot be calibrated"):
        calibrate(*bad)


def signal(**changed: object) -> Signal:
    given: dict[str, object] = {
        "instrument": "v BTC/USDT", "ts_ns": 1, "name": "regime", "direction": 1, "strength": 0.5,
        "confidence": 0.6, "horizon_ns": 10, "reason": "because", "inputs_hash": "0" * 64,
    }  # fmt: skip
    return Signal(**(given | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [{"direction": 2}, {"strength": 1.1}, {"strength": float("nan")}, {"confidence": -0.1},
     {"confidence": float("nan")}, {"horizon_ns": 0}, {"inputs_hash": "abc"}, {"reason": ""}],
)  # fmt: skip
def test_a_signal_with_a_field_outside_its_range_is_refused(changed) -> None:
    with pytest.raises(ResearchError, match=next(iter(changed))):
        signal(**changed)


def test_a_signal_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        signal().direction = -1  # type: ignore[misc]


def test_signals_carry_the_confidence_that_was_calibrated_before_them() -> None:
    rng = np.random.default_rng(9)
    g = grid(mid=np.full(400, 100.0), ofi=rng.normal(size=400) ** 3)
    readings = read(kind_of("order_flow"), g)
    past = rng.random(2_000)
    fitted = calibrate(past, rng.random(2_000) < past)
    found = signals_of(readings, fitted)
    assert len(found) == int(readings.speaks.sum()) > 20
    expected = fitted([s.strength for s in found])
    assert [s.confidence for s in found] == expected.tolist()
    assert len({round(c, 3) for c in expected}) > 3
    assert {s.confidence for s in signals_of(readings)} == {0.5}
    assert {s.horizon_ns for s in found} == {5 * 10**9}

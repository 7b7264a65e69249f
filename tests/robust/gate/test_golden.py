# SPDX-License-Identifier: MIT
"""Golden sets: frozen, covered, and true to the last byte."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from seawall.robust import EstimationError
from seawall.robust.gate import (
    GoldenError,
    Standardisation,
    WindowRows,
    build_golden,
    fit_reference,
    load_golden,
    regime_references,
    save_golden,
    verify_golden,
)

from .conftest import NAMES, market, times


def test_a_stored_golden_set_comes_back_byte_for_byte(stage, tmp_path: Path):
    folder = save_golden(stage.golden, tmp_path / "v1")
    again = load_golden(folder)
    assert again.digest == stage.golden.digest
    assert again.rows.tobytes() == stage.golden.rows.tobytes()
    assert again.standard == stage.golden.standard
    assert verify_golden(folder) == ()


@pytest.mark.parametrize("window", range(4))
def test_one_changed_byte_is_found_and_its_window_named(stage, tmp_path: Path, window: int):
    folder = save_golden(stage.golden, tmp_path / "v1")
    path = sorted(folder.glob("*.f64"))[window]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    (fault,) = verify_golden(folder)
    assert fault.window == f"w{window}"
    assert "hash differs" in fault.what
    with pytest.raises(GoldenError, match=f"w{window}"):
        load_golden(folder)


def test_every_byte_of_the_manifest_counts(stage, tmp_path: Path):
    folder = save_golden(stage.golden, tmp_path / "v1")
    path = folder / "golden.json"
    whole = path.read_bytes()
    silent = []
    for at in range(0, len(whole), 7):
        data = bytearray(whole)
        data[at] ^= 1
        path.write_bytes(bytes(data))
        if not verify_golden(folder):
            silent.append(at)
    assert not silent


def test_a_window_cut_short_or_missing_is_named(stage, tmp_path: Path):
    folder = save_golden(stage.golden, tmp_path / "v1")
    first, second = sorted(folder.glob("*.f64"))[:2]
    first.write_bytes(first.read_bytes()[:-8])
    second.unlink()
    found = {f.window: f.what for f in verify_golden(folder)}
    assert "bytes" in found["w0"]
    assert "missing" in found["w1"]


def test_a_golden_set_is_never_overwritten_and_a_new_version_names_its_parent(
    stage, tmp_path: Path
):
    folder = save_golden(stage.golden, tmp_path / "v1")
    with pytest.raises(GoldenError, match="frozen"):
        save_golden(stage.golden, folder)
    second = build_golden([WindowRows("new", "calm", market(500, 9))], NAMES, parent=stage.golden)
    assert (second.version, second.parent) == (2, stage.golden.digest)
    with pytest.raises(GoldenError, match="parent has"):
        build_golden(
            [WindowRows("new", "calm", market(500, 9)[:, :3])], NAMES[:3], parent=stage.golden
        )


def test_coverage_says_which_regimes_are_there_and_which_are_not(stage):
    assert [r.name for r in stage.golden.regimes()] == ["calm", "volatile", "trend", "crash"]
    assert sum(r.share for r in stage.golden.regimes()) == pytest.approx(1.0)
    assert stage.golden.missing() == ()
    one = build_golden([WindowRows("w", "calm", market(400, 1))], NAMES)
    assert one.missing() == ("volatile", "trend", "crash")


def test_standardised_rows_have_one_law_in_calm_and_in_storm(stage):
    spreads = [w.rows.std(axis=0) for w in stage.golden.windows]
    assert np.ptp(spreads, axis=0).max() < 0.15


def test_the_volatility_of_a_row_does_not_know_the_row():
    standard = Standardisation(NAMES, (0.0,) * 4, (0.01,) * 4, halflife=50.0)
    rows = market(300, 4)
    jumped = rows.copy()
    jumped[200] *= 50.0
    plain, other = standard.start().apply(rows), standard.start().apply(jumped)
    np.testing.assert_array_equal(plain[:200], other[:200])
    np.testing.assert_allclose(other[200] / plain[200], 50.0, rtol=1e-12)
    assert (np.abs(other[201]) < np.abs(plain[201])).all()
    # One print counts as at most five deviations, however far it is.
    further = rows.copy()
    further[200] *= 5_000.0
    np.testing.assert_array_equal(standard.start().apply(further)[201:], other[201:])


def test_bad_windows_are_refused_with_their_name():
    good = market(100, 1)
    broken = good.copy()
    broken[7, 2] = math.nan
    constant = good.copy()
    constant[:, 1] = 3.0
    cases = [
        ([WindowRows("x", "calm", broken)], "missing"),
        ([WindowRows("x", "calm", constant)], "without spread"),
        ([WindowRows("x", "calm", good[:, :2])], "columns"),
        ([WindowRows("x", "calm", good[:3])], "too few"),
        ([WindowRows("x", "calm", good), WindowRows("x", "crash", good)], "one name"),
        ([WindowRows("x", "", good)], "no regime"),
        ([WindowRows("x", "calm", good, times(100)[::-1])], "backwards"),
        ([], "no windows"),
    ]
    for windows, word in cases:
        with pytest.raises(GoldenError, match=word) as caught:
            build_golden(windows, NAMES)
        if word in ("missing", "columns"):
            assert "'x'" in caught.value.where
    with pytest.raises(GoldenError, match="b"):
        build_golden([WindowRows("x", "calm", constant)], NAMES)


def test_more_features_than_rows_are_refused():
    wide = np.random.default_rng(0).normal(size=(10, 30))
    with pytest.raises(GoldenError, match="too few"):
        build_golden([WindowRows("x", "calm", wide)], tuple(f"f{k}" for k in range(30)))


def test_features_that_repeat_one_another_still_have_a_corridor_or_a_reason():
    rows = market(400, 1)
    rows[:, 3] = rows[:, 2]
    golden = build_golden([WindowRows("x", "calm", rows)], NAMES)
    with pytest.raises(EstimationError, match="singular"):
        fit_reference(golden)


def test_each_regime_has_a_reference_of_its_own(stage):
    found = regime_references(stage.golden)
    assert [r.name for r in found] == ["calm", "volatile", "trend", "crash"]
    with pytest.raises(EstimationError, match="no window"):
        fit_reference(stage.golden, "flood")


def test_there_is_no_golden_set_where_there_is_none(tmp_path: Path):
    with pytest.raises(GoldenError, match="no golden set"):
        load_golden(tmp_path / "nothing")

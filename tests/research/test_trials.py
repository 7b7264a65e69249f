# SPDX-License-Identifier: MIT
"""The trial log keeps whole trials through torn writes, and counts configurations."""

from __future__ import annotations

import math
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.model.errors import DataError, ResearchError
from seawall.research.trials import Trial, TrialLog


def trial(x: int, **fields) -> Trial:
    return Trial("code@1", "data@1", {"x": x}, metrics={"sharpe": x / 10}, **fields)


def test_what_was_written_is_read_back(tmp_path):
    log = TrialLog(tmp_path)
    returns = np.array([0.1, -0.2, math.pi])
    written = log.append(trial(1, window=(0, 9), fingerprint="f", sweep="s", seconds=0.5), returns)
    log.append(trial(2))
    first, second = TrialLog(tmp_path)
    assert first == written
    assert log.returns(first).tolist() == returns.tolist()
    assert log.returns(second).size == 0


def test_a_metric_that_is_not_a_number_comes_back_as_such(tmp_path):
    log = TrialLog(tmp_path)
    log.append(Trial("c", "d", {"x": 1}, metrics={"a": math.nan, "b": math.inf}))
    (found,) = log
    assert math.isnan(found.metrics["a"])
    assert math.isnan(found.metrics["b"])
    assert "NaN" not in (tmp_path / "trials.jsonl").read_text()


@settings(max_examples=60, deadline=None)
@given(lost=st.integers(1, 400), lost_returns=st.integers(0, 23))
def test_a_log_cut_at_any_byte_keeps_the_trials_before_and_takes_new_ones(
    tmp_path_factory, lost, lost_returns
):
    folder = tmp_path_factory.mktemp("log")
    log = TrialLog(folder)
    kept = [log.append(trial(x), np.full(3, float(x))) for x in range(2)]
    whole = (folder / "trials.jsonl").stat().st_size
    log.append(trial(2), np.full(3, 2.0))
    for name, count in (("trials.jsonl", lost), ("returns.f64", lost_returns)):
        path = folder / name
        raw = path.read_bytes()
        size = max(whole, len(raw) - count) if name == "trials.jsonl" else len(raw) - count
        path.write_bytes(raw[:size])
    cut = TrialLog(folder)
    # Losing only the end of the last line keeps a record whose bytes are all there.
    last_survives = lost == 1
    assert list(cut)[:2] == kept
    assert len(list(cut)) == 2 + last_survives
    new = cut.append(trial(3), np.full(3, 3.0))
    found = list(TrialLog(folder))
    assert found[-1] == new
    assert [cut.returns(t).tolist() for t in found[:2]] == [[0.0] * 3, [1.0] * 3]
    assert cut.returns(new).tolist() == [3.0] * 3


def test_damage_in_the_middle_is_reported_with_its_line(tmp_path):
    log = TrialLog(tmp_path)
    log.append(trial(1))
    log.append(trial(2))
    path = tmp_path / "trials.jsonl"
    path.write_text(path.read_text().replace('"params":', '"params"', 1))
    with pytest.raises(DataError) as caught:
        list(TrialLog(tmp_path))
    assert caught.value.where.endswith("trials.jsonl:1")


def test_damaged_returns_are_reported(tmp_path):
    log = TrialLog(tmp_path)
    written = log.append(trial(1), np.ones(4))
    (tmp_path / "returns.f64").write_bytes(b"\0" * 32)
    with pytest.raises(DataError, match="damaged"):
        log.returns(written)


def test_configurations_are_counted_once_whatever_the_window_and_the_order(tmp_path):
    log = TrialLog(tmp_path)
    log.append(Trial("c", "d", {"x": 1, "y": 2}))
    log.append(Trial("c", "d", {"y": 2, "x": 1}, window=(0, 5)))
    log.append(Trial("c", "d", {"x": 1, "y": 3}, error="ValueError: no"))
    assert log.tried() == 2
    log.append(Trial("c2", "d", {"x": 1, "y": 2}))
    log.append(Trial("c", "d2", {"x": 1, "y": 2}))
    assert log.tried() == 4


def write_many(folder, start):
    log = TrialLog(folder)
    for x in range(start, start + 40):
        log.append(trial(x), np.full(5, float(x)))


def test_processes_that_write_at_once_do_not_mix_their_trials(tmp_path):
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(3, mp_context=context) as pool:
        list(pool.map(write_many, [tmp_path] * 3, [0, 100, 200]))
    log = TrialLog(tmp_path)
    found = list(log)
    assert len(found) == log.tried() == 120
    for one in found:
        assert log.returns(one).tolist() == [float(one.params["x"])] * 5


def test_an_empty_log_has_no_summary(tmp_path):
    with pytest.raises(ResearchError, match="empty"):
        TrialLog(tmp_path).write_summary()


def test_a_parameter_may_change_its_type_between_sweeps(tmp_path):
    import polars as pl

    log = TrialLog(tmp_path)
    log.append(Trial("c", "d", {"x": 1}))
    log.append(Trial("c", "d", {"x": "auto"}))
    table = pl.read_parquet(log.write_summary())
    assert table["param_x"].to_list() == ["1", "auto"]

# SPDX-License-Identifier: MIT
"""The benchmarks: every row can be run, is judged by its target, and compares outcomes."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).parents[2] / "benchmarks"
NAMES = ("analytic_inputs", "compare", "inputs", "peers", "registry", "targets")


@pytest.fixture(scope="module")
def bench() -> Iterator[dict[str, Any]]:
    """The modules of the benchmarks, which are scripts beside each other and no package."""
    sys.path.insert(0, str(ROOT))
    yield {name: importlib.import_module(name) for name in NAMES}
    sys.path.remove(str(ROOT))
    for name in NAMES:
        sys.modules.pop(name, None)


def test_every_row_has_scripts_an_input_and_pinned_peers(bench: dict[str, Any]) -> None:
    registry, environments = bench["registry"], set(bench["peers"].peer_names())
    for row in registry.WORKLOADS:
        assert registry.our_script(row).exists(), row.name
        assert row.input is None or row.input in bench["inputs"].EVERY, row.name
        for peer in filter(None, row.peers):
            script = registry.peer_script(row, peer)
            here = script.exists() or row.name == "W6"  # one that cannot be run says so
            assert here, script
            assert peer in registry.PROGRAMS or registry.environment_of(peer) in environments


def test_every_target_is_of_a_row_that_is_run(bench: dict[str, Any]) -> None:
    peers = {row.name: row.peers for row in bench["registry"].WORKLOADS}
    for name, ratios in bench["targets"].RATIOS.items():
        assert set(ratios) <= set(peers[name])
    assert {name for name, _ in bench["targets"].BOUNDS} <= set(peers)


def test_all_parts_of_a_target_count(bench: dict[str, Any]) -> None:
    verdict = bench["targets"].verdict
    assert verdict("W1-hooks", "raptorbt", "bars/s", 2e6, 3.5).met is True
    assert verdict("W1-hooks", "raptorbt", "bars/s", 1e6, 3.5).met is False
    assert verdict("W1-hooks", "raptorbt", "bars/s", 2e6, 2.9).met is False
    assert verdict("W1-hooks", "raptorbt", "bars/s", 2e6, None).met is None
    assert verdict("W6", "raptorbt", "import_s", 0.2, 9.0).met is False
    assert verdict("W3", "raptorbt", "bars*pairs/s", 1.0, 16.0, 400.0).met is True
    assert verdict("W3", "raptorbt", "bars*pairs/s", 1.0, 16.0, 600.0).met is False
    assert verdict("A-dfa", "antropy", "values/s", 1.0, 0.1).met is None


def test_a_family_a_row_and_a_beginning_choose_rows(bench: dict[str, Any]) -> None:
    chosen = bench["registry"].chosen
    assert {row.family for row in chosen(["A"])} == {"A"}
    assert [row.name for row in chosen(["W1", "R-qn"])][:1] == ["W1-hooks"]
    assert "fills-scaling" in {row.name for row in chosen(["W"])}
    with pytest.raises(SystemExit, match="no workload 'W9'"):
        chosen(["W9"])


def answer(bench: dict[str, Any], folder: Path, **given: Any) -> bool | str:
    """Compare a row whose loglik may be 1e-6 apart, its values 1e-9."""
    row = bench["registry"].Workload("A-x", "A-x", ("p",), {"loglik": 1e-6}, 1e-9)
    theirs = {"outcome": {"loglik": given["loglik"]}, "work": given.get("work", 2.0)}
    np.save(folder / "A-x.ours.npy", np.array([1.0, 2.0]))
    np.save(folder / "A-x.p.npy", np.array(given["values"]))
    ours = {"outcome": {"loglik": -500.0}, "work": 2.0}
    theirs["why"] = given.get("why")
    out: bool | str = bench["compare"].same_outcome(row, "p", ours, theirs, folder)
    return out


def test_outcomes_are_the_same_within_the_tolerance_of_the_row(
    bench: dict[str, Any], tmp_path: Path
) -> None:
    assert answer(bench, tmp_path, loglik=-500.0004, values=[1.0, 2.0]) is True
    assert answer(bench, tmp_path, loglik=-500.0, values=[1.0], work=1.0) is True
    far = answer(bench, tmp_path, loglik=-501.0, values=[1.0, 2.0], why="it stops early")
    assert far == "loglik -500 against -501; it stops early"
    assert "values up to" in str(answer(bench, tmp_path, loglik=-500.0, values=[1.0, 2.1]))
    assert "of one side" in str(answer(bench, tmp_path, loglik=-500.0, values=[1.0, np.nan]))
    assert answer(bench, tmp_path, loglik=np.nan, values=[1.0, 2.0]) is not True
    assert answer(bench, tmp_path, loglik=-500.0, values=[1.0]) == "2 values against 1"


def test_inputs_of_one_seed_are_the_same_bytes(bench: dict[str, Any]) -> None:
    makers = bench["analytic_inputs"].MAKERS
    for name in ("A-hawkes-1", "A-sabr", "A-vpin", "R-column"):
        first, second = makers[name](50), makers[name](50)
        for column in first:
            np.testing.assert_array_equal(first[column], second[column])

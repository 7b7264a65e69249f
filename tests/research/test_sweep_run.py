# SPDX-License-Identifier: MIT
"""A sweep finds the best, counts what it tried, and goes on where it stopped."""

from __future__ import annotations

import importlib.util
import math
import os
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from seawall.model.errors import ResearchError, SettingsError
from seawall.research.sweep import Sweep, parse_space, share_arrays
from seawall.research.sweep.sampler import make_sampler
from seawall.research.trials import TrialLog

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def _objectives_are_importable(monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(p for p in sys.path if p))


def bowl(**fields):
    from sweep_objectives import Bowl

    return Bowl(**fields)


SPACE = parse_space(["x=0:6", "y=0:6"])


def test_a_grid_finds_the_top_and_sorts_the_table(tmp_path):
    found = Sweep(bowl(), SPACE, tmp_path, engine="serial", metric="score").run()
    assert (found.best.params["x"], found.best.params["y"]) == (3, 4)
    scores = found.table()["score"].to_list()
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 49
    near = found.neighbourhood()
    assert (near.count, near.median, near.worst) == (4, -1.0, -1.0)


def test_minimising_turns_the_order_round(tmp_path):
    sweep = Sweep(bowl(), SPACE, tmp_path, engine="serial", metric="score", maximize=False)
    assert (sweep.run().best.params["x"], sweep.run().best.params["y"]) in [(0, 0), (6, 0)]


def test_a_second_run_evaluates_nothing_and_tells_the_same(tmp_path):
    calls = tmp_path / "calls"
    first = Sweep(
        bowl(count_file=str(calls)), SPACE, tmp_path / "s", engine="serial", metric="score"
    )
    one, two = first.run(), first.run()
    assert len(calls.read_text().splitlines()) == 49
    assert (one.evaluated, one.reused, two.evaluated, two.reused) == (49, 0, 0, 49)
    assert one.table().equals(two.table())
    assert one.honesty == two.honesty


@pytest.mark.parametrize("method", ["random", "tpe"])
def test_more_trials_continue_the_search_with_the_same_start(tmp_path, method):
    def run(folder, n):
        return Sweep(
            bowl(), parse_space(["x=0.0:6.0", "y=0.0:6.0"]), folder, method=method, n_trials=n,
            seed=5, engine="serial", metric="score", batch=4,
        ).run()  # fmt: skip

    short = run(tmp_path / "a", 20)
    longer = run(tmp_path / "a", 32)
    fresh = run(tmp_path / "b", 32)
    assert longer.reused == 20
    assert [t.params for t in longer.trials[:20]] == [t.params for t in short.trials]
    assert [t.params for t in longer.trials] == [t.params for t in fresh.trials]


def test_tpe_comes_closer_than_chance(tmp_path):
    space = parse_space(["x=0.0:60.0", "y=0.0:60.0"])
    best = {
        method: Sweep(
            bowl(), space, tmp_path / method, method=method, n_trials=80, seed=1, engine="serial",
            metric="score",
        ).run().best.metrics["score"]
        for method in ("random", "tpe")
    }  # fmt: skip
    assert best["tpe"] > best["random"]


def test_tpe_is_told_failures_and_goes_on(tmp_path):
    sweep = Sweep(
        bowl(fail_at=3), SPACE, tmp_path, method="tpe", n_trials=30, engine="serial",
        metric="score",
    )  # fmt: skip
    found = sweep.run()
    assert found.failed > 0
    assert found.best.params["x"] != 3
    assert math.isnan(found.value(found.ranked()[-1]))


def test_the_pool_gives_what_one_process_gives(tmp_path):
    space = parse_space(["x=0:3", "y=0:3"])
    alone = Sweep(bowl(), space, tmp_path / "a", engine="serial", metric="score").run()
    pool = Sweep(bowl(), space, tmp_path / "b", engine="pool", workers=2, metric="score").run()
    assert [t.fingerprint for t in alone.trials] == [t.fingerprint for t in pool.trials]
    assert alone.table().drop("pid").equals(pool.table().drop("pid"))
    pids = set(pool.table()["pid"].to_list())
    assert float(os.getpid()) not in pids


def test_workers_map_the_data_and_use_one_thread(tmp_path):
    from sweep_objectives import Mapped

    close = np.arange(1000.0)
    arrays = share_arrays(tmp_path / "data", {"close": close})
    sweep = Sweep(
        Mapped(arrays), parse_space(["step=1:2"]), tmp_path, engine="pool", workers=1,
        metric="score", data_hash=arrays.data_hash, window=slice(10, 20),
    )  # fmt: skip
    found = sweep.run()
    assert found.table()["mapped"].to_list() == [1.0, 1.0]
    assert found.table()["threads"].to_list() == [1.0, 1.0]
    assert sorted(found.table()["score"].to_list()) == [70.0, 145.0]


def test_shared_arrays_of_other_content_have_another_identity(tmp_path):
    one = share_arrays(tmp_path, {"a": np.arange(3)})
    same = share_arrays(tmp_path, {"a": np.arange(3)})
    other = share_arrays(tmp_path, {"a": np.arange(3) + 1})
    assert one == same
    assert one.data_hash != other.data_hash
    assert one["a"].tolist() == [0, 1, 2]


def test_a_failing_configuration_is_recorded_and_the_others_count(tmp_path):
    found = Sweep(bowl(fail_at=2), SPACE, tmp_path, engine="serial", metric="score").run()
    assert found.failed == 7
    assert found.honesty is not None
    assert found.honesty.n_trials == 49
    assert found.table()["error"].to_list()[-1] == "ValueError: this x is not allowed"


def test_when_everything_fails_the_reason_is_told(tmp_path):
    space = parse_space(["x=2", "y=1:3"])
    found = Sweep(bowl(fail_at=2), space, tmp_path, engine="serial", metric="score").run()
    with pytest.raises(ResearchError, match="this x is not allowed"):
        _ = found.best


def test_trials_of_all_sweeps_of_a_study_deflate_the_best(tmp_path):
    narrow = parse_space(["x=0:1", "y=0:1"])
    first = Sweep(bowl(), narrow, tmp_path, engine="serial").run()
    Sweep(bowl(), SPACE, tmp_path, engine="serial").run()
    again = Sweep(bowl(), narrow, tmp_path, engine="serial").run()
    assert (first.honesty.n_trials, again.honesty.n_trials) == (4, 49)
    assert again.honesty.deflated < first.honesty.deflated
    assert again.honesty.probabilistic == first.honesty.probabilistic
    assert "best of 49 configurations ever tried" in again.honesty.sentence()


def test_a_batch_objective_is_given_slices(tmp_path):
    from sweep_objectives import Batched

    found = Sweep(
        Batched(), parse_space(["x=1:100"]), tmp_path, engine="serial", metric="score", workers=2
    ).run()
    assert found.table()["batch"].to_list() == [25.0] * 100
    assert found.best.params["x"] == 100


def test_a_worker_that_dies_is_reported_with_the_way_out(tmp_path):
    from sweep_objectives import Dies

    sweep = Sweep(Dies(), parse_space(["x=1:3"]), tmp_path, engine="pool", workers=1)
    with pytest.raises(ResearchError, match="died"):
        sweep.run()


def test_an_objective_heavy_with_data_is_refused_before_it_is_copied(tmp_path):
    heavy = bowl(data_hash="x" * (9 << 20))
    with pytest.raises(ResearchError, match="share_arrays"):
        Sweep(heavy, SPACE, tmp_path, engine="pool", data_hash="d").run()


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"engine": "gpu"}, "engine"),
        ({"method": "guess"}, "method"),
        ({"method": "random"}, "number of trials"),
        ({"n_trials": 3}, "grid"),
        ({"workers": -1}, "workers"),
    ],
)
def test_a_sweep_that_cannot_run_says_why(tmp_path, fields, word):
    with pytest.raises(SettingsError, match=word):
        Sweep(bowl(), SPACE, tmp_path, metric="score", **fields).run()


def test_the_identity_follows_the_definition_and_not_the_length(tmp_path):
    base = {"method": "random", "n_trials": 5, "engine": "serial"}
    first = Sweep(bowl(), SPACE, tmp_path, **base).identity()
    assert first == Sweep(bowl(), SPACE, tmp_path / "o", **{**base, "n_trials": 9}).identity()
    others = [
        Sweep(bowl(), SPACE, tmp_path, **{**base, "seed": 1}),
        Sweep(bowl(data_hash="z"), SPACE, tmp_path, **base),
        Sweep(bowl(fail_at=1), SPACE, tmp_path, **base),
        Sweep(bowl(), parse_space(["x=0:5", "y=0:6"]), tmp_path, **base),
        Sweep(bowl(), SPACE, tmp_path, **base, window=slice(0, 5)),
    ]
    assert first not in {other.identity() for other in others}


def test_random_points_do_not_repeat_and_stop_when_the_space_is_used_up():
    asked = make_sampler(SPACE, "random", 1000, 3, maximize=True, batch=1).ask()
    assert len(asked) == len({tuple(p.values()) for p in asked}) == 49


@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")
def test_ray_gives_what_one_process_gives(tmp_path):
    space = parse_space(["x=0:2", "y=0:2"])
    alone = Sweep(bowl(), space, tmp_path / "a", engine="serial", metric="score").run()
    ray = Sweep(bowl(), space, tmp_path / "b", engine="ray", workers=2, metric="score").run()
    assert alone.table().drop("pid").equals(ray.table().drop("pid"))
    assert float(os.getpid()) not in set(ray.table()["pid"].to_list())
    assert len(list(TrialLog(tmp_path / "b"))) == 9


def test_the_summary_is_a_table_of_all_trials(tmp_path):
    Sweep(bowl(fail_at=2), SPACE, tmp_path, engine="serial", metric="score").run()
    table = pl.read_parquet(tmp_path / "trials.parquet")
    assert table.height == 49
    assert {"param_x", "param_y", "metric_score", "error", "seconds"} <= set(table.columns)
    assert table["metric_score"].null_count() == 7

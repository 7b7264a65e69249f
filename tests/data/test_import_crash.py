# SPDX-License-Identifier: MIT
"""An import is all or nothing: killed, out of space or run twice, the catalogue is right."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from seawall.data import Catalogue, ImportOptions, Select
from seawall.data.catalogue import files
from seawall.data.catalogue.verify import damaged_parts, unfinished
from seawall.data.importing import pipeline
from seawall.data.importing.pipeline import import_file, import_files
from seawall.data.importing.staging import Staging
from seawall.model.errors import CatalogueError

from .catalogue_helpers import T0, S, content, trades

OPTIONS = ImportOptions(venue="sim", symbol="BTC/USDT")

IMPORT = """
import sys
from pathlib import Path
from seawall.data import Catalogue, ImportOptions, import_files
print("ready", flush=True)
import_files(Catalogue(sys.argv[1]), [Path(sys.argv[2])],
             ImportOptions(venue="sim", symbol="BTC/USDT"))
print("done", flush=True)
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three files of trades over thirty days: ninety parts to be killed between."""
    folder = tmp_path_factory.mktemp("source")
    rng = np.random.default_rng(1)
    for n in range(3):
        frame = trades(
            30_000, start=T0 + n * 30 * 86_400 * S, step=86 * S,
            seq=np.arange(30_000) + n * 30_000,
        )  # fmt: skip
        walk = np.round(100 + rng.normal(0, 0.1, 30_000).cumsum() % 50, 2)
        frame = frame.with_columns(price=pl.Series(walk))
        frame.write_parquet(folder / f"{n}.parquet")
    return folder


@pytest.fixture(scope="module")
def expected(source: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    root = tmp_path_factory.mktemp("whole")
    import_files(Catalogue(root), [source], OPTIONS)
    return content(root)


def test_an_import_killed_at_any_moment_is_finished_by_the_next_run(
    source: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    root = tmp_path / "c"
    moments = random.Random(7)
    killed = 0
    for _ in range(12):
        process = subprocess.Popen(
            [sys.executable, "-c", IMPORT, str(root), str(source)],
            stdout=subprocess.PIPE, text=True, env={**os.environ, "POLARS_MAX_THREADS": "1"},
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(moments.uniform(0.0, 0.35))
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed += process.returncode == -signal.SIGKILL
        # Readable at any time, and whole as far as it goes.
        catalogue = Catalogue(root)
        for entry in catalogue.list():
            rows = catalogue.frame(entry.venue, entry.symbol, entry.kind).collect()
            assert len(rows) == entry.rows
            assert entry.rows % 30_000 == 0
        assert damaged_parts(catalogue) == []
    assert killed >= 3
    import_files(Catalogue(root), [source], OPTIONS)
    left = content(root)
    assert sorted(left) == sorted(expected)
    assert [k for k in expected if left[k] != expected[k]] == []
    assert unfinished(Catalogue(root)) == []


@pytest.mark.parametrize("step", ["write", "record", "move", "done"])
def test_an_import_that_dies_between_any_two_steps_is_finished(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = source / "0.parquet"
    whole = tmp_path / "whole"
    import_file(Catalogue(whole), path, OPTIONS)
    catalogue = Catalogue(tmp_path / "c")
    calls = {"n": 0}

    def dies_at(call: int, real: Any) -> Any:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            calls["n"] += 1
            if calls["n"] == call:
                raise KeyboardInterrupt
            return real(*args, **kwargs)

        return wrapped

    with monkeypatch.context() as patch:
        if step == "write":
            patch.setattr(Staging, "_write", dies_at(4, Staging._write))
        elif step == "record":
            patch.setattr(pipeline, "save_record", dies_at(2, pipeline.save_record))
        elif step == "move":
            patch.setattr("seawall.data.importing.staging.os.replace", dies_at(5, os.replace))
        else:
            patch.setattr(pipeline, "save_record", dies_at(3, pipeline.save_record))
        with pytest.raises(KeyboardInterrupt):
            import_file(catalogue, path, OPTIONS)
    assert catalogue.list() == ()
    assert unfinished(catalogue) == ["0.parquet"]
    report = import_file(catalogue, path, OPTIONS)
    assert report.rows_kept == 30_000
    assert content(catalogue.root) == content(whole)


def test_the_same_file_again_changes_nothing(source: Path, tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    first = import_file(catalogue, source / "0.parquet", OPTIONS)
    before = content(tmp_path)
    again = import_file(catalogue, source / "0.parquet", OPTIONS)
    assert (first.already, again.already) == (False, True)
    assert again.series == first.series
    assert content(tmp_path) == before


def test_overlapping_files_store_each_row_once(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "c")
    whole = trades(100)
    whole[:60].write_parquet(tmp_path / "a.parquet")
    whole[40:].write_parquet(tmp_path / "b.parquet")
    import_file(catalogue, tmp_path / "a.parquet", OPTIONS)
    report = import_file(catalogue, tmp_path / "b.parquet", OPTIONS)
    assert report.quarantined == {"already in the catalogue": 20}
    kept = catalogue.frame("sim", "BTC/USDT", "trades").collect()
    assert kept["seq"].to_list() == whole["seq"].to_list()


def test_a_full_disk_stops_the_import_and_loses_nothing(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = Catalogue(tmp_path)
    import_file(catalogue, source / "0.parquet", OPTIONS)
    before = content(tmp_path)
    real = pl.DataFrame.write_parquet
    calls = {"n": 0}

    def fills(frame: pl.DataFrame, path: Path, **options: Any) -> None:
        calls["n"] += 1
        real(frame, path, **options)
        if calls["n"] > 7:
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(pl.DataFrame, "write_parquet", fills)
        with pytest.raises(CatalogueError, match="disk is full") as caught:
            import_file(catalogue, source / "1.parquet", OPTIONS)
    assert "untouched" in caught.value.mend
    left = content(tmp_path)
    assert {k: v for k, v in left.items() if k in before} == before
    assert [k for k in left if k not in before and not k.startswith("imports/")] == []
    assert import_file(catalogue, source / "1.parquet", OPTIONS).rows_kept == 30_000
    assert damaged_parts(catalogue) == []


def test_a_really_full_disk_gives_the_same_clear_error(source: Path, tmp_path: Path) -> None:
    mount = tmp_path / "small"
    mount.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(mount)], capture_output=True
    )
    if made.returncode:
        pytest.skip("cannot mount a small file system here")
    try:
        catalogue = Catalogue(mount)
        trades(50).write_parquet(tmp_path / "small.parquet")
        import_file(catalogue, tmp_path / "small.parquet", OPTIONS)
        with pytest.raises(CatalogueError, match="disk is full"):
            import_file(catalogue, source / "0.parquet", OPTIONS)
        assert catalogue.frame("sim", "BTC/USDT", "trades").collect()["seq"].len() == 50
        assert damaged_parts(catalogue) == []
    finally:
        subprocess.run(["umount", str(mount)], check=True)


def test_temporary_files_of_a_killed_writer_are_swept_away(source: Path, tmp_path: Path) -> None:
    (tmp_path / "imports").mkdir()
    for left in (tmp_path / ".instruments.json.99.tmp", tmp_path / "imports/.x.json.99.tmp"):
        left.write_text("half of it")
    import_file(Catalogue(tmp_path), source / "0.parquet", OPTIONS)
    assert list(tmp_path.rglob(".*.tmp")) == []


def test_two_imports_at_once_are_refused(source: Path, tmp_path: Path) -> None:
    with files.locked(tmp_path), pytest.raises(CatalogueError, match="another process"):
        import_file(Catalogue(tmp_path), source / "0.parquet", OPTIONS)


def test_a_damaged_part_is_found(source: Path, tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    import_file(catalogue, source / "0.parquet", OPTIONS)
    part = catalogue.list()[0].parts[3].path
    data = bytearray((tmp_path / part).read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / part).write_bytes(data)
    assert damaged_parts(catalogue) == [part]


def test_a_replay_killed_while_it_is_written_is_built_again(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = Catalogue(tmp_path)
    import_file(catalogue, source / "0.parquet", OPTIONS)

    def dies(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(np.lib.format, "write_array", dies)
        with pytest.raises(KeyboardInterrupt):
            catalogue.market([Select("sim", "BTC/USDT")])
    assert list((tmp_path / "replay").iterdir()) == []
    assert len(catalogue.market([Select("sim", "BTC/USDT")]).events) == 30_000

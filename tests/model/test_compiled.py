# SPDX-License-Identifier: MIT
"""Machine code on disk is dropped when any source that it was made from changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numba import njit

from seawall.model.compiled import borrow, drop_stale


def test_a_change_in_any_source_drops_the_cache_once(tmp_path: Path) -> None:
    sources = [tmp_path / "a.py", tmp_path / "b.py"]
    for file in sources:
        file.write_text("x = 1\n")
    cache = tmp_path / "__pycache__"
    assert not drop_stale(cache, "room", sources)
    held = [cache / name for name in ("a.f-1.nbi", "a.f-1.1.nbc", "a.pyc")]
    for file in held:
        file.write_text("code")
    assert drop_stale(cache, "room", sources)
    assert all(file.exists() for file in held)
    sources[1].write_text("x = 2\n")
    assert not drop_stale(cache, "room", sources)
    assert [file.exists() for file in held] == [False, False, True]
    assert drop_stale(cache, "room", sources)


def test_the_order_in_which_sources_are_named_does_not_matter(tmp_path: Path) -> None:
    sources = [tmp_path / "a.py", tmp_path / "b.py"]
    for n, file in enumerate(sources):
        file.write_text(f"x = {n}\n")
    drop_stale(tmp_path / "c", "room", sources)
    assert drop_stale(tmp_path / "c", "room", sources[::-1])


def test_only_the_caches_that_are_named_are_dropped(tmp_path: Path) -> None:
    (tmp_path / "mine.f-1.nbi").write_text("code")
    (tmp_path / "other.f-1.nbi").write_text("code")
    drop_stale(tmp_path, "room", [], "mine.*")
    assert [p.name for p in tmp_path.glob("*.nbi")] == ["other.f-1.nbi"]


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not drop_stale(tmp_path / "file" / "__pycache__", "room", [])


def test_a_borrowed_array_is_the_same_memory() -> None:
    @njit
    def double(x: np.ndarray) -> None:
        mine = borrow(x)
        mine[0] *= 2

    x = np.array([3.0, 4.0])
    double(x)
    assert x.tolist() == [6.0, 4.0]

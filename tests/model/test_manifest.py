# SPDX-License-Identifier: MIT
"""A manifest is written whole or not at all, and says again what it said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from seawall.model.errors import FormatError
from seawall.model.manifest import FORM, Manifest, read_manifest, write_manifest

FULL = Manifest(
    command="seawall demo",
    seed=7,
    settings={"run.seed": 7, "catalogue.root": "catalogue"},
    data_hashes={"bars": "ab" * 32},
    versions={"numpy": "2.4.6"},
    commit="0123abc+",
    created_ts=1_723_161_256_123_456_789,
    host={"cores": "2"},
    fingerprint="cd" * 32,
)


def test_a_manifest_reads_back_as_it_was_written(tmp_path: Path) -> None:
    file = write_manifest(FULL, tmp_path)
    assert file == tmp_path / "manifest.json"
    assert read_manifest(file) == read_manifest(tmp_path) == FULL


def test_a_manifest_may_be_given_a_file_name_and_folders_are_made(tmp_path: Path) -> None:
    file = write_manifest(FULL, tmp_path / "a" / "b" / "m.json")
    assert read_manifest(file) == FULL
    assert [p.name for p in file.parent.iterdir()] == ["m.json"]


def test_a_failed_write_leaves_the_old_manifest_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_manifest(FULL, tmp_path)

    def full_disk(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_manifest(Manifest("other", 8), tmp_path)
    assert read_manifest(tmp_path) == FULL
    assert [p.name for p in tmp_path.iterdir()] == ["manifest.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"command": 1, "seed": 2}', '{"seed": 2}'])
def test_what_is_no_manifest_is_refused_with_its_path(tmp_path: Path, text: str) -> None:
    file = tmp_path / "manifest.json"
    file.write_text(text)
    with pytest.raises(FormatError) as refused:
        read_manifest(file)
    assert refused.value.where == str(file)
    assert refused.value.mend


def test_an_absent_manifest_and_one_of_a_newer_form_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="No such file"):
        read_manifest(tmp_path)
    write_manifest(Manifest("x", 1, form=FORM + 1), tmp_path)
    with pytest.raises(FormatError, match=f"reads up to {FORM}"):
        read_manifest(tmp_path)

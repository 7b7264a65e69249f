# SPDX-License-Identifier: MIT
"""Each format is taken by the importer that is meant for it, whichever is asked first."""

from __future__ import annotations

from pathlib import Path

import pytest

from seawall.data.importers import find_importer, load_importers
from seawall.data.importers.base import Importer, ImportOptions

FOLDERS = {
    "cross_exchange": {"bars"},
    "derivatives": {"bars", "coinglass", "funding-history"},
    "lob": {"binance-lob", "bitfinex-orders", "bitstamp-orders", "recordings", "tardis"},
    "manipulation": {"tables"},
    "news": {"tables"},
    "ohlcv": {"bars"},
    "onchain": {"tables"},
    "options": {"tables"},
    "recordings": {"recordings"},
}

OURS = {
    "binance-archive", "binance-lob", "bitfinex-orders", "bitstamp-orders", "coinglass",
    "funding-history", "recordings", "tables", "tardis",
}  # fmt: skip


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_of_a_folder_finds_its_importer(folder: str, test_data: Path) -> None:
    files = [p for p in (test_data / folder).rglob("*") if p.is_file()]
    assert files
    found = {find_importer(path, ImportOptions()).name for path in files}
    assert found == FOLDERS[folder]


def test_no_two_of_these_importers_claim_one_file(test_data: Path) -> None:
    ours = [one for one in load_importers() if one.name in OURS]
    assert {one.name for one in ours} == OURS
    for path in test_data.rglob("*"):
        if path.is_file() and path.name != "README.md":
            claims = [one.name for one in ours if one.recognises(path)]
            assert len(claims) <= 1, path.name


def test_importers_keep_the_contract() -> None:
    for one in load_importers():
        assert isinstance(one, Importer)
        assert one.name == one.name.lower()

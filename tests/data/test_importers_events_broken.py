# SPDX-License-Identifier: MIT
"""Files that are cut short or corrupted are refused whole, with what, where and how to mend."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import polars as pl
import pytest

from seawall.data.importers.streams import first_line, read_lines
from seawall.model.errors import FormatError

from .importer_helpers import read

SOURCES = {
    "zip": "BTCUSDT-trades-2024-08-08.zip",
    "csv.gz": "binance-futures_trades_2020-02-22_BTCUSDT.csv.gz",
    "raw.gz": "hyperliquid_btc_2025-01-26.raw.gz",
    "zst": "OKX.jsonl.zst",
    "parquet": "binance_usdm_btcusdt_20240718_trades.parquet",
}


def whole_file(kind: str, folder: Path, test_data: Path) -> Path:
    """A file that can be read."""
    path = folder / SOURCES[kind]
    if kind == "zip":
        rows = "".join(f"{n},2.5,1.0,2.5,{1723161256000 + n},true\n" for n in range(20_000))
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("BTCUSDT-trades-2024-08-08.csv", rows)
    elif kind == "csv.gz":
        sample = "tardis_binance-futures_btcusdt_trades_2020-02-22.parquet"
        text = pl.read_parquet(test_data / "lob" / sample).write_csv()
        path.write_bytes(gzip.compress(text.encode()))
    else:
        source = next(test_data.rglob(path.name))
        path.write_bytes(source.read_bytes())
    return path


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("part", [0.3, 0.97])
def test_a_file_cut_short_is_refused_by_name(
    kind: str, part: float, test_data: Path, tmp_path: Path
) -> None:
    path = whole_file(kind, tmp_path, test_data)
    assert read(path)[0]
    body = path.read_bytes()
    path.write_bytes(body[: int(len(body) * part)])
    with pytest.raises(FormatError) as caught:
        read(path)
    assert path.name in caught.value.where
    assert caught.value.what
    assert caught.value.mend


@pytest.mark.parametrize("kind", ["raw.gz", "zst"])
def test_a_file_with_flipped_bytes_is_refused(kind: str, test_data: Path, tmp_path: Path) -> None:
    path = whole_file(kind, tmp_path, test_data)
    body = bytearray(path.read_bytes())
    middle = len(body) // 2
    for n in range(middle, middle + 64):
        body[n] ^= 0xFF
    path.write_bytes(body)
    with pytest.raises(FormatError) as caught:
        read(path)
    assert path.name in caught.value.where


@pytest.mark.parametrize("name", ["empty.gz", "empty.zst", "empty.jsonl"])
def test_empty_and_absent_files_say_so(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    with pytest.raises(FormatError, match="no such file"):
        list(read_lines(path))
    path.write_bytes(b"")
    with pytest.raises(FormatError, match="empty"):
        first_line(path)


def test_lines_are_whole_whatever_the_chunks(tmp_path: Path) -> None:
    import zstandard

    lines = [b"x" * n for n in (0, 1, 700_000, 3, 900_000)]
    body = b"\n".join(lines)
    plain, packed, two = tmp_path / "a.txt", tmp_path / "a.gz", tmp_path / "a.zst"
    plain.write_bytes(body)
    packed.write_bytes(gzip.compress(body))
    frames = zstandard.compress(body[:500_000]), zstandard.compress(body[500_000:])
    two.write_bytes(b"".join(frames))
    assert list(read_lines(plain)) == lines
    assert list(read_lines(packed)) == lines
    assert list(read_lines(two)) == lines

# SPDX-License-Identifier: MIT
"""Tables out of files, whole or in chunks, with errors that name the file.

Delimited text is read as text throughout: a cell that is no number then becomes null at
the cast and is found by the quality check with its row, instead of failing a whole file.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import polars as pl

from seawall.data.importing.log import ImportLog
from seawall.model.errors import FormatError

_TEXT = (".csv", ".tsv", ".txt")
_FEATHER = (".feather", ".arrow", ".ipc")
_MEND_CUT = "fetch the file again; compare its size or checksum with the source's"


def format_of(path: Path) -> str:
    """Container of a table: ``parquet``, ``feather``, ``csv`` or empty for anything else."""
    names = [s.lower() for s in path.suffixes]
    last = names[-1] if names else ""
    if last in (".parquet", ".pq"):
        return "parquet"
    if last in _FEATHER:
        return "feather"
    if last in _TEXT or (last == ".gz" and len(names) > 1 and names[-2] in _TEXT):
        return "csv"
    if last == ".zip":
        return "csv" if _zip_member(path) else ""
    return ""


def columns_of(path: Path) -> tuple[str, ...]:
    """Column names of a table, empty when the file is no table.

    The first line of delimited text counts as the names even where it holds data.

    Raises
    ------
    FormatError
        When the file is empty, cut short or not what its name says.
    """
    kind = format_of(path)
    if not kind:
        return ()
    _refuse_empty(path)
    with _named(path):
        if kind == "parquet":
            return tuple(pl.read_parquet_schema(path))
        if kind == "feather":
            return tuple(pl.read_ipc_schema(path))
        with open_text(path) as stream:
            first = stream.readline()
    return tuple(cell.strip().strip('"') for cell in first.rstrip("\r\n").split(_delimiter(first)))


def read_table(
    path: Path,
    log: ImportLog,
    *,
    names: Sequence[str] | None = None,
    chunk_rows: int = 1_000_000,
) -> Iterator[pl.DataFrame]:
    """Yield a Parquet, feather, CSV, CSV.gz or CSV-in-zip file in chunks with ``_row``.

    Parameters
    ----------
    names : sequence of str, optional
        Names of the columns of delimited text that may lack a header line; a first line
        whose first cell is a number is then data.
    chunk_rows : int
        Rows per chunk.

    Raises
    ------
    FormatError
        When the file is empty, cut short or not what its name says.
    """
    kind = format_of(path)
    _refuse_empty(path)
    if kind == "csv":
        chunks = _csv_chunks(path, log, names, chunk_rows)
    elif kind in ("parquet", "feather"):
        chunks = _columnar_chunks(path, kind, chunk_rows)
    else:
        raise FormatError(
            "no table",
            where=str(path),
            mend="give .parquet, .feather, .csv, .csv.gz or a .zip that holds one .csv",
        )
    row = 0
    while True:
        with _named(path):
            chunk = next(chunks, None)
        if chunk is None:
            return
        yield chunk.with_columns(_row=pl.int_range(row, row + len(chunk), dtype=pl.Int64))
        row += len(chunk)


@contextmanager
def open_text(path: Path) -> Iterator[IO[str]]:
    """Open text that may be gzipped or the only table in a zip."""
    suffix = path.suffix.lower()
    if suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8-sig") as stream:
            yield cast("IO[str]", stream)
    elif suffix == ".zip":
        with (
            zipfile.ZipFile(path) as archive,
            archive.open(_zip_member(path)) as raw,
            io.TextIOWrapper(raw, encoding="utf-8-sig") as stream,
        ):
            yield stream
    else:
        with path.open(encoding="utf-8-sig") as stream:
            yield stream


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Turn what readers throw on broken files into an error that names the file."""
    try:
        yield
    except FormatError:
        raise
    except FileNotFoundError:
        raise FormatError("no such file", where=str(path), mend="check the path") from None
    except (EOFError, zipfile.BadZipFile, zlib.error, gzip.BadGzipFile) as error:
        raise FormatError(
            f"the archive is cut short or corrupted ({error})", where=str(path), mend=_MEND_CUT
        ) from error
    except UnicodeDecodeError as error:
        raise FormatError(
            f"not UTF-8 text ({error.reason} at byte {error.start})", where=str(path),
            mend="convert the file to UTF-8, or check that it is a text file",
        ) from error  # fmt: skip
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FormatError(
            f"cut short, corrupted or not a {format_of(path)} file ({text})",
            where=str(path), mend=_MEND_CUT,
        ) from error  # fmt: skip


def _refuse_empty(path: Path) -> None:
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise FormatError("no such file", where=str(path), mend="check the path") from None
    if size == 0:
        raise FormatError("the file is empty", where=str(path), mend=_MEND_CUT)


def _zip_member(path: Path) -> str:
    if not path.is_file():
        return ""
    with _named(path), zipfile.ZipFile(path) as archive:
        tables = [n for n in archive.namelist() if Path(n).suffix.lower() in _TEXT]
    if len(tables) > 1:
        raise FormatError(
            f"{len(tables)} tables in one zip", where=str(path), mend="unpack it and import each"
        )
    return tables[0] if tables else ""


def _delimiter(line: str) -> str:
    return max((",", ";", "\t", "|"), key=line.count)


def _columnar_chunks(path: Path, kind: str, rows: int) -> Iterator[pl.DataFrame]:
    if kind == "feather":
        whole = pl.read_ipc(path)
        yield from (whole.slice(at, rows) for at in range(0, len(whole), rows))
        return
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=rows):
            yield cast("pl.DataFrame", pl.from_arrow(batch))


def _csv_chunks(
    path: Path, log: ImportLog, names: Sequence[str] | None, rows: int
) -> Iterator[pl.DataFrame]:
    with open_text(path) as stream:
        first = stream.readline()
        delimiter = _delimiter(first)
        cells = [c.strip().strip('"') for c in first.rstrip("\r\n").split(delimiter)]
        header = cells
        head = ""
        if names is not None and _is_number(cells[0]):
            header, head = list(names[: len(cells)]), first
        header += [f"column_{n}" for n in range(len(header), len(cells))]
        row = 0
        while True:
            lines = [head] if head else []
            lines += _take_lines(stream, rows - len(lines))
            head = ""
            if not lines:
                return
            yield _parse(lines, header, delimiter, path, log, row)
            row += len(lines)


def _take_lines(stream: IO[str], rows: int) -> list[str]:
    lines: list[str] = []
    for line in stream:
        if line != "\n":
            lines.append(line)
            if len(lines) >= rows:
                break
    return lines


def _parse(
    lines: list[str], header: list[str], delimiter: str, path: Path, log: ImportLog, row: int
) -> pl.DataFrame:
    """Parse lines as text cells; ragged ones are refused and leave an all-null row."""
    seps = len(header) - 1
    text = "".join(lines)
    if text.count(delimiter) == seps * len(lines):
        try:
            return _parse_text(text, header, delimiter)
        except pl.exceptions.PolarsError:
            pass  # a long line and a short one cancel in the count: look at each
    for n, line in enumerate(lines):
        if line.count(delimiter) != seps and '"' not in line:
            body = line.rstrip("\r\n")
            found = body.count(delimiter) + 1
            log.refuse(str(path), row + n, f"{found} cells instead of {len(header)}", body)
            lines[n] = delimiter * seps + "\n"
    return _parse_text("".join(lines), header, delimiter)


def _parse_text(text: str, header: list[str], delimiter: str) -> pl.DataFrame:
    return pl.read_csv(
        io.BytesIO(text.encode()), has_header=False, new_columns=header, separator=delimiter,
        infer_schema=False, null_values=["", "null", "None", "NULL", "NA"],
    )  # fmt: skip


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True

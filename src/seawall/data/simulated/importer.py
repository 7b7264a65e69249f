# SPDX-License-Identifier: MIT
"""Importer of the simulated market's files, on the same path as recorded data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from seawall.data.importers.base import Batch, ImportOptions, canonical, read_table
from seawall.data.simulated.write import FORMAT, KEY
from seawall.model.errors import FormatError
from seawall.model.instrument import FeeTier, Instrument, InstrumentKind, MarginTier


class SimulatedImporter:
    """Reads ``<venue>_<symbol>_<kind>.parquet`` as :func:`seawall.data.simulated.write` made it."""

    name = "simulated"

    def recognises(self, path: Path) -> bool:
        """Tell by the file's own metadata."""
        return path.suffix == ".parquet" and path.is_file() and _note(path) is not None

    def read(self, path: Path, options: ImportOptions) -> Iterator[Batch]:
        """Yield the file in chunks; nothing is repaired."""
        note = _need(path)
        instrument = note["instrument"]
        for chunk in read_table(path, options.log, chunk_rows=options.chunk_rows):
            yield Batch(
                venue=options.venue or instrument["venue"],
                symbol=options.symbol or instrument["symbol"],
                kind=note["kind"],
                frame=canonical(chunk, note["kind"], where=str(path)),
            )

    def instruments(self, path: Path, options: ImportOptions) -> list[Instrument]:
        """Return the instrument of the file."""
        del options
        return [parse_instrument(_need(path)["instrument"])]


def _note(path: Path) -> dict[str, Any] | None:
    try:
        text = pl.read_parquet_metadata(path).get(KEY)
        note: dict[str, Any] = json.loads(text) if text else {}
    except (OSError, ValueError, pl.exceptions.PolarsError):
        return None
    return note if note.get("format") == FORMAT else None


def _need(path: Path) -> dict[str, Any]:
    note = _note(path)
    if note is None:
        raise FormatError(
            "not a file of the simulated market",
            where=str(path),
            mend="write it with `seawall sim run --out DIR`",
        )
    return note


def parse_instrument(note: dict[str, Any]) -> Instrument:
    """Instrument from its JSON form."""
    margin = note["margin"] or []
    if margin and isinstance(margin[0], str):
        margin = [margin]  # files of before there were tiers
    tiers = tuple(MarginTier(*(Decimal(x) for x in tier)) for tier in margin)
    return Instrument(
        symbol=note["symbol"],
        venue=note["venue"],
        kind=InstrumentKind(note["kind"]),
        tick=Decimal(note["tick"]),
        lot=Decimal(note["lot"]),
        fees=tuple(FeeTier(*(Decimal(x) for x in fee)) for fee in note["fees"]),
        margin_tiers=tiers,
        funding_interval_ns=note["funding_interval_ns"],
    )

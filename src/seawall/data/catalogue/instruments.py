# SPDX-License-Identifier: MIT
"""``instruments.json``: what is tradable, by venue and symbol."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import msgspec

from seawall.data.catalogue.files import write_bytes
from seawall.model.errors import CatalogueError, InstrumentError
from seawall.model.instrument import (
    DEFAULT_FEES,
    DEFAULT_MARGIN,
    DEFAULT_SPOT_FEES,
    Instrument,
    InstrumentKind,
)
from seawall.model.time import NS_PER_HOUR


@dataclass(frozen=True, slots=True)
class Known:
    """An instrument and how surely it is known.

    Parameters
    ----------
    instrument : Instrument
        Its description.
    inferred : bool
        Tick and lot come from the data's decimals; later data may make them finer.
    """

    instrument: Instrument
    inferred: bool = False


def instruments_path(root: Path) -> Path:
    """Where the table lies."""
    return root / "instruments.json"


def load_instruments(root: Path) -> dict[tuple[str, str], Known]:
    """Read the table; empty when there is none.

    Raises
    ------
    CatalogueError
        When it cannot be read.
    """
    path = instruments_path(root)
    if not path.is_file():
        return {}
    try:
        rows = msgspec.json.decode(path.read_bytes(), type=list[Known])
    except (msgspec.DecodeError, msgspec.ValidationError, InstrumentError) as error:
        raise CatalogueError(
            f"the table of instruments cannot be read ({error})",
            where=str(path),
            mend="mend the entry named, or delete the file and import again",
        ) from error
    return {(k.instrument.venue, k.instrument.symbol): k for k in rows}


def merge_instruments(root: Path, new: Iterable[Known]) -> None:
    """Add instruments: described ones replace inferred ones, inferred steps grow finer."""
    table = load_instruments(root)
    before = dict(table)
    for known in new:
        key = (known.instrument.venue, known.instrument.symbol)
        old = table.get(key)
        if old is None or not known.inferred:
            table[key] = known
        elif old.inferred:
            finer = replace(
                old.instrument,
                tick=min(old.instrument.tick, known.instrument.tick),
                lot=min(old.instrument.lot, known.instrument.lot),
            )
            table[key] = Known(finer, inferred=True)
    if table != before or not instruments_path(root).is_file():
        rows = [table[key] for key in sorted(table)]
        write_bytes(
            instruments_path(root), msgspec.json.format(msgspec.json.encode(rows), indent=1)
        )


def describe(venue: str, symbol: str, tick: Decimal, lot: Decimal) -> Instrument:
    """Instrument of which only the symbol and the steps are known, with usual fees.

    Raises
    ------
    InstrumentError
        When the symbol is not in the ccxt form.
    """
    kind = _kind_of(symbol)
    spot = kind == InstrumentKind.SPOT
    perpetual = kind in (InstrumentKind.LINEAR, InstrumentKind.INVERSE)
    expiry, strike, is_call = _contract_of(symbol, kind)
    return Instrument(
        symbol, venue, kind, tick, lot,
        fees=DEFAULT_SPOT_FEES if spot else DEFAULT_FEES,
        margin_tiers=() if spot else DEFAULT_MARGIN,
        funding_interval_ns=8 * NS_PER_HOUR if perpetual else 0,
        expiry_ns=expiry, strike=strike, is_call=is_call,
    )  # fmt: skip


def _kind_of(symbol: str) -> InstrumentKind:
    pair, _, tail = symbol.partition(":")
    if not tail:
        return InstrumentKind.SPOT
    parts = tail.split("-")
    if len(parts) >= 4:
        return InstrumentKind.OPTION
    if len(parts) == 2:
        return InstrumentKind.FUTURE
    return InstrumentKind.INVERSE if parts[0] == pair.split("/")[0] else InstrumentKind.LINEAR


def _contract_of(symbol: str, kind: InstrumentKind) -> tuple[int, Decimal, bool]:
    """Expiry (08:00 UTC of the day, as most venues settle), strike and side."""
    if kind not in (InstrumentKind.FUTURE, InstrumentKind.OPTION):
        return 0, Decimal(0), True
    from seawall.model.time import parse_time_ns

    parts = symbol.split(":", 1)[1].split("-")
    day = parts[1]
    expiry = parse_time_ns(f"20{day[:2]}-{day[2:4]}-{day[4:6]}T08:00:00")
    if kind == InstrumentKind.FUTURE:
        return expiry, Decimal(0), True
    return expiry, Decimal(parts[2]), parts[3].upper() == "C"

# SPDX-License-Identifier: MIT
"""Instruments out of what venues say about their markets."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from seawall.data.importers.recorded.decoder import Decoder
from seawall.model.errors import InstrumentError
from seawall.model.instrument import Instrument, InstrumentKind, perpetual, spot


def decimals(places: Any) -> str:
    """Step of a number of decimal places: ``0.01`` for 2."""
    return format(Decimal(1).scaleb(-int(places)), "f")


def described(
    decoder: Decoder, symbol: str, tick: Any, lot: Any, *, notional: Any = "0",
    contract_size: Any = "1",
) -> None:  # fmt: skip
    """Note an instrument; one whose numbers make no sense is left to the data to tell."""
    made = _make(decoder.rows.venue, symbol, str(tick), str(lot), str(contract_size))
    if made is None:
        return
    try:
        made = replace(made, min_notional=Decimal(str(notional)))
    except InvalidOperation:
        decoder.ignored["least notional that is no number"] += 1
    decoder.described[symbol] = made


def _make(venue: str, symbol: str, tick: str, lot: str, size: str) -> Instrument | None:
    try:
        if ":" not in symbol:
            return spot(symbol, tick, lot, venue=venue)
        made = perpetual(symbol, tick, lot, venue=venue, contract_size=size)
    except (InstrumentError, InvalidOperation):
        return None
    parts = symbol.split("-")
    if len(parts) == 4:
        return replace(made, kind=InstrumentKind.OPTION, strike=Decimal(parts[2]),
                       is_call=parts[3] == "C", funding_interval_ns=0)  # fmt: skip
    return replace(made, funding_interval_ns=0) if len(parts) == 2 else made

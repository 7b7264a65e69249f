# SPDX-License-Identifier: MIT
"""Instruments out of what venues say about their markets."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from seawall.data.importers.known import dated
from seawall.data.importers.recorded.decoder import Decoder
from seawall.model.errors import InstrumentError
from seawall.model.instrument import perpetual, spot


def decimals(places: Any) -> str:
    """Step of a number of decimal places: ``0.01`` for 2."""
    return format(Decimal(1).scaleb(-int(places)), "f")


def described(
    decoder: Decoder, symbol: str, tick: Any, lot: Any, *, notional: Any = "0",
    contract_size: Any = "1", expiry_ns: int = 0,
) -> None:  # fmt: skip
    """Note an instrument; one whose numbers make no sense is left to the data to tell.

    Parameters
    ----------
    decoder : Decoder
        Whose venue described it.
    symbol : str
        In the ccxt form.
    tick, lot, contract_size, notional
        Numbers or their text; ``notional`` is the least value of an order.
    expiry_ns : int
        Expiry of a dated contract; 0: 08:00 UTC of the day in the symbol.
    """
    venue, size = decoder.rows.venue, str(contract_size)
    try:
        if ":" in symbol:
            made = perpetual(symbol, str(tick), str(lot), venue=venue, contract_size=size)
        else:
            made = spot(symbol, str(tick), str(lot), venue=venue)
        made = replace(made, min_notional=Decimal(str(notional)))
    except (InstrumentError, InvalidOperation):
        decoder.ignored["instruments whose numbers make no sense"] += 1
        return
    decoder.described[symbol] = dated(made, expiry_ns)

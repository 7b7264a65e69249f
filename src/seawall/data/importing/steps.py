# SPDX-License-Identifier: MIT
"""The instrument of imported rows: described by someone, or told from the decimals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

import numpy as np
import numpy.typing as npt
import polars as pl

from seawall.data.catalogue.instruments import Known, describe
from seawall.data.catalogue.kinds import is_bars
from seawall.data.importers.base import ImportOptions
from seawall.data.quality.steps import price_step, size_step
from seawall.model.errors import SettingsError
from seawall.model.instrument import Instrument

_PRICES = {
    "trades": ("price",),
    "depth": ("price",),
    "top": ("bid_price", "ask_price"),
    "liquidations": ("price",),
}
_SIZES = {
    "trades": ("qty",),
    "depth": ("qty",),
    "top": ("bid_qty", "ask_qty"),
    "liquidations": ("qty",),
}


@dataclass(frozen=True, slots=True)
class Steps:
    """Instrument of a series and where its tick and lot come from."""

    known: Known
    note: str

    def merged(self, other: Known | None) -> Known:
        """Join with what another kind of the same instrument says: the finer steps."""
        if other is None or not other.inferred or not self.known.inferred:
            return self.known if other is None or other.inferred else other
        mine, theirs = self.known.instrument, other.instrument
        finer = replace(mine, tick=min(mine.tick, theirs.tick), lot=min(mine.lot, theirs.lot))
        return Known(finer, inferred=True)


def steps_for(
    rows: pl.DataFrame,
    key: tuple[str, str, str],
    described: Instrument | None,
    options: ImportOptions,
) -> Steps | None:
    """Find the instrument of a series; none for kinds that tell neither price nor size.

    What the user gave beats what the importer knows, and that beats the decimals.
    """
    venue, symbol, kind = key
    if described is not None:
        given = _overruled(replace(described, symbol=symbol), options)
        return Steps(Known(given), "steps known for this instrument")
    if "/" not in symbol:
        return None
    if is_bars(kind):
        prices, sizes = ("open", "high", "low", "close"), ("volume",)
    elif kind in _PRICES:
        prices, sizes = _PRICES[kind], _SIZES[kind]  # type: ignore[assignment]
    else:
        return None
    tick, tick_note = price_step(_values(rows, prices))
    lot, lot_note = size_step(_values(rows, sizes), tick)
    made = _overruled(describe(venue, symbol, tick, lot), options)
    user = bool(options.tick and options.lot)
    note = "steps given" if user else f"{tick_note}; {lot_note}"
    return Steps(Known(made, inferred=not user), note)


def _values(rows: pl.DataFrame, columns: tuple[str, ...]) -> npt.NDArray[np.float64]:
    # Distinct values are enough for decimals and far fewer in ticks and books.
    return np.concatenate([rows[c].unique().drop_nulls().to_numpy() for c in columns])


def _overruled(instrument: Instrument, options: ImportOptions) -> Instrument:
    try:
        tick = Decimal(options.tick) if options.tick else instrument.tick
        lot = Decimal(options.lot) if options.lot else instrument.lot
    except InvalidOperation:
        raise SettingsError(
            f"tick {options.tick!r} or lot {options.lot!r} is no number", mend="write 0.01"
        ) from None
    return replace(instrument, tick=tick, lot=lot)

# SPDX-License-Identifier: MIT
"""Bars as numbers, converted when they are read: the way from integers to strategies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from seawall.model.events import BarField, Bars
from seawall.model.instrument import Instrument

if TYPE_CHECKING:
    from seawall.engine.strategy import Bar

_ROWS = {
    "open": BarField.OPEN,
    "high": BarField.HIGH,
    "low": BarField.LOW,
    "close": BarField.CLOSE,
    "volume": BarField.VOLUME,
}


class Columns(Mapping[str, npt.NDArray[np.float64]]):
    """Columns of an instrument's bars as numbers, converted when first read.

    Parameters
    ----------
    bars : Bars
        Bars of one instrument.
    instrument : Instrument
        Its scales.
    """

    def __init__(self, bars: Bars, instrument: Instrument) -> None:
        self._bars, self._instrument = bars, instrument
        self._known: dict[str, npt.NDArray[np.float64]] = {}

    def __getitem__(self, name: str) -> npt.NDArray[np.float64]:
        if name not in self._known:
            i = self._instrument
            step = i.lot if name == "volume" else i.tick
            self._known[name] = _scaled(self._bars[_ROWS[name]], step)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_ROWS)

    def __len__(self) -> int:
        return len(_ROWS)

    @property
    def ts(self) -> npt.NDArray[np.int64]:
        """Closes of the bars, ns UTC."""
        ts: npt.NDArray[np.int64] = self._bars[BarField.TS]
        return ts


class LazyColumn:
    """Stands in a bar until the column is read, then puts a list in its place."""

    __slots__ = ("_bar", "_bars", "_inst", "_instruments", "_name")

    def __init__(
        self,
        bar: Bar,
        name: str,
        bars: Bars,
        instruments: tuple[Instrument, ...],
        inst: npt.NDArray[np.int64] | None,
    ) -> None:
        self._bar, self._name, self._bars = bar, name, bars
        self._instruments, self._inst = instruments, inst

    def __getitem__(self, i: int) -> float:
        if self._inst is None:
            values = Columns(self._bars, self._instruments[0])[self._name]
        else:
            values = np.empty(self._bars.shape[1])
            for n, instrument in enumerate(self._instruments):
                pick = np.flatnonzero(self._inst == n)
                values[pick] = Columns(self._bars[:, pick], instrument)[self._name]
        column: list[float] = values.tolist()
        setattr(self._bar, f"_{self._name}", column)
        return column[i]


class Always:
    """A sequence that is the same everywhere, so that one instrument costs no list."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __getitem__(self, _: int) -> str:
        return self._value


def _scaled(column: npt.NDArray[np.int64], step: Decimal) -> npt.NDArray[np.float64]:
    """Integers times a decimal step, correctly rounded: 12345 * 0.01 is 123.45."""
    from seawall.engine.kernel.expand import scaled

    numerator, denominator = step.as_integer_ratio()
    if not column.flags.c_contiguous:
        column = np.ascontiguousarray(column)
    out: npt.NDArray[np.float64] = scaled.now(column, numerator, float(denominator))
    return out

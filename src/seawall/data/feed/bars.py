# SPDX-License-Identifier: MIT
"""Canonical bars to the int64 columns that the kernel reads."""

from __future__ import annotations

import polars as pl

from seawall.data.feed.convert import lots_of, ticks_of
from seawall.model.events import BarField, Bars, empty_bars
from seawall.model.instrument import Instrument

_PRICES = (
    (BarField.OPEN, "open"),
    (BarField.HIGH, "high"),
    (BarField.LOW, "low"),
    (BarField.CLOSE, "close"),
)


def bars_of(frame: pl.DataFrame, instrument: Instrument, stream: int) -> Bars:
    """Turn the bars of one series into an array of shape (7, n).

    Parameters
    ----------
    frame : polars.DataFrame
        Canonical bars in order of time; ``ts`` is the close.
    """
    out = empty_bars(len(frame))
    out[BarField.TS] = frame["ts"].to_numpy()
    for row, name in _PRICES:
        out[row] = ticks_of(frame[name].to_numpy(), instrument)
    out[BarField.VOLUME] = lots_of(frame["volume"].to_numpy(), instrument)
    out[BarField.STREAM] = stream
    return out

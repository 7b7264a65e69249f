# SPDX-License-Identifier: MIT
"""Metrics and news as event records: what is known of the world beside prices.

A row of a metric series becomes one record per number, whose ``px`` is the number's column
and whose ``qty`` holds its float64 bits; a row of news becomes one record whose ``qty`` is
its row in the market's table.  The time of a row is the moment at which it could be known,
as the import stamped it; nothing of a row is seen earlier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from seawall.model.events import EventFlag, EventKind, Events, empty_events

_HIDDEN = ("ts", "venue_ts", "seq")


def metric_columns(schema: Mapping[str, pl.DataType]) -> tuple[str, ...]:
    """Names of the numbers in a metric series, in its own order."""
    return tuple(
        name
        for name, kind in schema.items()
        if kind.is_numeric() and name not in _HIDDEN and not name.startswith("_")
    )


def metric_events(frame: pl.DataFrame, columns: Sequence[str]) -> Events:
    """One record per number of every row; nulls and NaN are no news and make none.

    Parameters
    ----------
    frame : polars.DataFrame
        Rows in order of time.
    columns : sequence of str
        From :func:`metric_columns`; their places are the records' ``px``.

    Returns
    -------
    Events
        In order of time, and of the columns within a row.
    """
    if not columns or frame.is_empty():
        return empty_events()
    numbers = frame.select(pl.col(columns).cast(pl.Float64)).fill_null(float("nan"))
    values = numbers.to_numpy().reshape(-1)
    out = empty_events(values.size)
    out["ts"] = np.repeat(frame["ts"].to_numpy(), len(columns))
    out["px"] = np.tile(np.arange(len(columns)), len(frame))
    out["qty"] = np.ascontiguousarray(values).view(np.int64)
    out["kind"] = EventKind.METRIC
    out["flags"] = EventFlag.LAST
    known: Events = out[~np.isnan(values)]
    return known


def news_events(frame: pl.DataFrame) -> Events:
    """One record per piece of news, numbered as in :func:`news_rows`."""
    out = empty_events(len(frame))
    out["ts"] = frame["ts"].to_numpy()
    out["qty"] = np.arange(len(frame))
    out["kind"] = EventKind.NEWS
    out["flags"] = EventFlag.LAST
    return out


def news_rows(frame: pl.DataFrame) -> list[Mapping[str, Any]]:
    """The source's own columns of every piece of news."""
    shown = [name for name in frame.columns if name != "ts" and not name.startswith("_")]
    return list(frame.select(shown).iter_rows(named=True))

# SPDX-License-Identifier: MIT
"""Where the parts of a series lie, and how its rows are cut into days, months or years."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import polars as pl

from seawall.data.catalogue.kinds import FREE_KINDS, interval_ns, is_bars
from seawall.model.errors import CatalogueError
from seawall.model.time import NS_PER_DAY, NS_PER_HOUR, NS_PER_MIN, NS_PER_S

_SAFE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._:/+-]{0,79}$")


def safe_name(text: str, what: str) -> str:
    """Name for a path: ``/`` as ``-`` and ``:`` as ``_``.

    Raises
    ------
    CatalogueError
        When the name holds anything that could leave its folder.
    """
    if not _SAFE.match(text) or ".." in text:
        raise CatalogueError(
            f"{text!r} cannot be a {what}",
            mend="use letters, digits and . _ : / + - only, at most 80 of them",
        )
    return text.replace("/", "-").replace(":", "_")


def part_path(venue: str, symbol: str, kind: str, date: str, batch: str) -> str:
    """Path of a part, relative to the catalogue's root."""
    return (
        f"data/venue={safe_name(venue, 'venue')}/symbol={safe_name(symbol, 'symbol')}"
        f"/kind={safe_name(kind, 'kind')}/date={date}/part-{batch}.parquet"
    )


def quarantine_path(venue: str, symbol: str, kind: str, batch: str) -> str:
    """Path of the refused rows of a series, relative to the catalogue's root."""
    return (
        f"quarantine/{batch}/{safe_name(venue, 'venue')}/{safe_name(symbol, 'symbol')}"
        f"/{safe_name(kind, 'kind')}.parquet"
    )


def period_of(kind: str) -> str:
    """Length of time in one part (polars notation); its first day names the folder.

    Events are cut by day.  Thin series are cut by month, year or decade, so that three
    years of hourly bars are four files and not a thousand.
    """
    if not is_bars(kind):
        thin = kind in ("funding", "open_interest") or (kind in FREE_KINDS and kind != "options")
        return "1y" if thin else "1d"
    length = interval_ns(kind)
    if length < NS_PER_MIN:
        return "1d"
    if length < NS_PER_HOUR:
        return "1mo"
    return "1y" if length < NS_PER_DAY else "10y"


def by_period(frame: pl.DataFrame, kind: str) -> list[tuple[str, pl.DataFrame]]:
    """Cut a frame that is in order of ``ts`` into periods, each with its first day."""
    if frame.is_empty():
        return []
    every = period_of(kind)
    day = frame["ts"].to_numpy() // NS_PER_DAY
    edges = np.flatnonzero(np.diff(day)) + 1
    starts = [0, *edges.tolist(), len(frame)]
    out: list[tuple[str, int, int]] = []
    for a, b in pairwise(starts):
        date = _first_day(int(day[a]), every)
        if out and out[-1][0] == date:
            out[-1] = (date, out[-1][1], b)
        else:
            out.append((date, a, b))
    return [(date, frame[a:b]) for date, a, b in out]


def _first_day(day: int, every: str) -> str:
    """First day, ISO 8601, of the period that holds a day counted from 1970."""
    date = datetime.fromtimestamp(day * NS_PER_DAY // NS_PER_S, UTC).date()
    if every == "1mo":
        date = date.replace(day=1)
    elif every == "1y":
        date = date.replace(month=1, day=1)
    elif every == "10y":
        date = date.replace(year=date.year // 10 * 10, month=1, day=1)
    return date.isoformat()

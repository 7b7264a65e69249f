# SPDX-License-Identifier: MIT
"""Where the parts of a series lie, and how its rows are cut into days, months or years."""

from __future__ import annotations

import re

import polars as pl

from seawall.data.catalogue.kinds import FREE_KINDS, interval_ns, is_bars
from seawall.model.errors import CatalogueError
from seawall.model.time import NS_PER_DAY, NS_PER_HOUR, NS_PER_MIN

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
    start = pl.col("ts").cast(pl.Datetime("ns")).dt.date()
    every = period_of(kind)
    if every == "10y":
        # Decades by hand: truncation counts ten-year windows from 1970.
        label = pl.date(start.dt.year() // 10 * 10, 1, 1)
    else:
        label = start.dt.truncate(every)
    cut = frame.with_columns(_date=label.dt.to_string("%Y-%m-%d"))
    parts = cut.partition_by("_date", maintain_order=True, as_dict=True, include_key=False)
    return [(str(key[0]), rows) for key, rows in parts.items()]

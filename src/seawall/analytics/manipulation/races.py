# SPDX-License-Identifier: MIT
"""Races between two instruments of a market: the follower's rows with the leader's mid."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from seawall.analytics.manipulation import latency_race
from seawall.analytics.manipulation.rows import rows_of
from seawall.analytics.spec import Result, run
from seawall.model.errors import ResearchError
from seawall.model.instrument import Instrument
from seawall.model.market import Market


def score_race(
    market: Market, follower: Instrument, leader: Instrument,
    params: Mapping[str, float] | None = None,
) -> tuple[np.ndarray, Result]:  # fmt: skip
    """Score the follower's takers against moves of the leader.

    Parameters
    ----------
    market : Market
        Recorded or simulated events of both.
    follower, leader : Instrument
        Whose quotes may be left behind, and whose mid moves first.
    params : mapping of str to float, optional
        Parameters of :mod:`seawall.analytics.manipulation.latency_race`.

    Returns
    -------
    ts : array of int64
        Times of the rows, ns UTC.
    result : Result
        Its outputs per row.

    Raises
    ------
    ResearchError
        When one of them has no quotes, or they do not overlap.
    """
    mine, theirs = rows_of(market, follower).columns, rows_of(market, leader).columns
    at = np.searchsorted(theirs["ts"], mine["ts"], side="right") - 1
    known = at >= 0
    if not known.any():
        raise ResearchError(
            f"{leader.symbol} at {leader.venue} is not heard before {follower.symbol} ends",
            mend="choose two instruments of the same moments",
        )
    mid = 0.5 * (theirs["bid_px"] + theirs["ask_px"])[at[known]]
    names = ("ts", "bid_px", "ask_px", "price", "qty", "side")
    columns = {name: mine[name][known] for name in names}
    return columns["ts"], run(latency_race.ANALYTIC, {**columns, "mid": mid}, params)

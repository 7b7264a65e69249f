# SPDX-License-Identifier: MIT
"""Latency from recorded data.

A recording says how long messages take to reach us, not how long orders take to reach
the venue; absent one's own order times, the feed's lags times a factor are the nearest
thing to a measurement.
"""

from __future__ import annotations

import numpy as np

from seawall.engine.settings import LatencySettings
from seawall.model.errors import DataError
from seawall.model.events import Events
from seawall.model.time import NS_PER_US


def latency_from_feed(
    events: Events,
    *,
    entry_factor: float = 1.0,
    response_factor: float = 1.0,
    pairs: int = 1_000,
    seed: int = 0,
) -> LatencySettings:
    """Draw pairs of order latencies from the lags of a recorded feed.

    Parameters
    ----------
    events : Events
        Records with a lag; those without one are left out.
    entry_factor, response_factor : float
        Order latency over feed latency, to the venue and back.
    pairs : int
        Pairs in the table that the engine draws from.
    seed : int
        Seed of the draw.

    Raises
    ------
    DataError
        When no record carries a lag.
    """
    lags = events["lag_us"][events["lag_us"] > 0].astype(np.int64) * NS_PER_US
    if lags.size == 0:
        raise DataError(
            "the events carry no lag between venue and us",
            mend="set engine.latency.entry_ns and response_ns instead",
        )
    drawn = np.random.default_rng(seed).choice(lags, size=(pairs, 2))
    entry = (drawn[:, 0] * entry_factor).astype(np.int64)
    response = (drawn[:, 1] * response_factor).astype(np.int64)
    return LatencySettings(
        entry_ns=int(np.median(entry)),
        response_ns=int(np.median(response)),
        sampled=tuple(zip(entry.tolist(), response.tolist(), strict=True)),
    )

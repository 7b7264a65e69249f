# SPDX-License-Identifier: MIT
"""Cutting a market where its feeds were silent for long: recordings of several days."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from seawall.model.market import Market

NS = 1_000_000_000
GAP_S: Final = 600.0
"""Silence of all feeds from which a new recording begins, s."""


def sessions_of(market: Market, gap_s: float = GAP_S) -> tuple[Market, ...]:
    """Cut the events of a market at long silences; each part starts with no book."""
    ts = market.events["ts"]
    if not ts.size:
        return ()
    starts = np.flatnonzero(np.diff(ts) > gap_s * NS) + 1
    parts = np.split(np.arange(ts.size), starts)
    return tuple(replace(market, events=market.events[p[0] : p[-1] + 1]) for p in parts)

# SPDX-License-Identifier: MIT
"""A book of the engine's own for the rows that maintain one without trading."""

from __future__ import annotations

import numpy as np
from numba import njit

from seawall.engine.kernel.book import next_level, price_of, quantity_at
from seawall.engine.kernel.book import set_level as set_level
from seawall.engine.kernel.jit import words
from seawall.engine.layout import (
    B_SIDE0,
    I_BOOK,
    O_INST,
    S_BEST,
)
from seawall.engine.settings import EngineSettings
from seawall.engine.world import build_world
from seawall.model.market import Market


def book_of(market: Market, price: int, settings: EngineSettings) -> tuple[np.ndarray, int]:
    """A world with one empty book around a price in ticks, and the book's offset."""
    world = build_world(
        market.instruments,
        market.streams,
        market.instrument_of_stream(),
        settings,
        price_hint=price,
    )
    return world, int(world[world[O_INST] + I_BOOK])


@njit
def levels_of(w, b, side, out):
    """Write (ticks, lots) of every level of a side, in and outside the window; their number."""
    w = words(w)
    n = 0
    pos = w[b + B_SIDE0 + 8 * side + S_BEST]
    while pos >= 0:
        px = price_of(w, b, side, pos)
        out[n, 0], out[n, 1] = px, quantity_at(w, b, side, px)
        n += 1
        pos = next_level(w, b, side, pos)
    return n

# SPDX-License-Identifier: MIT
"""How much room a run needs for its books and logs, from a look at its market."""

from __future__ import annotations

from seawall.engine.settings import EngineSettings
from seawall.engine.world import LOG_ROWS
from seawall.model.market import Market


def price_hint(market: Market) -> int:
    """A price in ticks that the market reaches early; 0 where it has no events."""
    if market.events.size:
        sample = market.events["px"][: 1 << 14]
        return int(sample.max()) if sample.size else 0
    return 0


def equity_rows(market: Market) -> int:
    """Rows of the equity log between drains: small runs stay small."""
    n = market.bars.shape[1] + 256
    rows: int = max(1 << 12, min(1 << 16, 1 << (n - 1).bit_length()))
    return rows


def log_rows(settings: EngineSettings, *, targets: bool) -> int:
    """Rows of the logs of orders and fills between drains.

    Targets send one order per bar and instrument, so a small log is as good and stays in the
    processor's cache; whoever else sends orders may send many at once.
    """
    return 1 << 13 if targets and settings.orders_max <= 1 << 10 else LOG_ROWS

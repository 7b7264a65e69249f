# SPDX-License-Identifier: MIT
"""Columns of a grid as a strategy can see them while it runs: seconds of quotes and trades."""

from __future__ import annotations

from seawall.analytics.flow import vpin
from seawall.analytics.hawkes import crash_alert
from seawall.analytics.spec import Stream
from seawall.signals.from_events import ALERT, BUCKETS_PER_S, LEARN_S, VPIN_WINDOW

NS = 1_000_000_000
NAN = float("nan")


class Flow:
    """Trades of one instrument: intensity and toxicity, as in the grids of recordings."""

    def __init__(self) -> None:
        self.alert = Stream(crash_alert.ANALYTIC, ALERT)
        self.vpin: Stream | None = None
        self.first_ns, self.volume = 0, 0.0
        self.seen = {"spike": NAN, "count_branching": NAN, "lean": NAN}
        self.toxic = {"vpin": NAN, "vpin_floor": NAN, "vpin_rank": NAN}

    def trade(self, ts: int, quantity: float, buy: bool) -> None:
        """Take one trade."""
        side = 1.0 if buy else -1.0
        if not self.first_ns:
            self.first_ns = ts
        spike, branching, lean, _ = self.alert.update((ts - self.first_ns) / NS, side)
        self.seen = {"spike": float(spike), "count_branching": float(branching),
                     "lean": float(lean)}  # fmt: skip
        if ts - self.first_ns < LEARN_S * NS:
            self.volume += quantity
            return
        if self.vpin is None:
            bucket = max(self.volume / LEARN_S / BUCKETS_PER_S, 1e-9)
            params = {"bucket": bucket, "window": VPIN_WINDOW, "history": 500.0}
            self.vpin = Stream(vpin.ANALYTIC, params)
        v, floor, _, _, _, rank = self.vpin.update(quantity, side)
        self.toxic = {"vpin": float(v), "vpin_floor": float(floor), "vpin_rank": float(rank)}

    def columns(self) -> dict[str, float]:
        """What is known now; the fit by maximum likelihood is left to recordings."""
        return {**self.seen, **self.toxic, "branching": NAN, "reliable": 0.0}

# SPDX-License-Identifier: MIT
"""A strategy that hears trades and quotes around them, so that a lie would move its orders."""

from __future__ import annotations

from pathlib import Path

from seawall.engine.session import SessionPlan
from seawall.engine.strategy import Strategy, Tick

PLACE = f"{Path(__file__)}:Follower"


class Follower(Strategy):
    """Quotes both sides at the last print every 100 ms, and takes now and then."""

    size = 0.01

    def on_start(self) -> None:
        """Begin without a print."""
        self.last: dict[str, float] = {}
        self.rounds = 0
        self.every("100ms")

    def on_trade(self, trade: Tick) -> None:
        """Remember a print."""
        self.last[trade.symbol] = trade.price

    def on_timer(self, ts: int) -> None:
        """Quote anew."""
        self.rounds += 1
        if self.rounds % 5 == 0:
            self.cancel_all()
        for symbol, price in self.last.items():
            if not self.best_bid(symbol) or not self.best_ask(symbol):
                continue
            if self.position(symbol) < 0.1:
                self.buy(self.size, symbol=symbol, price=price)
            if self.position(symbol) > -0.1:
                self.sell(self.size, symbol=symbol, price=price)
            if self.rounds % 23 == 0:
                self.target_quantity(0.0, symbol)


def follower(_: SessionPlan) -> Strategy:
    """Make the strategy again, for a replay."""
    return Follower()

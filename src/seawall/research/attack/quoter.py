# SPDX-License-Identifier: MIT
"""The strategy that is attacked: it learns online what moves the price, and trades on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from seawall.engine.strategy import Strategy
from seawall.model.order import TimeInForce
from seawall.research.attack.settings import Terms

Floats = npt.NDArray[np.float64]


class Learner(Protocol):
    """Learns the joint mean and covariance of features and outcome, and forecasts."""

    def learn(self, row: int, ts: int) -> None:
        """Take in what a row of all venues taught, now that its horizon has ended."""

    def forecast(self, features: Floats) -> float:
        """Return expected from features, in volatilities of the horizon."""


class Guard(Protocol):
    """Says when not to trade."""

    def stands_aside(self, row: int, book_is_good: bool) -> bool:
        """Whether quotes are withdrawn and no new position is taken."""


@dataclass(frozen=True, eq=False)
class View:
    """What the strategy sees at every second.

    Parameters
    ----------
    ts : int64 array, shape (n,)
        Time of a row, ns UTC.
    features : float64 array, shape (n, d)
        Of the traded venue.
    scale : float64 array, shape (n,)
        Volatility over the horizon, fraction: forecasts are multiplied by it.
    """

    ts: npt.NDArray[np.int64]
    features: Floats
    scale: Floats


@dataclass(frozen=True, slots=True)
class Place:
    """Where the strategy trades.

    Parameters
    ----------
    symbol : str
        Instrument with its venue, ``symbol@venue``.
    tick : float
        Price step, quote currency.
    """

    symbol: str
    tick: float


class ForecastQuoter(Strategy):
    """Joins the side of the book that its forecast favours, and takes when it is sure.

    Parameters
    ----------
    place : Place
        Where it trades.
    terms : Terms
        How it trades.
    view : View
        What it sees; a row is read when its second has come, and no later row before.
    learner : Learner
        What it learns with.
    guard : Guard, optional
        What holds it back; nothing when it is not given.
    """

    def __init__(
        self, place: Place, terms: Terms, view: View, learner: Learner, guard: Guard | None = None
    ) -> None:
        self.where = place
        self.terms = terms
        self.view = view
        self.learner = learner
        self.guard = guard
        self.row = -1
        self.orders: dict[int, tuple[int, float]] = {}
        self.forecasts = np.full(view.ts.size, np.nan)
        self.aside = 0
        self._aside_from = 0
        self._aside_row = -(10**9)

    def on_start(self) -> None:
        """Ask for a timer of one row."""
        self.every(f"{self.terms.step_ms}ms")

    def on_timer(self, ts: int) -> None:
        """Learn from what has become known, forecast, and trade."""
        row = int(np.searchsorted(self.view.ts, ts, "right")) - 1
        for known in range(self.row + 1, row + 1):
            if known - self.terms.horizon >= self.terms.warmup:
                self.learner.learn(known - self.terms.horizon, int(self.view.ts[known]))
        self.row = row
        if row < self.terms.warmup:
            return
        features = self.view.features[row]
        if not np.isfinite(features).all():
            self.pull()
            return
        forecast = self.learner.forecast(features) * self.view.scale[row]
        self.forecasts[row] = forecast
        if self.guard is not None and self.guard.stands_aside(
            row, self.book_is_good(self.where.symbol)
        ):
            self.aside += 1
            self.retreat(row)
            return
        self.trade(forecast)

    def trade(self, forecast: float) -> None:
        """Take, or join one side."""
        t, symbol = self.terms, self.where.symbol
        bid, ask = self.best_bid(symbol), self.best_ask(symbol)
        if bid <= 0.0 or ask <= bid:
            self.pull()
            return
        held = self.position(symbol)
        if abs(forecast) > t.take_edge:
            side = 1 if forecast > 0 else -1
            if side * held < t.quantity:
                self.pull()
                self.send(side, t.quantity - side * held, ask if side > 0 else bid, take=True)
                return
        self.place(1, bid, t.quantity - held if forecast > t.quote_edge else 0.0)
        self.place(-1, ask, t.quantity + held if forecast < -t.quote_edge else 0.0)

    def retreat(self, row: int) -> None:
        """Withdraw what would add to the position; work it off, at last by taking.

        The passive exit is tried first because spreads are wide when a breaker opens; who
        waits longer than ``patience_s`` for it holds a position through the attack.
        """
        symbol = self.where.symbol
        if row - self._aside_row > 1:
            self._aside_from = row
        self._aside_row = row
        bid, ask = self.best_bid(symbol), self.best_ask(symbol)
        held = self.position(symbol)
        if bid <= 0.0 or ask <= bid:
            self.pull()
            return
        if row - self._aside_from >= self.terms.rows(self.terms.patience_s) and held:
            self.pull()
            side = -1 if held > 0 else 1
            self.send(side, abs(held), ask if side > 0 else bid, take=True)
            return
        self.place(1, bid, max(-held, 0.0))
        self.place(-1, ask, max(held, 0.0))

    def send(self, side: int, quantity: float, price: float, *, take: bool) -> int:
        """Send one order; a taking one reaches two ticks beyond the touch."""
        where = self.where
        if take:
            price += 2 * side * where.tick
        price = round(price / where.tick) * where.tick
        order = self.buy if side > 0 else self.sell
        if take:
            return order(quantity, symbol=where.symbol, price=price, tif=TimeInForce.IOC)
        return order(quantity, symbol=where.symbol, price=price, post_only=True)

    def place(self, side: int, price: float, quantity: float) -> None:
        """Keep one order per side at a price; leave it alone where it already is."""
        handle, at = self.orders.get(side, (0, 0.0))
        wanted = quantity > 0.0
        if wanted and handle and abs(at - price) < self.where.tick / 2 and self.is_open(handle):
            return
        if handle:
            self.cancel(handle)
            del self.orders[side]
        if wanted:
            self.orders[side] = (self.send(side, quantity, price, take=False), price)

    def pull(self) -> None:
        """Withdraw both quotes."""
        for handle, _ in self.orders.values():
            self.cancel(handle)
        self.orders.clear()

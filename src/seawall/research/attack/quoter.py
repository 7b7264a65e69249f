# SPDX-License-Identifier: MIT
"""The strategy that is attacked: it learns online what moves the price, and trades on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from seawall.engine.strategy import Strategy
from seawall.model.order import TimeInForce
from seawall.research.attack.sampling import Samples

Floats = npt.NDArray[np.float64]


class Learner(Protocol):
    """Learns the joint mean and covariance of features and outcome, and forecasts."""

    def learn(self, row: int, ts: int, values: Floats) -> None:
        """Take in what every venue taught; ``values`` has a row per venue, outcome last."""

    def forecast(self, row: int, features: Floats) -> float:
        """Return expected from features, in volatilities of the horizon."""


class Guard(Protocol):
    """Says when not to trade."""

    def stands_aside(self, row: int, book_is_good: bool) -> bool:
        """Whether quotes are withdrawn and no new position is taken."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How the strategy trades; the same for every variant.

    Parameters
    ----------
    symbol : str
        Instrument with its venue.
    quantity : float
        Largest position, base currency.
    tick : float
        Price step, quote currency.
    horizon : int
        Rows that a forecast looks ahead.
    quote_edge : float
        Forecast from which the better side of the book is joined, fraction of the price.
    take_edge : float
        Forecast from which the spread and the taker fee are paid, fraction.
    warmup : int
        Rows before the first order.
    """

    symbol: str
    quantity: float
    tick: float
    horizon: int = 5
    quote_edge: float = 0.5e-4
    take_edge: float = 2.5e-4
    warmup: int = 120


class ForecastQuoter(Strategy):
    """Joins the side of the book that its forecast favours, and takes when it is sure.

    Parameters
    ----------
    terms : Terms
        How it trades.
    samples : Samples
        What it sees; a row is read when its second has come, and no later row before.
    lessons : float64 array, shape (n, venues, d + 1)
        Features and outcome by second and venue as they reach the learner.
    learner : Learner
        What it learns with.
    guard : Guard, optional
        What holds it back; nothing when it is not given.
    """

    def __init__(
        self, terms: Terms, samples: Samples, lessons: Floats, learner: Learner,
        guard: Guard | None = None,
    ) -> None:  # fmt: skip
        self.terms = terms
        self.samples = samples
        self.lessons = lessons
        self.learner = learner
        self.guard = guard
        self.row = -1
        self.orders: dict[int, tuple[int, float]] = {}
        self.forecasts = np.full(samples.ts.size, np.nan)

    def on_start(self) -> None:
        """Ask for a timer of one second."""
        self.every("1s")

    def on_timer(self, ts: int) -> None:
        """Learn from what has become known, forecast, and trade."""
        row = int(np.searchsorted(self.samples.ts, ts, "right")) - 1
        for known in range(self.row + 1, row + 1):
            self._learn(known)
        self.row = row
        if row < self.terms.warmup:
            return
        features = self.samples.features[row, 0]
        if not np.isfinite(features).all():
            self.pull()
            return
        scale = self.samples.volatility[row, 0] * np.sqrt(self.terms.horizon)
        forecast = self.learner.forecast(row, features) * scale
        self.forecasts[row] = forecast
        if self.guard is not None and self.guard.stands_aside(
            row, self.book_is_good(self.terms.symbol)
        ):
            self.retreat()
            return
        self.trade(forecast)

    def _learn(self, known: int) -> None:
        """Learn from the row whose horizon has just ended."""
        row = known - self.terms.horizon
        if row >= self.terms.warmup:
            self.learner.learn(row, int(self.samples.ts[known]), self.lessons[row])

    def trade(self, forecast: float) -> None:
        """Take, or join one side."""
        t = self.terms
        bid, ask = self.best_bid(t.symbol), self.best_ask(t.symbol)
        if bid <= 0.0 or ask <= bid:
            self.pull()
            return
        held = self.position(t.symbol)
        if abs(forecast) > t.take_edge:
            side = 1 if forecast > 0 else -1
            if side * held < t.quantity:
                self.pull()
                self.send(side, t.quantity - side * held, ask if side > 0 else bid, take=True)
                return
        self.place(1, bid, t.quantity - held if forecast > t.quote_edge else 0.0)
        self.place(-1, ask, t.quantity + held if forecast < -t.quote_edge else 0.0)

    def retreat(self) -> None:
        """Withdraw the quotes that would add to the position; work the rest off passively."""
        t = self.terms
        bid, ask = self.best_bid(t.symbol), self.best_ask(t.symbol)
        held = self.position(t.symbol)
        if bid <= 0.0 or ask <= bid:
            self.pull()
            return
        self.place(1, bid, max(-held, 0.0))
        self.place(-1, ask, max(held, 0.0))

    def send(self, side: int, quantity: float, price: float, *, take: bool) -> int:
        """Send one order; a taking one reaches two ticks beyond the touch."""
        t = self.terms
        if take:
            price += 2 * side * t.tick
        price = round(price / t.tick) * t.tick
        order = self.buy if side > 0 else self.sell
        if take:
            return order(quantity, symbol=t.symbol, price=price, tif=TimeInForce.IOC)
        return order(quantity, symbol=t.symbol, price=price, post_only=True)

    def place(self, side: int, price: float, quantity: float) -> None:
        """Keep one order per side at a price; leave it alone where it already is."""
        handle, at = self.orders.get(side, (0, 0.0))
        wanted = quantity > 0.0
        if wanted and handle and abs(at - price) < self.terms.tick / 2 and self.is_open(handle):
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

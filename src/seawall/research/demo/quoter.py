# SPDX-License-Identifier: MIT
"""Two-sided quoting on events: the naive variant and the defended one."""

from __future__ import annotations

from collections import deque
from statistics import median

from seawall.engine.strategy import Strategy, Tick

PERIOD = "500ms"
MEMORY = 200
"""Trades that the estimate of the fair price remembers."""


class NaiveQuoter(Strategy):
    """Quotes around the volume-weighted price of recent trades, leaning on the book.

    Believes every print and every displayed lot: a wash trade moves its fair price, a
    spoofed level its lean.

    Parameters
    ----------
    symbol : str
        Instrument to quote.
    quantity : float
        Size of a quote and half of the largest position, in quantity.
    tick : float
        Price step, quote currency.
    fee : float
        Maker fee, fraction of notional: no quote is nearer than what it costs.
    """

    name = "quoter, naive"

    def __init__(self, symbol: str, quantity: float, tick: float, fee: float) -> None:
        self.symbol = symbol
        self.quantity = quantity
        self.tick = tick
        self.fee = max(fee, 0.0)
        self.trades: deque[tuple[float, float]] = deque(maxlen=MEMORY)
        self.orders: dict[int, tuple[int, float]] = {}

    def on_start(self) -> None:
        """Ask for a timer."""
        self.every(PERIOD)

    def on_trade(self, trade: Tick) -> None:
        """Remember the print."""
        if trade.symbol == self.symbol:
            self.trades.append((trade.price, trade.quantity))

    def fair(self, bid: float, ask: float) -> float:
        """Volume-weighted price of the remembered trades, between the quotes."""
        weight = sum(q for _, q in self.trades)
        vwap = sum(p * q for p, q in self.trades) / weight if weight else (bid + ask) / 2
        return (bid + ask + vwap) / 3

    def lean(self) -> float:
        """Shift of the quotes by what the book displays, in half spreads."""
        return self.imbalance(self.symbol)

    def may_quote(self, ts: int, bid: float, ask: float) -> bool:
        """Whether to quote now."""
        return True

    def on_timer(self, ts: int) -> None:
        """Re-price both quotes."""
        bid, ask = self.best_bid(self.symbol), self.best_ask(self.symbol)
        if bid <= 0 or ask <= bid or not self.may_quote(ts, bid, ask):
            self.pull()
            return
        half = max((ask - bid) / 2, self.tick, self.fee * (bid + ask) / 2)
        centre = self.fair(bid, ask) + self.lean() * half
        held = self.position(self.symbol) / (2 * self.quantity)
        self.place(1, min(centre - half * (1 + held), ask - self.tick), held < 1)
        self.place(-1, max(centre + half * (1 - held), bid + self.tick), held > -1)

    def place(self, side: int, price: float, wanted: bool) -> None:
        """Keep one order per side at a price; leave it alone where it already is."""
        price = round(price / self.tick) * self.tick
        handle, at = self.orders.get(side, (0, 0.0))
        if wanted and handle and abs(at - price) < self.tick / 2 and self.is_open(handle):
            return
        if handle:
            self.cancel(handle)
            del self.orders[side]
        if wanted and price > 0:
            send = self.buy if side > 0 else self.sell
            handle = send(self.quantity, symbol=self.symbol, price=price, post_only=True)
            self.orders[side] = (handle, price)

    def pull(self) -> None:
        """Withdraw both quotes."""
        for handle, _ in self.orders.values():
            self.cancel(handle)
        self.orders.clear()


class DefendedQuoter(NaiveQuoter):
    """The same quoter with bounded influence and a reason to stand aside.

    The fair price is a median, so no share of prints below one half moves it freely;
    sizes do not weigh; the lean follows traded rather than displayed volume and is
    bounded; and it does not quote while the book is untrustworthy or the spread is
    far above its own median.
    """

    name = "quoter, defended"

    def __init__(self, symbol: str, quantity: float, tick: float, fee: float) -> None:
        super().__init__(symbol, quantity, tick, fee)
        self.spreads: deque[float] = deque(maxlen=MEMORY)
        self.signs: deque[int] = deque(maxlen=MEMORY)
        self.aside_until = 0

    def on_trade(self, trade: Tick) -> None:
        """Remember the print only when it lies near the book."""
        if trade.symbol != self.symbol:
            return
        bid, ask = self.best_bid(self.symbol), self.best_ask(self.symbol)
        room = 5 * max(ask - bid, self.tick)
        if bid - room <= trade.price <= ask + room:
            self.trades.append((trade.price, trade.quantity))
            self.signs.append(1 if trade.buy else -1)

    def fair(self, bid: float, ask: float) -> float:
        """Median of recent prints, held within one spread of the mid."""
        mid = (bid + ask) / 2
        if not self.trades:
            return mid
        recent = median(p for p, _ in list(self.trades)[-25:])
        room = ask - bid
        return (2 * mid + min(max(recent, mid - room), mid + room)) / 3

    def lean(self) -> float:
        """Sign imbalance of recent trades, at most a quarter of a half spread."""
        if len(self.signs) < 20:
            return 0.0
        recent = list(self.signs)[-50:]
        return 0.25 * sum(recent) / len(recent)

    def may_quote(self, ts: int, bid: float, ask: float) -> bool:
        """Stand aside for five seconds after an abnormal spread or a book that is not good."""
        self.spreads.append(ask - bid)
        usual = median(self.spreads)
        if not self.book_is_good(self.symbol) or ask - bid > 4 * max(usual, self.tick):
            self.aside_until = ts + 5_000_000_000
        return ts >= self.aside_until

# SPDX-License-Identifier: MIT
"""The desk: what a strategy in Python can ask of the engine, in quantities and prices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from seawall.engine import layout as L
from seawall.engine.settings import EngineSettings
from seawall.engine.strategy import Bar, Strategy
from seawall.engine.terms import Scales, triggered_type
from seawall.engine.world import World, currencies_of, money_decimals
from seawall.model.account import Account
from seawall.model.instrument import Instrument, InstrumentKind
from seawall.model.order import OrderFlag, OrderType

LIMIT, MARKET = int(OrderType.LIMIT), int(OrderType.MARKET)
POST_ONLY, REDUCE_ONLY = int(OrderFlag.POST_ONLY), int(OrderFlag.REDUCE_ONLY)
SLOT_BITS = 12
SLOTS = (1 << SLOT_BITS) - 1
"""A handle is ``id << SLOT_BITS | slot``."""


class Late:
    """An entry of the kernel that is loaded when it is first called: ``late.now(...)``."""

    __slots__ = ("now",)

    now: Callable[..., Any]

    def __init__(self, entry: Any) -> None:
        def first(*args: Any) -> Any:
            from seawall.engine.kernel.jit import direct

            self.now = direct(entry)
            return self.now(*args)

        self.now = first


class Desk:
    """Orders and questions of a strategy; the engine derives from it.

    While bars are shown without a kernel call, every request first brings the kernel to
    the bar that the strategy sees.  Words of the world are read through a memory view,
    which gives Python integers at a quarter of the price of array elements.
    """

    world: World
    settings: EngineSettings
    instruments: tuple[Instrument, ...]
    scales: Scales
    _actions: Any
    _advance: Any
    _bar: Bar
    _lazy_at: int
    _sent: bool
    _lent: list[str]

    def _sync(self) -> None:
        raise NotImplementedError

    def _open_desk(self) -> None:
        """Look up, once, what every request needs."""
        w: Any = self.world
        self._cells: memoryview[int] = memoryview(w)
        self._rows = [int(w[L.O_INST]) + n * L.INST_COLS for n in range(len(self.instruments))]
        self._orders = int(w[L.O_ORD])
        scales = self.scales
        self.best_bid = self._reader(L.I_BID, scales.tick_ratio)
        self.best_ask = self._reader(L.I_ASK, scales.tick_ratio)
        self.last = self._reader(L.I_LAST, scales.tick_ratio)
        self.position = self._reader(L.I_POS_KNOWN, scales.lot_ratio)
        self.is_open = self._open_check()
        self.cancel = self._canceller()
        self.buy, self.sell = self._sender(1), self._sender(-1)

    def _reader(self, column: int, ratios: list[tuple[int, int]]) -> Callable[[str | None], float]:
        """Make a question for a column of an instrument's row, in decimal units.

        A function that holds what it needs, because a strategy asks at every wake.
        """
        cells, index = self._cells, self.scales.index
        places = [row + column for row in self._rows]
        only, first, (numerator, denominator) = len(places) == 1, places[0], ratios[0]

        def read(symbol: str | None = None) -> float:
            if self._lazy_at >= 0:
                self._sync()
            if only and symbol is None:
                return cells[first] * numerator / denominator
            n = index(symbol)
            return cells[places[n]] * ratios[n][0] / ratios[n][1]

        return read

    def _sender(self, side: int) -> Callable[..., int]:
        """Make the function that checks terms, crosses into ticks and lots, and submits."""
        submit, w, index = Late(self._actions.submit), self.world, self.scales.index
        lots_of, ticks_of = self.scales.lots_of, self.scales.ticks_of
        only = len(self.instruments) == 1

        def send(
            quantity: float,
            *,
            symbol: str | None = None,
            price: float = 0.0,
            stop: float = 0.0,
            take_profit: float = 0.0,
            trail: float = 0.0,
            tif: int = 0,
            post_only: bool = False,
            reduce_only: bool = False,
            expire_ns: int = 0,
            group: int = 0,
            parent: int = 0,
            tag: int = 0,
        ) -> int:
            n = 0 if only and symbol is None else index(symbol)
            lots, ticks = lots_of[n][quantity], ticks_of[n]
            kind, px, trigger, distance = MARKET, 0, 0, 0
            if price != 0.0:
                kind, px = LIMIT, ticks[price]
            if stop or take_profit or trail:
                trigger, distance = ticks[stop or take_profit], ticks[trail]
                kind = int(triggered_type(price, stop, take_profit, trail))
            if self._lazy_at >= 0:
                self._sync()
            self._sent = True
            flags = (POST_ONLY if post_only else 0) | (REDUCE_ONLY if reduce_only else 0)
            handle: int = submit.now(
                w, n, side, kind, lots, px, trigger, tif, flags,
                expire_ns, distance, group, parent, tag,
            )  # fmt: skip
            return handle

        return send

    def _open_check(self) -> Callable[[int], bool]:
        cells, orders = self._cells, self._orders + L.R_ID

        def is_open(order: int) -> bool:
            if self._lazy_at >= 0:
                self._sync()
            return order > 0 and cells[orders + (order & SLOTS) * L.ORD_COLS] == order >> SLOT_BITS

        return is_open

    def _canceller(self) -> Callable[[int], bool]:
        ask, w = Late(self._actions.cancel), self.world

        def cancel(order: int) -> bool:
            if self._lazy_at >= 0:
                self._sync()
            self._sent = True
            asked: bool = ask.now(w, order)
            return asked

        return cancel

    def _lend(self, strategy: Strategy) -> None:
        """Put what is asked most into the strategy itself, which saves a call each time."""
        own = {
            "best_bid": self.best_bid,
            "best_ask": self.best_ask,
            "last": self.last,
            "position": self.position,
            "is_open": self.is_open,
            "cancel": self.cancel,
            "buy": self.buy,
            "sell": self.sell,
        }
        kind = type(strategy)
        self._lent = [name for name in own if getattr(kind, name) is getattr(Strategy, name)]
        for name in self._lent:
            setattr(strategy, name, own[name])

    def _take_back(self, strategy: Strategy) -> None:
        """Undo :meth:`_lend`: a strategy that has run can be copied again."""
        for name in self._lent:
            delattr(strategy, name)
        self._lent = []

    # --- what strategies ask for ----------------------------------------------------------------

    def send(self, side: int, quantity: float, **terms: Any) -> int:
        """Send an order to a side; terms as in :meth:`Strategy.buy`."""
        return self.buy(quantity, **terms) if side > 0 else self.sell(quantity, **terms)

    def send_target(self, quantity: float, symbol: str | None) -> int:
        """Market order from where the position is heading to a quantity."""
        n = self.scales.index(symbol)
        self._sync()
        self._sent = True
        lots = self.scales.target_lots(n, quantity)
        return int(self._actions.send_target.now(self.world, n, lots))

    def send_weight(self, weight: float, symbol: str | None) -> int:
        """Market order towards a share of equity at the last price."""
        n = self.scales.index(symbol)
        last = self.last(symbol)
        if last <= 0:
            return 0
        instrument = self.instruments[n]
        value = weight * self.equity()
        if instrument.kind is InstrumentKind.INVERSE:
            quantity = value / float(instrument.contract_size)
        else:
            quantity = value / (last * float(instrument.contract_size))
        lots = self.scales.target_lots(n, quantity, towards_zero=True)
        self._sent = True
        return int(self._actions.send_target.now(self.world, n, lots))

    def amend(self, order: int, price: float, quantity: float) -> bool:
        """See :meth:`Strategy.amend`."""
        self._sync()
        self._sent = True
        if not self.is_open(order):
            return False
        n = self._cells[self._orders + (order & SLOTS) * L.ORD_COLS + L.R_INST]
        lots = self.scales.lots_of[n][quantity] if quantity else 0
        return bool(
            self._actions.amend.now(self.world, order, self.scales.ticks_of[n][price], lots)
        )

    def cancel_all(self, symbol: str | None) -> int:
        """See :meth:`Strategy.cancel_all`."""
        return sum(self.cancel(order) for order in self.open_orders(symbol))

    def open_orders(self, symbol: str | None) -> list[int]:
        """See :meth:`Strategy.open_orders`."""
        self._sync()
        out = np.empty(self.settings.orders_max, dtype=np.int64)
        n = -1 if symbol is None else self.scales.index(symbol)
        return [int(x) for x in out[: self._actions.open_handles.now(self.world, n, out)]]

    def imbalance(self, symbol: str | None) -> float:
        """See :meth:`Strategy.imbalance`."""
        self._sync()
        return float(self._actions.imbalance.now(self.world, self.scales.index(symbol)))

    def book_is_good(self, symbol: str | None) -> bool:
        """See :meth:`Strategy.book_is_good`."""
        self._sync()
        return bool(self._actions.book_is_good.now(self.world, self.scales.index(symbol)))

    def set_timer(self, period_ns: int) -> None:
        """Ring at every multiple of a period, ns."""
        self._sync()
        self._sent = True
        now = self.now_ns
        self._actions.set_timer.now(self.world, (now // period_ns + 1) * period_ns, period_ns)

    @property
    def now_ns(self) -> int:
        """Receive time up to which everything is known, ns UTC."""
        now: int = self._cells[L.H_NOW]
        return max(now, self._bar._ts[self._lazy_at]) if self._lazy_at >= 0 else now

    def equity(self) -> float:
        """See :meth:`Strategy.equity`."""
        self._sync()
        return float(self._advance.equity_of.now(self.world))

    def account(self) -> Account:
        """See :meth:`Strategy.account`."""
        from seawall.engine.statement import statement

        equity = self.equity()
        names = currencies_of(self.instruments, self.settings)
        decimals = money_decimals(self.instruments)
        self._advance.show_told.now(self.world, -1)
        try:
            return statement(
                self.world, self.instruments, self.scales.names, names, decimals, equity
            )
        finally:
            self._advance.show_told.now(self.world, 1)

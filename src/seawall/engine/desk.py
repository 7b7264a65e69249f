# SPDX-License-Identifier: MIT
"""The desk: what a strategy in Python can ask of the engine, in quantities and prices."""

from __future__ import annotations

from typing import Any

import numpy as np

from seawall.engine import layout as L
from seawall.engine.settings import EngineSettings
from seawall.engine.strategy import Bar
from seawall.engine.terms import OrderTerms, Scales
from seawall.engine.world import World, currencies_of, money_decimals
from seawall.model.account import Account
from seawall.model.instrument import Instrument, InstrumentKind
from seawall.model.order import Side


class Desk:
    """Orders and questions of a strategy; the engine derives from it.

    While bars are shown without a kernel call, every request first brings the kernel to
    the bar that the strategy sees.
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

    def _sync(self) -> None:
        raise NotImplementedError

    # --- what strategies ask for ----------------------------------------------------------------

    def send(self, side: Side, quantity: float, **terms: Any) -> int:
        """Check the terms, cross into ticks and lots, and hand the order to the kernel."""
        if terms.get("symbol", "") is None:
            del terms["symbol"]
        t = OrderTerms(**terms)
        n = self.scales.index(t.symbol)
        lots = self.scales.lots(n, quantity)
        px = self.scales.ticks(n, t.price)
        trigger = self.scales.ticks(n, t.stop or t.take_profit)
        trail = self.scales.ticks(n, t.trail)
        kind = int(t.order_type())
        self._sync()
        self._sent = True
        return int(
            self._actions.submit(
                self.world, n, int(side), kind, lots, px, trigger, int(t.tif), t.flags(),
                t.expire_ns, trail, t.group, t.parent, t.tag,
            )
        )  # fmt: skip

    def send_target(self, quantity: float, symbol: str | None) -> int:
        """Market order from where the position is heading to a quantity."""
        n = self.scales.index(symbol)
        self._sync()
        self._sent = True
        lots = self.scales.target_lots(n, quantity)
        return int(self._actions.send_target(self.world, n, lots))

    def send_weight(self, weight: float, symbol: str | None) -> int:
        """Market order towards a share of equity at the last price."""
        n = self.scales.index(symbol)
        last = self.quote(symbol, L.I_LAST)
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
        return int(self._actions.send_target(self.world, n, lots))

    def cancel(self, order: int) -> bool:
        """See :meth:`Strategy.cancel`."""
        self._sync()
        self._sent = True
        return bool(self._actions.cancel(self.world, order))

    def amend(self, order: int, price: float, quantity: float) -> bool:
        """See :meth:`Strategy.amend`."""
        self._sync()
        self._sent = True
        if not self._actions.is_open(self.world, order):
            return False
        slot = order & 0xFFF
        n = int(self.world[int(self.world[L.O_ORD]) + slot * L.ORD_COLS + L.R_INST])
        lots = self.scales.lots(n, quantity) if quantity else 0
        return bool(self._actions.amend(self.world, order, self.scales.ticks(n, price), lots))

    def cancel_all(self, symbol: str | None) -> int:
        """See :meth:`Strategy.cancel_all`."""
        return sum(self.cancel(order) for order in self.open_orders(symbol))

    def open_orders(self, symbol: str | None) -> list[int]:
        """See :meth:`Strategy.open_orders`."""
        self._sync()
        out = np.empty(self.settings.orders_max, dtype=np.int64)
        n = -1 if symbol is None else self.scales.index(symbol)
        return [int(x) for x in out[: self._actions.open_handles(self.world, n, out)]]

    def is_open(self, order: int) -> bool:
        """See :meth:`Strategy.is_open`."""
        self._sync()
        return bool(self._actions.is_open(self.world, order))

    def imbalance(self, symbol: str | None) -> float:
        """See :meth:`Strategy.imbalance`."""
        self._sync()
        return float(self._actions.imbalance(self.world, self.scales.index(symbol)))

    def book_is_good(self, symbol: str | None) -> bool:
        """See :meth:`Strategy.book_is_good`."""
        self._sync()
        return bool(self._actions.book_is_good(self.world, self.scales.index(symbol)))

    def set_timer(self, period_ns: int) -> None:
        """Ring at every multiple of a period, ns."""
        self._sync()
        self._sent = True
        now = self.now_ns
        self._actions.set_timer(self.world, (now // period_ns + 1) * period_ns, period_ns)

    @property
    def now_ns(self) -> int:
        """Receive time up to which everything is known, ns UTC."""
        now = int(self.world[L.H_NOW])
        return max(now, self._bar._ts[self._lazy_at]) if self._lazy_at >= 0 else now

    def position(self, symbol: str | None) -> float:
        """See :meth:`Strategy.position`."""
        self._sync()
        n = self.scales.index(symbol)
        return self.scales.quantity(n, self._cell(n, L.I_POS_KNOWN))

    def quote(self, symbol: str | None, column: int) -> float:
        """A price column of an instrument's row, in quote currency."""
        self._sync()
        n = self.scales.index(symbol)
        return self.scales.price(n, self._cell(n, column))

    def equity(self) -> float:
        """See :meth:`Strategy.equity`."""
        self._sync()
        return float(self._advance.equity_of(self.world))

    def account(self) -> Account:
        """See :meth:`Strategy.account`."""
        from seawall.engine.statement import statement

        equity = self.equity()
        names = currencies_of(self.instruments, self.settings)
        decimals = money_decimals(self.instruments)
        return statement(self.world, self.instruments, self.scales.names, names, decimals, equity)

    def _cell(self, inst: int, column: int) -> int:
        return int(self.world[int(self.world[L.O_INST]) + inst * L.INST_COLS + column])

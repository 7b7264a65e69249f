# SPDX-License-Identifier: MIT
"""Strategies: Python hooks, vectorised targets, or a compiled function.

All three go through the same kernel and the same order path.  A Python strategy
overrides the hooks it needs; only those cost anything, because the kernel wakes for
nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from seawall.model.order import OrderState, RejectReason, Side
from seawall.model.time import parse_duration_ns

if TYPE_CHECKING:
    from seawall.engine.columns import Columns
    from seawall.engine.run import Engine
    from seawall.model.account import Account


class Bar:
    """The bar that just closed; prices in quote currency, volume in base.

    One object per run that moves from bar to bar: copy what you want to keep.
    """

    __slots__ = ("_close", "_high", "_low", "_open", "_symbol", "_ts", "_volume", "i")

    i: int
    _ts: Any
    _open: Any
    _high: Any
    _low: Any
    _close: Any
    _volume: Any
    _symbol: Any

    @property
    def ts(self) -> int:
        """Close of the bar, ns UTC."""
        return self._ts[self.i]  # type: ignore[no-any-return]

    @property
    def open(self) -> float:
        """First price."""
        return self._open[self.i]  # type: ignore[no-any-return]

    @property
    def high(self) -> float:
        """Highest price."""
        return self._high[self.i]  # type: ignore[no-any-return]

    @property
    def low(self) -> float:
        """Lowest price."""
        return self._low[self.i]  # type: ignore[no-any-return]

    @property
    def close(self) -> float:
        """Last price."""
        return self._close[self.i]  # type: ignore[no-any-return]

    @property
    def volume(self) -> float:
        """Traded quantity."""
        return self._volume[self.i]  # type: ignore[no-any-return]

    @property
    def symbol(self) -> str:
        """Instrument of the bar."""
        return self._symbol[self.i]  # type: ignore[no-any-return]


class FillNote(NamedTuple):
    """A fill as the venue reported it."""

    ts: int
    order: int
    symbol: str
    side: Side
    price: float
    quantity: float
    maker: bool
    tag: int


class OrderNote(NamedTuple):
    """A change of an order's state as the venue reported it."""

    ts: int
    order: int
    symbol: str
    state: OrderState
    reason: RejectReason
    tag: int


class Tick(NamedTuple):
    """A market record that woke the strategy; price in quote currency."""

    ts: int
    symbol: str
    price: float
    quantity: float
    buy: bool


class Metric(NamedTuple):
    """A number about the world that is no price: on-chain, macro, a venue's ratios."""

    ts: int
    venue: str
    symbol: str
    name: str
    value: float


class News(NamedTuple):
    """A piece of news; ``fields`` are the source's own columns."""

    ts: int
    venue: str
    symbol: str
    fields: Mapping[str, Any]


class Strategy:
    """Base of strategies in Python: override hooks, call the actions below.

    Hooks run in the order of the clock: answers to earlier orders first, then the
    market.  Sizes are quantities of the instrument, prices in quote currency.
    """

    _engine: Engine

    # --- hooks -----------------------------------------------------------------------

    def on_start(self) -> None:
        """Before the first record."""

    def on_bar(self, bar: Bar) -> None:
        """At the close of every bar."""

    def on_trade(self, trade: Tick) -> None:
        """At every trade."""

    def on_book(self, symbol: str) -> None:
        """After every book message; read ``best_bid`` and ``best_ask``."""

    def on_timer(self, ts: int) -> None:
        """When the timer of :meth:`every` rings; ns UTC."""

    def on_fill(self, fill: FillNote) -> None:
        """When the venue's report of a fill arrives."""

    def on_order(self, note: OrderNote) -> None:
        """When the venue accepts, amends or ends an order."""

    def on_metric(self, metric: Metric) -> None:
        """When a metric becomes known."""

    def on_news(self, news: News) -> None:
        """When a piece of news becomes known."""

    def on_stop(self) -> None:
        """After the last record."""

    # --- actions -----------------------------------------------------------------------

    def buy(
        self,
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
        """Send a buy order; returns its handle, 0 when there is no room for it.

        Parameters
        ----------
        quantity : float
            In base currency (contracts for inverse), a multiple of the lot.
        symbol : str, optional
            Which instrument; needed when there are several.
        price : float
            Makes it a limit order.
        stop, take_profit, trail : float
            Price (for ``trail``: distance) that triggers it; at most one of them.
        tif : TimeInForce
            Good till cancelled unless told otherwise.
        post_only, reduce_only : bool
            Refused where it would take; never opens or turns a position.
        expire_ns : int
            End of a GTD order, ns UTC.
        group : int
            Orders of one group cancel one another when one is filled.
        parent : int
            Handle of the order that must be filled first.
        tag : int
            Your own number; comes back with every answer.
        """
        return self._engine.send(
            1, quantity, symbol=symbol, price=price, stop=stop, take_profit=take_profit,
            trail=trail, tif=tif, post_only=post_only, reduce_only=reduce_only,
            expire_ns=expire_ns, group=group, parent=parent, tag=tag,
        )  # fmt: skip

    def sell(
        self,
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
        """Send a sell order; see :meth:`buy`."""
        return self._engine.send(
            -1, quantity, symbol=symbol, price=price, stop=stop, take_profit=take_profit,
            trail=trail, tif=tif, post_only=post_only, reduce_only=reduce_only,
            expire_ns=expire_ns, group=group, parent=parent, tag=tag,
        )  # fmt: skip

    def target(self, weight: float, symbol: str | None = None) -> int:
        """Market order towards a share of equity; 0.5 is half of it long."""
        return self._engine.send_weight(weight, symbol)

    def target_quantity(self, quantity: float, symbol: str | None = None) -> int:
        """Market order towards a position, in quantity."""
        return self._engine.send_target(quantity, symbol)

    def bracket(
        self, side: Side, quantity: float, *, stop: float, take_profit: float, **terms: Any
    ) -> tuple[int, int, int]:
        """Entry with a protective stop and a profit target that cancel one another."""
        entry = self._engine.send(side, quantity, **terms)
        back = Side(-side)
        if not self._engine.is_open(entry):
            return entry, 0, 0  # refused at once: there is nothing to protect
        common: dict[str, Any] = {"symbol": terms.get("symbol"), "group": entry, "parent": entry}
        protect = self._engine.send(back, quantity, stop=stop, reduce_only=True, **common)
        profit = self._engine.send(back, quantity, price=take_profit, reduce_only=True, **common)
        return entry, protect, profit

    def cancel(self, order: int) -> bool:
        """Ask to cancel an order; False when it has already ended."""
        return self._engine.cancel(order)

    def amend(self, order: int, *, price: float = 0.0, quantity: float = 0.0) -> bool:
        """Ask for another price or total quantity; 0 leaves it."""
        return self._engine.amend(order, price, quantity)

    def cancel_all(self, symbol: str | None = None) -> int:
        """Ask to cancel all open orders (of a symbol); returns how many."""
        return self._engine.cancel_all(symbol)

    def every(self, duration: str) -> None:
        """Ring :meth:`on_timer` every so often, for example ``"100ms"``."""
        self._engine.set_timer(parse_duration_ns(duration))

    # --- what the strategy sees -----------------------------------------------------------

    @property
    def now_ns(self) -> int:
        """Receive time up to which everything is known, ns UTC."""
        return self._engine.now_ns

    def position(self, symbol: str | None = None) -> float:
        """Position as the venue has told us, in quantity."""
        return self._engine.position(symbol)

    def equity(self) -> float:
        """Equity in the report currency, as far as the venue's answers have told."""
        return self._engine.equity()

    def account(self) -> Account:
        """Balances and positions as far as the venue's answers have told, as decimals."""
        return self._engine.account()

    def best_bid(self, symbol: str | None = None) -> float:
        """Best bid; 0 none."""
        return self._engine.best_bid(symbol)

    def best_ask(self, symbol: str | None = None) -> float:
        """Best ask; 0 none."""
        return self._engine.best_ask(symbol)

    def last(self, symbol: str | None = None) -> float:
        """Last trade or close; 0 none."""
        return self._engine.last(symbol)

    def imbalance(self, symbol: str | None = None) -> float:
        """Bid minus ask quantity over their sum in the best levels, -1 to 1; 0 unknown."""
        return self._engine.imbalance(symbol)

    def book_is_good(self, symbol: str | None = None) -> bool:
        """Whether the book is complete, fresh and not crossed."""
        return self._engine.book_is_good(symbol)

    def is_open(self, order: int) -> bool:
        """Whether an order has not ended."""
        return self._engine.is_open(order)

    def open_orders(self, symbol: str | None = None) -> list[int]:
        """Handles of the orders that have not ended."""
        return self._engine.open_orders(symbol)


@dataclass(frozen=True, slots=True)
class TargetStrategy:
    """Vectorised: wanted positions computed from all bars at once.

    Parameters
    ----------
    rule : callable
        Takes the market's bars as a mapping of float64 columns (``open``, ``high``,
        ``low``, ``close``, ``volume``) and returns the wanted quantity after each
        bar's close; NaN leaves the position alone.  With several instruments it is
        called once per instrument.
    name : str
        For reports.
    """

    rule: Callable[[Columns], npt.NDArray[np.float64]]
    name: str = "targets"


@dataclass(frozen=True, slots=True)
class CompiledStrategy:
    """Compiled: a function that the kernel calls at every wake.

    Parameters
    ----------
    function : compiled function
        ``@compiled_strategy``-decorated, takes (world, reason).
    wakes : frozenset of str
        What it wants to see: ``bar``, ``note``, and event kinds such as ``trade``.
    timer_ns : int
        Period of its timer, ns; 0 none.
    state : tuple of int
        Start of its own words at ``w[O_USER]``.
    name : str
        For reports.
    """

    function: Any
    wakes: frozenset[str] = frozenset()
    timer_ns: int = 0
    state: tuple[int, ...] = ()
    name: str = "compiled"


def compiled_strategy(function: Callable[..., None]) -> Any:
    """Compile ``function(world, reason)`` for the kernel (decorator)."""
    from pathlib import Path

    from numba import njit

    from seawall.engine.kernel.compiled import WAKE_SIGNATURE
    from seawall.engine.kernel.jit import drop_stale

    home = Path(function.__code__.co_filename)
    if home.is_file():
        drop_stale(home.parent / "__pycache__", f"{home.stem}.*")
    return njit(WAKE_SIGNATURE, cache=home.is_file())(function)

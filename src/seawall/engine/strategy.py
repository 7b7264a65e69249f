# SPDX-License-Identifier: MIT
"""Strategies: Python hooks, vectorised targets, or a compiled function.

All three go through the same kernel and the same order path.  A Python strategy
overrides the hooks it needs; only those cost anything, because the kernel wakes for
nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from seawall.engine import layout as L
from seawall.model.errors import EngineError, OrderError
from seawall.model.instrument import Instrument
from seawall.model.order import OrderFlag, OrderState, OrderType, RejectReason, Side, TimeInForce
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


@dataclass(frozen=True, slots=True)
class FillNote:
    """A fill as the venue reported it."""

    ts: int
    order: int
    symbol: str
    side: Side
    price: float
    quantity: float
    maker: bool
    tag: int


@dataclass(frozen=True, slots=True)
class OrderNote:
    """A change of an order's state as the venue reported it."""

    ts: int
    order: int
    symbol: str
    state: OrderState
    reason: RejectReason
    tag: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A market record that woke the strategy; price in quote currency."""

    ts: int
    symbol: str
    price: float
    quantity: float
    buy: bool


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

    def on_stop(self) -> None:
        """After the last record."""

    # --- actions -----------------------------------------------------------------------

    def buy(self, quantity: float, **terms: Any) -> int:
        """Send a buy order; returns its handle.

        Parameters
        ----------
        quantity : float
            In base currency (contracts for inverse), a multiple of the lot.
        **terms
            ``symbol``, ``price`` (makes it a limit), ``stop``, ``take_profit``,
            ``trail``, ``tif``, ``post_only``, ``reduce_only``, ``expire_ns``,
            ``group``, ``parent``, ``tag``.
        """
        return self._engine.send(Side.BUY, quantity, **terms)

    def sell(self, quantity: float, **terms: Any) -> int:
        """Send a sell order; see :meth:`buy`."""
        return self._engine.send(Side.SELL, quantity, **terms)

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
        group = entry
        common = {"symbol": terms.get("symbol"), "group": group, "parent": entry}
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
        """Equity in the report currency."""
        return self._engine.equity()

    def account(self) -> Account:
        """Balances and positions at the venue, as decimals."""
        return self._engine.account()

    def best_bid(self, symbol: str | None = None) -> float:
        """Best bid; 0 none."""
        return self._engine.quote(symbol, L.I_BID)

    def best_ask(self, symbol: str | None = None) -> float:
        """Best ask; 0 none."""
        return self._engine.quote(symbol, L.I_ASK)

    def last(self, symbol: str | None = None) -> float:
        """Last trade or close; 0 none."""
        return self._engine.quote(symbol, L.I_LAST)

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


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """Terms of an order as the user writes them; see :meth:`Strategy.buy`."""

    symbol: str | None = None
    price: float = 0.0
    stop: float = 0.0
    take_profit: float = 0.0
    trail: float = 0.0
    tif: TimeInForce = TimeInForce.GTC
    post_only: bool = False
    reduce_only: bool = False
    expire_ns: int = 0
    group: int = 0
    parent: int = 0
    tag: int = 0

    def order_type(self) -> OrderType:
        """Type that the given prices stand for.

        Raises
        ------
        OrderError
            When triggers contradict one another.
        """
        triggers = [bool(self.stop), bool(self.take_profit), bool(self.trail)]
        if sum(triggers) > 1:
            raise OrderError(
                "an order has more than one trigger",
                mend="give one of stop, take_profit, trail; use bracket() for a pair",
            )
        if self.take_profit:
            return OrderType.TAKE_PROFIT
        if self.trail:
            return OrderType.TRAILING
        if self.stop:
            return OrderType.STOP_LIMIT if self.price else OrderType.STOP
        return OrderType.LIMIT if self.price else OrderType.MARKET

    def flags(self) -> int:
        """Bits of :class:`~seawall.model.order.OrderFlag`."""
        post = OrderFlag.POST_ONLY if self.post_only else 0
        return int(post | (OrderFlag.REDUCE_ONLY if self.reduce_only else 0))


def instrument_names(instruments: Sequence[Instrument]) -> list[str]:
    """Names by which a run knows its instruments.

    The symbol, or ``symbol@venue`` where several venues list the same symbol.
    """
    symbols = [i.symbol for i in instruments]
    return [
        i.symbol if symbols.count(i.symbol) == 1 else f"{i.symbol}@{i.venue}" for i in instruments
    ]


_LOTS_MAX = 2.0**60


def _no_number(what: str, value: float) -> OrderError:
    return OrderError(
        f"{what} {value} is no number that can be traded",
        mend="check the computation that it comes from for divisions by zero and empty windows",
    )


class Scales:
    """The one crossing between decimal quantities and integer lots and ticks."""

    __slots__ = ("_index", "_instruments", "_lots", "_ticks", "lot", "names", "tick")

    def __init__(self, instruments: tuple[Instrument, ...]) -> None:
        self._instruments = instruments
        self.names = instrument_names(instruments)
        self._index = {name: n for n, name in enumerate(self.names)}
        self._index |= {f"{i.symbol}@{i.venue}": n for n, i in enumerate(instruments)}
        self.tick = [float(i.tick) for i in instruments]
        self.lot = [float(i.lot) for i in instruments]
        self._ticks = [i.tick.as_integer_ratio() for i in instruments]
        self._lots = [i.lot.as_integer_ratio() for i in instruments]

    def index(self, symbol: str | None) -> int:
        """Index of an instrument by name; None means the only one.

        Raises
        ------
        EngineError
            When the name is unknown, or missing although there are several.
        """
        if symbol is None:
            if len(self._instruments) > 1:
                raise EngineError("which instrument?", mend=f"name one of {', '.join(self.names)}")
            return 0
        try:
            return self._index[symbol]
        except KeyError:
            raise EngineError(
                f"no instrument {symbol}", mend=f"there are {', '.join(self.names)}"
            ) from None

    def price(self, n: int, ticks: int) -> float:
        """Price of so many ticks, correctly rounded: 12345 of 0.01 are 123.45."""
        numerator, denominator = self._ticks[n]
        return ticks * numerator / denominator

    def quantity(self, n: int, lots: int) -> float:
        """Quantity of so many lots, correctly rounded."""
        numerator, denominator = self._lots[n]
        return lots * numerator / denominator

    def lots(self, n: int, quantity: float) -> int:
        """Lots of an order quantity; raises ``OrderError`` off or below the lot."""
        ratio = quantity / self.lot[n]
        if not abs(ratio) < _LOTS_MAX:
            raise _no_number("quantity", quantity)
        whole = round(ratio)
        if whole <= 0 or abs(ratio - whole) > 1e-6:
            return self._instruments[n].lots_exact(quantity)
        return whole

    def target_lots(self, n: int, quantity: float, *, towards_zero: bool = False) -> int:
        """Lots of a wanted position; raises ``OrderError`` where it is no number."""
        ratio = quantity / self.lot[n]
        if not abs(ratio) < _LOTS_MAX:
            raise _no_number("target", quantity)
        return int(ratio) if towards_zero else round(ratio)

    def ticks(self, n: int, price: float) -> int:
        """Ticks of an order price; raises ``OrderError`` off the tick."""
        if price == 0.0:
            return 0
        ratio = price / self.tick[n]
        if not abs(ratio) < _LOTS_MAX:
            raise _no_number("price", price)
        whole = round(ratio)
        if whole <= 0 or abs(ratio - whole) > 1e-6:
            return self._instruments[n].ticks_exact(price)
        return whole

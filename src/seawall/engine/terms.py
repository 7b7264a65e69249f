# SPDX-License-Identifier: MIT
"""Terms of an order as the user writes them, and the crossing into ticks and lots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seawall.model.errors import EngineError, OrderError
from seawall.model.instrument import Instrument
from seawall.model.order import OrderFlag, OrderType, TimeInForce


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

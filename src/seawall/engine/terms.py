# SPDX-License-Identifier: MIT
"""Terms of an order as the user writes them, and the crossing into ticks and lots."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from seawall.model.errors import EngineError, OrderError
from seawall.model.instrument import Instrument
from seawall.model.order import OrderType


def triggered_type(price: float, stop: float, take_profit: float, trail: float) -> OrderType:
    """Type of an order that waits for a trigger.

    Raises
    ------
    OrderError
        When triggers contradict one another.
    """
    if bool(stop) + bool(take_profit) + bool(trail) > 1:
        raise OrderError(
            "an order has more than one trigger",
            mend="give one of stop, take_profit, trail; use bracket() for a pair",
        )
    if take_profit:
        return OrderType.TAKE_PROFIT
    if trail:
        return OrderType.TRAILING
    return OrderType.STOP_LIMIT if price else OrderType.STOP


def instrument_names(instruments: Sequence[Instrument]) -> list[str]:
    """Names by which a run knows its instruments.

    The symbol, or ``symbol@venue`` where several venues list the same symbol.
    """
    symbols = [i.symbol for i in instruments]
    return [
        i.symbol if symbols.count(i.symbol) == 1 else f"{i.symbol}@{i.venue}" for i in instruments
    ]


_LOTS_MAX = 2.0**60
_REMEMBERED = 1 << 16


def _no_number(what: str, value: float) -> OrderError:
    return OrderError(
        f"{what} {value} is no number that can be traded",
        mend="check the computation that it comes from for divisions by zero and empty windows",
    )


class Crossing(dict[float, int]):
    """Numbers of orders to whole steps, computed when first met and remembered.

    Parameters
    ----------
    what : str
        For errors.
    step : float
        Lot or tick.
    exact : callable
        Decides in decimals what floats leave in doubt; raises ``OrderError`` off the step.
    """

    __slots__ = ("_exact", "_step", "_what")

    def __init__(self, what: str, step: float, exact: Callable[[float], int]) -> None:
        self._what, self._step, self._exact = what, step, exact
        if what == "price":
            self[0.0] = 0  # no price: a market order, or no change

    def __missing__(self, value: float) -> int:
        ratio = value / self._step
        if not -_LOTS_MAX < ratio < _LOTS_MAX:
            raise _no_number(self._what, value)
        whole = int(ratio + 0.5)
        if whole <= 0 or not -1e-6 <= ratio - whole <= 1e-6:
            whole = self._exact(value)
        if len(self) < _REMEMBERED:
            self[value] = whole
        return whole


class Scales:
    """The one crossing between decimal quantities and integer lots and ticks."""

    __slots__ = (
        "_index", "_instruments", "_only", "lot", "lot_ratio", "lots_of", "names", "tick",
        "tick_ratio", "ticks_of",
    )  # fmt: skip

    def __init__(self, instruments: tuple[Instrument, ...]) -> None:
        self._instruments = instruments
        self._only = len(instruments) == 1
        self.names = instrument_names(instruments)
        self._index = {name: n for n, name in enumerate(self.names)}
        self._index |= {f"{i.symbol}@{i.venue}": n for n, i in enumerate(instruments)}
        self.tick = [float(i.tick) for i in instruments]
        self.lot = [float(i.lot) for i in instruments]
        self.tick_ratio = [i.tick.as_integer_ratio() for i in instruments]
        self.lots_of = [Crossing("quantity", float(i.lot), i.lots_exact) for i in instruments]
        self.ticks_of = [Crossing("price", float(i.tick), i.ticks_exact) for i in instruments]
        self.lot_ratio = [i.lot.as_integer_ratio() for i in instruments]

    def index(self, symbol: str | None) -> int:
        """Index of an instrument by name; None means the only one.

        Raises
        ------
        EngineError
            When the name is unknown, or missing although there are several.
        """
        if symbol is None:
            if not self._only:
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
        numerator, denominator = self.tick_ratio[n]
        return ticks * numerator / denominator

    def quantity(self, n: int, lots: int) -> float:
        """Quantity of so many lots, correctly rounded."""
        numerator, denominator = self.lot_ratio[n]
        return lots * numerator / denominator

    def target_lots(self, n: int, quantity: float, *, towards_zero: bool = False) -> int:
        """Lots of a wanted position; raises ``OrderError`` where it is no number."""
        ratio = quantity / self.lot[n]
        if not abs(ratio) < _LOTS_MAX:
            raise _no_number("target", quantity)
        return int(ratio) if towards_zero else round(ratio)

# SPDX-License-Identifier: MIT
"""Instruments: what can be traded, in which steps, and what it costs.

The instrument owns the scale: everything inside the engine is integer ticks and
lots, and this module is the one crossing point to and from decimal numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from enum import IntEnum

from seawall.model.errors import InstrumentError, OrderError
from seawall.model.events import RATE_SCALE
from seawall.model.time import NS_PER_HOUR


class InstrumentKind(IntEnum):
    """Kinds of contract; the accounting differs per kind."""

    SPOT = 0
    LINEAR = 1  # perpetual, settled in the quote currency
    INVERSE = 2  # perpetual, settled in the base currency
    FUTURE = 3  # dated linear future
    OPTION = 4  # European, settled in the settle currency


@dataclass(frozen=True, slots=True)
class FeeTier:
    """Fees from a 30-day volume upwards, as fractions of notional.

    Parameters
    ----------
    maker, taker : Decimal
        Fraction of notional, 0.0002 is 2 basis points; negative is a rebate.
    volume_min : Decimal
        Lower edge of the 30-day traded notional in quote currency.
    """

    maker: Decimal
    taker: Decimal
    volume_min: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class MarginTier:
    """Margin rates up to a notional cap.

    Parameters
    ----------
    notional_max : Decimal
        Upper edge of the tier, settle currency.
    initial, maintenance : Decimal
        Fractions of notional.
    deduction : Decimal
        Amount subtracted from the maintenance requirement, settle currency, so
        that the requirement is continuous over tiers.
    """

    notional_max: Decimal
    initial: Decimal
    maintenance: Decimal
    deduction: Decimal = Decimal(0)


DEFAULT_FEES = (FeeTier(maker=Decimal("0.0002"), taker=Decimal("0.0005")),)
DEFAULT_SPOT_FEES = (FeeTier(maker=Decimal("0.001"), taker=Decimal("0.001")),)
DEFAULT_MARGIN = (MarginTier(Decimal("1e12"), Decimal("0.05"), Decimal("0.005")),)


@dataclass(frozen=True, slots=True)
class Instrument:
    """One tradable contract on one venue.

    Parameters
    ----------
    symbol : str
        ccxt form: ``BTC/USDT`` spot, ``BTC/USDT:USDT`` linear perpetual,
        ``BTC/USD:BTC`` inverse, ``BTC/USDT:USDT-261225`` dated,
        ``BTC/USD:BTC-261225-100000-C`` option.
    venue : str
        ccxt venue id.
    kind : InstrumentKind
        Contract kind.
    tick, lot : Decimal
        Smallest step of price (quote currency) and of quantity (base currency for
        spot and linear, contracts for inverse).
    contract_size : Decimal
        Base currency per unit of quantity (linear), or quote currency per
        contract (inverse).
    min_notional : Decimal
        Smallest order value, quote currency.
    fees : tuple of FeeTier
        Ascending by ``volume_min``.
    margin_tiers : tuple of MarginTier
        Ascending by ``notional_max``; empty for spot.
    funding_interval_ns : int
        Time between funding stamps, ns; 0 where there is none.
    expiry_ns, strike, is_call
        For dated futures and options.
    liquidation_fee : Decimal
        Fraction of the liquidated notional.
    """

    symbol: str
    venue: str
    kind: InstrumentKind
    tick: Decimal
    lot: Decimal
    contract_size: Decimal = Decimal(1)
    min_notional: Decimal = Decimal(0)
    fees: tuple[FeeTier, ...] = DEFAULT_FEES
    margin_tiers: tuple[MarginTier, ...] = ()
    funding_interval_ns: int = 0
    expiry_ns: int = 0
    strike: Decimal = Decimal(0)
    is_call: bool = True
    liquidation_fee: Decimal = Decimal("0.005")

    def __post_init__(self) -> None:
        for name in ("tick", "lot", "contract_size"):
            if getattr(self, name) <= 0:
                raise InstrumentError(
                    f"{name} of {self.symbol} is {getattr(self, name)}",
                    where=f"{self.venue} {self.symbol}",
                    mend=f"give a positive {name}",
                )
        if not self.fees:
            raise InstrumentError(f"{self.symbol} has no fee tier", mend="give at least one")
        if "/" not in self.symbol:
            raise InstrumentError(
                f"{self.symbol!r} is not a ccxt symbol",
                mend="write BASE/QUOTE, or BASE/QUOTE:SETTLE for a derivative",
            )

    @property
    def base(self) -> str:
        """Base currency."""
        return self.symbol.split("/", 1)[0]

    @property
    def quote(self) -> str:
        """Quote currency."""
        return self.symbol.split("/", 1)[1].split(":", 1)[0].split("-", 1)[0]

    @property
    def settle(self) -> str:
        """Currency in which profit, fees and margin are paid."""
        if ":" not in self.symbol:
            return self.quote
        return self.symbol.split(":", 1)[1].split("-", 1)[0]

    def ticks(self, price: Decimal | float | str) -> int:
        """Nearest number of ticks of a price (for data, not for orders)."""
        return int((_decimal(price) / self.tick).to_integral_value(ROUND_HALF_EVEN))

    def lots(self, quantity: Decimal | float | str) -> int:
        """Whole lots in a quantity, rounded towards zero."""
        return int((_decimal(quantity) / self.lot).to_integral_value(ROUND_DOWN))

    def ticks_exact(self, price: Decimal | float | str) -> int:
        """Ticks of an order price.

        Raises
        ------
        OrderError
            When the price is not a positive multiple of the tick.
        """
        ratio = _decimal(price) / self.tick
        nearest = ratio.to_integral_value(ROUND_HALF_EVEN)
        # Binary floats such as 0.1 + 0.2 must not be refused for their last bit.
        if abs(ratio - nearest) > Decimal("1e-6") or nearest <= 0:
            raise OrderError(
                f"price {price} is off the tick",
                where=f"{self.venue} {self.symbol}",
                mend=f"use a positive multiple of {self.tick}, for example {nearest * self.tick}",
            )
        return int(nearest)

    def lots_exact(self, quantity: Decimal | float | str) -> int:
        """Lots of an order quantity.

        Raises
        ------
        OrderError
            When the quantity is not a positive multiple of the lot.
        """
        ratio = _decimal(quantity) / self.lot
        nearest = ratio.to_integral_value(ROUND_HALF_EVEN)
        if abs(ratio - nearest) > Decimal("1e-6") or nearest <= 0:
            raise OrderError(
                f"quantity {quantity} is off or below the lot",
                where=f"{self.venue} {self.symbol}",
                mend=f"use a positive multiple of {self.lot}",
            )
        return int(nearest)

    def price(self, ticks: int) -> Decimal:
        """Price of a number of ticks, quote currency."""
        return self.tick * int(ticks)

    def quantity(self, lots: int) -> Decimal:
        """Quantity of a number of lots."""
        return self.lot * int(lots)

    def fee_at(self, volume_30d: Decimal) -> FeeTier:
        """Fee tier at a 30-day traded notional."""
        reached = [tier for tier in self.fees if tier.volume_min <= volume_30d]
        return reached[-1] if reached else self.fees[0]


def rate_units(rate: Decimal | float | str) -> int:
    """Fraction to integer units of 1e-9 (:data:`~seawall.model.events.RATE_SCALE`)."""
    return int((_decimal(rate) * RATE_SCALE).to_integral_value(ROUND_HALF_EVEN))


def spot(
    symbol: str, tick: str, lot: str, *, venue: str = "sim", min_notional: str = "0"
) -> Instrument:
    """Spot instrument with the usual 10 basis points fee."""
    return Instrument(
        symbol, venue, InstrumentKind.SPOT, Decimal(tick), Decimal(lot),
        min_notional=Decimal(min_notional), fees=DEFAULT_SPOT_FEES,
    )  # fmt: skip


def perpetual(
    symbol: str, tick: str, lot: str, *, venue: str = "sim", contract_size: str = "1"
) -> Instrument:
    """Perpetual; inverse when the settle currency is the base currency."""
    settle = symbol.split(":")[-1]
    inverse = settle == symbol.split("/", 1)[0]
    return Instrument(
        symbol, venue, InstrumentKind.INVERSE if inverse else InstrumentKind.LINEAR,
        Decimal(tick), Decimal(lot), contract_size=Decimal(contract_size),
        margin_tiers=DEFAULT_MARGIN, funding_interval_ns=8 * NS_PER_HOUR,
    )  # fmt: skip


def _decimal(value: Decimal | float | str) -> Decimal:
    """Decimal by the shortest text of a number, so that 0.1 means 0.1."""
    return value if isinstance(value, Decimal) else Decimal(str(value))

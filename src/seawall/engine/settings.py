# SPDX-License-Identifier: MIT
"""Settings of the engine: latency, fills, account.  All frozen, all with a unit."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from seawall.model.time import NS_PER_MIN, NS_PER_MS, NS_PER_S


@dataclass(frozen=True, slots=True)
class LatencySettings:
    """Time between us and the venue.

    Parameters
    ----------
    entry_ns, response_ns : int
        From sending to the venue, and from the venue's match to our knowing, ns.
    sampled : tuple of (int, int)
        Pairs (entry, response) to draw from instead, for example recorded ones.
    """

    entry_ns: int = 5 * NS_PER_MS
    response_ns: int = 5 * NS_PER_MS
    sampled: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class FillSettings:
    """How the simulated venue fills orders.

    Parameters
    ----------
    queue : {"pessimistic", "probabilistic", "optimistic"}
        Whose cancels shorten the queue ahead of us: nobody's, a share, everybody's.
    queue_power : int
        Exponent of the probabilistic model.
    slippage : Decimal
        Worsening of market orders on bars and on trades-only data, fraction of price.
    volume_cap : Decimal
        Largest share of a bar's volume that we may take; 0 is no cap.
    bar_path : {"nearest", "adverse", "favourable"}
        Which extreme of a bar comes first.
    bar_touch : bool
        Whether a limit is filled when the bar only touches its price.
    impact : Decimal
        Share of the distance that a taking order walks by which the price then stands
        against our next order.
    impact_half_ns, consumed_half_ns : int
        Half-life of own impact, and of the memory of liquidity that we took, ns.
    self_trade : {"cancel_newest", "cancel_oldest", "cancel_both"}
        What gives way when our own orders would meet.
    trigger : {"last", "mark"}
        Price that stops look at.
    late_trade_ns : int
        Time within which a trade may explain an earlier decrease of its level, ns, so
        that it does not shorten our queue twice; 0 takes every message for itself.
    """

    queue: Literal["pessimistic", "probabilistic", "optimistic"] = "probabilistic"
    queue_power: int = 2
    slippage: Decimal = Decimal("0.0001")
    volume_cap: Decimal = Decimal("0.1")
    bar_path: Literal["nearest", "adverse", "favourable"] = "nearest"
    bar_touch: bool = False
    impact: Decimal = Decimal("0.5")
    impact_half_ns: int = 10 * NS_PER_S
    consumed_half_ns: int = NS_PER_S
    self_trade: Literal["cancel_newest", "cancel_oldest", "cancel_both"] = "cancel_newest"
    trigger: Literal["last", "mark"] = "last"
    late_trade_ns: int = 0


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """What the account holds and how it may borrow.

    Parameters
    ----------
    deposits : tuple of (str, Decimal)
        Currency and amount at the start.  Empty: 100,000 of the report currency.
    report_currency : str
        Currency of equity; empty takes the settle currency of the first instrument.
    margin_mode : {"cross", "isolated"}
        What backs a derivative position.
    leverage : Decimal
        Cap on leverage; 0 leaves it to the instrument's margin tiers.
    spot_margin : bool
        Whether spot may be bought or sold on borrowed money.
    borrow_rate_hourly : Decimal
        Interest on negative balances, fraction per hour.
    """

    deposits: tuple[tuple[str, Decimal], ...] = ()
    report_currency: str = ""
    margin_mode: Literal["cross", "isolated"] = "cross"
    leverage: Decimal = Decimal(0)
    spot_margin: bool = False
    borrow_rate_hourly: Decimal = Decimal("0.00001")


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Everything that decides what a run does, beside market and strategy.

    Parameters
    ----------
    latency, fills, account
        See there.
    seed : int
        Root of the random stream (sampled latency).
    stale_ns : int
        Silence after which a book is stale, ns; 0 never.
    top_levels : int
        Levels in the top-of-book sums (imbalance).
    equity_every_ns : int
        Time between equity samples on event data, ns; bars are sampled at each close.
    book_ticks : int
        Window of a book in ticks, a power of two; 0 chooses by the price.
    orders_max : int
        Open orders at one time, a power of two up to 4096.
    """

    latency: LatencySettings = field(default_factory=LatencySettings)
    fills: FillSettings = field(default_factory=FillSettings)
    account: AccountSettings = field(default_factory=AccountSettings)
    seed: int = 0
    stale_ns: int = NS_PER_MIN
    top_levels: int = 10
    equity_every_ns: int = NS_PER_S
    book_ticks: int = 0
    orders_max: int = 1024

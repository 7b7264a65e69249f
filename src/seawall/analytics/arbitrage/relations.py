# SPDX-License-Identifier: MIT
"""Which instruments of a market stand in a relation that arbitrage would hold, and its costs.

Costs are those of the whole trade, so that what remains could be kept: both legs taken, and
for positions that must be closed again, both legs a second time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from seawall.analytics.arbitrage.books import Ladders
from seawall.model.errors import SettingsError
from seawall.model.instrument import InstrumentKind

DOLLARS = frozenset({"USD", "USDT", "USDC", "BUSD", "FDUSD", "TUSD", "DAI", "USDP"})
"""Currencies that are meant to be worth one dollar, and are not always."""

PERPETUAL = (InstrumentKind.LINEAR, InstrumentKind.INVERSE)


class Kind(StrEnum):
    """What holds two or three prices together."""

    CROSS = "cross-venue"
    CARRY = "spot-perpetual"
    PERPS = "perpetual-perpetual"
    BASIS = "dated basis"
    TRIANGLE = "triangle"


@dataclass(frozen=True, slots=True)
class Costs:
    """What arbitrage costs beyond the books, and what makes it impossible.

    Parameters
    ----------
    taker_bps : float, optional
        Taker fee of every venue, basis points; none: each instrument's first tier.
    transfer_bps : float
        Moving coins and money back between venues, basis points of notional.
    hold_hours : float
        How long a position is held until prices come together, hours.
    financing_year : float
        Cost of the money in the long leg and in margin, fraction per year.
    borrow_year : float
        Cost of borrowing coins for a short spot leg, fraction per year.
    interest_8h : float
        Funding that the short perpetual receives while the premium is inside the clamp's
        dead zone, fraction per eight hours; a long one pays it.
    parity_bps : float
        Reserve for two dollars that are not the same dollar, basis points.
    latency_ms : float
        From seeing an edge until the orders act.
    stale_s : float
        A book not heard for longer cannot be traded on.
    min_notional : float
        Smallest trade worth making, quote currency.
    alarm_bps : float
        A gap wider than this says that a venue, a coin or the data are broken.
    """

    taker_bps: float | None = None
    transfer_bps: float = 2.0
    hold_hours: float = 24.0
    financing_year: float = 0.05
    borrow_year: float = 0.10
    interest_8h: float = 0.0001
    parity_bps: float = 10.0
    latency_ms: float = 50.0
    stale_s: float = 1.0
    min_notional: float = 100.0
    alarm_bps: float = 200.0

    def __post_init__(self) -> None:
        for name in ("transfer_bps", "hold_hours", "latency_ms", "stale_s", "min_notional",
                     "parity_bps", "alarm_bps"):  # fmt: skip
            if getattr(self, name) < 0.0:
                raise SettingsError(f"{name} is negative", where="costs of arbitrage")


@dataclass(frozen=True, slots=True)
class Relation:
    """Books that belong together, with the costs of trading them against each other.

    Parameters
    ----------
    kind : Kind
        What holds them together.
    ladders : tuple of Ladders
        Two, or three of a triangle (A/Q, B/A, B/Q).
    fees_bps : tuple of float
        Fees of all takings per leg, basis points.
    costs_up, costs_down : tuple of (str, float)
        Other costs by name, basis points, of buying the first and selling the second, and
        the other way round; in the order in which they reject.
    """

    kind: Kind
    ladders: tuple[Ladders, ...]
    fees_bps: tuple[float, ...]
    costs_up: tuple[tuple[str, float], ...] = ()
    costs_down: tuple[tuple[str, float], ...] = ()

    @property
    def name(self) -> str:
        """Legs, as reports show them."""
        return " / ".join(f"{x.instrument.venue} {x.instrument.symbol}" for x in self.ladders)

    @property
    def quote(self) -> str:
        """Currency of the profit."""
        last = self.ladders[-1] if self.kind is Kind.TRIANGLE else self.ladders[0]
        return last.instrument.quote


def relations_of(ladders: tuple[Ladders, ...], costs: Costs) -> tuple[Relation, ...]:
    """Find every relation among some books."""
    found = [r for pair in combinations(ladders, 2) if (r := _pair(*pair, costs)) is not None]
    return (*found, *_triangles(ladders, costs))


def _fee(one: Ladders, costs: Costs) -> float:
    return one.taker_bps if costs.taker_bps is None else costs.taker_bps


def _pair(a: Ladders, b: Ladders, costs: Costs) -> Relation | None:
    one, two = a.instrument, b.instrument
    same_quote = one.quote == two.quote
    if one.base != two.base or not (same_quote or {one.quote, two.quote} <= DOLLARS):
        return None
    if InstrumentKind.OPTION in (one.kind, two.kind):
        return None
    # The first leg is the one that is nearer to cash: spot, then perpetual, then dated.
    if one.kind > two.kind:
        a, b, one, two = b, a, two, one
    fees = (_fee(a, costs), _fee(b, costs))
    parity = () if same_quote else (("parity of the dollars", costs.parity_bps),)
    moving = (("transfer", costs.transfer_bps),) if one.venue != two.venue else ()
    if one.kind is InstrumentKind.SPOT and two.kind is InstrumentKind.SPOT:
        if one.venue == two.venue:
            return None
        return Relation(Kind.CROSS, (a, b), fees, (*parity, *moving), (*parity, *moving))
    both = (2.0 * fees[0], 2.0 * fees[1])  # in and out again
    days = costs.hold_hours / 24.0
    money = costs.financing_year / 365.0 * days * 1e4
    coins = costs.borrow_year / 365.0 * days * 1e4
    interest = costs.interest_8h * 1e4 * 3.0 * days
    if one.kind is InstrumentKind.SPOT:
        kind = Kind.CARRY if two.kind in PERPETUAL else Kind.BASIS
        funding = interest if kind is Kind.CARRY else 0.0
        up = (*parity, ("financing and margin", money - funding))
        down = (*parity, ("borrow and margin", coins + funding))
        return Relation(kind, (a, b), both, up, down)
    kind = Kind.PERPS if two.kind in PERPETUAL else Kind.BASIS
    margin = (*parity, ("financing and margin", money))
    return Relation(kind, (a, b), both, margin, margin)


def _triangles(ladders: tuple[Ladders, ...], costs: Costs) -> tuple[Relation, ...]:
    out = []
    for venue in sorted({x.instrument.venue for x in ladders}):
        spots = {
            (x.instrument.base, x.instrument.quote): x
            for x in ladders
            if x.instrument.venue == venue and x.instrument.kind is InstrumentKind.SPOT
        }
        for (a, q), first in spots.items():
            for (b, other), second in spots.items():
                third = spots.get((b, q))
                if other == a and third is not None:
                    fee = max(_fee(x, costs) for x in (first, second, third))
                    out.append(Relation(Kind.TRIANGLE, (first, second, third), (fee,)))
    return tuple(out)

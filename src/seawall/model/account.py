# SPDX-License-Identifier: MIT
"""Positions, balances and the account, as people read them.

Inside the engine these are integers in the world buffer; here they are decimals, taken
at one moment, and they never flow back.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Position:
    """A position in one instrument.

    Parameters
    ----------
    instrument : str
        Name of the instrument.
    quantity : Decimal
        Signed; base currency, contracts for inverse.
    entry_price, mark_price : Decimal
        Average price paid, and the price at which it is valued; quote currency.
    unrealized, realized, fees, funding : Decimal
        Settle currency; fees are positive as a cost, funding positive when received.
    currency : str
        Settle currency.
    """

    instrument: str
    quantity: Decimal
    entry_price: Decimal
    mark_price: Decimal
    unrealized: Decimal
    realized: Decimal
    fees: Decimal
    funding: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Balance:
    """Cash in one currency, and the ledger that it is the sum of.

    ``cash = deposit + traded + realized - fees + funding - interest + insurance``,
    to the last unit.
    """

    currency: str
    cash: Decimal
    deposit: Decimal
    traded: Decimal
    realized: Decimal
    fees: Decimal
    funding: Decimal
    interest: Decimal
    insurance: Decimal

    @property
    def is_conserved(self) -> bool:
        """Whether the ledger adds up."""
        came = self.deposit + self.traded + self.realized + self.funding + self.insurance
        return self.cash == came - self.fees - self.interest


@dataclass(frozen=True, slots=True)
class Account:
    """All balances and positions at one moment.

    Parameters
    ----------
    ts : int
        Receive time up to which everything is known, ns UTC.
    currency : str
        Report currency.
    equity : float
        Report currency.
    balances : tuple of Balance
    positions : tuple of Position
        Those that are not flat.
    """

    ts: int
    currency: str
    equity: float
    balances: tuple[Balance, ...]
    positions: tuple[Position, ...]

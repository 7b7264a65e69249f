# SPDX-License-Identifier: MIT
"""The account statement: the world's integers as decimals, for people and logs."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from seawall.engine import layout as L
from seawall.engine.world import World
from seawall.model.account import Account, Balance, Position
from seawall.model.events import MARK_FP_BITS
from seawall.model.instrument import Instrument, InstrumentKind

_LEDGER = (
    L.C_CASH,
    L.C_DEPOSIT,
    L.C_TRADE,
    L.C_REALIZED,
    L.C_FEES,
    L.C_FUNDING,
    L.C_INTEREST,
    L.C_INSURANCE,
)


def statement(
    w: World,
    instruments: Sequence[Instrument],
    names: Sequence[str],
    currencies: Sequence[str],
    decimals: int,
    equity: float,
) -> Account:
    """Read balances and positions out of the world.

    Parameters
    ----------
    w : World
        The world.
    instruments, names, currencies
        In the order of its rows.
    decimals : int
        Decimal places of money.
    equity : float
        In the first currency.
    """
    unit = Decimal(10) ** -decimals
    balances = []
    for n, currency in enumerate(currencies):
        row = int(w[L.O_CCY]) + n * L.CCY_COLS
        balances.append(Balance(currency, *(unit * int(w[row + c]) for c in _LEDGER)))
    positions = [
        _position(w, n, instrument, names[n], unit)
        for n, instrument in enumerate(instruments)
        if w[int(w[L.O_INST]) + n * L.INST_COLS + L.I_POS] != 0
    ]
    return Account(int(w[L.H_NOW]), currencies[0], equity, tuple(balances), tuple(positions))


def _position(w: World, n: int, instrument: Instrument, name: str, unit: Decimal) -> Position:
    row = int(w[L.O_INST]) + n * L.INST_COLS
    lots, cost = int(w[row + L.I_POS]), int(w[row + L.I_COST]) * unit
    quantity = instrument.quantity(lots)
    mark = instrument.tick * int(w[row + L.I_MARK_FP]) / (1 << MARK_FP_BITS)
    size = quantity * instrument.contract_size
    if instrument.kind is InstrumentKind.INVERSE:
        entry = -size / cost
        value = -size / mark if mark else Decimal(0)
    else:
        entry = cost / size
        value = size * mark
    return Position(
        instrument=name,
        quantity=quantity,
        entry_price=entry,
        mark_price=mark,
        unrealized=value - cost,
        realized=int(w[row + L.I_REALIZED]) * unit,
        fees=int(w[row + L.I_FEES]) * unit,
        funding=int(w[row + L.I_FUNDING]) * unit,
        currency=instrument.settle,
    )

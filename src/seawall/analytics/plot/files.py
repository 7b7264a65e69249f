# SPDX-License-Identifier: MIT
"""Tables for pictures, told apart by their columns, so that files may come in any order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from seawall.analytics.tables import columns_of, read_table, stamps
from seawall.model.errors import FormatError

if TYPE_CHECKING:
    import polars as pl

    from seawall.analytics.spec import Analytic

ROLES: Final[Mapping[str, str]] = {
    "book": "levels of a book (bid_price_1, bid_qty_1, ...)",
    "quotes": "best quotes (bid_price, bid_qty, ...)",
    "trades": "trades (price, qty, side or is_buyer_maker)",
    "bars": "bars of one instrument (open, high, low, close)",
    "panel": "closes of many instruments (ticker or symbol, date, close)",
    "chain": "a Deribit option chain (strike, mark_price or mark_iv)",
}
"""What a table can be."""


def role_of(table: pl.DataFrame) -> str:
    """Kind of a table by its columns; empty when it is none."""
    names = set(table.columns)
    if {"strike", "strike_price"} & names:
        return "chain"
    if {"bid_price_1", "ask_price_1"} <= names:
        return "book"
    if {"bid_price", "ask_price"} <= names or {"bid_px", "ask_px"} <= names:
        return "quotes"
    if {"close", "Close"} & names:
        several = next((c for c in ("ticker", "symbol", "instrument") if c in names), None)
        return "panel" if several and table[several].n_unique() > 1 else "bars"
    if "price" in names and {"qty", "amount", "size"} & names:
        return "trades"
    return ""


@dataclass(frozen=True, slots=True)
class Tables:
    """Tables by their kind, the files' names for titles.

    Parameters
    ----------
    by_role : mapping of str to polars.DataFrame
        One per kind of :data:`ROLES`.
    names : mapping of str to str
        Name of the file of each.
    """

    by_role: Mapping[str, pl.DataFrame]
    names: Mapping[str, str]

    def __getitem__(self, role: str) -> pl.DataFrame:
        """Table of a kind."""
        return self.by_role[role]

    def __contains__(self, role: str) -> bool:
        """Whether a kind is there."""
        return role in self.by_role

    def columns(self, role: str, analytic: Analytic) -> dict[str, npt.NDArray[Any]]:
        """Inputs of an analytic from the table of a kind."""
        return columns_of(analytic, self.by_role[role])

    def ts(self, role: str) -> npt.NDArray[np.int64]:
        """Times of its rows, ns UTC."""
        return stamps(self.by_role[role])


def tables_of(files: Sequence[Path], needs: Sequence[str], where: str) -> Tables:
    """Read files and find the kind of each.

    Parameters
    ----------
    files : sequence of Path
        In any order.
    needs : sequence of str
        Kinds that must be there.
    where : str
        What asks, for the message.

    Raises
    ------
    FormatError
        When a file is of no kind, two are of one, or one is missing.
    """
    found: dict[str, pl.DataFrame] = {}
    names: dict[str, str] = {}
    for file in files:
        table = read_table(file)
        role = role_of(table)
        if not role or role in found:
            same = f"another table of {ROLES[role]}" if role else "a table of no known kind"
            raise FormatError(same, where=str(file), mend="known: " + "; ".join(ROLES.values()))
        found[role], names[role] = table, file.stem
    if lost := [r for r in needs if r not in found]:
        raise FormatError(
            f"{where} needs {', and '.join(ROLES[r] for r in lost)}",
            where=", ".join(str(f) for f in files) or "no file",
            mend="give one file of each kind, in any order",
        )
    return Tables(found, names)

# SPDX-License-Identifier: MIT
"""What a kind of signal is: a rule that takes one row after another."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from seawall.signals.grid import Row


class Reading(NamedTuple):
    """What a rule says after one row.

    ``strength`` 0 is silence.  ``parts`` are the numbers of the reason.
    """

    direction: int
    strength: float
    parts: tuple[float, ...] = ()


SILENT = Reading(0, 0.0)


class Rule(Protocol):
    """The rule of a signal over one instrument, with its memory."""

    def update(self, row: Row) -> Reading:
        """Take the next row; nothing that comes later may be used."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of signal.

    Parameters
    ----------
    name : str
        Name on the command line.
    family : str
        ``econophysics``, ``book``, ``crash``, ``toxicity``, ``manipulation``,
        ``arbitrage`` or ``regime``.
    target : str
        ``direction``: the price goes where it points; ``size``: the move is larger than
        usual, whichever way.
    needs : mapping of str to tuple of str
        Columns of the grid by source (``events``, ``bars``); a source that is absent has no
        such signal.
    horizon : mapping of str to int
        Rows within which it is to come true, by source.
    make : callable
        Makes the rule for a source.
    says : str
        Template of the reason over ``parts``.
    doc : str
        Docstring of its file: rule, assumption and source.
    """

    name: str
    family: str
    target: Literal["direction", "size"]
    needs: Mapping[str, tuple[str, ...]]
    horizon: Mapping[str, int]
    make: Callable[[str], Rule]
    says: str
    doc: str

    @property
    def title(self) -> str:
        """First sentence of the docstring."""
        return self.doc.strip().split("\n\n")[0].replace("\n", " ")

    def section(self, name: str) -> str:
        """Text behind ``name:`` in the docstring, on one line; empty when it is absent."""
        found = re.search(rf"^{name}: (.*?)(?=^[A-Z][a-z]+: |\Z)", self.doc, re.M | re.S)
        return " ".join(found[1].split()) if found else ""

    def reason(self, reading: Reading) -> str:
        """Say a reading in words."""
        return self.says.format(*reading.parts)

# SPDX-License-Identifier: MIT
"""What an analytic is, and how it is run: in a batch, event by event, or on from a state."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError, SettingsError

Columns = Mapping[str, npt.ArrayLike]
"""Input columns by the names of :data:`INPUTS`."""

SECTIONS: Final = ("Formula", "Unit", "Assumption", "Cost", "Source")
"""What the docstring of every analytic says, each at the start of a line."""


@dataclass(frozen=True, slots=True)
class Input:
    """One column that analytics read.

    Parameters
    ----------
    meaning : str
        What it holds, with its unit.
    whole : bool
        Whether it is int64 (times); float64 otherwise.
    levels : bool
        Whether it has a second axis: the levels of a book, best first.
    """

    meaning: str
    whole: bool = False
    levels: bool = False


INPUTS: Final[Mapping[str, Input]] = {
    "ts": Input("receive time, ns UTC", whole=True),
    "time": Input("time of an event, seconds from any origin"),
    "kind": Input("type of an event, 0 to d - 1"),
    "bid_px": Input("best bid, quote currency"),
    "bid_qty": Input("size at the best bid, base currency"),
    "ask_px": Input("best ask, quote currency"),
    "ask_qty": Input("size at the best ask, base currency"),
    "bid_pxs": Input("bid prices, best first", levels=True),
    "bid_qtys": Input("bid sizes, best first", levels=True),
    "ask_pxs": Input("ask prices, best first", levels=True),
    "ask_qtys": Input("ask sizes, best first", levels=True),
    "price": Input("price of a trade, quote currency"),
    "qty": Input("size of a trade, base currency; 0: the row carries a quote only"),
    "side": Input("+1 the taker bought, -1 the taker sold"),
    "mid": Input("mid price that prevails before the trade"),
    "open": Input("open of a bar"),
    "high": Input("high of a bar"),
    "low": Input("low of a bar"),
    "close": Input("close of a bar"),
    "volume": Input("volume of a bar, base currency"),
    "turnover": Input("volume of a bar, quote currency"),
    "signed_volume": Input("bought less sold volume of a bar, base currency"),
    "option_price": Input("undiscounted premium"),
    "forward": Input("forward of the same expiry"),
    "strike": Input("strike"),
    "years": Input("time to expiry, years of 365 days"),
    "call": Input("+1 call, -1 put"),
    "vol": Input("implied volatility, 1.00 is 100 %"),
    "value": Input("a series of numbers in any unit: returns, sizes, durations"),
    "returns": Input(
        "log returns of the same interval, one instrument beside another", levels=True
    ),
    "order_px": Input("price of an order that comes or goes, quote currency"),
    "order_qty": Input("size of that order, base currency"),
    "order_side": Input("+1 an order to buy, -1 to sell"),
    "action": Input("+1 the order was submitted, -1 it was cancelled"),
    **{
        f"{name}_{n}": Input(f"{what} of the {n}. of several books", levels=True)
        for n in (2, 3)
        for name, what in (
            ("bid_pxs", "bid prices, best first,"),
            ("bid_qtys", "bid sizes"),
            ("ask_pxs", "ask prices, best first,"),
            ("ask_qtys", "ask sizes"),
        )
    },
    "perp_px": Input("price of a perpetual or a future"),
    "spot_px": Input("price of its underlying at the same moment"),
    "left_px": Input("price of one instrument of a pair"),
    "right_px": Input("price of the other instrument of the pair"),
    "sent": Input("time at the venue on the receiver's clock, ns UTC", whole=True),
    "changes": Input("records of the book that a message changes; 0: the row is a trade"),
    "mids": Input("mids of several venues at the same moments, side by side", levels=True),
    "buys": Input("number of trades of a day or bar in which the taker bought"),
    "sells": Input("number of trades of a day or bar in which the taker sold"),
    "daily_vol": Input("standard deviation of the return of a day, 0.04 is 4 %"),
    "trades": Input("number of trades of a day"),
    "duration": Input("how long an order waited, seconds"),
    "observed": Input("1 it was filled at the end of the wait, 0 it was watched no longer"),
    "covariates": Input("what was known when the order was sent, side by side", levels=True),
}
"""Vocabulary of input columns."""


@dataclass(frozen=True, slots=True)
class Param:
    """One number that a user may set.

    Parameters
    ----------
    name : str
        Name.
    default : float
        Value when it is not given.
    meaning : str
        What it does, with its unit.
    low, high : float
        Bounds, both allowed.
    whole : bool
        Whether it must be an integer.
    """

    name: str
    default: float
    meaning: str
    low: float = -np.inf
    high: float = np.inf
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """What an analytic must at least be shown before its numbers mean something.

    A command that makes its own market (``seawall analytics run NAME --simulated``) makes so
    much of it.

    Parameters
    ----------
    seconds : float
        Length of a market with some trades and some ten messages a second.
    bars : int
        Number of bars, for one that reads bars longer than seconds; 0: bars of a second.
    bar_s : float
        Length of these bars, seconds.
    levels : int
        Levels of the book on each side.
    expiry_days : float
        Of one that reads a single expiry of a chain: the expiry nearest to this; 0: all.
    """

    seconds: float = 0.0
    bars: int = 0
    bar_s: float = 3_600.0
    levels: int = 10
    expiry_days: float = 0.0


@dataclass(frozen=True, slots=True)
class Analytic:
    """One analytic: streaming when it has a ``batch``, a fit when it has a ``fit``.

    Parameters
    ----------
    name : str
        Name on the command line.
    group : str
        ``book``, ``flow``, ``hawkes`` or ``options``.
    inputs : tuple of str
        Names from :data:`INPUTS`, in the order of the arguments.
    doc : str
        The docstring of its file.
    outputs : tuple of str
        Names of the values per row; one per level when ``per_level``.
    params : tuple of Param
        Numbers that a user may set.
    batch : callable, optional
        ``batch(state, params, out, *columns)``, compiled; fills ``out`` row by row.
    state_size : callable
        Length of the state, from the parameters and the number of levels.
    fit : callable, optional
        ``fit(*columns, **params)`` gives a frozen dataclass.
    per_level : bool
        Whether each output is repeated for every level.
    fills : bool
        Whether ``batch`` writes every value of every row, so that none need be prepared.
    need : Need
        What it must at least be shown.
    """

    name: str
    group: str
    inputs: tuple[str, ...]
    doc: str
    outputs: tuple[str, ...] = ()
    params: tuple[Param, ...] = ()
    batch: Callable[..., None] | None = None
    state_size: Callable[[npt.NDArray[np.float64], int], int] = lambda params, levels: 1
    fit: Callable[..., Any] | None = None
    per_level: bool = False
    fills: bool = False
    need: Need = Need()

    @property
    def title(self) -> str:
        """First sentence of the docstring."""
        return self.doc.strip().split("\n\n")[0].replace("\n", " ")

    def section(self, name: str) -> str:
        """Text behind ``name:`` in the docstring, on one line; empty when it is absent."""
        found = re.search(rf"^{name}: (.*?)(?=^[A-Z][a-z]+: |\Z)", self.doc, re.M | re.S)
        return " ".join(found[1].split()) if found else ""

    def vector(self, given: Mapping[str, float] | None = None) -> npt.NDArray[np.float64]:
        """Parameters in the order of :attr:`params`.

        Raises
        ------
        SettingsError
            When a name is unknown or a value outside its bounds.
        """
        given = dict(given or {})
        known = [p.name for p in self.params]
        if unknown := sorted(set(given) - set(known)):
            raise SettingsError(
                f"{self.name} has no parameter {unknown[0]!r}",
                mend=f"it has: {', '.join(known) or 'none'}",
            )
        values = [float(given.get(p.name, p.default)) for p in self.params]
        for p, value in zip(self.params, values, strict=True):
            if not p.low <= value <= p.high or (p.whole and value != int(value)):
                raise SettingsError(
                    f"{p.name}={value:g} is outside [{p.low:g}, {p.high:g}]"
                    + (" or no whole number" if p.whole else ""),
                    where=self.name,
                    mend=p.meaning,
                )
        return np.array(values, dtype=np.float64)

    def columns(self, given: Columns) -> list[npt.NDArray[Any]]:
        """Input columns as the kernel wants them: contiguous, of one length.

        Raises
        ------
        ResearchError
            When a column is missing or its shape does not fit.
        """
        out: list[npt.NDArray[Any]] = []
        for name in self.inputs:
            if name not in given:
                raise ResearchError(
                    f"{self.name} needs the column {name!r}: {INPUTS[name].meaning}",
                    where=f"columns given: {', '.join(given)}",
                    mend=f"it reads {', '.join(self.inputs)}",
                )
            what = INPUTS[name]
            kind = np.int64 if what.whole else np.float64
            column: npt.NDArray[Any] = np.ascontiguousarray(given[name], dtype=kind)
            if not column.flags.writeable:  # Numba would compile once more for such arrays
                column = column.copy()
            rows = out[0].shape[0] if out else column.shape[0]
            if column.ndim != 1 + what.levels or column.shape[0] != rows:
                raise ResearchError(
                    f"column {name!r} has the shape {column.shape}",
                    where=self.name,
                    mend=f"give {rows} rows" + (" by levels" if what.levels else ""),
                )
            out.append(column)
        shapes = {c.shape[1] for c in out if c.ndim == 2}
        if len(shapes) > 1:
            raise ResearchError(
                f"{self.name}: the sides of the book have {sorted(shapes)} levels",
                mend="give the same number of levels for prices and sizes of both sides",
            )
        return out


@dataclass(frozen=True, slots=True)
class Result:
    """What a run of a streaming analytic gave.

    Parameters
    ----------
    values : array of shape (rows, outputs)
        Values after each event; not-a-number where undefined.
    outputs : tuple of str
        Names of the columns of ``values``.
    state : array
        State after the last event: hand it to the next run to go on.
    """

    values: npt.NDArray[np.float64]
    outputs: tuple[str, ...]
    state: npt.NDArray[np.float64]

    def __getitem__(self, name: str) -> npt.NDArray[np.float64]:
        """Column of one output."""
        return self.values[:, self.outputs.index(name)]


def output_names(analytic: Analytic, levels: int) -> tuple[str, ...]:
    """Names of the values per row."""
    if not analytic.per_level:
        return analytic.outputs
    return tuple(f"{o}_{i + 1}" for o in analytic.outputs for i in range(levels))


def run(
    analytic: Analytic,
    columns: Columns,
    params: Mapping[str, float] | None = None,
    *,
    state: npt.NDArray[np.float64] | None = None,
) -> Result:
    """Run a streaming analytic over columns.

    Parameters
    ----------
    analytic : Analytic
        From the registry.
    columns : mapping of str to array
        Its input columns.
    params : mapping of str to float, optional
        Parameters other than the defaults.
    state : array, optional
        State of an earlier run, which this one continues; it is not changed.

    Raises
    ------
    ResearchError
        When a column is missing, the shapes disagree, the state is of another length, or
        the analytic is a fit.
    SettingsError
        When a parameter is unknown or out of bounds.
    """
    if analytic.batch is None:
        raise ResearchError(f"{analytic.name} fits a whole sample", mend="call its fit")
    vector = analytic.vector(params)
    arrays = analytic.columns(columns)
    levels = max((a.shape[1] for a in arrays if a.ndim == 2), default=0)
    names = output_names(analytic, levels)
    size = analytic.state_size(vector, levels)
    if state is not None and state.shape != (size,):
        raise ResearchError(
            f"the state has {state.shape} numbers, {analytic.name} needs ({size},)",
            mend="use the parameters and the number of levels of the run that saved it",
        )
    now = np.zeros(size) if state is None else np.array(state, dtype=np.float64)
    shape = (arrays[0].shape[0], len(names))
    out = np.empty(shape) if analytic.fills else np.full(shape, np.nan)
    analytic.batch(now, vector, out, *arrays)
    return Result(out, names, now)


class Stream:
    """A streaming analytic that is fed one event at a time.

    Parameters
    ----------
    analytic : Analytic
        From the registry; no fit.
    params : mapping of str to float, optional
        Parameters other than the defaults.
    levels : int
        Levels of the book, for inputs that have them.
    """

    __slots__ = ("_arrays", "_batch", "_out", "_params", "outputs", "state")

    def __init__(
        self, analytic: Analytic, params: Mapping[str, float] | None = None, *, levels: int = 0
    ) -> None:
        if analytic.batch is None:
            raise ResearchError(f"{analytic.name} fits a whole sample", mend="call its fit")
        self._batch = analytic.batch
        self._params = analytic.vector(params)
        self.outputs = output_names(analytic, levels)
        self.state = np.zeros(analytic.state_size(self._params, levels))
        self._out = np.empty((1, len(self.outputs)))
        self._arrays: list[npt.NDArray[Any]] = [
            np.empty((1, levels) if INPUTS[n].levels else 1, np.int64 if INPUTS[n].whole else float)
            for n in analytic.inputs
        ]

    def update(self, *fields: object) -> npt.NDArray[np.float64]:
        """Take one event, its fields in the order of ``inputs``, and give the values."""
        for array, value in zip(self._arrays, fields, strict=True):
            array[0] = value
        self._out.fill(np.nan)  # a batch may leave a bad row as it finds it
        self._batch(self.state, self._params, self._out, *self._arrays)
        values: npt.NDArray[np.float64] = self._out[0].copy()
        return values

# SPDX-License-Identifier: MIT
"""Parts that all charts share: the chart itself, arrays, axes and named runs.

Colours are names that begin with ``$``; the page puts the colour of its theme there.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from seawall.research.metrics._kernel import Floats, Ints

if TYPE_CHECKING:
    from seawall.engine.outcome import Outcome

Trace = dict[str, Any]
"""A trace or layout as plotly.js reads it."""

SERIES = ("$two", "$three", "$four", "$five")
DASHES = ("dash", "dot", "dashdot", "longdash")


@dataclass(frozen=True, slots=True)
class NamedOutcome:
    """A run with the name under which it is shown."""

    name: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class PriceSeries:
    """Price of an instrument for the chart of trades.

    Parameters
    ----------
    symbol : str
        As in the run's instruments.
    ts : int64 array, shape (n,)
        ns UTC, ascending.
    price : float64 array, shape (n,)
        Quote currency.
    """

    symbol: str
    ts: Ints
    price: Floats


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart of the page.

    Parameters
    ----------
    key : str
        Id in the page.
    title : str
        Heading.
    alt : str
        What the chart says, for those who cannot see it.
    traces : list of traces
        For plotly.js.
    layout : layout
        For plotly.js, without theme.
    caption : str
        Below the chart.
    height : int
        Pixels.
    wide : bool
        Takes the whole width of the page.
    groups : tuple of str
        When given, the page offers a choice among them and shows only traces whose
        ``meta`` is the one chosen.
    """

    key: str
    title: str
    alt: str
    traces: list[Trace]
    layout: Trace
    caption: str = ""
    height: int = 320
    wide: bool = False
    groups: tuple[str, ...] = field(default=())


def numbers(values: npt.ArrayLike) -> Trace:
    """Pack numbers as plotly.js reads them: base64 of little-endian doubles."""
    packed = np.ascontiguousarray(values, dtype="<f8")
    return {"dtype": "f8", "bdata": base64.b64encode(packed.tobytes()).decode("ascii")}


def moments(ts: npt.ArrayLike) -> Trace:
    """Pack ns UTC as the milliseconds of a time axis."""
    return numbers(np.asarray(ts, dtype=np.float64) / 1e6)


def line(name: str, ts: npt.ArrayLike, values: npt.ArrayLike, color: str, **more: Any) -> Trace:
    """Draw a line over time."""
    style = {"color": color, "width": 1.6, **more.pop("line", {})}
    return {
        "type": "scatter", "mode": "lines", "name": name, "x": moments(ts),
        "y": numbers(values), "line": style, **more,
    }  # fmt: skip


def axis(title: str, **more: Any) -> Trace:
    """Make an axis with a title."""
    return {"title": {"text": title}, **more}


def time_axis(**more: Any) -> Trace:
    """Make a time axis."""
    return axis("time (UTC)", type="date", hoverformat="%Y-%m-%d %H:%M:%S.%3f", **more)

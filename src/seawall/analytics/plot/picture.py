# SPDX-License-Identifier: MIT
"""What a picture is, and what all of them share."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from seawall.analytics.plot.files import Tables

WIDTH, HEIGHT = 1_260, 840
BID, ASK, PRICE, GUIDE, FLOOR = "#1e8449", "#c0392b", "#2c3e50", "#7f8c8d", "#e67e22"
FLOW = "#2e86c1"
MOST_POINTS: Final = 4_000
"""Points of a line at most: a page of millions cannot be read, nor opened."""

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture.

    Parameters
    ----------
    name : str
        Name on the command line.
    title : str
        What it shows, one line.
    needs : tuple of str
        Kinds of tables that it reads, from ``files.ROLES``.
    draw : callable
        From the tables to a plotly figure.
    also : tuple of str
        Kinds that it shows when they are given.
    """

    name: str
    title: str
    needs: tuple[str, ...]
    draw: Callable[[Tables], Any]
    also: tuple[str, ...] = ()


def when(ts: npt.NDArray[np.int64]) -> npt.NDArray[np.datetime64]:
    """Times for an axis, UTC."""
    return np.asarray(ts.astype("datetime64[ns]").astype("datetime64[ms]"))


def thin(n: int, most: int = MOST_POINTS) -> npt.NDArray[np.int64]:
    """Indices of every so many rows, the last among them."""
    every = max(1, -(-n // most))
    return np.unique(np.append(np.arange(0, n, every), max(n - 1, 0))).astype(np.int64)


def log_ticks(values: npt.ArrayLike) -> dict[str, object]:
    """Ticks at 1, 2 and 5 times powers of ten, written out, for a logarithmic axis."""
    x = np.asarray(values, dtype=np.float64)
    x = x[np.isfinite(x) & (x > 0.0)]
    if not x.size:
        return {}
    low, high = float(x.min()), float(x.max())
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [m * 10.0**p for p in powers for m in (1, 2, 5) if low / 2 <= m * 10.0**p <= 2 * high]
    return {"tickvals": ticks, "ticktext": [f"{t:,.10g}" for t in ticks]}


def file_title(name: str) -> str:
    """Name of a file in words."""
    return name.replace("_", " ")


def finish(figure: Any, title: str, note: str = "", *, height: int = HEIGHT) -> Any:
    """Size, colours, title with a note below it, and the legend above the plot."""
    text = f"<b>{title}</b>" + (f"<br><span style='font-size:13px'>{note}</span>" if note else "")
    return figure.update_layout(
        template="plotly_white", width=WIDTH, height=height,
        title={"text": text, "x": 0.03, "xanchor": "left", "y": 0.975, "yanchor": "top"},
        margin={"l": 80, "r": 60, "t": 135, "b": 60},
        legend={"orientation": "h", "x": 0.0, "xanchor": "left", "y": 1.04, "yanchor": "bottom",
                "traceorder": "normal"},
    )  # fmt: skip

# SPDX-License-Identifier: MIT
"""A grid: what was known about an instrument at even moments, one row each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]
Row = Mapping[str, float]
"""One moment: columns by name; an absent or unknown one is not-a-number."""

COLUMNS: Final[Mapping[str, str]] = {
    "mid": "mid price, or the close of the bar, quote currency",
    "half_spread_bps": "half of the quoted spread, bps of the mid",
    "imbalance": "(bid size - ask size) / their sum at the best prices",
    "ofi": "order flow imbalance of the best quotes since the row before, base currency",
    "temperature": "kinetic temperature of the book over its last window",
    "entropy": "entropy of the book, 0 to 1",
    "spike": "rate of trades over its slow mean",
    "count_branching": "branching ratio by the variance of counts",
    "lean": "mean side of the last trades, -1 to 1",
    "branching": "branching ratio by maximum likelihood over the last trades",
    "reliable": "1 when that fit has no reason for doubt, else 0",
    "vpin": "VPIN", "vpin_floor": "what coin flips would give",
    "vpin_rank": "rank of VPIN in its past",
    "wash": "evidence, 0 to 1", "spoof": "evidence, 0 to 1", "stuffing": "evidence, 0 to 1",
    "withdrawal": "evidence, 0 to 1", "ignition": "evidence, 0 to 1", "pump": "evidence, 0 to 1",
    "peer_mid": "mid, or close, of another market of the same base currency",
    "spot_mid": "mid, or close, of spot of the same base currency; for a perpetual",
    "high": "high of the bar", "low": "low of the bar", "volume": "volume of the bar",
}  # fmt: skip
"""Vocabulary of grids."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of one instrument.

    Parameters
    ----------
    instrument : str
        ``VENUE SYMBOL``.
    source : str
        ``events`` (seconds) or ``bars``.
    ts : array of int64
        Moments, ns UTC, ascending; a row holds only what had been received before, or at
        the close for bars.
    step_ns : int
        Usual distance of rows, ns.
    fee_bps : float
        Taker fee, bps.
    columns : mapping of str to array
        Names of :data:`COLUMNS`.
    """

    instrument: str
    source: Literal["events", "bars"]
    ts: Times
    step_ns: int
    fee_bps: float
    columns: Mapping[str, Floats]

    def __post_init__(self) -> None:
        for name, column in self.columns.items():
            if name not in COLUMNS or column.shape != self.ts.shape:
                raise ResearchError(
                    f"column {name!r} of a grid has the shape {column.shape}",
                    where=self.instrument,
                    mend=f"give {self.ts.size} rows of: {', '.join(COLUMNS)}",
                )

    def __len__(self) -> int:
        return int(self.ts.size)

    def __getitem__(self, name: str) -> Floats:
        return self.columns[name]

    def has(self, names: Sequence[str]) -> bool:
        """Whether every one of some columns is there, known or not."""
        return all(n in self.columns for n in names)

    def rows(self, names: Sequence[str]) -> Iterator[dict[str, float]]:
        """Go through the rows, with these columns."""
        lists = [self.columns[n].tolist() for n in names]
        for values in zip(*lists, strict=True):
            yield dict(zip(names, values, strict=True))

    def cut(self, rows: int) -> Grid:
        """Return the first rows."""
        columns = {name: c[:rows] for name, c in self.columns.items()}
        return Grid(
            self.instrument, self.source, self.ts[:rows], self.step_ns, self.fee_bps, columns
        )


def chained_hashes(grid: Grid, names: Sequence[str]) -> list[str]:
    """sha256 of the inputs up to each row: each continues that of the row before."""
    table = np.column_stack([grid.ts.view(np.float64), *(grid.columns[n] for n in names)])
    now = hashlib.sha256("|".join((grid.instrument, *names)).encode())
    out = []
    for row in np.ascontiguousarray(table):
        now.update(row.tobytes())
        out.append(now.copy().hexdigest())
    return out

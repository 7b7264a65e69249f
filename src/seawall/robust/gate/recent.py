# SPDX-License-Identifier: MIT
"""The rows since the last accepted state, kept to say who moved the model."""

from __future__ import annotations

import numpy as np

from seawall.robust.base import Floats, Ints


class Recent:
    """A ring of the last rows with weight, source and time.

    Parameters
    ----------
    rows : int
        Room.
    d : int
        Features.
    """

    __slots__ = ("_numbers", "_row", "_source", "_ts", "_weight", "count", "names")

    def __init__(self, rows: int, d: int) -> None:
        self._row = np.empty((rows, d))
        self._weight = np.empty(rows)
        self._source = np.empty(rows, np.int64)
        self._ts = np.empty(rows, np.int64)
        self._numbers: dict[str, int] = {}
        self.names: list[str] = []
        self.count = 0

    def number(self, source: str) -> int:
        """Number of a source, given when it is first seen."""
        found = self._numbers.get(source)
        if found is None:
            found = self._numbers[source] = len(self.names)
            self.names.append(source)
        return found

    def add(self, rows: Floats, weights: Floats, sources: Ints, ts_ns: Ints) -> None:
        """Take rows; the oldest give way."""
        room = self._row.shape[0]
        n = rows.shape[0]
        if n == 1:
            at = self.count % room
            self._row[at] = rows[0]
            self._weight[at] = weights[0]
            self._source[at] = sources[0]
            self._ts[at] = ts_ns[0]
        else:
            skip = max(0, n - room)
            where = (self.count + np.arange(skip, n)) % room
            self._row[where] = rows[skip:]
            self._weight[where] = weights[skip:]
            self._source[where] = sources[skip:]
            self._ts[where] = ts_ns[skip:]
        self.count += n

    def clear(self) -> None:
        """Forget the rows; sources keep their numbers."""
        self.count = 0

    def read(self) -> tuple[Floats, Floats, Ints, Ints]:
        """Rows, weights, sources and times, oldest first."""
        room = self._row.shape[0]
        where = np.arange(max(0, self.count - room), self.count) % room
        return self._row[where], self._weight[where], self._source[where], self._ts[where]

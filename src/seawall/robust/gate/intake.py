# SPDX-License-Identifier: MIT
"""Which rows can be looked at at all; the others are counted by reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.robust.base import Floats, Ints
from seawall.robust.gate.errors import GateError
from seawall.robust.gate.recent import Recent
from seawall.robust.gate.settings import GateCounts

FIRST = -(2**63)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that can be looked at, in the order of time.

    Parameters
    ----------
    times : int64 array, shape (n,)
        ns UTC.
    rows : float64 array, shape (n, d)
        Raw features.
    weights : float64 array, shape (n,)
        In (0, 1].
    sources : int64 array, shape (n,)
        Numbers of the sources.
    """

    times: Ints
    rows: Floats
    weights: Floats
    sources: Ints

    def part(self, first: int, count: int) -> Batch:
        """Some rows of it."""
        cut = slice(first, first + count)
        return Batch(self.times[cut], self.rows[cut], self.weights[cut], self.sources[cut])


class Intake:
    """Checks rows and remembers the latest time.

    Parameters
    ----------
    names : tuple of str
        Features.
    counts : GateCounts
        Where refusals are counted.
    recent : Recent
        Gives sources their numbers.
    """

    __slots__ = ("_counts", "_names", "_recent", "last_ts")

    def __init__(self, names: tuple[str, ...], counts: GateCounts, recent: Recent) -> None:
        self._names, self._counts, self._recent = names, counts, recent
        self.last_ts = FIRST

    def read(
        self, ts_ns: npt.ArrayLike, X: npt.ArrayLike, weights: npt.ArrayLike | None,
        sources: Sequence[str] | str,
    ) -> Batch:  # fmt: skip
        """Check rows; those that cannot be looked at are left out and counted.

        Raises
        ------
        GateError
            Another number of features, or of times, weights or sources.
        """
        rows = np.ascontiguousarray(X, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != len(self._names):
            raise GateError(
                f"rows of shape {rows.shape} where the golden set has {len(self._names)} features",
                where=", ".join(self._names),
                mend="give the same features in the same order",
            )
        n = rows.shape[0]
        times = np.asarray(ts_ns, dtype=np.int64).reshape(-1)
        w = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64).reshape(-1)
        if isinstance(sources, str):
            numbers = np.full(n, self._recent.number(sources), dtype=np.int64)
        else:
            numbers = np.array([self._recent.number(s) for s in sources], dtype=np.int64)
        if not times.size == w.size == numbers.size == n:
            raise GateError(
                f"{times.size} times, {w.size} weights, {numbers.size} sources for {n} rows",
                mend="give one of each per row",
            )
        good = self._good(times, rows, w)
        if good.all():
            return Batch(times, rows, w, numbers)
        return Batch(times[good], rows[good], w[good], numbers[good])

    def _good(self, times: Ints, rows: Floats, weights: Floats) -> npt.NDArray[np.bool_]:
        finite = np.isfinite(rows).all(axis=1)
        weighty = (weights > 0.0) & (weights <= 1.0)
        usable = finite & weighty
        if times.size == 1:
            ordered = np.array([int(times[0]) >= self.last_ts])
        else:
            counted = np.where(usable, times, FIRST)
            latest = np.maximum.accumulate(np.concatenate([[self.last_ts], counted]))[:-1]
            ordered = times >= latest
        good = usable & ordered
        if good.all():
            if times.size:
                self.last_ts = int(times[-1])
            return np.asarray(good)
        c = self._counts
        c.not_finite += int((~finite).sum())
        c.bad_weight += int((finite & ~weighty).sum())
        c.out_of_order += int((usable & ~ordered).sum())
        self.last_ts = int(times[good].max(initial=self.last_ts))
        return np.asarray(good)

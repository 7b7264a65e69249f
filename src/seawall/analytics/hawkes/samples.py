# SPDX-License-Identifier: MIT
"""Events as fits want them: in order, finite, without repeats, within the observation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.spec import Param
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
MERGE = Param("merge", 0.0, "s within which prints are one event; 0: equal times only", 0.0)
"""Parameter of every fit that reads times."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Marked times on (0, end].

    Parameters
    ----------
    t, kind : arrays
        Times in seconds, in order, and types 0 to d - 1.
    end : float
        End of the observation, seconds.
    d : int
        Number of types.
    merged : int
        Events that shared time and type with another one and were merged with it.
    """

    t: Vector
    kind: Vector
    end: float
    d: int
    merged: int

    @property
    def gap(self) -> float:
        """Mean time between events, seconds."""
        return self.end / self.t.size

    @property
    def loglik_poisson(self) -> float:
        """Log-likelihood of constant rates."""
        counts = np.bincount(self.kind.astype(int), minlength=self.d)
        seen = counts[counts > 0]
        return float((seen * np.log(seen / self.end)).sum() - self.t.size)


def apart(t: Vector, merge: float) -> npt.NDArray[np.bool_]:
    """First event of each cluster: those nearer than ``merge`` to the one before belong to it."""
    return np.append(True, np.diff(t) > merge)[: t.size]


def sample(
    time: npt.ArrayLike, kind: npt.ArrayLike, end: float = 0.0, types: int = 0, merge: float = 0.0
) -> Sample:
    """Order and check events.

    Parameters
    ----------
    time, kind : arrays
        Times in seconds, and types.
    end : float
        End of the observation; 0 takes the last event.
    types : int
        Number of types; 0 takes the largest that occurs.
    merge : float
        Seconds within which an event joins the one of its type before: prints of one order.

    Raises
    ------
    ResearchError
        With fewer than three distinct events, times outside (0, end], or types outside
        0 to d - 1.
    """
    t = np.ascontiguousarray(time, dtype=np.float64)
    c = np.ascontiguousarray(kind, dtype=np.float64)
    merged = 0
    if not (t[1:] > t[:-1]).all():
        finite = np.isfinite(t) & np.isfinite(c)
        t, c = t[finite], c[finite]
        order = np.lexsort((c, t))
        t, c = t[order], c[order]
        fresh = np.append(True, (np.diff(t) > 0.0) | (np.diff(c) != 0.0))[: t.size]
        t, c, merged = t[fresh], c[fresh], int(t.size - fresh.sum())
    if merge > 0.0 and t.size:
        keep = np.zeros(t.size, dtype=np.bool_)
        for kind_of in np.unique(c):
            mine = np.flatnonzero(c == kind_of)
            keep[mine[apart(t[mine], merge)]] = True
        t, c, merged = t[keep], c[keep], merged + int(t.size - keep.sum())
    d = types or (int(c.max()) + 1 if c.size else 0)
    end = end or (float(t[-1]) if t.size else 0.0)
    sound = t.size >= 3 and bool(np.isfinite(t).all()) and t[0] >= 0.0 and t[-1] <= end
    if not sound or not ((c >= 0) & (c < d) & (c == np.floor(c))).all():
        raise ResearchError(
            f"{t.size} distinct events of {d} types within 0 to {end:g} s cannot be fitted",
            mend="give three events or more, types 0 to d - 1, finite times within 0 to the end",
        )
    return Sample(t, c, float(end), d, merged)

# SPDX-License-Identifier: MIT
"""Jumps from within and from without: whether activity rose before the jump.

Formula: jumps by ``lee_mykland``, the largest of each cluster; around it, the ranks of the
absolute returns of the ``window`` before and after among those of a quiet stretch before, as a
z-score; asymmetry = (after - before) / (after + before) of the mean excess.  Endogenous:
active before; exogenous: quiet before, active after; isolated: quiet on both sides.
Unit: asymmetry -1 to 1, z in standard errors; index in rows of the input.
Assumption: news cannot be seen coming, feedback can: an announcement at a known hour looks
endogenous.  The class of a jump is known only ``window`` returns after it: no signal.
Cost: O(returns + jumps x window).
Source: Marcaccioli, Bouchaud and Benzaquen (2022), Journal of Statistical Mechanics 023403;
Sornette, Malevergne and Muzy (2003), Risk 16(2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.jumps import lee_mykland
from seawall.analytics.spec import Analytic, Need, Param, run
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
QUIET = 10  # windows of the stretch that says what is usual
LOUD = 2.33  # z-score from which activity is raised: one in a hundred by chance
KINDS = ("exogenous", "endogenous", "isolated")


@dataclass(frozen=True, slots=True)
class JumpCauses:
    """Jumps and their classes.

    Parameters
    ----------
    exogenous, endogenous, isolated : int
        Number of jumps of each class.
    index : array of int
        Row of the price at which each jump was complete.
    size : array
        Log return of each jump.
    before, after : arrays
        z-score of activity before and after.
    asymmetry : array
        (after - before) / (after + before) of the mean excess of absolute returns.
    kind : tuple of str
        Class of each jump.
    skipped : int
        Jumps too near the ends.
    """

    exogenous: int
    endogenous: int
    isolated: int
    index: npt.NDArray[np.int64]
    size: Vector
    before: Vector
    after: Vector
    asymmetry: Vector
    kind: tuple[str, ...]
    skipped: int


def fit(close: Vector, *, window: float = 30.0, scale: float = 725.0, n: float = 1440.0,
        alpha: float = 0.01) -> JumpCauses:  # fmt: skip
    """Find jumps and class them.

    Parameters
    ----------
    close : array
        Prices at equal steps, all positive.
    window : float
        Returns before and after that are looked at.
    scale, n, alpha : float
        Parameters of ``lee_mykland``: its window, its n and its alpha.

    Raises
    ------
    ResearchError
        When prices are not all positive and finite.
    """
    price = np.asarray(close, dtype=np.float64)
    if not (np.isfinite(price) & (price > 0.0)).all():
        raise ResearchError("prices must be positive and finite", mend="leave bad rows out")
    found = run(lee_mykland.ANALYTIC, {"close": price}, {"window": scale, "n": n, "alpha": alpha})
    r = np.diff(np.log(price), prepend=np.log(price[:1]))
    w, rows, skipped = int(window), [], 0
    for i in _largest(np.flatnonzero(np.abs(found["jump"]) == 1.0), np.abs(r), w):
        if i - (QUIET + 1) * w < 1 or i + w >= r.size:
            skipped += 1
        else:
            rows.append((i, r[i], *_sides(np.abs(r), i, w)))
    columns = np.array(rows).T if rows else np.empty((5, 0))
    kind = tuple(_kind(b, a) for b, a in zip(columns[2], columns[3], strict=True))
    exogenous, endogenous, isolated = (kind.count(k) for k in KINDS)
    return JumpCauses(
        exogenous, endogenous, isolated, columns[0].astype(np.int64), columns[1], columns[2],
        columns[3], columns[4], kind, skipped,
    )  # fmt: skip


def _largest(flagged: npt.NDArray[np.int64], size: Vector, w: int) -> list[int]:
    """The largest of the flagged returns of each cluster: the lesser ones belong to it."""
    parts = np.split(flagged, np.flatnonzero(np.diff(flagged) > w) + 1) if flagged.size else []
    return [int(part[np.argmax(size[part])]) for part in parts]


def _sides(size: Vector, i: int, w: int) -> tuple[float, float, float]:
    quiet = size[i - (QUIET + 1) * w : i - w]
    before, after = size[i - w : i], size[i + 1 : i + 1 + w]
    order, usual = np.sort(quiet), float(quiet.mean())
    unit = math.sqrt((1.0 + w / quiet.size) / (12.0 * w))
    z = [(float(_rank(order, part).mean()) - 0.5) / unit for part in (before, after)]
    more = [max(float(part.mean()) - usual, 0.0) for part in (before, after)]
    total = sum(more)
    return z[0], z[1], (more[1] - more[0]) / total if total > 0.0 else 0.0


def _rank(order: Vector, values: Vector) -> Vector:
    """Share of the quiet returns below each value; ties count half."""
    ends = np.searchsorted(order, values, "left") + np.searchsorted(order, values, "right")
    found: Vector = ends / (2.0 * order.size)
    return found


def _kind(before: float, after: float) -> str:
    if before >= LOUD:
        return "endogenous"
    return "exogenous" if after >= LOUD else "isolated"


ANALYTIC = Analytic(
    name="jump_causes", group="jumps", inputs=("close",), doc=__doc__, fit=fit,
    params=(
        Param("window", 30.0, "returns before and after that are looked at", 5.0, 1e5, True),
        Param("scale", 725.0, "returns that set the scale of a jump", 4.0, 1e6, True),
        Param("n", 1440.0, "returns among which a false jump has probability alpha", 3.0, 1e12),
        Param("alpha", 0.01, "that probability", 1e-12, 0.5),
    ),
    need=Need(bars=2_880, bar_s=60.0),
)  # fmt: skip

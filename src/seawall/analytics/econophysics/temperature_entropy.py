# SPDX-License-Identifier: MIT
"""The plane of temperature and entropy of a book, and what followed in each quarter of it.

Formula: per window the kinetic temperature of ``book_kinetics_l2`` and the mean entropy of
``book_entropy``; a window is hot when its temperature is above the median of the
``history`` windows before, even when its entropy is.  Per quarter: mean |return| of the next
window over that of all windows, and share of windows after which the price went on in the
direction of the last one.  p: block permutations of the quarters, largest deviation.
Unit: temperature in base currency (bps/s)^2, entropy 0 to 1, returns as logs of the mid.
Assumption: "hot and uneven: trend; cool and even: consolidation" is a belief that this
measures; it is no signal unless p says so on data that nobody chose for it.
Cost: O(rows levels), then O(windows) per permutation.
Source: definition; the idea after Li, Xiao, Polukarov and Ventre (2024), Entropy 26(1), 24.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from seawall.analytics.econophysics import book_entropy, book_kinetics_l2
from seawall.analytics.econophysics.series import Vector
from seawall.analytics.spec import Analytic, Need, Param, run
from seawall.model.errors import ResearchError

QUARTERS: Final = ("cool, uneven", "cool, even", "hot, uneven", "hot, even")
BLOCK = 10


@dataclass(frozen=True, slots=True)
class Plane:
    """Points of the plane in time, and what came next.

    Parameters
    ----------
    windows : int
        Windows with a point.
    counts, moves, continued : tuple of float
        By quarter, in the order of :data:`QUARTERS`: windows, mean |next return| over that of
        all, share that went on in their direction.
    p_moves, p_continued : float
        Chance of as large a deviation in one of the quarters.
    ts : array of int64
        When each point is known, ns UTC.
    temperature, entropy, mid : Vector
        Of each window; the mid is that at its end.
    quarter : array of int64
        Quarter of each point; -1 before the history is full.
    forward : Vector
        Log return of the window that follows: for judgement only, it is the future.
    """

    windows: int
    counts: tuple[float, ...]
    moves: tuple[float, ...]
    continued: tuple[float, ...]
    p_moves: float
    p_continued: float
    ts: npt.NDArray[np.int64]
    temperature: Vector
    entropy: Vector
    mid: Vector
    quarter: npt.NDArray[np.int64]
    forward: Vector


def above_past_median(x: Vector, history: int) -> npt.NDArray[np.int64]:
    """1 above and 0 at or below the median of the ``history`` values before; -1 unknown."""
    out = np.full(x.size, -1, dtype=np.int64)
    if x.size > history:
        past = np.lib.stride_tricks.sliding_window_view(x[:-1], history)
        middle = np.median(past, axis=1)  # not-a-number when one of them is
        known = np.isfinite(middle) & np.isfinite(x[history:])
        out[history:] = np.where(known, x[history:] > middle, -1)
    return out


def _mean_known(x: Vector) -> float:
    known = x[np.isfinite(x)]
    return float(known.mean()) if known.size else float("nan")


def _by_quarter(quarter: npt.NDArray[np.int64], x: Vector) -> Vector:
    count = np.bincount(quarter, minlength=4)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.bincount(quarter, weights=x, minlength=4) / count)


def _deviation(quarter: npt.NDArray[np.int64], x: Vector) -> float:
    count = np.bincount(quarter, minlength=4)
    part = _by_quarter(quarter, x)
    return float(np.nanmax(np.abs(part - x.mean()) * np.sqrt(count)))


def judge(
    quarter: npt.NDArray[np.int64], x: Vector, samples: int, seed: int
) -> tuple[tuple[float, ...], float]:
    """Mean by quarter, and the chance of as large a deviation when blocks are shuffled."""
    if x.size < 2 * BLOCK or samples == 0:
        return tuple(_by_quarter(quarter, x).tolist()), float("nan")
    rng = np.random.default_rng(seed)
    own, count = _deviation(quarter, x), 1
    whole = x.size // BLOCK
    for _ in range(samples):
        order = (rng.permutation(whole)[:, None] * BLOCK + np.arange(BLOCK)).ravel()
        shuffled = np.concatenate((quarter[order], quarter[whole * BLOCK :]))
        count += _deviation(shuffled, x) >= own
    return tuple(_by_quarter(quarter, x).tolist()), count / (samples + 1)


def fit(
    ts: npt.NDArray[np.int64],
    bid_pxs: Vector,
    bid_qtys: Vector,
    ask_pxs: Vector,
    ask_qtys: Vector,
    *,
    window: float = 10.0,
    active_bps: float = 30.0,
    bin_bps: float = 1.0,
    bins: float = 20,
    history: float = 50,
    samples: float = 500,
    seed: float = 0,
) -> Plane:
    """Place the windows of a recorded book in the plane.

    Raises
    ------
    ResearchError
        With fewer full windows than the history and ten more.
    """
    columns = {"ts": ts, "bid_pxs": bid_pxs, "bid_qtys": bid_qtys, "ask_pxs": ask_pxs,
               "ask_qtys": ask_qtys}  # fmt: skip
    kinetics = run(book_kinetics_l2.ANALYTIC, columns, {"window": window, "active_bps": active_bps})
    entropy = run(book_entropy.ANALYTIC, columns, {"bin_bps": bin_bps, "bins": bins})["entropy"]
    past = int(history)
    closed = kinetics["windows"]
    known = np.flatnonzero(np.isfinite(closed))
    ends = known[1:][np.diff(closed[known]) > 0.0]
    if ends.size < past + 10:
        raise ResearchError(
            f"{ends.size} windows are too few for a history of {past}",
            where=f"{len(ts)} books, windows of {window:g} s",
            mend="give a longer recording, a shorter window or a shorter history",
        )
    starts = np.concatenate(([0], ends[:-1]))
    even = np.array([_mean_known(entropy[a:b]) for a, b in zip(starts, ends, strict=True)])
    temperature = kinetics["temperature"][ends]
    mid = 0.5 * (bid_pxs[ends, 0] + ask_pxs[ends, 0])
    forward = np.append(np.diff(np.log(mid)), np.nan)
    hot, flat = above_past_median(temperature, past), above_past_median(even, past)
    quarter = np.where((hot >= 0) & (flat >= 0), 2 * hot + flat, -1)
    back = np.insert(np.diff(np.log(mid)), 0, np.nan)
    judged = (quarter >= 0) & np.isfinite(forward) & np.isfinite(even)
    size = np.abs(forward[judged])
    moves, p_moves = judge(quarter[judged], size / size.mean(), int(samples), int(seed))
    moved = judged & (back != 0.0) & (forward != 0.0)
    same = (np.sign(back[moved]) == np.sign(forward[moved])).astype(np.float64)
    continued, p_continued = judge(quarter[moved], same, int(samples), int(seed))
    counts = tuple(float(c) for c in np.bincount(quarter[judged], minlength=4))
    return Plane(
        int(ends.size), counts, moves, continued, p_moves, p_continued,
        np.asarray(ts[ends], dtype=np.int64), temperature, even, mid, quarter, forward,
    )  # fmt: skip


ANALYTIC = Analytic(
    name="temperature_entropy", group="econophysics",
    inputs=("ts", "bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys"), doc=__doc__, fit=fit,
    params=(
        Param("window", 10.0, "length of a window, s", 1e-6),
        Param("active_bps", 30.0, "active depth, bps of the mid", 1e-6),
        Param("bin_bps", 1.0, "width of a bin of the entropy, bps of the mid", 1e-9),
        Param("bins", 20, "bins on each side", 2, 1e5, whole=True),
        Param("history", 50, "windows whose medians divide the plane", 3, 1e5, whole=True),
        Param("samples", 500, "permutations of the p-values; 0: none", 0, 1e6, whole=True),
        Param("seed", 0, "of the permutations", 0, 2**31, whole=True),
    ),
    need=Need(seconds=3_600.0),
)  # fmt: skip

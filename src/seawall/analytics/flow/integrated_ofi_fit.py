# SPDX-License-Identifier: MIT
"""Weights of the levels in order flow, and how much of the price change they explain.

Formula: x and w as in ``integrated_ofi`` with all windows of the first part of the sample
(``train``); price change of a window in basis points regressed on the flow of the best
level, on w'x / |w|_1, and on all levels; R squared in the first part and on what follows.
Unit: weights and R squared none.
Assumption: as ``integrated_ofi``.  Both sides of the regression are of the same window: it
explains and does not forecast.  ``ahead_r2`` is the same regression on the next window's
change, for those who hope.
Cost: O(rows x levels), a whole sample at once.
Source: Cont, Cucuringu and Zhang (2023), Quantitative Finance 23(10).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.flow import mlofi
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class IntegratedOfi:
    """What the levels weigh and explain.

    Parameters
    ----------
    weights : array of levels
        |w|_1 is 1.
    explained : float
        Share of the variance of x along w.
    best_r2, integrated_r2, all_r2 : tuple of float
        R squared within the first part and out of it, for the best level, for the
        integrated flow and for all levels.
    ahead_r2 : float
        Out of the first part, of the next window's change on this one's integrated flow.
    windows : int
        Windows with a row in them.
    """

    weights: Vector
    explained: float
    best_r2: tuple[float, float]
    integrated_r2: tuple[float, float]
    all_r2: tuple[float, float]
    ahead_r2: float
    windows: int


def windows(
    ts: Times, bid_pxs: Matrix, bid_qtys: Matrix, ask_pxs: Matrix, ask_qtys: Matrix,
    step_ns: int,
) -> tuple[Matrix, Vector]:  # fmt: skip
    """Flow of each level over average depth, and price change in basis points, by window."""
    levels = bid_pxs.shape[1]
    flow = np.full(bid_pxs.shape, np.nan)
    mlofi.batch(np.zeros(5 * levels), np.empty(0), flow, bid_pxs, bid_qtys, ask_pxs, ask_qtys)
    mid = 0.5 * (bid_pxs[:, 0] + ask_pxs[:, 0])
    ok = np.isfinite(flow).all(axis=1) & (mid > 0.0)
    if not ok.any():
        raise ResearchError("no book is sound", mend="bids must lie below asks on every level")
    slot = ts[ok] // step_ns
    starts = np.flatnonzero(np.concatenate(([True], np.diff(slot) != 0)))
    counts = np.diff(np.append(starts, slot.size))[:, None]
    depth = (bid_qtys + ask_qtys)[ok].mean(axis=1) / 2.0
    mean_depth = np.add.reduceat(depth, starts)[:, None] / counts
    x = np.add.reduceat(flow[ok], starts, axis=0) / mean_depth
    last = np.append(starts[1:], slot.size) - 1
    ends = np.log(mid[ok][last])
    return x[1:], 1e4 * np.diff(ends)


def fit(
    ts: Times, bid_pxs: Matrix, bid_qtys: Matrix, ask_pxs: Matrix, ask_qtys: Matrix, *,
    seconds: float = 10.0, train: float = 0.7,
) -> IntegratedOfi:  # fmt: skip
    """Learn weights and regressions in the first part, judge them in the rest.

    Raises
    ------
    ResearchError
        With fewer than three windows per level in either part, or a price that stands.
    """
    if ts.size == 0 or bid_pxs.shape[1] == 0:
        raise ResearchError("there is no book", mend="give rows with levels")
    x, y = windows(ts, bid_pxs, bid_qtys, ask_pxs, ask_qtys, int(seconds * 1e9))
    cut = int(train * len(x))
    if min(cut, len(x) - cut) < 3 * x.shape[1] or not y[:cut].std() > 0.0:
        raise ResearchError(
            f"{len(x)} windows are too few for {x.shape[1]} levels, or the price stands",
            mend="give a longer sample or a smaller 'seconds'",
        )
    values, vectors = np.linalg.eigh(np.cov(x[:cut].T))
    w = vectors[:, -1] * (1.0 if vectors[:, -1].sum() >= 0.0 else -1.0)
    w = w / np.abs(w).sum()
    z = x @ w
    return IntegratedOfi(
        w, float(values[-1] / values.sum()), _r2(x[:, :1], y, cut), _r2(z[:, None], y, cut),
        _r2(x, y, cut), _r2(z[:-1, None], y[1:], cut)[1], len(x),
    )  # fmt: skip


def _r2(x: Matrix, y: Vector, cut: int) -> tuple[float, float]:
    """Within the first part, and out of it against the first part's mean."""
    design = np.column_stack((np.ones(len(x)), x))
    b, *_ = np.linalg.lstsq(design[:cut], y[:cut], rcond=None)
    rest = (y - design @ b) ** 2
    off = (y - y[:cut].mean()) ** 2
    inner, outer = off[:cut].sum(), off[cut:].sum()
    return (
        float(1.0 - rest[:cut].sum() / inner),
        float(1.0 - rest[cut:].sum() / outer) if outer > 0.0 else float("nan"),
    )


ANALYTIC = Analytic(
    name="integrated_ofi_fit", group="flow",
    inputs=("ts", "bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys"), doc=__doc__, fit=fit,
    params=(
        Param("seconds", 10.0, "length of a window, s", 1e-3, 1e6),
        Param("train", 0.7, "share of the windows that teach", 0.1, 0.9),
    ),
    need=Need(seconds=3_600.0),
)  # fmt: skip

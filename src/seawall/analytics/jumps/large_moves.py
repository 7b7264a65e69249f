# SPDX-License-Identifier: MIT
"""What large price moves come from: big orders, or gaps in the book.

Formula: moves of the mid by cause (``move_cause``), all and the largest ``share`` of them; for
moves by trades the share that equals the first gap; Hill exponents of moves and of first gaps
over that share; rank correlations of the size of a move by trade with the gap and the order.
Unit: shares and exponents none; threshold in basis points.
Assumption: one event per row of the book.  That tails of gaps and moves agree says that
liquidity, not order size, makes large moves; it is no test of why the book was thin.
Cost: O(events log events).
Source: Farmer, Gillemot, Lillo, Mike and Sen (2004), Quantitative Finance 4(4).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.jumps import move_cause
from seawall.analytics.spec import Analytic, Need, Param, run
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
FEW = 500


@dataclass(frozen=True, slots=True)
class LargeMoves:
    """Attribution of moves.

    Parameters
    ----------
    moves, large : int
        Rows that moved the mid, and those among the largest.
    threshold : float
        Least size of a large move, basis points.
    by_trade, by_cancel, by_quote, by_gap : float
        Shares of all moves by cause.
    large_by_trade, large_by_cancel, large_by_quote, large_by_gap : float
        Shares of the large ones.
    one_gap : float
        Share of moves by trade that equal the first gap.
    tail_move, tail_gap : float
        Hill exponents of moves by trades and cancellations, and of first gaps before them.
    with_gap, with_size : float
        Spearman correlation of moves by trade with the first gap, and with size over best.
    doubts : tuple of str
        Why it should not be relied on.
    """

    moves: int
    large: int
    threshold: float
    by_trade: float
    by_cancel: float
    by_quote: float
    by_gap: float
    large_by_trade: float
    large_by_cancel: float
    large_by_quote: float
    large_by_gap: float
    one_gap: float
    tail_move: float
    tail_gap: float
    with_gap: float
    with_size: float
    doubts: tuple[str, ...]


def fit(
    bid_pxs: Vector, bid_qtys: Vector, ask_pxs: Vector, ask_qtys: Vector, qty: Vector,
    side: Vector, *, share: float = 0.05,
) -> LargeMoves:  # fmt: skip
    """Attribute the moves of a book, a row per event.

    Raises
    ------
    ResearchError
        With fewer than twenty moves.
    """
    columns = dict(zip(move_cause.BOOK, (bid_pxs, bid_qtys, ask_pxs, ask_qtys, qty, side),
                       strict=True))  # fmt: skip
    got = run(move_cause.ANALYTIC, columns)
    size, cause = np.abs(got["move"]), got["cause"]
    moved = cause > 0.0
    if int(moved.sum()) < 20:
        raise ResearchError(f"{int(moved.sum())} moves are too few", mend="give a longer book")
    level = float(np.quantile(size[moved], 1.0 - share))
    large = moved & (size >= level)
    trades = cause == 1.0
    gave = trades | (cause == 2.0)
    gap, ratio = got["first_gap"], got["size_ratio"]
    shares = [float((cause[moved] == k).mean()) for k in (1, 2, 3, 4)]
    larges = [float((cause[large] == k).mean()) for k in (1, 2, 3, 4)]
    out = []
    if int(moved.sum()) < FEW:
        out.append(f"only {int(moved.sum())} moves: fewer than {FEW}")
    if shares[3] > 0.05:
        out.append("both sides often move at once: the book is sampled, not event by event")
    return LargeMoves(
        int(moved.sum()), int(large.sum()), level, shares[0], shares[1], shares[2], shares[3],
        larges[0], larges[1], larges[2], larges[3],
        float(got["one_gap"][trades].mean()) if trades.any() else math.nan,
        hill(size[gave], share), hill(gap[gave], share),
        _rank(size[trades], gap[trades]), _rank(size[trades], ratio[trades]), tuple(out),
    )  # fmt: skip


def hill(x: Vector, share: float) -> float:
    """Hill's exponent over the largest ``share`` of the values, at least ten."""
    values = np.sort(x[np.isfinite(x) & (x > 0.0)])[::-1]
    k = max(10, int(share * values.size))
    if values.size <= k:
        return math.nan
    mean = float(np.log(values[:k] / values[k]).mean())
    return 1.0 / mean if mean > 0.0 else math.nan


def _rank(a: Vector, b: Vector) -> float:
    from scipy.stats import spearmanr

    if a.size < 10 or np.ptp(a) == 0.0 or np.ptp(b) == 0.0:
        return math.nan
    return float(spearmanr(a, b).statistic)


ANALYTIC = Analytic(
    name="large_moves", group="jumps", inputs=move_cause.BOOK, doc=__doc__, fit=fit,
    params=(Param("share", 0.05, "share of moves that counts as large", 1e-4, 0.5),),
    need=Need(seconds=900.0),
)  # fmt: skip

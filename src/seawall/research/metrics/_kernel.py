# SPDX-License-Identifier: MIT
"""Compiled inner loops of the metrics: one scan of returns, one of fills."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.integer[Any]]
P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function with Numba, cached on disk, and keep its type."""
    return cast(Callable[P, R], numba.njit(cache=True)(function))


@kernel
def scan_returns(returns: Floats, excess: Floats) -> Floats:
    """Sum along a series of returns; :data:`SCAN` names the fields of the answer.

    ``excess`` is the series less the risk-free rate (the same array when there is none).
    Growth starts at 1, so that a first negative return is a drawdown.
    """
    wealth, peak = 1.0, 1.0
    worst, dd_sum, dd_squares = 0.0, 0.0, 0.0
    under, longest = 0, 0
    total, down, gains, losses, up, excess_up, excess_down = 0.0, 0.0, 0.0, 0.0, 0, 0.0, 0.0
    n = returns.shape[0]
    for i in range(n):
        r = returns[i]
        # An account cannot come back from nothing: growth stays at zero.
        wealth *= max(0.0, 1.0 + r)
        if wealth < peak:
            under += 1
            longest = max(longest, under)
            fall = wealth / peak - 1.0
            worst = min(worst, fall)
            dd_sum += fall
            dd_squares += fall * fall
        else:
            under = 0
            peak = wealth
        if r > 0.0:
            gains += r
            up += 1
        else:
            losses -= r
        x = excess[i]
        total += x
        if x < 0.0:
            down += x * x
            excess_down -= x
        else:
            excess_up += x
    mean = total / n
    m2, m3, m4 = 0.0, 0.0, 0.0
    for i in range(n):
        d = excess[i] - mean
        square = d * d
        m2 += square
        m3 += square * d
        m4 += square * square
    out = np.empty(15)
    out[0], out[1], out[2], out[3] = wealth, worst, dd_sum / n, dd_squares / n
    out[4], out[5], out[6], out[7] = longest, mean, down / n, gains
    out[8], out[9], out[10], out[11] = losses, up, excess_up, excess_down
    out[12], out[13], out[14] = m2 / n, m3 / n, m4 / n
    return out


SCAN = (
    "growth", "max_drawdown", "mean_drawdown", "mean_square_drawdown",
    "longest_underwater", "mean", "mean_square_below", "gains",
    "losses", "wins", "excess_gains", "excess_losses",
    "m2", "m3", "m4",
)  # fmt: skip
"""Names of the fields that :func:`scan_returns` fills, in order."""


@kernel
def match_fifo(
    ts: Ints,
    px: Ints,
    qty: Ints,
    fee: Ints,
    position: Ints,
    side: Small,
    instrument: Small,
    instruments: int,
) -> tuple[Ints, Floats]:
    """Match every closing fill with the oldest open lots of its instrument.

    Each fill opens at most one lot, so that lots are numbered like fills and the
    queue of an instrument is a linked list through them: linear time, no memory
    beyond a few columns.  A position held before the first fill has no known entry
    and makes no trade.

    Returns
    -------
    rows : int64 array, shape (2, k)
        Number of the closing fill; lots closed with a known entry.
    sums : float64 array, shape (5, k)
        Over the lots closed: price times lots (ticks), lots over price, nanoseconds
        since the first fill times lots, entry fee (money units), exit fee.
    """
    n = ts.shape[0]
    left = np.zeros(n + instruments, dtype=np.int64)
    after = np.full(n + instruments, -1, dtype=np.int64)
    head = np.full(instruments, -1, dtype=np.int64)
    tail = np.full(instruments, -1, dtype=np.int64)
    sign = np.zeros(instruments, dtype=np.int64)
    seen = np.zeros(instruments, dtype=np.uint8)
    rows = np.empty((2, n), dtype=np.int64)
    sums = np.zeros((5, n))
    k = 0
    for i in range(n):
        a, s, q = np.int64(instrument[i]), np.int64(side[i]), qty[i]
        if seen[a] == 0:
            seen[a] = 1
            before = position[i] - s * q
            if before != 0:
                left[n + a] = abs(before)
                head[a] = tail[a] = n + a
                sign[a] = 1 if before > 0 else -1
        to_close = q
        known = 0
        while to_close > 0 and head[a] >= 0 and sign[a] == -s:
            lot = head[a]
            part = min(to_close, left[lot])
            if lot < n:
                known += part
                sums[0, k] += float(px[lot]) * part
                sums[1, k] += part / float(px[lot])
                sums[2, k] += float(ts[lot] - ts[0]) * part
                sums[3, k] += float(fee[lot]) * part / qty[lot]
            left[lot] -= part
            to_close -= part
            if left[lot] == 0:
                head[a] = after[lot]
        if known > 0:
            rows[0, k] = i
            rows[1, k] = known
            sums[4, k] = float(fee[i]) * known / q
            k += 1
        if to_close > 0:
            left[i] = to_close
            if head[a] < 0:
                head[a] = i
                sign[a] = s
            else:
                after[tail[a]] = i
            tail[a] = i
    return rows[:, :k].copy(), sums[:, :k].copy()

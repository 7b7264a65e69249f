# SPDX-License-Identifier: MIT
"""A sweep of moving-average crosses in one pass, without bars x parameters in memory.

The rule is the engine's, in the engine's integers: the signal is read at the close of bar
``i`` (from the warm-up on), a market order of a fixed number of lots fills at the open of
bar ``i + 1``, fees are charged on the notional and rounded up to a money unit, equity is
marked at every close.  Averages that several pairs share are computed once per block of
bars, so that the work per pair and bar is a comparison and a mark.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError
from seawall.model.events import RATE_SCALE
from seawall.model.kernel_cache import Deferred, compiled_plainly

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

BLOCK = 1024
"""Bars per block: 80 averages of one block fit the second-level cache."""

# Columns of the integer and the float state, one row per configuration.
CASH, POS, WANT, PEAK, TROUGH, FEES, FILLS, TRADES, MARK, LOWEST = range(10)
N_INT = 10
DRAWDOWN, SUM, SQUARES = range(3)
N_FLOAT = 3


def plain(function: Callable[..., Any]) -> Any:
    """Compile without negative indices when first called, and keep it on disk (decorator)."""
    return Deferred(function, lambda given: compiled_plainly(given, cached=True))


@dataclass(frozen=True, slots=True)
class FusedTerms:
    """Account and costs shared by every configuration of a fused sweep.

    Parameters
    ----------
    size : int
        Lots held when the signal is on.
    initial : int
        Equity at the start, money units.
    fee_rate : int
        Taker fee in units of 1e-9 of notional.
    money_per_tick_lot : int
        Money units that one tick times one lot is worth.
    short : bool
        Hold ``-size`` instead of nothing while the signal is off.
    warmup : int
        First bar whose close may trade; -1 means the slow span of the pair.
    """

    size: int
    initial: int
    fee_rate: int = 0
    money_per_tick_lot: int = 1
    short: bool = False
    warmup: int = -1

    def __post_init__(self) -> None:
        for name in ("size", "initial", "money_per_tick_lot"):
            if getattr(self, name) <= 0:
                raise ResearchError(
                    f"{name} of a fused sweep is {getattr(self, name)}",
                    mend=f"give a positive whole number for {name}",
                )


@dataclass(frozen=True, slots=True)
class FusedResult:
    """Metrics of every configuration, arrays of shape (n,).

    Parameters
    ----------
    final : int64
        Equity at the last close, money units.
    total_return, sharpe, max_drawdown : float64
        Fractions, the drawdown negative.  The Sharpe ratio is that of the returns between
        sampled closes, not annualised, with one degree of freedom taken off.
    fills, trades : int64
        Orders filled, and positions closed or turned.
    fees : int64
        Money units.
    lowest : int64
        Smallest equity at any close: at or below zero the engine would have liquidated,
        and the row is not comparable with it.
    samples : int64
        Equity at the sampled closes, shape (n, len(ends)), or (0, 0) when not asked for.
    """

    final: I64
    total_return: F64
    sharpe: F64
    max_drawdown: F64
    fills: I64
    trades: I64
    fees: I64
    lowest: I64
    samples: I64


@plain
def _fee(notional: int, rate: int) -> int:
    """Fee in money units, rounded up; split so that nothing overflows."""
    whole = (notional // 1_000_000_000) * rate
    part = (notional % 1_000_000_000) * rate
    return whole + (part + 999_999_999) // 1_000_000_000


@plain
def _averages(close: F64, alpha: F64, last: F64, start: int, stop: int, out: F64) -> None:
    """Exponential averages of one block, continuing from ``last``."""
    for d in range(alpha.shape[0]):
        a, e = alpha[d], last[d]
        for j in range(stop - start):
            e += a * (close[start + j] - e)
            out[d, j] = e
        last[d] = e


@plain
def trade_block(
    open_: I64, close: I64, start: int, stop: int, above_fast: F64, above_slow: F64,
    warm: int, on: int, off: int, mult: int, rate: int, ends: I64, next_end: int,
    ints: I64, floats: F64, samples: I64,
) -> None:  # fmt: skip
    """Carry one configuration through one block of bars."""
    cash, pos, want = ints[CASH], ints[POS], ints[WANT]
    peak, trough, lowest = ints[PEAK], ints[TROUGH], ints[LOWEST]
    end = ends[next_end] if next_end < ends.shape[0] else -1
    exposure = pos * mult
    mark, total, squares = ints[MARK], floats[SUM], floats[SQUARES]
    for i in range(start, stop):
        if want != pos:
            change = want - pos
            cost = change * open_[i] * mult
            fee = _fee(abs(cost), rate)
            cash -= cost + fee
            ints[FEES] += fee
            ints[FILLS] += 1
            if pos != 0:
                ints[TRADES] += 1
            pos = want
            exposure = pos * mult
        equity = cash + exposure * close[i]
        if equity > peak:
            # A drawdown is settled when the next peak is made: one division per peak.
            floats[DRAWDOWN] = max(floats[DRAWDOWN], (peak - trough) / peak)
            lowest = min(lowest, trough)
            peak = equity
            trough = equity
        trough = min(trough, equity)
        if i == end:
            if equity != mark:  # flat stretches cost no division
                r = equity / mark - 1.0
                total += r
                squares += r * r
                mark = equity
            if samples.shape[0] > 0:
                samples[next_end] = equity
            next_end += 1
            end = ends[next_end] if next_end < ends.shape[0] else -1
        if i >= warm:
            want = on if above_fast[i - start] > above_slow[i - start] else off
    ints[CASH], ints[POS], ints[WANT] = cash, pos, want
    ints[PEAK], ints[TROUGH], ints[LOWEST] = peak, trough, lowest
    ints[MARK], floats[SUM], floats[SQUARES] = mark, total, squares


@plain
def _ema_cross_kernel(
    open_: I64, close: I64, as_float: F64, alpha: F64, fast: I64, slow: I64, warm: I64,
    on: int, off: int, mult: int, rate: int, ends: I64, block: int,
    ints: I64, floats: F64, samples: I64,
) -> None:  # fmt: skip
    n, n_pairs = close.shape[0], fast.shape[0]
    last = np.full(alpha.shape[0], as_float[0])
    values = np.empty((alpha.shape[0], block))
    none = np.empty(0, dtype=np.int64)
    next_end = 0
    for start in range(0, n, block):
        stop = min(start + block, n)
        _averages(as_float, alpha, last, start, stop, values)
        for k in range(n_pairs):
            row = samples[k] if samples.shape[0] > 0 else none
            trade_block(
                open_, close, start, stop, values[fast[k]], values[slow[k]],
                warm[k], on, off, mult, rate, ends, next_end, ints[k], floats[k], row,
            )  # fmt: skip
        while next_end < ends.shape[0] and ends[next_end] < stop:
            next_end += 1


@plain
def follow(
    open_: I64, close: I64, lots: I64, warm: int, mult: int, rate: int, ends: I64,
    ints: I64, floats: F64,
) -> None:  # fmt: skip
    """Trade towards wanted positions; one bar per block keeps one set of rules.

    It stands here because Numba's cache looks at one file only.
    """
    none, yes, no = np.empty(0, dtype=np.int64), np.ones(1), np.zeros(1)
    next_end = 0
    for i in range(close.shape[0]):
        trade_block(
            open_, close, i, i + 1, yes, no, warm, lots[i], 0, mult, rate, ends, next_end,
            ints, floats, none,
        )  # fmt: skip
        if next_end < ends.shape[0] and ends[next_end] == i:
            next_end += 1


def ema_cross_metrics(
    open_ticks: I64,
    close_ticks: I64,
    fast: npt.ArrayLike,
    slow: npt.ArrayLike,
    terms: FusedTerms,
    *,
    ends: I64 | None = None,
    keep_samples: bool = False,
    block: int = BLOCK,
) -> FusedResult:
    """Metrics of many moving-average crosses over one series of bars.

    Hold ``terms.size`` lots while EMA(fast) is above EMA(slow).  The averages use
    ``alpha = 2 / (span + 1)`` and start at the first close.

    Parameters
    ----------
    open_ticks, close_ticks : int64, shape (n,)
        Prices in ticks.
    fast, slow : int, shape (k,)
        Spans in bars, at least 1.
    terms : FusedTerms
        Account and costs.
    ends : int64, shape (m,), optional
        Bars at whose close the return series is sampled, ascending; every bar by default.
    keep_samples : bool
        Return the sampled equity, shape (k, m).
    block : int
        Bars per block.

    Raises
    ------
    ResearchError
        When the arrays do not fit each other.
    """
    open_a = np.ascontiguousarray(open_ticks, dtype=np.int64)
    close_a = np.ascontiguousarray(close_ticks, dtype=np.int64)
    fast_a, slow_a = np.asarray(fast, dtype=np.int64), np.asarray(slow, dtype=np.int64)
    ends_a = np.arange(close_a.size) if ends is None else np.asarray(ends, dtype=np.int64)
    check_bars(open_a, close_a, fast_a, slow_a, ends_a)
    spans, place = np.unique(np.concatenate((fast_a, slow_a)), return_inverse=True)
    ints, floats, samples = fresh_state(fast_a.size, ends_a.size, terms.initial, keep_samples)
    warm = slow_a if terms.warmup < 0 else np.full(slow_a.shape, terms.warmup, dtype=np.int64)
    _ema_cross_kernel(
        open_a, close_a, close_a.astype(np.float64), (2.0 / (spans + 1.0)).astype(np.float64),
        place[: fast_a.size], place[fast_a.size :], warm,
        terms.size, -terms.size if terms.short else 0, terms.money_per_tick_lot,
        terms.fee_rate, ends_a, block, ints, floats, samples,
    )  # fmt: skip
    return finish(close_a, terms, ends_a.size, ints, floats, samples)


def fresh_state(n: int, m: int, initial: int, keep: bool) -> tuple[I64, F64, I64]:
    """Integer and float state of ``n`` configurations before the first bar, and samples."""
    ints, floats = np.zeros((n, N_INT), dtype=np.int64), np.zeros((n, N_FLOAT))
    for column in (CASH, PEAK, TROUGH, MARK, LOWEST):
        ints[:, column] = initial
    return ints, floats, np.zeros((n, m) if keep else (0, 0), dtype=np.int64)


def finish(
    close: I64, terms: FusedTerms, n_samples: int, ints: I64, floats: F64, samples: I64
) -> FusedResult:
    """Metrics from the state after the last bar."""
    final = ints[:, CASH] + ints[:, POS] * terms.money_per_tick_lot * close[-1]
    open_drawdown = (ints[:, PEAK] - ints[:, TROUGH]) / ints[:, PEAK]
    mean = floats[:, SUM] / n_samples
    spread = floats[:, SQUARES] - n_samples * mean * mean
    variance = np.maximum(spread, 0.0) / max(n_samples - 1, 1)
    sharpe = np.divide(mean, np.sqrt(variance), out=np.zeros_like(mean), where=variance > 0)
    return FusedResult(
        final=final,
        total_return=final / terms.initial - 1.0,
        sharpe=sharpe,
        max_drawdown=-np.maximum(floats[:, DRAWDOWN], open_drawdown),
        fills=ints[:, FILLS].copy(),
        trades=ints[:, TRADES].copy(),
        fees=ints[:, FEES].copy(),
        lowest=np.minimum(ints[:, LOWEST], ints[:, TROUGH]),
        samples=samples,
    )


def check_bars(open_: I64, close: I64, fast: I64, slow: I64, ends: I64) -> None:
    """Refuse arrays that do not fit each other.

    Raises
    ------
    ResearchError
        When prices, pairs or sampled bars are empty, of different length or out of order.
    """
    if open_.ndim != 1 or open_.shape != close.shape or close.size < 2:
        raise ResearchError(
            f"opens {open_.shape} and closes {close.shape} do not make bars",
            mend="give two one-dimensional arrays of the same length, at least 2",
        )
    if (
        fast.shape != slow.shape
        or fast.ndim != 1
        or fast.size == 0
        or min(fast.min(), slow.min()) < 1
    ):
        raise ResearchError(
            "the pairs of spans are empty, of different length, or below 1",
            mend="give one fast and one slow span of at least 1 bar for each pair",
        )
    inside = ends.size > 0 and ends[0] >= 0 and ends[-1] < close.size
    if not inside or np.any(np.diff(ends) <= 0):
        raise ResearchError(
            "the sampled bars are empty, not ascending, or outside the data",
            mend="give ascending bar indices, for example the last bar of each day",
        )


assert RATE_SCALE == 1_000_000_000, "the fee rounding is written for rates in 1e-9"

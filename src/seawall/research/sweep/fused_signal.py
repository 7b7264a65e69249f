# SPDX-License-Identifier: MIT
"""The fused pass for any compiled signal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numba import njit

from seawall.research.sweep.fused import (
    F64,
    I64,
    FusedResult,
    FusedTerms,
    check_bars,
    finish,
    follow,
    fresh_state,
)

Signal = Callable[[F64, float, F64], int]
"""Compiled ``signal(state, close, params) -> -1, 0 or 1``; ``state`` is its own, zeroed."""


class FusedRun(Protocol):
    """What :func:`fused_metrics` returns."""

    def __call__(
        self,
        open_ticks: I64,
        close_ticks: I64,
        params: F64,
        terms: FusedTerms,
        ends: I64 | None = None,
    ) -> FusedResult:
        """Run every row of ``params``, shape (k, p), over the bars."""
        ...


def fused_metrics(signal: Signal, n_state: int) -> FusedRun:
    """Compile the same pass for any signal.

    Parameters
    ----------
    signal : njit function
        ``signal(state, close, params) -> int``: state of ``n_state`` floats that starts at
        zero, the close in ticks, one row of parameters; -1, 0 or 1 times ``terms.size`` is
        the position wanted from the next open on.
    n_state : int
        Length of the state.

    Returns
    -------
    FusedRun
        ``terms.warmup`` below 0 means 0 here; ``terms.short`` False turns -1 to 0.
        The compiled code lives as long as the process.
    """

    @njit(error_model="numpy")
    def targets(close: F64, params: F64, state: F64, out: F64) -> None:
        for i in range(close.shape[0]):
            out[i] = signal(state, close[i], params)

    def run(
        open_ticks: I64, close_ticks: I64, params: F64, terms: FusedTerms, ends: I64 | None = None
    ) -> FusedResult:
        open_a = np.ascontiguousarray(open_ticks, dtype=np.int64)
        close_a = np.ascontiguousarray(close_ticks, dtype=np.int64)
        ends_a = np.arange(close_a.size) if ends is None else np.asarray(ends, dtype=np.int64)
        rows = np.ascontiguousarray(params, dtype=np.float64)
        one_each = np.ones(len(rows), dtype=np.int64)
        check_bars(open_a, close_a, one_each, one_each, ends_a)
        ints, floats, samples = fresh_state(len(rows), ends_a.size, terms.initial, keep=False)
        as_float, wanted = close_a.astype(np.float64), np.empty(close_a.size)
        for k, row in enumerate(rows):
            targets(as_float, row, np.zeros(n_state), wanted)
            lots = wanted.astype(np.int64) * terms.size
            lots = lots if terms.short else np.maximum(lots, 0)
            follow(
                open_a, close_a, lots, max(terms.warmup, 0), terms.money_per_tick_lot,
                terms.fee_rate, ends_a, ints[k], floats[k],
            )  # fmt: skip
        return finish(close_a, terms, ends_a.size, ints, floats, samples)

    return run

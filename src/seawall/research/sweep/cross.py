# SPDX-License-Identifier: MIT
"""The fused pass as an objective: moving-average crosses by the hundred."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError
from seawall.model.time import DAYS_PER_YEAR, NS_PER_DAY
from seawall.research.sweep.fused import FusedResult, FusedTerms, ema_cross_metrics
from seawall.research.sweep.objective import TrialResult
from seawall.research.sweep.shared import SharedArrays
from seawall.research.sweep.space import Params

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class EmaCrossObjective:
    """Crosses of parameters ``fast`` and ``slow`` over one series of bars.

    Returns are daily (UTC); the metrics are ``sharpe`` (annual, from daily returns),
    ``total_return``, ``max_drawdown`` (negative, over bar closes), ``fills``, ``trades``
    and ``fees`` (money units).

    Parameters
    ----------
    arrays : SharedArrays
        ``ts`` (closes, ns UTC), ``open`` and ``close`` (ticks), int64.
    terms : FusedTerms
        Account and costs.
    """

    arrays: SharedArrays
    terms: FusedTerms

    @property
    def data_hash(self) -> str:
        """Identity of the bars."""
        return self.arrays.data_hash

    def __call__(self, params: Params, window: slice | None = None) -> TrialResult:
        """Run one pair."""
        return self.evaluate_batch([params], window)[0]

    def evaluate_batch(
        self, batch: Sequence[Params], window: slice | None = None
    ) -> list[TrialResult]:
        """Run many pairs in one pass.

        Raises
        ------
        ResearchError
            When equity falls to zero, where the engine would have liquidated.
        """
        piece = window or slice(None)
        ts, open_, close = (
            cast("I64", np.asarray(self.arrays[name][piece])) for name in ("ts", "open", "close")
        )
        spans = [[int(params[name]) for params in batch] for name in ("fast", "slow")]
        found = ema_cross_metrics(
            open_, close, spans[0], spans[1], self.terms, ends=day_ends(ts), keep_samples=True
        )
        if len(batch) > 1 and found.lowest.min() <= 0:
            # One ruined pair must not take the others down with it.
            return [self._one(params, window) for params in batch]
        return [self._result(params, found, k) for k, params in enumerate(batch)]

    def _one(self, params: Params, window: slice | None) -> TrialResult:
        try:
            return self(params, window)
        except ResearchError:
            nan = float("nan")
            return TrialResult(params, {"sharpe": nan, "total_return": -1.0, "max_drawdown": -1.0})

    def _result(self, params: Params, found: FusedResult, k: int) -> TrialResult:
        if found.lowest[k] <= 0:
            raise ResearchError(
                f"the account is ruined with {dict(params)}",
                mend="trade fewer lots, or give the account more",
            )
        marks = np.concatenate([[self.terms.initial], found.samples[k]]).astype(np.float64)
        metrics = {
            "sharpe": float(found.sharpe[k]) * DAYS_PER_YEAR**0.5,
            "total_return": float(found.total_return[k]),
            "max_drawdown": float(found.max_drawdown[k]),
            "fills": float(found.fills[k]),
            "trades": float(found.trades[k]),
            "fees": float(found.fees[k]),
        }
        return TrialResult(params, metrics, marks[1:] / marks[:-1] - 1.0)


def day_ends(ts: I64) -> I64:
    """Last bar of each UTC day; a bar that closes at midnight ends the day before.

    The last, unfinished day counts as well, so that no bar is left out.
    """
    day = (ts - 1) // NS_PER_DAY
    last = np.append(np.flatnonzero(np.diff(day)), ts.size - 1)
    return last.astype(np.int64)

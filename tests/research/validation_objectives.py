# SPDX-License-Identifier: MIT
"""Objectives for the tests of validation, importable by worker processes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seawall.model.events import BarField
from seawall.research.sweep import SharedArrays, TrialResult, sharpe_per_period


@dataclass(frozen=True)
class Pick:
    """Holds the asset whose number is the parameter; no memory, so windows are exact."""

    arrays: SharedArrays

    @property
    def data_hash(self):
        return self.arrays.data_hash

    def __call__(self, params, window=None):
        returns = np.array(self.arrays["returns"][window or slice(None), params["asset"]])
        metrics = {"sharpe": sharpe_per_period(returns), "total": float(np.prod(1 + returns) - 1)}
        return TrialResult(params, metrics, returns)


def hold_first(bars):
    """Buy and hold of the first stream."""
    mine = bars[:, bars[BarField.STREAM] == bars[BarField.STREAM].min()]
    close = mine[BarField.CLOSE].astype(float)
    return close[1:] / close[:-1] - 1.0


def fails_sometimes(bars):
    """Fails on paths that end below the start."""
    returns = hold_first(bars)
    if bars[BarField.CLOSE, -1] < bars[BarField.CLOSE, 0]:
        raise ValueError("it went down")
    return returns

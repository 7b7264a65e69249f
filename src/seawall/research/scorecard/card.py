# SPDX-License-Identifier: MIT
"""What a scorecard says, and its verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from seawall.signals.calibration import Reliability

LEAST_TRADES: Final = 20
"""Trades, and more, from which an edge may be called one."""

NO_EDGE: Final = "no edge after costs"


@dataclass(frozen=True, slots=True)
class Decay:
    """Information coefficient at one horizon.

    Parameters
    ----------
    rows : int
        Horizon, rows of the grid.
    coefficient, low, high : float
        Rank correlation of the signal with what came, and its 95 % interval.
    """

    rows: int
    coefficient: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Scorecard:
    """How one kind of signal did on rows that nothing was fitted on.

    Parameters
    ----------
    signal, family, target, source : str
        What was judged, and on seconds of events or on bars.
    instruments : tuple of str
        Where.
    horizon_s : float
        Horizon fixed beforehand, s.
    train_signals, signals : int
        Signals of the training part, and of the part that is judged.
    test_rows : int
        Rows of the part that is judged.
    hit_rate, hit_low, hit_high : float
        Share of the signals that came true, and its 95 % interval (blocks).
    base_rate : float
        One half for a direction; share of all rows with such a move for a size.
    excess_low : float
        Lower end of hit rate less base rate, resampled together and widened for the trials.
    decay : tuple of Decay
        Information coefficient by horizon; that of the signal's own is :attr:`ic`.
    ic : Decay
        At the horizon of the signal.
    reliability : Reliability
        Confidence against what came true.
    trades : int
        Trades that follow the signal, one at a time, held for the horizon.
    turnover_per_day : float
        Notional traded per day over the notional of the position.
    gross_bps, cost_bps, net_bps, net_low, net_high : float
        Mean of a trade before costs, half spreads and taker fees of both sides, and what is
        left, with an interval widened for the number of trials.
    trials : int
        Signals times horizons that were looked at, and those told beforehand.
    """

    signal: str
    family: str
    target: str
    source: str
    instruments: tuple[str, ...]
    horizon_s: float
    train_signals: int
    signals: int
    test_rows: int
    hit_rate: float
    hit_low: float
    hit_high: float
    base_rate: float
    excess_low: float
    decay: tuple[Decay, ...]
    ic: Decay
    reliability: Reliability
    trades: int
    turnover_per_day: float
    gross_bps: float
    cost_bps: float
    net_bps: float
    net_low: float
    net_high: float
    trials: int

    @property
    def informative(self) -> bool:
        """Whether it came true more often than the base rate, whatever the trials."""
        return self.excess_low > 0.0 and self.hit_low > self.base_rate

    @property
    def verdict(self) -> str:
        """One sentence on whether there is something to gain."""
        if not self.signals:
            return "silent: nothing to judge"
        if self.target == "size":
            said = "warns of moves" if self.informative else "not shown to warn"
            if math.isnan(self.excess_low):
                said = "too little time to tell"
            return f"{said}; no direction, {NO_EDGE}"
        if self.trades and self.net_high <= 0.0:
            return NO_EDGE
        if self.trades < LEAST_TRADES:
            return f"{NO_EDGE}: only {self.trades} trades, too few to show one"
        if self.net_low > 0.0:
            return "edge after costs in this sample: judge it on other data"
        return NO_EDGE

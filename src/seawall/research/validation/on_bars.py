# SPDX-License-Identifier: MIT
"""A strategy through the engine as a function of bars, for resampled markets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from seawall.engine.settings import EngineSettings
from seawall.model.events import Bars, Stream
from seawall.model.instrument import Instrument
from seawall.model.market import Market


@dataclass(frozen=True)
class StrategyOnBars:
    """Backtests of one strategy over other bars of the same instruments.

    Events beside the bars (funding, marks) are left out: their times and sizes belong to
    the true history.

    Parameters
    ----------
    name : str
        ``path/to/file.py:Name``; found by name in every process.
    params : mapping
        For the strategy, by name.
    instruments, streams
        As in :class:`~seawall.model.market.Market`.
    settings : EngineSettings
        Latency, fills and account.
    """

    name: str
    params: Mapping[str, int | float | str]
    instruments: tuple[Instrument, ...]
    streams: tuple[Stream, ...]
    settings: EngineSettings = field(default_factory=EngineSettings)

    def __call__(self, bars: Bars) -> npt.NDArray[np.float64]:
        """Simple returns of equity between its samples, the first from the initial equity.

        An account that is wiped out stays at nothing: it has lost all of it once.
        """
        from seawall.research.backtest import run_once
        from seawall.research.plugin import make_strategy

        market = Market(self.instruments, self.streams, bars=bars)
        outcome = run_once(make_strategy(self.name, self.params), market, self.settings)
        return equity_returns(outcome.initial_equity, outcome.equity["equity"])


def equity_returns(initial: float, equity: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Simple returns of a series of equity; nothing is earned on nothing."""
    level = np.concatenate([[initial], np.asarray(equity, dtype=np.float64)])
    ruined = np.maximum.accumulate(level <= 0.0)
    level = np.where(ruined, 0.0, level)
    before = level[:-1]
    ratio = np.divide(level[1:], before, out=np.ones_like(before), where=before > 0.0)
    return np.asarray(ratio - 1.0)

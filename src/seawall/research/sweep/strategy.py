# SPDX-License-Identifier: MIT
"""A strategy through the engine as an objective of a sweep."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from seawall.engine.settings import EngineSettings
from seawall.research.plugin import load_object, make_strategy, source_hash
from seawall.research.sweep.market import SharedMarket
from seawall.research.sweep.objective import TrialResult
from seawall.research.sweep.space import Params

if TYPE_CHECKING:
    from seawall.engine.run import AnyStrategy


@dataclass(frozen=True, slots=True)
class NamedObjective:
    """A function of the user's, found by name in every process.

    A function of a file cannot be pickled: another process has not imported the file.

    Parameters
    ----------
    name : str
        ``path/to/file.py:Name`` of a callable of ``(params, window)``.
    """

    name: str

    @property
    def objective_id(self) -> str:
        """Identity: the name and its source file."""
        return f"{_short(self.name)}@{source_hash(self.name)}"

    @property
    def data_hash(self) -> str:
        """Identity of the data, as far as the function tells it."""
        return str(getattr(load_object(self.name), "data_hash", ""))

    def __call__(self, params: Params, window: slice | None = None) -> TrialResult:
        """Call the function."""
        found: TrialResult = load_object(self.name)(params, window)
        return found


@dataclass(frozen=True, slots=True)
class StrategyObjective:
    """Backtests of one strategy with different parameters.

    Parameters
    ----------
    name : str
        ``path/to/file.py:Name``: a Strategy class, or a function that returns a strategy;
        it is called with the parameters by name.
    market : SharedMarket
        What it runs on.
    settings : EngineSettings
        Latency, fills and account.
    """

    name: str
    market: SharedMarket
    settings: EngineSettings = field(default_factory=EngineSettings)

    @property
    def objective_id(self) -> str:
        """Identity: the name, its source file and the settings."""
        settings = hashlib.sha256(repr(self.settings).encode()).hexdigest()[:8]
        return f"{_short(self.name)}@{source_hash(self.name)}+{settings}"

    @property
    def data_hash(self) -> str:
        """Identity of the market."""
        return self.market.data_hash

    def __call__(self, params: Params, window: slice | None = None) -> TrialResult:
        """Run one backtest: every defined metric, and the returns its Sharpe ratio is of."""
        from seawall.research.backtest import run_once
        from seawall.research.metrics import equity_bars, performance

        outcome = run_once(self.make(params), self.market.market(window), self.settings)
        found = performance(outcome).as_dict()
        metrics = {
            name: float(value)
            for name, value in found.items()
            if isinstance(value, (int, float)) and math.isfinite(value)
        }
        returns = equity_bars(outcome).returns
        return TrialResult(params, metrics, returns, outcome.fingerprint)

    def prepare(self) -> None:
        """Compile the kernels once, before many processes would each do it."""
        compile_kernels()

    def make(self, params: Params) -> AnyStrategy:
        """Make a fresh strategy."""
        return make_strategy(self.name, params)


def _short(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]


def compile_kernels() -> None:
    """Run a few bars when this machine has no compiled kernels yet, about a minute."""
    from seawall.engine.kernel.jit import is_compiled

    if is_compiled():
        return
    from seawall.engine.strategy import Strategy
    from seawall.research.backtest import run_once
    from seawall.research.lookahead_runs import walk_market

    class Once(Strategy):
        def on_bar(self, bar: object) -> None:
            self.target_quantity(0.001)
            self.equity()

    run_once(Once(), walk_market(3, 0), EngineSettings())

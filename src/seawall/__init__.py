# SPDX-License-Identifier: MIT
"""Seawall: a crypto trading system that assumes the market is lying to it.

One engine researches, backtests and trades one and the same strategy.  The rooms are
``model`` (the vocabulary), ``data`` (catalogue, importers, the simulated market),
``engine`` (the kernel), ``research`` (backtests, sweeps, reports) and ``cli``;
imports point from right to left only.

This page re-exports the names that a first script needs.  They are looked up on first
use, so that ``import seawall`` costs milliseconds and loads neither numpy nor numba.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seawall.data import Catalogue as Catalogue
    from seawall.engine.settings import EngineSettings as EngineSettings
    from seawall.engine.strategy import CompiledStrategy as CompiledStrategy
    from seawall.engine.strategy import Strategy as Strategy
    from seawall.engine.strategy import TargetStrategy as TargetStrategy
    from seawall.engine.strategy import compiled_strategy as compiled_strategy
    from seawall.model.errors import SeawallError as SeawallError
    from seawall.model.instrument import Instrument as Instrument
    from seawall.model.instrument import perpetual as perpetual
    from seawall.model.instrument import spot as spot
    from seawall.model.market import Market as Market
    from seawall.research.backtest import Backtest as Backtest

__version__ = "0.1.0"

_HOMES = {
    "Backtest": "seawall.research.backtest",
    "Catalogue": "seawall.data",
    "CompiledStrategy": "seawall.engine.strategy",
    "EngineSettings": "seawall.engine.settings",
    "Instrument": "seawall.model.instrument",
    "Market": "seawall.model.market",
    "SeawallError": "seawall.model.errors",
    "Strategy": "seawall.engine.strategy",
    "TargetStrategy": "seawall.engine.strategy",
    "compiled_strategy": "seawall.engine.strategy",
    "perpetual": "seawall.model.instrument",
    "spot": "seawall.model.instrument",
}

__all__ = [
    "Backtest",
    "Catalogue",
    "CompiledStrategy",
    "EngineSettings",
    "Instrument",
    "Market",
    "SeawallError",
    "Strategy",
    "TargetStrategy",
    "__version__",
    "compiled_strategy",
    "perpetual",
    "spot",
]


def __getattr__(name: str) -> object:
    """Import a re-exported name when it is first asked for."""
    try:
        home = _HOMES[name]
    except KeyError:
        raise AttributeError(f"module 'seawall' has no attribute {name!r}") from None
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Names that a user may complete."""
    return sorted(__all__)

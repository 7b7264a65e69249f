# SPDX-License-Identifier: MIT
"""Research: what a strategy did, how sure that is, and what else was tried.

``Backtest`` runs a strategy under three fill models; ``metrics`` and ``statistics``
measure; ``report`` shows; ``sweep`` and ``validation`` try many and count the tries;
``lookahead`` looks for a future that leaks; ``demo`` shows the whole on one page.
Reads markets and outcomes; never feeds anything back into the engine.

Names are loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {"Backtest": "backtest", "Result": "backtest", "run_once": "backtest"}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

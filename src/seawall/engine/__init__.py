# SPDX-License-Identifier: MIT
"""The engine: one world, one kernel, and what feeds it.

``Engine`` takes a market and a strategy, eats events and bars in chunks of any size and
gives an outcome; a backtest feeds it a day at once, a session a message at a time, and
both get the same orders, fills and hashes.  Time and randomness are inputs; nothing in
here reads a clock, a file or the network, except the journal and the session, which
feed and record.

Names are loaded on first use: the kernel needs Numba.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "CompiledStrategy": "strategy",
    "Engine": "run",
    "EngineSettings": "settings",
    "Outcome": "outcome",
    "Strategy": "strategy",
    "TargetStrategy": "strategy",
    "compiled_strategy": "strategy",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

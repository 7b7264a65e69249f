# SPDX-License-Identifier: MIT
"""A simulated market: order-driven, several assets and venues, agents with latency.

``simulate(preset("demo"))`` runs one and returns a :class:`SimulatedMarket`: feeds as a
recorder would have stored them (``write``), as the engine reads them (``to_market``), and
the ground truth beside them (``labels``, ``orders``, ``agents``).  The same seed gives the
same bytes.  It is a test bed: ``seawall sim scorecard`` says in which facts it resembles
real data, and nothing earned in it is evidence of profit anywhere else.

Names are loaded on first use, because the kernel needs Numba.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "AgentConfig": "config",
    "AssetConfig": "config",
    "AttackConfig": "config",
    "FaultConfig": "config",
    "Sim": "sim",
    "SimConfig": "config",
    "SimulatedImporter": "importer",
    "SimulatedMarket": "result",
    "preset": "config",
    "scorecard": "scorecard",
    "simulate": "sim",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

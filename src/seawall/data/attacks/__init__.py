# SPDX-License-Identifier: MIT
"""Attacks with ground truth: on a simulated market, and written into any market.

``KINDS`` lists them.  :func:`attacked` runs a simulated market with one attack, where
agents react; :func:`paired` also runs the same seed without it.  :func:`inject` writes an
attack into an existing market, simulated or recorded, where nobody reacts.  Both return
:class:`Labels`, which say exactly what was forged, when, and in which direction.

Names are loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "AttackKind": "kinds",
    "AttackSpec": "spec",
    "KINDS": "kinds",
    "Labels": "labels",
    "Pair": "simulated",
    "attack_labels": "simulated",
    "attacked": "simulated",
    "inject": "injection",
    "kind_of": "kinds",
    "paired": "simulated",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

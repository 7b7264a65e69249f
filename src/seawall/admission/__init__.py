# SPDX-License-Identifier: MIT
"""Admission: which samples may be learned from, and which may be seen at all.

Every sample has a source (venue, feed, stream, batch).  ``Admission`` judges samples at
feed speed: unknown and banned sources, clocks, replays, values that the other sources
contradict, quotas and rates; it keeps trust with its reasons, counts every rejection and
holds a bounded, stratified reservoir.  ``Gateway`` opens signed batches before that,
``EventJudge`` judges market events as they come and ``admit_market`` a whole
:class:`~seawall.model.market.Market`.
It knows nothing of estimators or strategies.  Callers: engine, research, cli.

Names are loaded on first use, because the kernel needs Numba.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "Admission": "admission",
    "AdmissionError": "errors",
    "AdmissionReport": "market",
    "AdmissionSettings": "settings",
    "Audit": "audit",
    "Concentration": "shares",
    "Decision": "decision",
    "Envelope": "signing",
    "EventJudge": "event_judge",
    "Gateway": "gateway",
    "Key": "signing",
    "Outcome": "gateway",
    "Source": "source",
    "admit_market": "market",
    "concentration": "shares",
    "seal": "signing",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

# SPDX-License-Identifier: MIT
"""Market data: a catalogue of Parquet files, importers, quality, downloads.

``Catalogue(root)`` lists, scans and queries what was imported and gives a run its
:class:`~seawall.model.market.Market`; ``import_files`` brings files in, checks every row
and quarantines the impossible ones; ``download`` fetches from exchanges and archives.
The engine reads only the ``Market``; nothing here knows about strategies.

Names are loaded on first use, so importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "Catalogue": "seawall.data.catalogue.catalogue",
    "ImportOptions": "seawall.data.importers.base",
    "QualityReport": "seawall.data.quality.report",
    "Select": "seawall.data.catalogue.catalogue",
    "import_files": "seawall.data.importing.pipeline",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

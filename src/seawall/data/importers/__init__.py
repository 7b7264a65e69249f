# SPDX-License-Identifier: MIT
"""The formats that can be imported; the first importer that recognises a file reads it.

``IMPORTERS`` is the one registry: specific formats first, the generic table last.  Each
entry is ``module:Class`` and is loaded on use, so a format costs nothing until it is read.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from seawall.model.errors import FormatError

if TYPE_CHECKING:
    from seawall.data.importers.base import Importer, ImportOptions

IMPORTERS: tuple[str, ...] = (
    "seawall.data.simulated.importer:SimulatedImporter",
    "recordings:RecordingsImporter",
    "lob:LobImporter",
    "l3:BitstampOrdersImporter",
    "l3:BitfinexOrdersImporter",
    "binance_archive:BinanceArchiveImporter",
    "tardis:TardisImporter",
    "derivatives:FundingImporter",
    "derivatives:CoinglassImporter",
    "tables:TablesImporter",
    "freqtrade:FreqtradeImporter",
    "ccxt:CcxtImporter",
    "bars:BarsImporter",
    "generic:GenericImporter",
)
"""Module (in this package unless it says more) and class, asked in this order."""


def _full(module: str) -> str:
    return module if module.startswith("seawall.") else f"{__name__}.{module}"


def load_importers() -> list[Importer]:
    """Make one of each registered importer, in the order in which they are asked."""
    made: list[Importer] = []
    for entry in IMPORTERS:
        module, _, name = entry.partition(":")
        made.append(cast("Importer", getattr(import_module(_full(module)), name)()))
    return made


def find_importer(path: Path, options: ImportOptions) -> Importer:
    """Find the importer of a file: the one the options name, or the first that recognises it.

    A column mapping in the options means the generic table.

    Raises
    ------
    FormatError
        When no importer knows the file, or none has the name given.
    """
    known = load_importers()
    wanted = options.importer or ("generic" if options.columns else "")
    if wanted:
        for importer in known:
            if importer.name == wanted:
                return importer
        raise FormatError(
            f"no importer is called {wanted!r}",
            mend=f"use one of {', '.join(i.name for i in known)}",
        )
    for importer in known:
        if importer.recognises(path):
            return importer
    from seawall.data.importing.files import columns_of

    columns = columns_of(path)
    found = f"; its columns are {', '.join(columns[:30])}" if columns else ""
    raise FormatError(
        f"no importer recognises this file{found}",
        where=str(path),
        mend="name its columns: --kind trades --map ts=<column> --map price=<column> ..., or "
        "choose a reader with --format",
    )

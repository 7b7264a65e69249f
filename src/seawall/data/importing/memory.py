# SPDX-License-Identifier: MIT
"""Import of rows that are already in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from seawall.data.catalogue.catalogue import Catalogue
from seawall.data.importers.base import Batch, ImportLog, ImportOptions
from seawall.data.importing.pipeline import import_source
from seawall.data.importing.reading import Source
from seawall.data.quality.report import QualityReport
from seawall.model.instrument import Instrument


def import_batches(
    catalogue: Catalogue,
    batches: Iterable[Batch],
    name: str = "frames",
    instruments: Iterable[Instrument] = (),
) -> QualityReport:
    """Store batches under a name; the same rows again change nothing.

    Parameters
    ----------
    catalogue : Catalogue
        Where to.
    batches : iterable of Batch
        Canonical rows.
    name : str
        What stands as the source in the report.
    instruments : iterable of Instrument
        Descriptions of the instruments; absent ones are told from the decimals.
    """
    held = list(batches)
    known = list(instruments)
    digest = hashlib.sha256()
    for batch in held:
        key = (batch.venue, batch.symbol, batch.kind, batch.clock_offset_ns, batch.frame.columns)
        digest.update(repr(key).encode())
        digest.update(batch.frame.hash_rows(seed=0).to_numpy().tobytes())
    digest.update(repr(known).encode())
    source = Source(name, digest.hexdigest(), "memory", lambda: iter(held), lambda: known)
    return import_source(catalogue, source, ImportOptions(log=ImportLog()))

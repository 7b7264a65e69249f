# SPDX-License-Identifier: MIT
"""Whether the catalogue on disk is what its records say."""

from __future__ import annotations

from seawall.data.catalogue.catalogue import Catalogue
from seawall.data.catalogue.files import sha256_of
from seawall.data.catalogue.record import ImportState


def damaged_parts(catalogue: Catalogue) -> list[str]:
    """Find files of finished imports that are absent or have other bytes."""
    out = []
    for record in catalogue.records():
        if record.state is not ImportState.DONE:
            continue
        for part in record.parts:
            path = catalogue.root / part.path
            whole = path.is_file() and path.stat().st_size == part.size
            if not whole or sha256_of(path) != part.sha256:
                out.append(part.path)
    return out


def unfinished(catalogue: Catalogue) -> list[str]:
    """Name the sources of imports that were killed and not taken up again."""
    return [r.source for r in catalogue.records() if r.state is not ImportState.DONE]

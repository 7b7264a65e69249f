# SPDX-License-Identifier: MIT
"""Files of the simulated market; the reader lives beside their writer."""

from __future__ import annotations

from seawall.data.simulated.importer import SimulatedImporter

__all__ = ["SimulatedImporter"]

# SPDX-License-Identifier: MIT
"""Decoders: what a venue sends, as event records.

One package per venue.  A decoder turns text into :data:`seawall.model.events.EVENT` records
in the order in which they may be known, keeps the venue's sequence rules, and counts every
message as understood or faulty.  It opens no connection and holds no book.

The session feeds decoders one message at a time; importers feed them whole recordings.
Both go through the same compiled function.
"""

from __future__ import annotations

from seawall.data.venues.faults import Count, DecodeStats, Fault, FaultRecord

__all__ = ["Count", "DecodeStats", "Fault", "FaultRecord"]

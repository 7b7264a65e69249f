# SPDX-License-Identifier: MIT
"""Recorded exchange sessions: every message as it came, decoded venue by venue.

A decoder sees one message at a time with its receive time and appends canonical rows to
an :class:`~seawall.data.importers.recorded.rows.EventRows`.  ``VENUES`` names the decoder
of each exchange; ``seawall.data.importers.recordings`` reads the files.  Decoders here are
for import: readable, one message at a time, any venue; the compiled live path is
``seawall.data.venues``.
"""

from seawall.data.importers.recorded.decoder import Decoder
from seawall.data.importers.recorded.rows import EventRows
from seawall.data.importers.recorded.venues import VENUES, make_decoder

__all__ = ["VENUES", "Decoder", "EventRows", "make_decoder"]

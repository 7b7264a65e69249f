# SPDX-License-Identifier: MIT
"""The vocabulary that all rooms share.

Time in nanoseconds, event records, instruments and their scale, orders and the table
along which their state moves, the market that a run reads, the settings machinery, the
manifest that a run leaves, and the one exception tree.

This room imports nothing of ours and computes no strategy, price or profit.  Import
from its modules directly (``from seawall.model.instrument import Instrument``): they
differ in weight, and this page loads none of them.
"""

# SPDX-License-Identifier: MIT
"""The demonstration: one strategy, naive and defended, on the same market and costs.

On events it is a two-sided quoter, on bars a trend follower.  The naive variant
believes what it sees; the defended one bounds the influence of any single record and
stands aside while the book is not trustworthy.  Neither is a recommendation: they are
the smallest pair that shows what a defence does, or does not do, on given data.

Called by ``seawall demo``; reads a catalogue, or makes a simulated market and imports
it like any other data.
"""

from seawall.research.demo.pairs import Pair, pair_for
from seawall.research.demo.run import DemoResult, run_demo

__all__ = ["DemoResult", "Pair", "pair_for", "run_demo"]

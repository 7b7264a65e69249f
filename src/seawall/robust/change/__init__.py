# SPDX-License-Identifier: MIT
"""Change detectors for standardised streams: CUSUM, Page-Hinkley, ADWIN.

Each has a batch function and a streaming class whose ``update(x)`` agrees with it.  None
of them reads a clock: time is the number of the observation.  Feed standardised residuals
or bounded losses, never prices or raw returns: on those they detect clusters of volatility.
A missing value changes nothing and is counted.
"""

from seawall.robust.change.adwin import Adwin, AdwinRun, adwin
from seawall.robust.change.arl import cusum_arl, cusum_threshold
from seawall.robust.change.cusum import Cusum, CusumRun, cusum
from seawall.robust.change.page_hinkley import PageHinkley, page_hinkley

__all__ = [
    "Adwin",
    "AdwinRun",
    "Cusum",
    "CusumRun",
    "PageHinkley",
    "adwin",
    "cusum",
    "cusum_arl",
    "cusum_threshold",
    "page_hinkley",
]

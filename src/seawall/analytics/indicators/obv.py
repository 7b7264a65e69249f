# SPDX-License-Identifier: MIT
"""On-balance volume.

Formula: volume of bars that closed higher less volume of bars that closed lower; begins at
the first volume.
Unit: that of the volume.
Assumption: the level depends on where it began: read its changes. A bar that is not finite is
skipped.
Cost: O(1); 3 numbers of state.
Source: Granville (1963); TA-Lib OBV, to which it is equal.
"""

from __future__ import annotations

from seawall.analytics.indicators import kernels
from seawall.analytics.spec import Analytic

ANALYTIC = Analytic(
    name="obv", group="indicators", inputs=("close", "volume"), doc=__doc__,
    outputs=("obv",), batch=kernels.obv_batch,
    state_size=lambda params, levels: 3,
)  # fmt: skip

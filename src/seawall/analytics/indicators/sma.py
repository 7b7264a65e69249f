# SPDX-License-Identifier: MIT
"""Simple moving average of the close.

Formula: mean of the last n closes.
Unit: that of the close.
Assumption: not-a-number until n closes are known. A bar that is not finite is skipped.
Cost: O(1); 8 + n numbers of state.
Source: TA-Lib SMA, to which it is equal.
"""

from __future__ import annotations

from seawall.analytics.indicators import kernels
from seawall.analytics.spec import Analytic, Param

ANALYTIC = Analytic(
    name="sma", group="indicators", inputs=("close",), doc=__doc__,
    outputs=("sma",), batch=kernels.sma_batch,
    state_size=lambda params, levels: kernels.RING + int(params[0]),
    params=(
        Param("period", 20, "closes that are averaged", 1, 1e5, whole=True),
    ),
)  # fmt: skip

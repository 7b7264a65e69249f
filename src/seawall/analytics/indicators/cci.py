# SPDX-License-Identifier: MIT
"""Commodity channel index.

Formula: (p - mean)/(0.015 mean |p - mean|) with p = (high + low + close)/3 over the last n
bars; 0 where nothing moved.
Unit: none.
Assumption: not-a-number until n bars are known. A bar that is not finite is skipped.
Cost: O(n): the mean deviation has no shorter way; 8 + n numbers of state.
Source: Lambert (1980); TA-Lib CCI, to which it is equal.
"""

from __future__ import annotations

from seawall.analytics.indicators import kernels
from seawall.analytics.spec import Analytic, Param

ANALYTIC = Analytic(
    name="cci", group="indicators", inputs=("high", "low", "close"), doc=__doc__,
    outputs=("cci",), batch=kernels.cci_batch,
    state_size=lambda params, levels: kernels.RING + int(params[0]),
    params=(
        Param("period", 20, "bars of the window", 2, 1e5, whole=True),
    ),
)  # fmt: skip

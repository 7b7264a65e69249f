# SPDX-License-Identifier: MIT
"""Moving average convergence and divergence.

Formula: line = EMA(fast) - EMA(slow), signal = EMA(smooth) of the line, histogram = the rest;
both means begin at the bar at which the slow one is ready.
Unit: that of the close.
Assumption: fast is shorter than slow. A bar that is not finite is skipped.
Cost: O(1); 4 numbers of state.
Source: Appel (1979); TA-Lib MACD, to which it is equal.
"""

from __future__ import annotations

from seawall.analytics.indicators import kernels
from seawall.analytics.spec import Analytic, Param

ANALYTIC = Analytic(
    name="macd", group="indicators", inputs=("close",), doc=__doc__,
    outputs=("macd", "signal", "histogram"), batch=kernels.macd_batch,
    state_size=lambda params, levels: 4,
    params=(
        Param("fast", 12, "closes of the fast mean", 2, 1e5, whole=True),
        Param("slow", 26, "closes of the slow mean", 2, 1e5, whole=True),
        Param("smooth", 9, "values of the signal", 1, 1e5, whole=True),
    ),
)  # fmt: skip

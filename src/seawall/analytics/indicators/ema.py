# SPDX-License-Identifier: MIT
"""Exponential moving average of the close.

Formula: e += 2/(n + 1) (x - e), from the mean of the first n closes on.
Unit: that of the close.
Assumption: the first values still know where it began. A bar that is not finite is skipped.
Cost: O(1); 2 numbers of state.
Source: TA-Lib EMA, to which it is equal.
"""

from __future__ import annotations

from seawall.analytics.indicators import kernels
from seawall.analytics.spec import Analytic, Param

ANALYTIC = Analytic(
    name="ema", group="indicators", inputs=("close",), doc=__doc__,
    outputs=("ema",), batch=kernels.ema_batch,
    state_size=lambda params, levels: 2,
    params=(
        Param("period", 20, "n of the weight 2 / (n + 1)", 1, 1e5, whole=True),
    ),
)  # fmt: skip

# SPDX-License-Identifier: MIT
"""Average true range.

Formula: Wilder's mean of max(high - low, |high - last close|, |low - last close|), from the
plain mean of the first n on.
Unit: that of the price.
Assumption: not-a-number for the first n bars. A bar that is not finite is skipped.
Cost: O(1); 4 numbers of state.
Source: Wilder (1978), New Concepts in Technical Trading Systems; TA-Lib ATR, to which it is
equal.
"""

from __future__ import annotations

from seawall.analytics.indicators import kernels
from seawall.analytics.spec import Analytic, Param

ANALYTIC = Analytic(
    name="atr", group="indicators", inputs=("high", "low", "close"), doc=__doc__,
    outputs=("atr",), batch=kernels.atr_batch,
    state_size=lambda params, levels: 4,
    params=(
        Param("period", 14, "bars of Wilder's mean", 2, 1e5, whole=True),
    ),
)  # fmt: skip

# SPDX-License-Identifier: MIT
"""Bollinger's bands.

Formula: mean of the last n closes, and w standard deviations (of n, not n - 1) above and
below.
Unit: that of the close.
Assumption: squares are summed about a value of the window, so that nothing cancels. A bar
that is not finite is skipped.
Cost: O(1); 8 + n numbers of state.
Source: Bollinger (2001); TA-Lib BBANDS, to which it is equal.
"""

from __future__ import annotations

from seawall.analytics.indicators import kernels
from seawall.analytics.spec import Analytic, Param

ANALYTIC = Analytic(
    name="bollinger", group="indicators", inputs=("close",), doc=__doc__,
    outputs=("upper", "middle", "lower"), batch=kernels.bollinger_batch,
    state_size=lambda params, levels: kernels.RING + int(params[0]),
    params=(
        Param("period", 20, "closes of the window", 2, 1e5, whole=True),
        Param("width", 2.0, "standard deviations", 0.0, 100.0),
    ),
)  # fmt: skip

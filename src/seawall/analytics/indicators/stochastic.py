# SPDX-License-Identifier: MIT
"""Stochastic oscillator, slow.

Formula: fast = 100 (close - lowest)/(highest - lowest) of the last n bars, 0 where they are
one; slow_k its mean of 3, slow_d the mean of 3 of that.
Unit: none, 0 to 100.
Assumption: not-a-number until all three are known. A bar that is not finite is skipped.
Cost: O(1) on average: the extremes stand in queues; 28 + 4 n + both means of state.
Source: Lane (1984); TA-Lib STOCH, to which it is equal.
"""

from __future__ import annotations

from seawall.analytics.indicators import kernels
from seawall.analytics.spec import Analytic, Param

ANALYTIC = Analytic(
    name="stochastic", group="indicators", inputs=("high", "low", "close"), doc=__doc__,
    outputs=("slow_k", "slow_d"), batch=kernels.stochastic_batch,
    state_size=lambda params, levels: kernels.stochastic_size(*(int(p) for p in params)),
    params=(
        Param("period", 5, "bars of the range", 1, 1e5, whole=True),
        Param("k", 3, "values of the first mean", 1, 1e5, whole=True),
        Param("d", 3, "values of the second mean", 1, 1e5, whole=True),
    ),
)  # fmt: skip

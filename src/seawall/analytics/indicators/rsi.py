# SPDX-License-Identifier: MIT
"""Relative strength index.

Formula: 100 g/(g + l), g and l Wilder's means of rises and falls of the close, from the plain
means of the first n on; 0 where nothing moved.
Unit: none, 0 to 100.
Assumption: not-a-number for the first n closes. A bar that is not finite is skipped.
Cost: O(1); 4 numbers of state.
Source: Wilder (1978), New Concepts in Technical Trading Systems; TA-Lib RSI, to which it is
equal.
"""

from __future__ import annotations

from seawall.analytics.indicators import kernels
from seawall.analytics.spec import Analytic, Param

ANALYTIC = Analytic(
    name="rsi", group="indicators", inputs=("close",), doc=__doc__,
    outputs=("rsi",), batch=kernels.rsi_batch,
    state_size=lambda params, levels: 4,
    params=(
        Param("period", 14, "closes of Wilder's mean", 2, 1e5, whole=True),
    ),
)  # fmt: skip

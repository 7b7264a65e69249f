# SPDX-License-Identifier: MIT
"""Average directional movement index, with both arms.

Formula: plus and minus are Wilder's sums of the rises of the high and the falls of the low
that are the larger of the two, over that of the true range; adx is Wilder's mean of 100 |plus
- minus|/(plus + minus).
Unit: none, 0 to 100.
Assumption: the arms are defined from bar n on, the index from bar 2n - 1 on. A bar that is
not finite is skipped.
Cost: O(1); 8 numbers of state.
Source: Wilder (1978), New Concepts in Technical Trading Systems; TA-Lib ADX, PLUS_DI and
MINUS_DI, to which it is equal.
"""

from __future__ import annotations

from seawall.analytics.indicators import kernels
from seawall.analytics.spec import Analytic, Param

ANALYTIC = Analytic(
    name="adx", group="indicators", inputs=("high", "low", "close"), doc=__doc__,
    outputs=("adx", "plus", "minus"), batch=kernels.adx_batch,
    state_size=lambda params, levels: kernels.RING,
    params=(
        Param("period", 14, "bars of Wilder's sums", 2, 1e5, whole=True),
    ),
)  # fmt: skip

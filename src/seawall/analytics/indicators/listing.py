# SPDX-License-Identifier: MIT
"""Technical indicators: the list."""

from __future__ import annotations

from typing import Final

from seawall.analytics.indicators import (
    adx,
    atr,
    bollinger,
    cci,
    ema,
    macd,
    obv,
    rsi,
    sma,
    stochastic,
)
from seawall.analytics.spec import Analytic

ANALYTICS: Final[tuple[Analytic, ...]] = (
    sma.ANALYTIC,
    ema.ANALYTIC,
    rsi.ANALYTIC,
    macd.ANALYTIC,
    bollinger.ANALYTIC,
    atr.ANALYTIC,
    adx.ANALYTIC,
    stochastic.ANALYTIC,
    obv.ANALYTIC,
    cci.ANALYTIC,
)
"""In the order of the listing."""

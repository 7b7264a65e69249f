# SPDX-License-Identifier: MIT
"""Volatility surfaces and models behind them: the list."""

from __future__ import annotations

from typing import Final

from seawall.analytics.spec import Analytic

ANALYTICS: Final[tuple[Analytic, ...]] = ()
"""In the order of the listing."""

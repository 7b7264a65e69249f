# SPDX-License-Identifier: MIT
"""Volatility surfaces and models behind them."""

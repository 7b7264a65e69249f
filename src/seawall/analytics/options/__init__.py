# SPDX-License-Identifier: MIT
"""Options on forwards, also those that settle in coin: implied volatility, greeks, SABR, Heston."""

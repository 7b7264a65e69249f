# SPDX-License-Identifier: MIT
"""Volatility surfaces: smiles in SVI, the surface between them, its arbitrage and greeks."""

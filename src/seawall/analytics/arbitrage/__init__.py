# SPDX-License-Identifier: MIT
"""Prices that should agree."""

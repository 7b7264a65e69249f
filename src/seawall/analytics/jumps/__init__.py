# SPDX-License-Identifier: MIT
"""Jumps, large moves and realised variance."""

# SPDX-License-Identifier: MIT
"""Chance, queue and time of a fill."""

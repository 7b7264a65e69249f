# SPDX-License-Identifier: MIT
"""Checks on every imported row: what is impossible, what is suspicious, and the report."""

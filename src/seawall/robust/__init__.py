# SPDX-License-Identifier: MIT
"""Estimates that a minority of bad rows cannot move far."""

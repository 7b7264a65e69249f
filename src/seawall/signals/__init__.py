# SPDX-License-Identifier: MIT
"""Signals: what analytics say about what comes next, with a confidence and a reason."""

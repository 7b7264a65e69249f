# SPDX-License-Identifier: MIT
"""Technical indicators."""

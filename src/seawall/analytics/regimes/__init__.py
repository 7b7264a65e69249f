# SPDX-License-Identifier: MIT
"""States of a market, and when they change."""

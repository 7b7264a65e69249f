# SPDX-License-Identifier: MIT
"""Components of the spread, informed trading and price discovery."""

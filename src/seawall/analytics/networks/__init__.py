# SPDX-License-Identifier: MIT
"""How instruments hang together."""

# SPDX-License-Identifier: MIT
"""Times between events."""

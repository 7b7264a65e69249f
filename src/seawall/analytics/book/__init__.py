# SPDX-License-Identifier: MIT
"""What a book at rest says: spread, depth, slope, imbalance, fair price."""

# SPDX-License-Identifier: MIT
"""Order-book physics, scaling, tails and complexity."""

# SPDX-License-Identifier: MIT
"""Self-exciting point processes with exponential kernels."""

# SPDX-License-Identifier: MIT
"""What trades and changes of the book say: signs, order flow, toxicity, impact, averages."""

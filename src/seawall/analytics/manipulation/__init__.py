# SPDX-License-Identifier: MIT
"""Evidence of manipulation, with reasons, never a verdict."""

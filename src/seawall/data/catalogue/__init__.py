# SPDX-License-Identifier: MIT
"""Parquet files by venue, symbol, kind and day, and the replay arrays made of them."""

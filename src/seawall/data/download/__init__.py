# SPDX-License-Identifier: MIT
"""Fetching from exchanges and their public archives, with resume and checksums."""

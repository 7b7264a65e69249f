# SPDX-License-Identifier: MIT
"""Canonical frames to the event records and bar arrays that the kernel replays."""

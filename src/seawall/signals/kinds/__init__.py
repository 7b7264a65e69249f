# SPDX-License-Identifier: MIT
"""Kinds of signal, one file each."""

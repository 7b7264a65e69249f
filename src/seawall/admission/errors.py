# SPDX-License-Identifier: MIT
"""The error of this room."""

from __future__ import annotations

from seawall.model.errors import DataError


class AdmissionError(DataError):
    """A source, key or state of admission is not what it claims to be."""

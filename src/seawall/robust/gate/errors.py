# SPDX-License-Identifier: MIT
"""Errors of the gate and of what it keeps on disk."""

from __future__ import annotations

from seawall.robust.errors import EstimationError


class GateError(EstimationError):
    """The gate was given features, profiles or states that do not fit one another."""


class GoldenError(GateError):
    """A golden set cannot be built, is cut short, or has a changed byte."""


class CheckpointError(GateError):
    """A checkpoint is missing, cut short or changed."""

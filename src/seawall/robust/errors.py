# SPDX-License-Identifier: MIT
"""Errors of the estimators, a branch of the one exception tree."""

from __future__ import annotations

from seawall.model.errors import SeawallError


class EstimationError(SeawallError):
    """An estimate is not possible, or would mislead, from the data given."""

    exit_code = 9

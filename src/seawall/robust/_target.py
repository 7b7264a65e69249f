# SPDX-License-Identifier: MIT
"""The matrix towards which MRCD regularises, and the change of axes that makes it unity."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from seawall.robust.base import Floats, require


@dataclass(frozen=True, slots=True)
class Target:
    """``r J + (1 - r) I`` of some dimension, with its powers in closed form.

    Parameters
    ----------
    d : int
        Dimension.
    r : float
        Common correlation; 0 is the identity.
    """

    d: int
    r: float

    def power(self, rows: Floats, exponent: float) -> Floats:
        """Multiply rows by the symmetric power of the target."""
        if self.r == 0.0:
            return rows
        rest = (1.0 - self.r) ** exponent
        common = (1.0 + (self.d - 1) * self.r) ** exponent
        mean = rows.mean(axis=1, keepdims=True)
        return np.asarray(rest * rows + (common - rest) * mean)

    def turned(self, rows: Floats) -> Floats:
        """Multiply rows by ``Q L^-1/2`` of the target ``Q L Q'``, as the method has it.

        The eigenvectors of a repeated eigenvalue are the solver's choice, and so is what
        starts make of them; nothing else may depend on this.
        """
        if self.r == 0.0:
            return rows
        shape = np.full((self.d, self.d), self.r)
        np.fill_diagonal(shape, 1.0)
        value, vector = np.linalg.eigh(shape)
        return np.asarray(rows @ vector / np.sqrt(value))

    def log_det(self) -> float:
        """Natural logarithm of the determinant."""
        return (self.d - 1) * math.log1p(-self.r) + math.log1p((self.d - 1) * self.r)


def target_of(U: Floats, kind: str) -> Target:
    """Target for standardised rows: identity, or the mean robust correlation.

    The correlation of a pair is ``sin(pi r / 2)`` of Spearman's r, as the authors'
    implementation has it; the mean over pairs is kept where the target is positive
    definite.
    """
    known = ("identity", "equicorrelation")
    require(kind in known, f"no target {kind!r}", f"take one of {', '.join(known)}")
    d = U.shape[1]
    if kind == "identity" or d == 1:
        return Target(d, 0.0)
    rank = unit_columns(ranks(U))
    spearman = (rank.T @ rank)[np.triu_indices(d, 1)]
    r = float(np.sin(0.5 * np.pi * spearman).mean())
    return Target(d, min(max(r, min(0.0, -1.0 / (d - 1) + 0.01)), 0.99))


def ranks(Z: Floats) -> Floats:
    """Ranks per column from 1, ties by their mean."""
    n, d = Z.shape
    order = np.argsort(Z, axis=0, kind="stable")
    out = np.empty((n, d))
    np.put_along_axis(out, order, np.arange(1.0, n + 1.0)[:, None], axis=0)
    ordered = np.take_along_axis(Z, order, axis=0)
    for column in np.flatnonzero((np.diff(ordered, axis=0) == 0.0).any(axis=0)):
        _, inverse, count = np.unique(Z[:, column], return_inverse=True, return_counts=True)
        last = np.cumsum(count)
        out[:, column] = (last - 0.5 * (count - 1.0))[inverse]
    return out


def unit_columns(Y: Floats) -> Floats:
    """Columns centred and of length one, so that B'B is their correlation."""
    centred = Y - Y.mean(axis=0)
    length = np.sqrt(np.square(centred).sum(axis=0))
    return np.asarray(centred / np.where(length > 0.0, length, 1.0))

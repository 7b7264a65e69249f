# SPDX-License-Identifier: MIT
"""Deterministic starting subsets of MRCD, after Hubert, Rousseeuw and Verdonck (2012).

Each start is a set of axes from a quick robust shape.  Where columns outnumber rows the
axes are sought in the space that the rows span: what lies outside is arbitrary and holds
no observation.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from seawall.robust._target import ranks, unit_columns
from seawall.robust.base import Floats, Ints
from seawall.robust.ogk import ogk_shape
from seawall.robust.scale import qn_columns


def classical(W: Floats, h: int) -> list[Ints]:
    """Give the five classical starts without OGK, sorted row numbers each.

    Parameters
    ----------
    W : float64 array, shape (n, d)
        Standardised rows.
    h : int
        Size of a subset.
    """
    Z = _unit_spread(W)
    basis = _row_space(Z)
    return [_subset(Z, _axes(factor, basis), h) for factor in _classical_factors(Z)]


def further(W: Floats, h: int, with_ogk: bool) -> list[Ints]:
    """Give starts beyond the five: rows pulled in to the median norm, and raw OGK.

    OGK costs O(n d^2) scales, more than all the rest.
    """
    Z = _unit_spread(W)
    basis = _row_space(Z)
    norm = np.sqrt(np.square(Z).sum(axis=1))
    pulled = np.minimum(1.0, np.median(norm) / np.where(norm > 0.0, norm, 1.0))
    factors = [Z * pulled[:, None]]
    if with_ogk:
        value, vector = np.linalg.eigh(ogk_shape(Z, qn_columns))
        factors.append(np.sqrt(np.maximum(value, 0.0))[:, None] * vector.T)
    return [_subset(Z, _axes(factor, basis), h) for factor in factors]


def _unit_spread(W: Floats) -> Floats:
    Z = W - np.median(W, axis=0)
    spread = qn_columns(Z)
    return np.asarray(Z / np.where(spread > 0.0, spread, 1.0))


def _row_space(Z: Floats) -> Floats | None:
    return np.asarray(np.linalg.qr(Z.T)[0]) if Z.shape[1] > Z.shape[0] else None


def _classical_factors(Z: Floats) -> Iterator[Floats]:
    """Give factors B of shapes B'B, whose eigenvectors are the axes."""
    from scipy.special import ndtri

    n = Z.shape[0]
    rank = ranks(Z)
    yield unit_columns(np.tanh(Z))
    yield unit_columns(rank)
    yield unit_columns(ndtri((rank - 1.0 / 3.0) / (n + 1.0 / 3.0)))
    norm = np.sqrt(np.square(Z).sum(axis=1))
    yield Z / np.where(norm > 0.0, norm, 1.0)[:, None]
    inner = Z[np.argsort(norm, kind="stable")[: (n + 1) // 2]]
    yield inner - inner.mean(axis=0)


def _axes(factor: Floats, basis: Floats | None) -> Floats:
    """Orthonormal eigenvectors as columns, shape (d, r)."""
    if basis is None:
        return np.asarray(np.linalg.eigh(factor.T @ factor)[1])
    inside = factor @ basis
    return np.asarray(basis @ np.linalg.eigh(inside.T @ inside)[1])


def _subset(Z: Floats, axes: Floats, h: int) -> Ints:
    """Rows nearest to a robust centre in the metric of the axes."""
    scores = Z @ axes
    size = qn_columns(scores)
    size = np.maximum(size, 1e-10 * float(size.max()))
    centre = np.median((scores / size) @ axes.T, axis=0) @ axes * size
    return nearest(np.square((scores - centre) / size).sum(axis=1), h)


def nearest(squared: Floats, h: int) -> Ints:
    """Row numbers of the h smallest distances, ascending; ties by row number."""
    edge = np.partition(squared, h - 1)[h - 1]
    inside = np.flatnonzero(squared < edge)
    tied = np.flatnonzero(squared == edge)[: h - inside.size]
    return np.sort(np.concatenate((inside, tied))).astype(np.int64)

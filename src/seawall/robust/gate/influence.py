# SPDX-License-Identifier: MIT
"""Who moved the model: parts of a drift by source, feature and row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seawall.robust.base import Floats, Ints
from seawall.robust.gate.events import Influence
from seawall.robust.gate.reference import Reference

TOP = 3
MEAN_MEASURES = ("mahalanobis",)


def influences(
    reference: Reference,
    before: Floats,
    location: Floats,
    covariance: Floats,
    rows: Floats,
    gains: Floats,
    sources: Ints,
    ts_ns: Ints,
    names: Sequence[str],
    measure: str,
    top: int = TOP,
) -> tuple[Influence, ...]:
    """Split a drift into the parts of its rows.

    The weighted mean is a sum over rows, so its displacement since ``before`` splits without
    rest: row i adds ``c_i (z_i - before)`` with ``c_i`` its gain times what later rows left of
    it.  For a drift of the covariance the same holds along its most changed axis v for
    ``c_i ((v' (z_i - location))^2 - 1)``.

    Parameters
    ----------
    reference : Reference
        Metric.
    before : float64 array, shape (d,)
        Location that was accepted last.
    location, covariance : float64 arrays
        The drifted model.
    rows : float64 array, shape (n, d)
        Rows since then, as they entered.
    gains : float64 array, shape (n,)
        Share of the estimate that each of them took.
    sources, ts_ns : int64 arrays, shape (n,)
        Number of the source in ``names``, and time.
    names : sequence of str
        Sources.
    measure : str
        The limit that was passed.
    top : int
        How many of each kind.

    Returns
    -------
    tuple of Influence
        Sources, features and rows, the largest first within each kind.
    """
    from scipy.linalg import solve_triangular

    L = reference.factor
    kept = np.concatenate([np.cumprod((1.0 - gains)[::-1])[::-1][1:], [1.0]]) * gains
    spread = np.sqrt(np.diagonal(reference.covariance))
    apart = np.asarray(solve_triangular(L, location - reference.location, lower=True))
    length = float(np.sqrt(apart @ apart))
    if measure in MEAN_MEASURES and length > 0.0:
        away = np.asarray(solve_triangular(L, (rows - before).T, lower=True)).T
        parts = kept * (away @ (apart / length))
        features = np.square((location - reference.location) / spread)
    else:
        half = solve_triangular(L, covariance, lower=True)
        g, V = np.linalg.eigh(solve_triangular(L, half.T, lower=True))
        logs = np.log(np.maximum(g, 1e-300))
        worst = 0 if measure == "spectrum_min" else int(np.argmax(np.abs(logs)))
        if measure == "spectrum_max":
            worst = g.size - 1
        away = np.asarray(solve_triangular(L, (rows - location).T, lower=True)).T
        sign = 1.0 if logs[worst] > 0.0 else -1.0
        parts = sign * kept * (np.square(away @ V[:, worst]) - 1.0)
        axis = np.asarray(solve_triangular(L, V[:, worst], lower=True, trans="T"))
        features = np.square(axis * spread)
    push = float(parts[parts > 0.0].sum())
    if not push > 0.0:
        push = 1.0
    return (
        *_by_source(parts / push, sources, names, top),
        *_by_feature(features, reference.names, top),
        *_by_row(parts / push, sources, ts_ns, names, top),
    )


def _by_source(shares: Floats, sources: Ints, names: Sequence[str], top: int) -> list[Influence]:
    found = np.unique(sources)
    made = [
        Influence("source", names[s] or "unnamed", float(shares[sources == s].sum()),
                  int((sources == s).sum()))
        for s in found.tolist()
    ]  # fmt: skip
    return sorted(made, key=lambda i: (-i.share, i.name))[:top]


def _by_feature(features: Floats, names: Sequence[str], top: int) -> list[Influence]:
    total = float(features.sum())
    order = np.argsort(-features, kind="stable")[:top]
    return [
        Influence("feature", names[j], float(features[j] / total) if total > 0.0 else 0.0)
        for j in order.tolist()
    ]


def _by_row(
    shares: Floats, sources: Ints, ts_ns: Ints, names: Sequence[str], top: int
) -> list[Influence]:
    order = np.argsort(-shares, kind="stable")[:top]
    return [
        Influence("row", f"{int(ts_ns[i])} {names[int(sources[i])] or 'unnamed'}",
                  float(shares[i]), 1)
        for i in order.tolist()
    ]  # fmt: skip

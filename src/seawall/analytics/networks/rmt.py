# SPDX-License-Identifier: MIT
"""Correlation matrix cleaned of what chance explains (Marchenko and Pastur).

Formula: T rows of N independent columns have eigenvalues within s^2 (1 -+ sqrt(N / T))^2;
those at or below the upper edge become their mean, which keeps the trace; the diagonal is
set to 1 again.  s^2 = 1, or 1 - (largest eigenvalue) / N with ``without_market``.
Unit: none.
Assumption: returns of finite variance without memory; heavy tails and clustered volatility
push eigenvalues of pure noise beyond the edge, so ``informative`` is an upper count.  The
more rows per column the less there is to clean; with T < N the matrix has no inverse before.
Cost: O(T N^2 + N^3).
Source: Marchenko and Pastur (1967), Mathematics of the USSR Sbornik 1; Laloux, Cizeau,
Bouchaud and Potters (1999), Physical Review Letters 83(7).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.networks.panel import Matrix, correlation, sound_rows
from seawall.analytics.spec import Analytic, Need, Param


@dataclass(frozen=True, slots=True)
class CleanCorrelation:
    """Spectrum and cleaned matrix.

    Parameters
    ----------
    low, high : float
        Edges of the noise.
    informative : int
        Eigenvalues above the upper edge.
    market_share : float
        Share of the variance in the largest eigenvalue.
    noise_share : float
        Share of the variance at or below the upper edge.
    participation : float
        1 / sum v^4 of the largest eigenvector: how many instruments carry it.
    rows, instruments : int
        T and N.
    eigenvalues : array
        Descending.
    cleaned : array of shape (N, N)
        Cleaned correlation.
    """

    low: float
    high: float
    informative: int
    market_share: float
    noise_share: float
    participation: float
    rows: int
    instruments: int
    eigenvalues: npt.NDArray[np.float64]
    cleaned: Matrix


def edges(rows: int, instruments: int, variance: float = 1.0) -> tuple[float, float]:
    """Least and greatest eigenvalue that pure noise has in large samples."""
    root = np.sqrt(instruments / rows)
    return float(variance * (1.0 - root) ** 2), float(variance * (1.0 + root) ** 2)


def fit(returns: npt.ArrayLike, *, without_market: float = 0) -> CleanCorrelation:
    """Clean the correlation matrix of returns.

    Raises
    ------
    ResearchError
        With fewer than two instruments or ten complete rows, or when one never moves.
    """
    x = sound_rows(returns, 10, "rmt")
    rows, n = x.shape
    values, vectors = np.linalg.eigh(correlation(x))
    values = np.maximum(values, 0.0)
    low, high = edges(rows, n, 1.0 - values[-1] / n if without_market else 1.0)
    noise = values <= high
    if without_market:
        noise[-1] = False  # the market was taken for information when the edge was found
    flat = values.copy()
    if noise.any():
        flat[noise] = values[noise].mean()
    cleaned = (vectors * flat) @ vectors.T
    scale = np.sqrt(np.diag(cleaned))
    cleaned /= np.outer(scale, scale)
    np.fill_diagonal(cleaned, 1.0)
    return CleanCorrelation(
        low, high, int(n - noise.sum()), float(values[-1] / n), float(values[noise].sum() / n),
        float(1.0 / np.sum(vectors[:, -1] ** 4)), rows, n, values[::-1].copy(), cleaned,
    )  # fmt: skip


ANALYTIC = Analytic(
    name="rmt", group="networks", inputs=("returns",), doc=__doc__, fit=fit,
    params=(
        Param("without_market", 0, "1: the edge is that of what the market leaves", 0, 1, True),
    ),
    need=Need(bars=1_000),
)  # fmt: skip

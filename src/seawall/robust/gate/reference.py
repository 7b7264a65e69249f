# SPDX-License-Identifier: MIT
"""The reference model: location and covariance of a golden set, fitted once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.robust.base import Floats, as_rows
from seawall.robust.clipping import clip_influence
from seawall.robust.distance import factor_of
from seawall.robust.gate.errors import GoldenError
from seawall.robust.gate.golden import GoldenSet
from seawall.robust.gate.standard import Standardisation, identity
from seawall.robust.mrcd import MRCD

POOLED = "all"


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """What a golden set says: a Gaussian, and golden rows in its axes.

    Parameters
    ----------
    standard : Standardisation
        Features and constants.
    location, covariance : float64 arrays, shape (d,) and (d, d)
        Of the golden rows, clipped as the learner clips.
    clip_centre, clip_factor : float64 arrays, shape (d,) and (d, d)
        Location and lower Cholesky factor by MRCD, at which rows are clipped.
    radius, consistency : float
        Radius of clipping, and what it leaves of a Gaussian's variance.
    quantile : float
        Share of Gaussian rows within the radius.
    factor : float64 array, shape (d, d)
        Lower Cholesky factor of the covariance.
    anchors : float64 array, shape (n, d)
        Golden rows in the axes of the reference, by falling length.
    lengths : float64 array, shape (n,)
        Their lengths: Mahalanobis distances from the reference.
    anchor_mean, anchor_cov : float64 arrays
        Plain moments of the anchors, for the golden loss.
    segments : tuple of float64 arrays
        Golden rows window by window, in the order of time, for the block bootstrap.
    name : str
        Regime, or ``"all"``.
    digest : str
        Of the golden set; empty for a reference that was given as numbers.
    """

    standard: Standardisation
    location: Floats
    covariance: Floats
    clip_centre: Floats
    clip_factor: Floats
    radius: float
    consistency: float
    quantile: float
    factor: Floats
    anchors: Floats
    lengths: Floats
    anchor_mean: Floats
    anchor_cov: Floats
    segments: tuple[Floats, ...]
    name: str = POOLED
    digest: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Features, in the order of the columns."""
        return self.standard.names

    @property
    def dimensions(self) -> int:
        """Number of features."""
        return self.location.size


def fit_reference(
    golden: GoldenSet, regime: str | None = None, *, quantile: float = 0.9973
) -> Reference:
    """Fit the reference of a golden set, or of one of its regimes.

    MRCD finds location and scatter of the bulk; all rows are clipped at it and give mean and
    covariance, just as a learner that reads the same rows would.  Where tails are heavier
    than a Gaussian's the two differ, and a learner without drift would seem to drift from
    MRCD alone.

    Parameters
    ----------
    golden : GoldenSet
        Verified rows.
    regime : str, optional
        Only the windows of this regime.
    quantile : float
        Share of Gaussian rows within the radius of clipping.

    Raises
    ------
    EstimationError
        A feature is constant within the rows, or rows are too few.
    """
    chosen = tuple(w.rows for w in golden.windows if regime in (None, w.regime))
    if not chosen:
        have = ", ".join(r.name for r in golden.regimes())
        raise GoldenError(f"no window of regime {regime!r}", mend=f"the golden set has {have}")
    return _reference(chosen, golden.standard, regime or POOLED, golden.digest, quantile)


def regime_references(golden: GoldenSet, *, quantile: float = 0.9973) -> tuple[Reference, ...]:
    """Fit one reference per regime, in the order of appearance."""
    return tuple(fit_reference(golden, r.name, quantile=quantile) for r in golden.regimes())


def reference_of(
    X: npt.ArrayLike,
    names: tuple[str, ...],
    *,
    standard: Standardisation | None = None,
    quantile: float = 0.9973,
) -> Reference:
    """Fit a reference to standardised rows that stand in no golden set, as in a simulation."""
    rows = as_rows(X, columns=len(names))
    return _reference((rows,), standard or identity(names), POOLED, "", quantile)


def refit(reference: Reference, segments: tuple[Floats, ...]) -> Reference:
    """Fit the same kind of reference to other golden rows."""
    return _reference(segments, reference.standard, reference.name, "", reference.quantile)


def _reference(
    segments: tuple[Floats, ...], standard: Standardisation, name: str, digest: str, quantile: float
) -> Reference:
    from scipy.linalg import solve_triangular

    rows = np.concatenate(segments)
    bulk = MRCD().fit(rows)
    clipped = clip_influence(rows, bulk.location_, bulk.covariance_, quantile)
    location = np.asarray(clipped.rows.mean(axis=0))
    away = clipped.rows - location
    covariance = away.T @ away / (rows.shape[0] * clipped.consistency)
    factor = factor_of(covariance)
    axes = np.asarray(solve_triangular(factor, (rows - location).T, lower=True).T)
    lengths = np.sqrt(np.square(axes).sum(axis=1))
    order = np.argsort(-lengths, kind="stable")
    return Reference(
        standard=standard,
        location=location,
        covariance=covariance,
        clip_centre=bulk.location_,
        clip_factor=factor_of(bulk.covariance_),
        radius=clipped.radius,
        consistency=clipped.consistency,
        quantile=quantile,
        factor=factor,
        anchors=np.ascontiguousarray(axes[order]),
        lengths=lengths[order],
        anchor_mean=np.asarray(axes.mean(axis=0)),
        anchor_cov=np.cov(axes, rowvar=False, bias=True).reshape(factor.shape),
        segments=segments,
        name=name,
        digest=digest,
    )

# SPDX-License-Identifier: MIT
"""One comparison of an adaptive model with a reference, and the limits it is held to."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np

from seawall.robust.base import Floats
from seawall.robust.gate import _kernels as at
from seawall.robust.gate._kernels import distances
from seawall.robust.gate.errors import GateError
from seawall.robust.gate.reference import Reference


class Level(IntEnum):
    """How far a model is from the reference."""

    FINE = 0
    WARN = 1
    ACT = 2


@dataclass(frozen=True, slots=True)
class Check:
    """Distances of an adaptive model A from a reference R.

    Parameters
    ----------
    mahalanobis : float
        Of the locations, in the metric of R.
    spectrum_min, spectrum_max : float
        Ends of the eigenvalues of ``R^-1/2 A R^-1/2``; both 1 without drift.
    kl, kl_reverse : float
        KL(A || R) and KL(R || A), nats.
    anchor_share : float
        Share of golden rows that lie beyond the anchor distance under A.
    golden_loss : float
        Mean negative log-likelihood of golden rows under A, less that under R, nats.
    possible : bool
        False when A has no Cholesky factor; all distances are then infinite.
    regime : str
        Name of the reference.
    """

    mahalanobis: float
    spectrum_min: float
    spectrum_max: float
    kl: float
    kl_reverse: float
    anchor_share: float
    golden_loss: float
    possible: bool = True
    regime: str = "all"


@dataclass(frozen=True, slots=True)
class Limits:
    """A corridor; an infinite limit (0 for ``spectrum_min``) judges nothing.

    Parameters
    ----------
    mahalanobis, spectrum_max, kl, kl_reverse, anchor_share : float
        Largest values allowed.
    spectrum_min : float
        Smallest value allowed.
    cusum, page_hinkley : float
        Of the golden loss over checks, in its standard deviations; largest allowed.
    """

    mahalanobis: float = math.inf
    spectrum_min: float = 0.0
    spectrum_max: float = math.inf
    kl: float = math.inf
    kl_reverse: float = math.inf
    anchor_share: float = math.inf
    cusum: float = math.inf
    page_hinkley: float = math.inf

    def wider(self, other: Limits) -> Limits:
        """Return the corridor that allows what either allows."""
        kept = {
            f.name: (min if f.name == "spectrum_min" else max)(
                getattr(self, f.name), getattr(other, f.name)
            )
            for f in fields(self)
        }
        return Limits(**kept)


def breaches(check: Check, limits: Limits) -> tuple[str, ...]:
    """Name the limits that a check is beyond; ``"singular"`` when nothing could be had."""
    if not check.possible:
        return ("singular",)
    out = []
    if not check.mahalanobis <= limits.mahalanobis:
        out.append("mahalanobis")
    if not check.spectrum_min >= limits.spectrum_min:
        out.append("spectrum_min")
    if not check.spectrum_max <= limits.spectrum_max:
        out.append("spectrum_max")
    if not check.kl <= limits.kl:
        out.append("kl")
    if not check.kl_reverse <= limits.kl_reverse:
        out.append("kl_reverse")
    if not check.anchor_share <= limits.anchor_share:
        out.append("anchor_share")
    return tuple(out)


def measure(
    location: Floats, covariance: Floats, reference: Reference, anchor_distance: float, out: Floats
) -> bool:
    """Write all distances into ``out`` (see :mod:`seawall.robust.gate._kernels`)."""
    r = reference
    return bool(
        distances(location, covariance, r.location, r.factor, r.anchors, r.lengths,
                  r.anchor_mean, r.anchor_cov, anchor_distance, out)
    )  # fmt: skip


def compare(
    location: Floats, covariance: Floats, reference: Reference, anchor_distance: float = math.inf
) -> Check:
    """Compare an adaptive model with a reference; a comparison that fails is a bad one.

    Parameters
    ----------
    location, covariance : float64 arrays, shape (d,) and (d, d)
        The adaptive model, in the standardised features of the reference.
    reference : Reference
        The corridor's middle.
    anchor_distance : float
        Mahalanobis distance under A beyond which a golden row counts as an anomaly.

    Raises
    ------
    GateError
        Other features than the reference has.
    """
    if location.shape != reference.location.shape or covariance.shape != reference.factor.shape:
        raise GateError(
            f"a model of {location.size} features where the reference has {reference.dimensions}",
            mend="give the same features in the same order",
        )
    out = np.empty(at.MEASURES)
    if not measure(location, covariance, reference, anchor_distance, out):
        far = math.inf
        return Check(far, 0.0, far, far, far, 1.0, far, possible=False, regime=reference.name)
    return from_measures(out, reference.name)


def from_measures(out: Floats, regime: str) -> Check:
    """Name the numbers that the kernel wrote."""
    distance, high, low, kl, reverse, anchor, loss = out.tolist()
    return Check(distance, math.exp(-low), math.exp(high), kl, reverse, anchor, loss,
                 regime=regime)  # fmt: skip

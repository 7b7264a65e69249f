# SPDX-License-Identifier: MIT
"""How far one fitted Gaussian has moved from another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.robust.base import Floats, as_rows, require
from seawall.robust.distance import factor_of


@dataclass(frozen=True, slots=True)
class Drift:
    """Distance of an adaptive model A from a reference R.

    Parameters
    ----------
    mahalanobis : float
        Of the locations, in the metric of R.
    spectrum : float64 array, shape (d,)
        Eigenvalues of ``R^-1/2 A R^-1/2``, ascending; all one without drift.  Unlike two
        lists of eigenvalues they also show a rotation.
    kl : float
        KL(A || R) in nats.
    kl_reverse : float
        KL(R || A) in nats.
    """

    mahalanobis: float
    spectrum: Floats
    kl: float
    kl_reverse: float


def drift(
    location: npt.ArrayLike,
    covariance: npt.ArrayLike,
    reference_location: npt.ArrayLike,
    reference_covariance: npt.ArrayLike,
) -> Drift:
    """Compare an adaptive model with a reference; both Gaussian, of the same features.

    ``KL(A || R) = (D^2 + sum_j (g_j - 1 - ln g_j)) / 2`` with D and g as in
    :class:`Drift`.  Cost: O(d^3).

    Parameters
    ----------
    location, covariance : array_like, shapes (d,) and (d, d)
        The adaptive model.
    reference_location, reference_covariance : array_like, shapes (d,) and (d, d)
        The reference.

    Returns
    -------
    Drift
        What a gate judges.

    Raises
    ------
    EstimationError
        A covariance is not positive definite, has other features, or a value is missing:
        a comparison that cannot be made is a failed one.
    """
    from scipy.linalg import solve_triangular

    means = [as_rows(np.atleast_1d(m)[None, :])[0] for m in (location, reference_location)]
    d = means[0].size
    matrices = [as_rows(np.atleast_2d(c), columns=d) for c in (covariance, reference_covariance)]
    require(
        means[1].size == d and all(m.shape[0] == d for m in matrices),
        "the models have different features",
        "fit both on the same columns",
    )
    own, other = (factor_of(m) for m in matrices)
    apart = means[0] - means[1]
    square = float(np.square(solve_triangular(other, apart, lower=True)).sum())
    reverse = float(np.square(solve_triangular(own, apart, lower=True)).sum())
    # Squared singular values: positive by construction, and all of d digits are kept.
    ratio = solve_triangular(other, own, lower=True)
    g = np.square(np.linalg.svd(ratio, compute_uv=False))[::-1]
    log_g = np.log(g)
    return Drift(
        mahalanobis=float(np.sqrt(square)),
        spectrum=g,
        kl=0.5 * (square + float((g - 1.0 - log_g).sum())),
        kl_reverse=0.5 * (reverse + float((1.0 / g - 1.0 + log_g).sum())),
    )

# SPDX-License-Identifier: MIT
"""How long a CUSUM runs before it alarms, and the threshold for a wanted run length."""

from __future__ import annotations

import numpy as np

from seawall.robust.base import require

NODES = 200


def cusum_arl(k: float, h: float, shift: float = 0.0, *, two_sided: bool = True) -> float:
    """Average number of observations of N(shift, 1) until a CUSUM alarms.

    ``L(z) = 1 + L(0) Phi(k - z - shift) + int_0^h L(y) phi(y + k - z - shift) dy``, solved on
    Gauss-Legendre nodes, gives one arm; two arms alarm at the sum of their rates.
    Assumption: independent Gaussian observations; t_3 noise of the same variance halves the
    run length at k = 0.5, h = 5.  Cost: one linear system of 200 unknowns per arm.  Source:
    Page (1954); Goel and Wu (1971) for the integral equation.

    Parameters
    ----------
    k : float
        Allowance, in standard deviations; half of the shift to be found.
    h : float
        Threshold, in standard deviations.
    shift : float
        True mean, in standard deviations.
    two_sided : bool
        Both arms, or the upper one alone.

    Returns
    -------
    float
        Observations.
    """
    require(k >= 0.0 and h > 0.0, f"k {k} and h {h}", "give k >= 0 and h > 0")
    upper = _one_sided(k, h, shift)
    if not two_sided:
        return upper
    return 1.0 / (1.0 / upper + 1.0 / _one_sided(k, h, -shift))


def cusum_threshold(arl: float, k: float = 0.5, *, two_sided: bool = True) -> float:
    """Threshold h at which a CUSUM without a shift runs ``arl`` observations on average.

    One false alarm per 30 days of minutes, 43,200 observations, asks for h = 9.51 at k = 0.5.

    Parameters
    ----------
    arl : float
        Observations, more than 2.
    k : float
        Allowance, in standard deviations, more than 0.
    two_sided : bool
        Both arms, or the upper one alone.
    """
    from scipy.optimize import brentq

    require(2.0 < arl < 1e9 and k > 0.0, f"arl {arl} and k {k}", "give arl 2 to 1e9 and k > 0")

    def miss(h: float) -> float:
        return float(np.log(cusum_arl(k, h, two_sided=two_sided) / arl))

    low, high = 1e-3, 2.0
    if miss(low) > 0.0:
        return low
    while miss(high) < 0.0:
        high *= 1.5
    return float(brentq(miss, low, high, xtol=1e-10))


def _one_sided(k: float, h: float, shift: float) -> float:
    from scipy.special import ndtr

    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    y, w = 0.5 * h * (nodes + 1.0), 0.5 * h * weights
    z = np.concatenate(([0.0], y))  # the first unknown is L(0)
    matrix = np.eye(NODES + 1)
    matrix[:, 0] -= ndtr(k - z - shift)
    gap = y[None, :] + k - z[:, None] - shift
    matrix[:, 1:] -= w * np.exp(-0.5 * gap * gap) / np.sqrt(2.0 * np.pi)
    return float(np.linalg.solve(matrix, np.ones(NODES + 1))[0])

# SPDX-License-Identifier: MIT
"""Power-law kernels as geometric sums of exponentials.

phi(u) = n theta c^theta (u + c)^(-1 - theta), of mass n, is a mixture of exponentials whose
decays have the gamma law with shape theta and scale 1 / c.  The trapezoidal rule in the
logarithm of the decay turns it into a sum; its relative error falls like
exp(-pi^2 / step): 2e-5 at a step of 0.7, 1e-7 at 0.5, 1e-12 at 0.3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.hawkes.features import features

Vector = npt.NDArray[np.float64]
FINE, DEEP = 0.3, 1e-7


def decay_grid(shortest: float, longest: float, step: float = FINE, deep: float = DEEP) -> Vector:
    """Decays that serve kernels with c of at least ``shortest`` up to lags of ``longest``.

    ``deep`` times one over ``longest`` is the slowest: what is cut off is about that share of
    the kernel at the longest lag.
    """
    low, high = math.log(deep / longest), math.log(40.0 / shortest)
    found: Vector = np.exp(low + step * np.arange(math.ceil((high - low) / step) + 1))
    return found


def weights(decays: Vector, c: float, theta: float) -> Vector:
    """Mass at each decay of a geometric grid, for a kernel of mass 1."""
    step = math.log(decays[1] / decays[0])
    scaled = c * decays
    log = math.log(step) - math.lgamma(theta) + theta * np.log(scaled) - scaled
    found: Vector = np.exp(log)
    return found


@dataclass(frozen=True, slots=True)
class Prepared:
    """Features of a sample on a grid of decays.

    Parameters
    ----------
    decays : array of k
        Decays.
    x : array of shape (k, events)
        Feature of each decay at each event.
    mass : array of k
        Events less what they are still to cause at the end.
    end : float
        End of the observation.
    """

    decays: Vector
    x: Vector
    mass: Vector
    end: float


def prepare(t: Vector, end: float, decays: Vector) -> Prepared:
    """Run the recursions of all decays over the events, once."""
    x, mass = np.empty((decays.size, t.size)), np.empty(decays.size)
    features(t, np.zeros(t.size), end, 1, decays, x, mass)
    return Prepared(decays, x, mass, end)


def loglik(t: Vector, end: float, mu: float, n: float, c: float, theta: float) -> float:
    """Log-likelihood on (0, end] under a power-law kernel, by the fine grid.

    Parameters
    ----------
    t : array
        Times, increasing.
    end : float
        End of the observation.
    mu, n, c, theta : float
        Base rate, branching ratio, short end of the power law, its exponent.
    """
    ready = prepare(t, end, decay_grid(c, end))
    w = n * weights(ready.decays, c, theta)
    return float(np.log(mu + w @ ready.x).sum() - mu * end - w @ ready.mass)

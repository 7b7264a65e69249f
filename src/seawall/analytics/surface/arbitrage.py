# SPDX-License-Identifier: MIT
"""Places at which a surface could be arbitraged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seawall.analytics.surface.surface import VolSurface
from seawall.analytics.surface.svi import LEE

GRID = 401
BEYOND = 0.5


@dataclass(frozen=True, slots=True)
class Breach:
    """One place.

    Parameters
    ----------
    kind : str
        ``butterfly``, ``calendar`` or ``wing``.
    years : float
        Expiry; of a calendar breach the later one.
    strike : float
        Where it is worst.
    size : float
        Durrleman's g (below 0), the fall of total variance, or the slope beyond Lee's bound.
    inside : bool
        Whether it lies between strikes that were fitted.
    """

    kind: str
    years: float
    strike: float
    size: float
    inside: bool


def check(surface: VolSurface, beyond: float = BEYOND) -> tuple[Breach, ...]:
    """Every expiry with a negative density, and every pair in which variance falls.

    Parameters
    ----------
    surface : VolSurface
        Surface.
    beyond : float
        How far to look beyond the strikes of an expiry, in units of their range.

    Returns
    -------
    tuple of Breach
        The worst place of each expiry and pair; empty when there is none.
    """
    out: list[Breach] = []
    for i, (years, smile) in enumerate(zip(surface.years, surface.smiles, strict=True)):
        low, high = surface.reach[i]
        wide = beyond * (high - low)
        k = np.linspace(low - wide, high + wide, GRID)
        g = smile.g(k)
        at = int(np.argmin(g))
        f = surface.forwards[i]
        if g[at] < 0.0:
            out.append(Breach("butterfly", years, float(f * np.exp(k[at])), float(g[at]),
                              bool(low <= k[at] <= high)))  # fmt: skip
        if smile.wing > LEE * (1.0 + 1e-12):
            out.append(Breach("wing", years, np.inf, smile.wing - LEE, False))
        if i:
            fall = smile.variance(k) - surface.smiles[i - 1].variance(k)
            at = int(np.argmin(fall))
            if fall[at] < 0.0:
                inside = bool(
                    max(low, surface.reach[i - 1][0]) <= k[at] <= min(high, surface.reach[i - 1][1])
                )
                strike = float(f * np.exp(k[at]))
                out.append(Breach("calendar", years, strike, float(fall[at]), inside))
    return tuple(out)

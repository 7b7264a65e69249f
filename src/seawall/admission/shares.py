# SPDX-License-Identifier: MIT
"""How many sources really speak."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SHARE_MAX = 0.35
"""No source should have more than this share of the weight."""

EFFECTIVE_MIN = 3.0
EFFECTIVE_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Concentration:
    """Concentration of trust-weighted samples over sources.

    Parameters
    ----------
    unique : int
        Sources with any weight.
    hhi : float
        Sum of squared shares (Herfindahl and Hirschman), 1/unique to 1; NaN without samples.
    entropy : float
        Shannon entropy of the shares, nats.
    effective : float
        1 / hhi, sources of equal size that would be as concentrated.
    largest : float
        Share of the largest source.
    known : int
        Sources that could have spoken.
    """

    unique: int
    hhi: float
    entropy: float
    effective: float
    largest: float
    known: int

    @property
    def faults(self) -> tuple[str, ...]:
        """Why these samples should not teach a model; empty when they may."""
        if self.unique == 0:
            return ("no source has admitted samples",)
        found = []
        if self.unique == 1:
            found.append("all samples come from one source")
        need = max(EFFECTIVE_MIN, EFFECTIVE_SHARE * self.known)
        if self.effective < need:
            found.append(f"{self.effective:.2f} effective sources, {need:.2f} are wanted")
        if self.largest > SHARE_MAX:
            found.append(
                f"one source has {self.largest:.0%} of the weight, at most {SHARE_MAX:.0%}"
            )
        return tuple(found)


def concentration(
    counts: npt.ArrayLike, trust: npt.ArrayLike, quota: int | None = None
) -> Concentration:
    """Measure concentration; the share of a source is trust times samples over their sum.

    Parameters
    ----------
    counts : array_like of shape (n_sources,)
        Samples per source; more than ``quota`` count as ``quota``.
    trust : array_like of shape (n_sources,)
        Trust per source, 0 to 1.
    quota : int, optional
        Most samples that count per source.

    Notes
    -----
    HHI < 0.15 can never hold for fewer than seven sources; the limits used here are at least
    max(3, 0.6 m) effective sources of m, and no source above 35 %.
    """
    n = np.asarray(counts, dtype=np.float64)
    weight = np.minimum(n, quota) if quota is not None else n
    weight = weight * np.asarray(trust, dtype=np.float64)
    total = float(weight.sum())
    if not total > 0.0:
        return Concentration(0, math.nan, 0.0, 0.0, 0.0, int(n.size))
    p = weight[weight > 0] / total
    hhi = float(p @ p)
    return Concentration(
        unique=int(p.size),
        hhi=hhi,
        entropy=float(-(p @ np.log(p))) + 0.0,
        effective=1.0 / hhi,
        largest=float(p.max()),
        known=int(n.size),
    )

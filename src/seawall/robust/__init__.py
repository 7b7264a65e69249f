# SPDX-License-Identifier: MIT
"""Estimates that a minority of bad rows cannot move far.

Means (Catoni, medians of means, trimmed, Huber), spreads (Qn, Sn, MAD, tau), covariances
(MRCD, OGK; Ledoit-Wolf as the baseline that breaks), influence clipping, spectral
filtering and an exponentially weighted stream.  Every estimator has ``fit`` for a batch
and ``update`` for one row, which agree; its docstring states formula, assumption,
breakdown point, cost and source.  Nothing here knows of markets: callers bring returns
or standardised features, never prices.
"""

from seawall.robust.base import Estimator, estimators
from seawall.robust.catoni import (
    CatoniMean,
    CatoniResult,
    catoni_alpha,
    catoni_bound,
    catoni_mean,
)
from seawall.robust.clipping import (
    Clipped,
    InfluenceClipper,
    clip_consistency,
    clip_influence,
    clip_radius,
)
from seawall.robust.divergence import Drift, drift
from seawall.robust.errors import EstimationError
from seawall.robust.filtering import Filtered, SpectralFilter, spectral_filter
from seawall.robust.location import (
    HuberMean,
    MedianOfMeans,
    TrimmedMean,
    blocks_for,
    geometric_median,
    huber_mean,
    median_of_means,
    trimmed_mean,
    winsorized_mean,
)
from seawall.robust.mrcd import MRCD
from seawall.robust.ogk import OGK
from seawall.robust.scale import RobustScale, mad, qn, sn, tau
from seawall.robust.shrinkage import LedoitWolf
from seawall.robust.stream import EwRobust

__all__ = [
    "MRCD",
    "OGK",
    "CatoniMean",
    "CatoniResult",
    "Clipped",
    "Drift",
    "EstimationError",
    "Estimator",
    "EwRobust",
    "Filtered",
    "HuberMean",
    "InfluenceClipper",
    "LedoitWolf",
    "MedianOfMeans",
    "RobustScale",
    "SpectralFilter",
    "TrimmedMean",
    "blocks_for",
    "catoni_alpha",
    "catoni_bound",
    "catoni_mean",
    "clip_consistency",
    "clip_influence",
    "clip_radius",
    "drift",
    "estimators",
    "geometric_median",
    "huber_mean",
    "mad",
    "median_of_means",
    "qn",
    "sn",
    "spectral_filter",
    "tau",
    "trimmed_mean",
    "winsorized_mean",
]

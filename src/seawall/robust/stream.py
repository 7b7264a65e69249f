# SPDX-License-Identifier: MIT
"""Exponentially weighted mean and covariance with clipped influence."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt

from seawall.robust._kernels import weighted_stream
from seawall.robust.base import Estimator, Floats, as_rows, require
from seawall.robust.clipping import clip_consistency, clip_radius
from seawall.robust.distance import Scatter, factor_of
from seawall.robust.errors import EstimationError
from seawall.robust.mrcd import MRCD


class EwRobust(Scatter, Estimator):
    """Exponentially weighted mean and covariance of clipped rows, one row at a time.

    Formula: the first ``warmup`` rows give a reference by MRCD; each later row is clipped
    at ``sqrt(chi2_d,q)`` of it to z, then ``m += g (z - m)`` and ``C = (1 - g) (C + g (z -
    m)(z - m)' / c)`` with ``g = 1 - 2^(-1 / halflife)`` and c what clipping leaves of a
    Gaussian's variance.  Assumption: more than three quarters of the warm-up are good; the
    stream stays within reach of it, unless ``reference="running"``, where reach follows
    the estimate and an attacker who keeps pushing widens it.  Breakdown: bounded by the
    clip radius with the first reference, whatever share is bad.  Cost: O(d^2) per row,
    O(d^3) running.  Source: exponential smoothing with the influence clipping of
    :class:`~seawall.robust.clipping.InfluenceClipper`.

    Parameters
    ----------
    halflife : float
        Rows after which a weight has halved.
    quantile : float
        Share of good rows left alone.
    warmup : int
        Rows of the reference, at least twice the columns for it to mean much.
    reference : str
        ``"start"`` or ``"running"``.

    Attributes
    ----------
    location_, covariance_ : float64 arrays, shape (d,) and (d, d)
        After the last row.
    clipped_ : int
        Rows clipped since the warm-up.
    """

    rows_min = 4

    def __init__(
        self,
        halflife: float = 250.0,
        quantile: float = 0.9973,
        warmup: int = 200,
        reference: str = "start",
    ) -> None:
        self.halflife = halflife
        self.quantile = quantile
        self.warmup = warmup
        self.reference = reference

    def fit(self, X: npt.ArrayLike, y: object = None) -> Self:
        """Start afresh and take in all rows in their order."""
        require(self.halflife > 0.0, f"halflife {self.halflife}", "give more than 0")
        require(self.warmup >= self.rows_min, f"warmup {self.warmup}", "give 4 or more")
        known = ("start", "running")
        require(self.reference in known, f"no reference {self.reference!r}", "start or running")
        rows = as_rows(X, rows_min=self.warmup)
        self._begin(rows[: self.warmup])
        self._push(rows[self.warmup :])
        return self

    def update(self, x: npt.ArrayLike) -> Self:
        """Take in one row; the first ``warmup`` of them are kept until they suffice."""
        row = as_rows(np.atleast_1d(np.asarray(x, dtype=np.float64))[None, :])
        if "location_" in self.__dict__:
            as_rows(row, columns=self.location_.size)
            self._push(row)
            return self
        kept = self.__dict__.setdefault("_waiting", [])
        if kept:
            as_rows(row, columns=kept[0].shape[1])
        kept.append(row.copy())
        if len(kept) >= self.warmup:
            self.fit(np.concatenate(kept))
        return self

    def _begin(self, rows: Floats) -> None:
        self._forget()
        self.__dict__.pop("_waiting", None)
        first = MRCD().fit(rows)
        d = rows.shape[1]
        self._centre = first.location_.copy()
        self._factor = factor_of(first.covariance_)
        self._radius = clip_radius(d, self.quantile)
        self.n_features_in_ = d
        self.location_, self.covariance_ = first.location_, first.covariance_
        self.clipped_ = 0

    def _push(self, rows: Floats) -> None:
        clipped = weighted_stream(
            rows,
            self.location_,
            self.covariance_,
            self._centre,
            self._factor,
            0.5 ** (1.0 / self.halflife),
            self._radius,
            clip_consistency(rows.shape[1], self._radius),
            self.reference == "running",
        )
        if clipped < 0:
            raise EstimationError(
                "the running covariance is no longer positive definite",
                mend='use reference="start" or a longer half-life',
            )
        self.clipped_ += clipped

    def __getattr__(self, name: str) -> Any:
        if name in ("location_", "covariance_", "clipped_") and "_waiting" in self.__dict__:
            waiting = len(self.__dict__["_waiting"])
            raise EstimationError(
                f"{waiting} rows of a warm-up of {self.warmup}", mend="feed more rows"
            )
        raise AttributeError(f"{type(self).__name__} has no {name!r}, or is not fitted")

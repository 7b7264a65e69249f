# SPDX-License-Identifier: MIT
"""Features made comparable: divided by the volatility that was known before each row."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.robust.base import Floats, as_rows
from seawall.robust.gate._kernels import standardise
from seawall.robust.gate.errors import GateError, GoldenError


@dataclass(frozen=True, slots=True)
class Standardisation:
    """Constants that turn raw features into standardised ones; frozen with a golden set.

    ``z_t = (x_t - centre) / max(s_t, least)`` with ``s_t^2`` the exponentially weighted
    mean square of earlier rows, in which a row counts as at most ``clip`` of s.  Without
    it an ordinary change of volatility would look like drift: a doubling alone costs 0.81
    nats per feature.

    Parameters
    ----------
    names : tuple of str
        Features, in the order of the columns.
    centre, scale : tuple of float
        Robust location and spread of the raw features in the golden windows.
    halflife : float
        Rows after which a square's weight in the volatility has halved; 0 keeps the scale
        at ``scale``, for features that are standardised already.
    clip : float
        Deviations beyond which a row moves the volatility no further.
    least : float
        Smallest volatility, as a share of ``scale``.
    """

    names: tuple[str, ...]
    centre: tuple[float, ...]
    scale: tuple[float, ...]
    halflife: float = 100.0
    clip: float = 5.0
    least: float = 0.05

    def start(self) -> Scale:
        """Return the running volatility at its golden value."""
        return Scale(self)


class Scale:
    """The running volatility of one stream; its state is ``variance`` and ``seen``.

    Parameters
    ----------
    standard : Standardisation
        Constants.
    """

    __slots__ = ("_centre", "_decay", "_least", "seen", "standard", "variance")

    def __init__(self, standard: Standardisation) -> None:
        self.standard = standard
        self.variance: Floats = np.square(np.array(standard.scale, dtype=np.float64))
        self.seen = 0
        self._centre = np.array(standard.centre, dtype=np.float64)
        self._least = standard.least * np.array(standard.scale, dtype=np.float64)
        self._decay = 0.5 ** (1.0 / standard.halflife) if standard.halflife > 0.0 else 1.0

    def apply(self, rows: Floats) -> Floats:
        """Standardise raw rows, shape (n, d), and move the volatility on."""
        out = np.empty_like(rows)
        standardise(
            rows, self._centre, self._least, self.variance, self.seen, self._decay,
            self.standard.clip, out,
        )  # fmt: skip
        self.seen += rows.shape[0]
        return out

    @property
    def settling(self) -> int:
        """Rows that are still to come before the volatility is that of this stream."""
        return max(0, math.ceil(self.standard.halflife) - self.seen)

    @property
    def volatility(self) -> Floats:
        """Present volatility of each feature, in raw units."""
        return np.asarray(np.maximum(np.sqrt(self.variance), self._least))


def fit_standardisation(
    X: npt.ArrayLike,
    names: tuple[str, ...],
    *,
    halflife: float = 100.0,
    clip: float = 5.0,
    least: float = 0.05,
) -> Standardisation:
    """Find the constants of some raw rows: median and Qn per column.

    Raises
    ------
    GoldenError
        A feature is constant, or repeats one value in more than half of the rows.
    """
    from seawall.robust.scale import qn_columns

    rows = as_rows(X, rows_min=4, columns=len(names))
    spread = qn_columns(rows)
    stuck = np.flatnonzero(spread <= 1e-14 * np.abs(rows).max(axis=0))
    if stuck.size:
        raise GoldenError(
            "features without spread: more than half of the rows have one value",
            where=", ".join(names[i] for i in stuck),
            mend="leave such features out of the golden set",
        )
    centre = np.median(rows, axis=0)
    return Standardisation(
        names, tuple(centre.tolist()), tuple(spread.tolist()), halflife, clip, least
    )


def identity(names: tuple[str, ...]) -> Standardisation:
    """Return constants that leave features as they are."""
    return Standardisation(names, (0.0,) * len(names), (1.0,) * len(names), halflife=0.0)


def same_features(standard: Standardisation, names: tuple[str, ...]) -> None:
    """Raise a :class:`GateError` unless features and their order are those of a golden set."""
    if standard.names != names:
        raise GateError(
            f"features {', '.join(names)} where the golden set has {', '.join(standard.names)}",
            mend="give the same features in the same order",
        )

# SPDX-License-Identifier: MIT
"""Change points of a whole series at once (PELT), through the package ruptures: offline only.

Formula: segments that minimise the sum of their costs plus a penalty per change; cost ``l2``:
sum of squares about the mean (0), or ``normal``: rows times ln of the variance (1).  Without a
penalty it is Schwarz's: p ln(n), times the variance of the differences over two for l2, with
p = 2 for l2 and 3 for normal.
Unit: breaks are the rows at which a new segment begins; objective as the cost.
Assumption: the whole series is known: every break uses later rows.  It describes the past
and must not enter a signal; for that see ``bocpd`` and ``cusum``.
Cost: about linear for l2 (compiled); ``normal`` runs in Python, seconds for 10,000 rows.
Source: Killick, Fearnhead and Eckley (2012), Journal of the American Statistical
Association 107; Truong, Oudre and Vayatis (2020), ruptures.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError, SettingsError

Vector = npt.NDArray[np.float64]
SMALL = 1e-6  # what ruptures adds to a variance, so that constant segments are finite


@dataclass(frozen=True, slots=True)
class Segments:
    """A series cut at its changes.

    Parameters
    ----------
    breaks : tuple of int
        Rows at which a new segment begins, among the rows that were used.
    mean, sd : tuple of float
        Of each segment.
    objective : float
        Sum of the costs plus the penalties.
    penalty : float
        Penalty per change.
    rows : int
        Rows that were used.
    """

    breaks: tuple[int, ...]
    mean: tuple[float, ...]
    sd: tuple[float, ...]
    objective: float
    penalty: float
    rows: int


def fit(value: Vector, *, penalty: float = 0.0, cost: float = 0.0, least: float = 5.0) -> Segments:
    """Cut a series into segments.

    Rows that are not finite are left out.

    Parameters
    ----------
    value : array
        The whole series.
    penalty : float
        Per change; 0 takes Schwarz's.
    cost : int
        0 changes of the mean (l2), 1 of mean and variance (normal).
    least : int
        Rows of the shortest segment.

    Raises
    ------
    ResearchError
        With fewer rows than two segments need.
    SettingsError
        When the package ruptures is not installed.
    """
    try:
        import ruptures  # type: ignore[import-untyped]
    except ImportError as problem:
        raise SettingsError(
            "the package ruptures is not installed", where="pelt",
            mend="pip install 'seawall[analysis]'",
        ) from problem  # fmt: skip
    x = np.asarray(value, dtype=np.float64)
    x = np.ascontiguousarray(x[np.isfinite(x)])
    short = int(least)
    if x.size < 2 * short:
        raise ResearchError(f"{x.size} rows are not two segments", mend=f"give {2 * short} or more")
    if penalty <= 0.0:
        noise = 0.5 * float(np.var(np.diff(x))) if cost == 0.0 else 1.0
        penalty = max((2.0 if cost == 0.0 else 3.0) * np.log(x.size) * noise, 1e-12)
    if cost == 0.0:
        search = ruptures.KernelCPD(kernel="linear", min_size=short).fit(x)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # about SMALL, which is counted here
            search = ruptures.Pelt(model="normal", min_size=short, jump=1).fit(x)
    ends = [int(e) for e in search.predict(pen=penalty)]
    parts = np.split(x, ends[:-1])
    if cost == 0.0:
        total = sum(float(np.sum((p - p.mean()) ** 2)) for p in parts)
    else:
        total = sum(p.size * float(np.log(p.var() + SMALL)) for p in parts)
    return Segments(
        tuple(ends[:-1]), tuple(float(p.mean()) for p in parts),
        tuple(float(p.std()) for p in parts), total + penalty * (len(parts) - 1), float(penalty),
        int(x.size),
    )  # fmt: skip


ANALYTIC = Analytic(
    name="pelt", group="regimes", inputs=("value",), doc=__doc__, fit=fit,
    params=(
        Param("penalty", 0.0, "cost of a change; 0 takes Schwarz's", 0.0),
        Param("cost", 0, "0 changes of the mean, 1 of mean and variance", 0, 1, whole=True),
        Param("least", 5, "rows of the shortest segment", 2, 1e6, whole=True),
    ),
    need=Need(seconds=300.0),
)  # fmt: skip

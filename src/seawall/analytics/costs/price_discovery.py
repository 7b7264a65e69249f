# SPDX-License-Identifier: MIT
"""Price discovery across venues: information shares with their bounds, component shares.

Formula: dp_t = alpha (p_1 - p_j)_{t-1} + sum G_i dp_{t-i} + c + e, cov e = O; component
shares g with g' alpha = 0 and sum 1 (Gonzalo and Granger); information share of venue j
([g'C]_j)^2 / g'Og, C a Cholesky factor of O, over all orders of the venues: least, most and
middle (Hasbrouck); without an order by the root of the correlation (Lien and Shrestha); with
two venues the leadership share |IS1/IS2 CS2/CS1| (Yan and Zivot; Putnins).
Unit: none; each set of shares sums to 1 for its order.
Assumption: one fair price; p are logs of mids sampled on one clock.  Wide bounds mean that
the step is too long: sample finer.  A stale feed looks like a follower, and a clock that is
50 ms off turns the leader round.  Mids in different currencies carry that rate too.
Cost: O(rows x lags^2 x venues^2), and all orders of the venues, which are five at most.
Source: Hasbrouck (1995), Journal of Finance 50(4); Gonzalo and Granger (1995), Journal of
Business and Economic Statistics 13(1); Lien and Shrestha (2009), Journal of Futures Markets
29(4); Putnins (2013), Journal of Empirical Finance 23.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.costs.vecm import (
    Matrix,
    Vecm,
    Vector,
    common_weights,
    fit_vecm,
    information_shares,
    modified_shares,
)
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

VENUES_MOST = 5
WIDE = 0.3


@dataclass(frozen=True, slots=True)
class PriceDiscovery:
    """Shares by venue, in the order of the columns.

    Parameters
    ----------
    component : array
        Gonzalo and Granger; may be negative.
    least, middle, most : array
        Hasbrouck over all orders; ``middle`` is half way between the bounds.
    modified : array
        Lien and Shrestha.
    leadership : array
        Putnins' information leadership; not-a-number unless there are two venues.
    alpha, alpha_errors : array of shape (venues, venues - 1)
        Loadings on the gaps, and their standard errors.
    omega : array of shape (venues, venues)
        Covariance of the residuals.
    correlation : float
        Largest correlation of residuals: what makes the bounds wide.
    lags, rows : int
        Past changes in the model, and rows used.
    doubts : tuple of str
        Why the shares should not be relied on.
    """

    component: Vector
    least: Vector
    middle: Vector
    most: Vector
    modified: Vector
    leadership: Vector
    alpha: Matrix
    alpha_errors: Matrix
    omega: Matrix
    correlation: float
    lags: int
    rows: int
    doubts: tuple[str, ...]


def fit(mids: Matrix, *, lags: float = 0.0, log: float = 1.0) -> PriceDiscovery:
    """Estimate who leads.

    Parameters
    ----------
    mids : array of shape (rows, venues)
        Mids at the same moments; leading rows that are not finite are left out.
    lags : float
        Past changes; 0: by the Schwarz criterion.
    log : float
        1: take logs; 0: they are logs already.

    Raises
    ------
    ResearchError
        With a gap amid the rows, fewer than two or more than five venues, or too few rows.
    """
    if not 2 <= mids.shape[1] <= VENUES_MOST:
        raise ResearchError(
            f"{mids.shape[1]} venues", mend=f"give the mids of two to {VENUES_MOST} venues"
        )
    with np.errstate(invalid="ignore", divide="ignore"):
        p = np.log(mids) if log else mids
    sound = np.flatnonzero(np.isfinite(p).all(axis=1))
    if sound.size == 0 or not np.isfinite(p[sound[0] : sound[-1] + 1]).all():
        raise ResearchError(
            "there is a gap amid the mids", mend="carry the last mid on, or cut the sample"
        )
    found = fit_vecm(np.ascontiguousarray(p[sound[0] : sound[-1] + 1]), int(lags))
    weights = common_weights(found.alpha)
    shares = information_shares(weights, found.omega)
    least, most = shares.min(axis=0), shares.max(axis=0)
    middle = 0.5 * (least + most)
    sd = np.sqrt(np.diag(found.omega))
    pairs = (found.omega / np.outer(sd, sd))[np.triu_indices(sd.size, 1)]
    correlation = float(pairs[np.abs(pairs).argmax()])
    return PriceDiscovery(
        weights, least, middle, most, modified_shares(weights, found.omega),
        _leadership(middle, weights), found.alpha, found.alpha_errors, found.omega, correlation,
        found.lags, found.rows, _doubts(weights, least, most, found),
    )  # fmt: skip


def _leadership(information: Vector, component: Vector) -> Vector:
    if information.size != 2 or not (np.abs(component) > 0.0).all():
        return np.full(information.size, np.nan)
    ratio = information[0] / information[1] * component[1] / component[0]
    first = abs(ratio) / (abs(ratio) + 1.0 / abs(ratio)) if ratio != 0.0 else 0.0
    return np.array([first, 1.0 - first])


def _doubts(component: Vector, least: Vector, most: Vector, found: Vecm) -> tuple[str, ...]:
    out, alpha = [], found.alpha
    if not (np.abs(alpha) > 2.0 * found.alpha_errors).any():
        out.append("no price is seen to move towards another: the sample tells nothing")
    if float((most - least).max()) > WIDE:
        out.append("the bounds are wide: sample at a finer step")
    if not ((component >= 0.0) & (component <= 1.0)).all():
        out.append("a component share lies outside 0 to 1")
    if alpha.shape[1] == 1 and not (alpha[0, 0] <= 0.0 <= alpha[1, 0]):
        out.append("one venue moves away from the other: the gap does not pull both together")
    return tuple(out)


def sample_mids(
    ts: Sequence[npt.NDArray[np.int64]], mids: Sequence[Vector], step_ns: int
) -> tuple[npt.NDArray[np.int64], Matrix]:
    """Mids of several venues on one grid: at each point the last one known by then.

    Parameters
    ----------
    ts, mids : sequence of arrays
        Times (ns, in order) and mids by venue, on one receiver's clock.
    step_ns : int
        Step of the grid, ns.

    Returns
    -------
    tuple of arrays
        Grid, from the first moment at which all venues are known to the last at which none
        has ended, and mids of shape (points, venues).
    """
    start, end = max(int(t[0]) for t in ts), min(int(t[-1]) for t in ts)
    first = -(-start // step_ns) * step_ns
    grid = np.arange(first, end + 1, step_ns, dtype=np.int64)
    at = [np.searchsorted(t, grid, side="right") - 1 for t in ts]
    return grid, np.column_stack([m[k] for m, k in zip(mids, at, strict=True)])


ANALYTIC = Analytic(
    name="price_discovery", group="costs", inputs=("mids",), doc=__doc__, fit=fit,
    params=(
        Param("lags", 0, "past changes; 0: by the Schwarz criterion", 0, 200, True),
        Param("log", 1, "1: take logs of the mids; 0: they are logs", 0, 1, True),
    ),
    need=Need(seconds=300.0),
)  # fmt: skip

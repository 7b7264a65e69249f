# SPDX-License-Identifier: MIT
"""Realised variance of a period and its relatives that bear jumps or noise.

Formula: with log returns r_1 ... r_M: rv = sum r^2; bipower = (pi/2) M/(M-1) sum |r_i||r_(i-1)|;
minrv, medrv of Andersen, Dobrev and Schaumburg from the least of two and the median of three
neighbours; semivariances = sums of squares of gains and of losses; quarticity = tripower; two
scales = mean of subsampled rv less noise; kernel = Parzen-weighted autocovariances;
preaveraged = returns of local means, less noise.
Unit: variance of log price over the whole sample, not annualised; quarticity its square.
Assumption: prices at equal steps of time (or of ticks); bipower, minrv and medrv bear rare
jumps, two scales, kernel and preaveraged bear independent noise.  Zero returns, stale prices
and the bounce between bid and ask bias the first group: use a mid.
Cost: O(M) each; the kernel O(M times bandwidth).
Source: Barndorff-Nielsen and Shephard (2004); Andersen, Dobrev and Schaumburg (2012), Journal
of Econometrics 169; Zhang, Mykland and Ait-Sahalia (2005); Barndorff-Nielsen, Hansen, Lunde and
Shephard (2009); Jacod, Li, Mykland, Podolskij and Vetter (2009).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
MEDIAN = math.pi / (6.0 - 4.0 * math.sqrt(3.0) + math.pi)
LEAST = math.pi / (math.pi - 2.0)
TRIPOWER = 1.7434720744694026  # E|Z|^(4/3) to the power of minus three
THETA = 0.8  # window of pre-averaging in roots of the sample
PSI2 = 1.0 / 12.0


@dataclass(frozen=True, slots=True)
class Realised:
    """Realised measures of one period.

    Parameters
    ----------
    returns : int
        Log returns that were used.
    rv, bipower, minrv, medrv : float
        Realised variance, and three that bear jumps.
    upside, downside : float
        Semivariances: they add up to ``rv``.
    tripower_quarticity : float
        Integrated quarticity that bears jumps.
    two_scale, kernel, preaveraged : float
        Variances that bear noise.
    noise : float
        Variance of the noise of one price, from half the mean square of returns less what
        ``kernel`` explains; not below 0.
    jump : float
        What ``rv`` has above ``bipower``, not below 0.
    """

    returns: int
    rv: float
    bipower: float
    minrv: float
    medrv: float
    upside: float
    downside: float
    tripower_quarticity: float
    two_scale: float
    kernel: float
    preaveraged: float
    noise: float
    jump: float


def log_returns(close: npt.ArrayLike) -> Vector:
    """Log returns between sound prices; those that are not positive and finite are left out."""
    price = np.asarray(close, dtype=np.float64)
    price = price[np.isfinite(price) & (price > 0.0)]
    return np.diff(np.log(price))


def fit(close: Vector, *, grids: float = 5.0, bandwidth: float = 0.0) -> Realised:
    """Realised measures of the whole sample.

    Parameters
    ----------
    close : array
        Prices at equal steps.
    grids : float
        Number of subsampled grids of the two scales.
    bandwidth : float
        Lags of the kernel; 0 chooses them from the noise.

    Raises
    ------
    ResearchError
        With fewer than ten returns.
    """
    r = log_returns(close)
    if r.size < 10:
        raise ResearchError(f"{r.size} returns are too few", mend="give eleven prices or more")
    rv = realised_variance(r)
    kernel = realised_kernel(r, int(bandwidth) or kernel_bandwidth(r))
    two = bipower(r)
    return Realised(
        r.size, rv, two, minrv(r), medrv(r), float((r[r > 0.0] ** 2).sum()),
        float((r[r < 0.0] ** 2).sum()), tripower_quarticity(r), two_scale(r, int(grids)), kernel,
        preaveraged(r), max(rv - kernel, 0.0) / (2.0 * r.size), max(rv - two, 0.0),
    )  # fmt: skip


def realised_variance(r: Vector) -> float:
    """Sum of squares."""
    return float(r @ r)


def bipower(r: Vector) -> float:
    """Bipower variation with its small-sample factor."""
    a = np.abs(r)
    return 0.5 * math.pi * r.size / (r.size - 1) * float(a[1:] @ a[:-1])


def minrv(r: Vector) -> float:
    """From the lesser of two neighbours."""
    least = np.minimum(np.abs(r[1:]), np.abs(r[:-1]))
    return LEAST * r.size / (r.size - 1) * float(least @ least)


def medrv(r: Vector) -> float:
    """From the median of three neighbours."""
    a = np.abs(r)
    middle = np.median(np.stack((a[:-2], a[1:-1], a[2:])), axis=0)
    return MEDIAN * r.size / (r.size - 2) * float(middle @ middle)


def tripower_quarticity(r: Vector) -> float:
    """Integrated quarticity from products of three neighbours."""
    a = np.abs(r) ** (4.0 / 3.0)
    total = float((a[2:] * a[1:-1] * a[:-2]).sum())
    return r.size * TRIPOWER * r.size / (r.size - 2) * total


def two_scale(r: Vector, grids: int) -> float:
    """Mean of the realised variances of ``grids`` subsamples, less the noise of the whole."""
    path = np.concatenate(([0.0], np.cumsum(r)))
    slow = sum(float((np.diff(path[k::grids]) ** 2).sum()) for k in range(grids)) / grids
    share = (r.size - grids + 1) / (grids * r.size)
    return (slow - share * realised_variance(r)) / (1.0 - share)


def kernel_bandwidth(r: Vector) -> int:
    """Lags by the rule of the kernel's authors: 3.5134 xi^(4/5) M^(3/5).

    The noise is half the mean square of returns, the variance that of every twentieth price.
    """
    path = np.concatenate(([0.0], np.cumsum(r)))
    step = max(1, min(20, r.size // 10))
    slow = float(np.mean([(np.diff(path[k::step]) ** 2).sum() for k in range(step)]))
    noise = realised_variance(r) / (2.0 * r.size)
    if slow <= 0.0:
        return 1
    lags = math.ceil(3.5134 * (noise / slow) ** 0.4 * r.size**0.6)
    return int(max(1, min(int(r.size) - 1, lags)))


def realised_kernel(r: Vector, bandwidth: int) -> float:
    """Parzen kernel: autocovariances weighted so that the value is not negative."""
    total = realised_variance(r)
    for h in range(1, min(bandwidth, r.size - 1) + 1):
        x = h / (bandwidth + 1.0)
        weight = 1.0 - 6.0 * x * x + 6.0 * x**3 if x <= 0.5 else 2.0 * (1.0 - x) ** 3
        total += 2.0 * weight * float(r[h:] @ r[:-h])
    return total


def preaveraged(r: Vector) -> float:
    """Sum of squares of locally averaged returns, less the noise that is left in them."""
    n = r.size
    k = max(2, round(THETA * math.sqrt(n)))
    k += k % 2
    if n < 2 * k:
        return math.nan
    weight = np.minimum(np.arange(1, k), k - np.arange(1, k)) / k
    means = np.convolve(r, weight[::-1], mode="valid")
    psi1 = k * float((np.diff(np.concatenate(([0.0], weight, [0.0]))) ** 2).sum())
    psi2 = float(weight @ weight) / k
    theta = k / math.sqrt(n)
    scale = n / (n - k + 2.0)
    signal = scale * float(means @ means) / (theta * psi2 * math.sqrt(n))
    bias = psi1 / (2.0 * theta**2 * psi2 * n)
    return (signal - bias * realised_variance(r)) / (1.0 - bias)


@dataclass(frozen=True, slots=True)
class Signature:
    """Realised variance against the step between the prices that are used.

    Parameters
    ----------
    step : array of int
        Prices per return.
    rv : array
        Mean over the offsets of the realised variance of that step, brought to the whole.
    """

    step: npt.NDArray[np.int64]
    rv: Vector


def signature(close: npt.ArrayLike, steps: npt.ArrayLike | None = None) -> Signature:
    """Signature plot: noise lifts its left end, a flat line says that there is none."""
    path = np.concatenate(([0.0], np.cumsum(log_returns(close))))
    n = path.size - 1
    chosen = np.unique(np.geomspace(1, max(n // 10, 1), 25).astype(np.int64))
    chosen = chosen if steps is None else np.asarray(steps, dtype=np.int64)
    values = []
    for k in chosen:
        jumps = path[k:] - path[:-k]
        values.append(float(jumps @ jumps) / k * n / (n - k + 1))
    return Signature(chosen, np.array(values))


ANALYTIC = Analytic(
    name="realised", group="jumps", inputs=("close",), doc=__doc__, fit=fit,
    params=(
        Param("grids", 5.0, "subsampled grids of the two scales", 2.0, 1e6, True),
        Param("bandwidth", 0.0, "lags of the kernel; 0: by the rule", 0.0, 1e6, True),
    ),
    need=Need(seconds=300.0),
)  # fmt: skip

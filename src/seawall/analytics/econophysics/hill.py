# SPDX-License-Identifier: MIT
"""Hill's tail index, with what shows its bias and how stable it is.

Formula: with x_(1) >= x_(2) >= ..., xi_k = mean over i <= k of ln(x_(i) / x_(k+1)); the
survival exponent is zeta = 1 / xi, P(|x| > t) ~ t^-zeta (the density falls with zeta + 1).
k: the one whose tail is nearest to a power law (least Kolmogorov-Smirnov distance) between
``k_low`` and ``k_high`` of the values.  Bias: intercept of the regression of xi_k on k with
weights sqrt(k) (Huisman).  Error: block bootstrap at the chosen k, beside zeta / sqrt(k).
Unit: none.
Assumption: beyond some size the tail is a power law; the estimate of a lognormal or normal
sample looks alike and drifts with k.  ``spread`` is (largest - least) / median of zeta over
1 % to 10 % of the values: of 20,000 it is about 0.1 for a Pareto law, 0.4 for a lognormal and
0.8 for a normal one, of 2,000 about 0.26, 0.5 and 0.8.  Volatility clusters, and the
plain error is then two to three times too small.  A zeta near 3 means that the fourth
moment, and with it the error of a variance, does not exist.
Cost: O(n log n), and O(n) per bootstrap sample.
Source: Hill (1975), Annals of Statistics 3(5); Huisman et al. (2001), Journal of Business
and Economic Statistics 19(2); Dekkers, Einmahl and de Haan (1989), Annals of Statistics
17(4); Pickands (1975), Annals of Statistics 3(1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.econophysics.series import BOTH, Vector, blocks, tail
from seawall.analytics.spec import Analytic, Need, Param

LEAST = 50


@dataclass(frozen=True, slots=True)
class HillFit:
    """Tail index and its diagnostics.

    Parameters
    ----------
    zeta, error, error_iid : float
        Survival exponent at the chosen k, its bootstrap error and that of independent values.
    k, n : int
        Values in the tail, and positive values in all.
    threshold : float
        Size from which on the tail was fitted.
    zeta_2, zeta_5, zeta_10 : float
        Exponent at 2.5 %, 5 % and 10 % of the values.
    huisman : float
        Exponent with the bias over k regressed away.
    moment : float
        Index xi = 1 / zeta by the moments of Dekkers, Einmahl and de Haan at the chosen k;
        negative: the tail ends.
    spread : float
        (largest - least) / median of zeta over 1 % to 10 % of the values.
    ks : Vector
        Sizes k of the Hill plot.
    zetas : Vector
        Exponents of the Hill plot.
    """

    zeta: float
    error: float
    error_iid: float
    k: int
    n: int
    threshold: float
    zeta_2: float
    zeta_5: float
    zeta_10: float
    huisman: float
    moment: float
    spread: float
    ks: Vector
    zetas: Vector


def hill_plot(x: Vector) -> Vector:
    """Index xi_k of every k = 1 to n - 1.

    Parameters
    ----------
    x : array
        Positive values, sorted upwards.
    """
    logs = np.log(x[::-1])
    k = np.arange(1, x.size)
    return np.asarray(np.cumsum(logs)[:-1] / k - logs[1:])


def moment_index(x: Vector, k: int) -> float:
    """Index xi of Dekkers, Einmahl and de Haan; also of tails that end (xi < 0)."""
    above = np.log(x[x.size - k :]) - np.log(x[x.size - k - 1])
    first, second = above.mean(), np.mean(above**2)
    return float(first + 1.0 - 0.5 / (1.0 - first**2 / second))


def pickands_index(x: Vector, k: int) -> float:
    """Index xi of Pickands from the values k, 2k and 4k from the top."""
    a, b, c = x[x.size - k], x[x.size - 2 * k], x[x.size - 4 * k]
    return float(np.log((a - b) / (b - c)) / np.log(2.0))


def tail_distance(x: Vector, xis: Vector, k: int) -> float:
    """Kolmogorov-Smirnov distance of the k largest from their power law."""
    top = np.log(x[x.size - k :]) - np.log(x[x.size - k - 1])
    law = -np.expm1(-top / xis[k - 1])
    rank = np.arange(k + 1) / k
    return float(max(np.max(np.abs(law - rank[:-1])), np.max(np.abs(law - rank[1:]))))


def choose_k(x: Vector, xis: Vector, low: int, high: int) -> int:
    """Of up to 80 sizes, the one whose tail is nearest to its power law."""
    grid = np.unique(np.geomspace(low, high, 80).astype(int))
    return int(min(grid, key=lambda k: tail_distance(x, xis, int(k))))


def huisman_index(xis: Vector, high: int) -> float:
    """Intercept of xi_k over k = 1 to ``high``, weighted with sqrt(k)."""
    k = np.arange(1.0, high + 1.0)
    weight = np.sqrt(k)
    design = np.stack((weight, weight * k), axis=1)
    return float(np.linalg.lstsq(design, weight * xis[:high], rcond=None)[0][0])


def _bootstrap_error(
    value: npt.ArrayLike, side: float, share: float, samples: int, seed: int
) -> float:
    given = np.asarray(value, dtype=np.float64).ravel()
    given = given[np.isfinite(given)]
    sizes = np.abs(given) if side == BOTH else side * given
    rng = np.random.default_rng(seed)
    length = max(1, round(2.0 * sizes.size ** (1.0 / 3.0)))
    zetas = []
    for _ in range(samples):
        x = sizes[blocks(sizes.size, length, rng)]
        x = x[x > 0.0]
        k = max(2, round(share * x.size))
        if x.size > k:
            top = np.partition(x, x.size - k - 1)[x.size - k - 1 :]
            mean = np.mean(np.log(top[1:])) - np.log(top[0])
            zetas.append(1.0 / mean if mean > 0.0 else np.nan)
    return float(np.nanstd(zetas)) if len(zetas) > 1 else float("nan")


def fit(
    value: npt.ArrayLike,
    *,
    side: float = 0.0,
    k: float = 0.0,
    k_low: float = 0.01,
    k_high: float = 0.1,
    samples: float = 200,
    seed: float = 0,
) -> HillFit:
    """Estimate the tail index of one side of a sample.

    Raises
    ------
    ResearchError
        With fewer than 50 positive values on that side.
    """
    x = tail(value, side, LEAST, "hill")
    n = x.size
    xis = hill_plot(x)
    low = min(max(10, round(k_low * n)), n - 1)
    high = min(max(low + 1, round(k_high * n)), n - 1)
    chosen = min(int(k), n - 1) if k else choose_k(x, xis, low, high)
    with np.errstate(divide="ignore"):
        zetas = 1.0 / xis
    band = zetas[low - 1 : high]
    at = [zetas[min(max(2, round(s * n)), n - 1) - 1] for s in (0.025, 0.05, 0.1)]
    grid = np.unique(np.geomspace(2, n - 1, 200).astype(int))
    return HillFit(
        float(zetas[chosen - 1]),
        _bootstrap_error(value, side, chosen / n, int(samples), int(seed)),
        float(zetas[chosen - 1] / np.sqrt(chosen)), chosen, n, float(x[n - chosen - 1]),
        float(at[0]), float(at[1]), float(at[2]), 1.0 / huisman_index(xis, high),
        moment_index(x, chosen), float((band.max() - band.min()) / np.median(band)),
        grid.astype(np.float64), zetas[grid - 1],
    )  # fmt: skip


ANALYTIC = Analytic(
    name="hill", group="econophysics", inputs=("value",), doc=__doc__, fit=fit,
    params=(
        Param("side", 0.0, "+1 gains, -1 losses, 0 the sizes of both", -1, 1, whole=True),
        Param("k", 0, "values in the tail; 0: chosen by the distance", 0, 1e9, whole=True),
        Param("k_low", 0.01, "least share of the values in the tail", 0.0, 1.0),
        Param("k_high", 0.1, "greatest share of the values in the tail", 0.0, 1.0),
        Param("samples", 200, "bootstrap samples of the error", 0, 1e5, whole=True),
        Param("seed", 0, "of the bootstrap", 0, 2**31, whole=True),
    ),
    need=Need(seconds=3_600.0),
)  # fmt: skip

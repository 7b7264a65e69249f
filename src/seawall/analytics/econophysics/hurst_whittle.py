# SPDX-License-Identifier: MIT
"""Hurst exponent by Whittle's likelihood of fractional Gaussian noise, and semi-parametric.

Formula: minimise ln mean(I / f) + mean ln f over H, I the periodogram, f the spectrum of
fractional Gaussian noise, f(w) ~ (1 - cos w) sum over j of |w + 2 pi j|^(-2H - 1).  Local:
ln mean(w^(2d) I) - 2 d mean ln w over the lowest n^``power`` frequencies, H = d + 1/2.
Unit: none; 0.5 without long memory.
Assumption: the full likelihood is efficient when the series is fractional Gaussian noise,
and wrong with other short memory; the local one reads the lowest frequencies alone.  Errors
are those of large samples: the local one is 1 / (2 sqrt(m)) for m frequencies.
Cost: O(n log n), then O(n) for each of some 20 evaluations.
Source: Whittle (1953), Arkiv foer Matematik 2; Beran (1994), Statistics for Long-Memory
Processes; Robinson (1995), Annals of Statistics 23(5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.econophysics.series import Vector, finite
from seawall.analytics.spec import Analytic, Need, Param

LEAST = 64
TERMS = 8


@dataclass(frozen=True, slots=True)
class WhittleFit:
    """Exponents.

    Parameters
    ----------
    h, error : float
        Exponent by the full likelihood and its standard error.
    local, local_error : float
        Exponent by the lowest frequencies and its standard error.
    frequencies, n : int
        Frequencies of the local estimate, and values.
    """

    h: float
    error: float
    local: float
    local_error: float
    frequencies: int
    n: int


def periodogram(x: Vector) -> tuple[Vector, Vector]:
    """Frequencies in radians per step without 0 and pi, and the power at each."""
    count = (x.size - 1) // 2
    power = np.abs(np.fft.rfft(x - x.mean())[1 : count + 1]) ** 2 / (2.0 * np.pi * x.size)
    return 2.0 * np.pi * np.arange(1, count + 1) / x.size, power


def noise_spectrum(w: Vector, h: float) -> Vector:
    """Spectrum of fractional Gaussian noise up to a factor that does not hang on w."""
    power = -2.0 * h - 1.0
    total = w**power
    for j in range(1, TERMS + 1):
        total += (2.0 * np.pi * j + w) ** power + (2.0 * np.pi * j - w) ** power
    # the rest of the sum as an integral, with half of its first term (Euler and Maclaurin)
    for side in (w, -w):
        edge = 2.0 * np.pi * (TERMS + 1.0) + side
        total += edge ** (power + 1.0) / (2.0 * np.pi * 2.0 * h) + 0.5 * edge**power
        total -= 2.0 * np.pi * power * edge ** (power - 1.0) / 12.0
    return np.asarray((1.0 - np.cos(w)) * total)


def _contrast(h: float, w: Vector, power: Vector) -> float:
    f = noise_spectrum(w, h)
    return float(np.log(np.mean(power / f)) + np.mean(np.log(f)))


def local_whittle(x: Vector, power: float) -> tuple[float, int]:
    """Exponent from the lowest n^power frequencies, and their number."""
    from scipy.optimize import minimize_scalar

    w, found = periodogram(x)
    m = max(4, min(int(x.size**power), w.size))
    w, found = w[:m], found[:m]
    logs = np.log(w)
    best = minimize_scalar(
        lambda d: math.log(float(np.mean(found * w ** (2.0 * d)))) - 2.0 * d * float(logs.mean()),
        bounds=(-0.5, 1.0), method="bounded", options={"xatol": 1e-7},
    )  # fmt: skip
    return float(best.x) + 0.5, m


def fit(value: npt.ArrayLike, *, power: float = 0.6) -> WhittleFit:
    """Estimate the exponent of a series of increments.

    Raises
    ------
    ResearchError
        With fewer than 64 finite values, or when all are equal.
    """
    from scipy.optimize import minimize_scalar

    x = finite(value, LEAST, "hurst_whittle")
    w, found = periodogram(x)
    best = minimize_scalar(
        lambda h: _contrast(h, w, found), bounds=(0.01, 0.99), method="bounded",
        options={"xatol": 1e-7},
    )  # fmt: skip
    h = float(best.x)
    near = min(max(h, 0.02), 0.98)
    change = (
        np.log(noise_spectrum(w, near + 1e-4)) - np.log(noise_spectrum(w, near - 1e-4))
    ) / 2e-4
    error = math.sqrt(1.0 / float(np.sum((change - change.mean()) ** 2)))
    local, m = local_whittle(x, power)
    return WhittleFit(h, error, local, 0.5 / math.sqrt(m), m, x.size)


ANALYTIC = Analytic(
    name="hurst_whittle", group="econophysics", inputs=("value",), doc=__doc__, fit=fit,
    params=(
        Param("power", 0.6, "the local one reads n^power frequencies", 0.2, 0.9),
    ),
    need=Need(seconds=900.0),
)  # fmt: skip

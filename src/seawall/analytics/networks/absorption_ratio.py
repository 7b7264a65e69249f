# SPDX-License-Identifier: MIT
"""Absorption ratio: how much of the variance the first few factors take up, and its jumps.

Formula: correlations from exponentially weighted moments (half-life h); AR = share of the
trace in the largest N / 5 eigenvalues (one at least); shift = (mean AR of the last ``short``
values less that of the last ``long``) over the standard deviation of the latter.
Unit: AR from k / N to 1; shift in standard deviations.
Assumption: a tight market passes shocks on; it is a state of fragility, not a forecast of a
crash.  With heavy tails one common shock raises AR for about h rows.  The spectrum is found
once in ``every`` rows and held between.
Cost: O(N^2) per row, O(N^3) per spectrum; N^2 + N + long + 5 numbers of state.
Source: Kritzman, Li, Page and Rigobon (2011), Journal of Portfolio Management 37(4), who
weigh covariances; correlations here, so that the wildest coin is not the market.
"""

from __future__ import annotations

import math

import numpy as np

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Need, Param

NAN = float("nan")
SEEN, RATIO, TOP, COUNT, WEIGHT = range(5)
FIXED = 5


@step
def absorb(state: Array, mean: Array, cross: Table, row: Array, decay: float) -> None:
    """Put a row into the weighted moments."""
    n = row.size
    weight = decay * state[WEIGHT] + 1.0
    state[WEIGHT] = weight
    rest = 1.0 - 1.0 / weight
    for i in range(n):
        d = row[i] - mean[i]
        for j in range(i + 1):
            cross[i, j] = rest * (cross[i, j] + d * (row[j] - mean[j]) / weight)
    for i in range(n):
        mean[i] += (row[i] - mean[i]) / weight


@step
def spectrum(cross: Table, c: Table, top: int) -> tuple[float, float]:
    """Share of the ``top`` largest eigenvalues and of the largest alone."""
    n = cross.shape[0]
    for i in range(n):
        if not cross[i, i] > 0.0:
            return NAN, NAN
    for i in range(n):
        for j in range(i + 1):
            c[i, j] = cross[i, j] / math.sqrt(cross[i, i] * cross[j, j])
            c[j, i] = c[i, j]
    values = np.linalg.eigvalsh(c)
    share = 0.0
    for k in range(n - top, n):
        share += values[k]
    return share / n, values[n - 1] / n


@step
def shift(ring: Array, count: int, short: int) -> float:
    """Standardised shift of the newest values against the whole ring; 0 where all are equal."""
    n = ring.size
    mean, recent, square = 0.0, 0.0, 0.0
    for k in range(n):
        mean += ring[k] / n
    for k in range(n):
        square += (ring[k] - mean) ** 2
    for k in range(short):
        recent += ring[(count - 1 - k) % n] / short
    deviation = math.sqrt(square / n)
    return (recent - mean) / deviation if deviation > 1e-12 else 0.0


@entry
def batch(state: Array, params: Array, out: Table, returns: Table) -> None:
    """Take row by row."""
    n, short, long, every = returns.shape[1], int(params[1]), int(params[2]), int(params[3])
    decay = 0.5 ** (1.0 / params[0])
    least = max(float(n), 2.0)
    mean = state[FIXED : FIXED + n]
    cross = state[FIXED + n : FIXED + n + n * n].reshape(n, n)
    ring = state[FIXED + n + n * n :]
    c = np.empty((n, n))
    top = max(1, n // 5)
    for i in range(returns.shape[0]):
        out[i, :] = NAN
        total = 0.0
        for k in range(n):
            total += abs(returns[i, k])
        if n < 2 or not total < 1e150:
            continue
        absorb(state, mean, cross, returns[i], decay)
        state[SEEN] += 1.0
        if state[SEEN] < least:
            continue
        if int(state[SEEN]) % every == 0 or state[COUNT] == 0.0:
            ratio, first = spectrum(cross, c, top)
            if not math.isfinite(ratio):
                continue
            state[RATIO], state[TOP] = ratio, first
            ring[int(state[COUNT]) % long] = ratio
            state[COUNT] += 1.0
        out[i, 0], out[i, 1] = state[RATIO], state[TOP]
        if state[COUNT] >= long:
            out[i, 2] = shift(ring, int(state[COUNT]), short)


ANALYTIC = Analytic(
    name="absorption_ratio", group="networks", inputs=("returns",), doc=__doc__, batch=batch,
    outputs=("absorption", "first", "shift"),
    state_size=lambda params, levels: FIXED + levels * (levels + 1) + int(params[2]),
    params=(
        Param("half_life", 168.0, "of the weights, rows", 1.0),
        Param("short", 24, "spectra of the recent mean", 1, 1e5, whole=True),
        Param("long", 720, "spectra of the usual mean and deviation", 2, 1e6, whole=True),
        Param("every", 1, "rows from one spectrum to the next", 1, 1e6, whole=True),
    ),
    need=Need(bars=1_000),
)  # fmt: skip

# SPDX-License-Identifier: MIT
"""Compiled parts of the gate: standardising, weighted updates, distances.

Three functions that do not call one another: each is compiled and cached by itself.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from seawall.model.jit import entry

Floats = npt.NDArray[np.float64]

DISTANCE, LOG_HIGH, LOG_LOW, KL, KL_REVERSE, ANCHOR, LOSS = range(7)
"""Places in the answer of :func:`distances`; logarithms are of the spectrum's ends."""

MEASURES = 7
TINY = 1e-12


@entry
def standardise(
    rows: Floats,
    centre: Floats,
    least: Floats,
    variance: Floats,
    seen: int,
    decay: float,
    clip: float,
    out: Floats,
) -> None:
    """Divide rows by the volatility known before each of them; ``variance`` moves on.

    A row enters the volatility as at most ``clip`` of it, so that one print moves it by a
    bounded factor.  The first of a stream, of which ``seen`` came before, count for more:
    what they begin with is worth ten rows.  With ``decay`` 1 the scale stays as it is.
    """
    n, d = rows.shape
    for t in range(n):
        gain = max(1.0 - decay, 1.0 / (seen + t + 10.0))
        for j in range(d):
            scale = np.sqrt(variance[j])
            if scale < least[j]:
                scale = least[j]
            z = (rows[t, j] - centre[j]) / scale
            out[t, j] = z
            if decay < 1.0:
                if z > clip:
                    z = clip
                elif z < -clip:
                    z = -clip
                variance[j] += gain * ((z * scale) * (z * scale) - variance[j])


@entry
def push(
    rows: Floats,
    weights: Floats,
    mean: Floats,
    cov: Floats,
    centre: Floats,
    factor: Floats,
    decay: float,
    radius: float,
    correction: float,
    mass: Floats,
) -> int:
    """Take rows into ``mean`` and ``cov`` in place; return how many were pulled in.

    A row of weight w counts as w rows.  Rows beyond ``radius`` in the metric of the lower
    Cholesky factor are pulled back to it; a radius of zero or less pulls none.  ``mass``
    holds the sum of the weights and of their squares.
    """
    n, d = rows.shape
    z = np.empty(d)
    pulled = 0
    for t in range(n):
        keep = decay ** weights[t]
        gain = 1.0 - keep
        shrink = 1.0
        if radius > 0.0:
            square = 0.0
            for i in range(d):
                total = rows[t, i] - centre[i]
                for m in range(i):
                    total -= factor[i, m] * z[m]
                z[i] = total / factor[i, i]
                square += z[i] * z[i]
            if square > radius * radius:
                shrink = radius / np.sqrt(square)
                pulled += 1
        for i in range(d):
            z[i] = centre[i] + shrink * (rows[t, i] - centre[i]) - mean[i]
        for i in range(d):
            for j in range(i + 1):
                value = keep * (cov[i, j] + gain * z[i] * z[j] / correction)
                cov[i, j] = value
                cov[j, i] = value
        for i in range(d):
            mean[i] += gain * z[i]
        mass[0] = keep * mass[0] + gain
        mass[1] = keep * keep * mass[1] + gain * gain
    return pulled


@entry
def distances(
    mean: Floats,
    cov: Floats,
    ref_mean: Floats,
    ref_factor: Floats,
    golden: Floats,
    golden_far: Floats,
    golden_mean: Floats,
    golden_cov: Floats,
    tau: float,
    out: Floats,
) -> bool:
    """Write all distances of a model from a reference; False when they cannot be had.

    Everything is in the axes of the reference, in which it is the unit Gaussian.
    ``golden`` holds golden rows in those axes by falling length ``golden_far``, so that only
    rows which could lie on either side of ``tau`` are looked at: the count is exact.
    """
    d = mean.size
    m = np.empty(d)
    half = np.empty((d, d))
    S = np.empty((d, d))
    for i in range(d):  # m = F^-1 (mean - ref), half = F^-1 cov
        total = mean[i] - ref_mean[i]
        for k in range(i):
            total -= ref_factor[i, k] * m[k]
        m[i] = total / ref_factor[i, i]
        for j in range(d):
            total = cov[i, j]
            for k in range(i):
                total -= ref_factor[i, k] * half[k, j]
            half[i, j] = total / ref_factor[i, i]
    for i in range(d):  # S = half F^-T, symmetric
        for j in range(d):
            total = half[i, j]
            for k in range(j):
                total -= S[i, k] * ref_factor[j, k]
            S[i, j] = total / ref_factor[j, j]
    L = np.zeros((d, d))
    low, high = np.inf, 0.0
    for i in range(d):
        for j in range(i + 1):
            total = S[i, j]
            for k in range(j):
                total -= L[i, k] * L[j, k]
            if i == j:
                if not (total > 0.0 and total < np.inf):
                    return False
                L[i, i] = np.sqrt(total)
                low, high = min(low, L[i, i]), max(high, L[i, i])
            else:
                L[i, j] = total / L[j, j]
    if not low > TINY * high:
        return False
    g = np.linalg.eigvalsh(S)
    if not (g[0] > 0.0 and g[d - 1] < np.inf):
        return False
    P = np.zeros((d, d))  # inverse of L
    for j in range(d):
        P[j, j] = 1.0 / L[j, j]
        for i in range(j + 1, d):
            total = 0.0
            for k in range(j, i):
                total -= L[i, k] * P[k, j]
            P[i, j] = total / L[i, i]
    square, reverse, stretch, shrink, log_det = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(d):
        square += m[i] * m[i]
        total = 0.0
        for k in range(i + 1):
            total += P[i, k] * m[k]
        reverse += total * total
        log_g = np.log(g[i])
        stretch += g[i] - 1.0 - log_g
        shrink += 1.0 / g[i] - 1.0 + log_g
        log_det += log_g
    if not (square < np.inf and reverse < np.inf):
        return False
    out[DISTANCE] = np.sqrt(square)
    out[LOG_HIGH] = np.log(g[d - 1])
    out[LOG_LOW] = -np.log(g[0])
    out[KL] = 0.5 * (square + stretch)
    out[KL_REVERSE] = 0.5 * (reverse + shrink)
    # Golden loss: mean negative log-likelihood of golden rows, less that of the reference.
    loss = log_det
    for i in range(d):
        loss -= golden_cov[i, i] + golden_mean[i] * golden_mean[i]
        off = 0.0
        for k in range(i + 1):
            off += P[i, k] * (golden_mean[k] - m[k])
            part = 0.0
            for q in range(i + 1):
                part += golden_cov[k, q] * P[i, q]
            loss += P[i, k] * part
        loss += off * off
    out[LOSS] = 0.5 * loss
    n = golden_far.size
    beyond = 0
    wide, narrow = np.sqrt(g[d - 1]), np.sqrt(g[0])
    y = np.empty(d)
    for t in range(n):
        if golden_far[t] + out[DISTANCE] <= narrow * tau:
            break  # this row and all shorter ones lie inside
        if golden_far[t] - out[DISTANCE] > wide * tau:
            beyond += 1
            continue
        for i in range(d):
            y[i] = golden[t, i] - m[i]
        total = 0.0
        for i in range(d):
            part = 0.0
            for k in range(i + 1):
                part += P[i, k] * y[k]
            total += part * part
            if total > tau * tau:
                break
        if total > tau * tau:
            beyond += 1
    out[ANCHOR] = beyond / max(n, 1)
    return True

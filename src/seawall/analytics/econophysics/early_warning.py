# SPDX-License-Identifier: MIT
"""Signs of critical slowing down: rolling variance, memory and skewness, and their trends.

Formula: x = ln close less its exponential mean (span s, of the bars before and this one);
over the last w values variance v, lag-1 autocorrelation a and skewness g; over the last k of
each of these Kendall's tau against time, tau = (concordant - discordant) / (k (k - 1) / 2).
Unit: variance in squared log price, the rest none; tau from -1 to 1.
Assumption: a system that loses stability returns ever more slowly, so variance and memory
rise before it tips.  Crashes often come without; windows overlap, so that tau is large by
chance as well: ``early_warning_trends`` says how often.
Cost: O(window + 3 trend) per bar; 6 + window + 3 trend numbers of state.
Source: Scheffer et al. (2009), Nature 461; Dakos et al. (2012), PLoS ONE 7(7); Guttal et al.
(2016), PLoS ONE 11(1), who find variance but not memory to rise before crashes.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Need, Param

NAN = float("nan")
SEEN, MEAN, CONCORD = 0, 1, 2  # three sums of signs from CONCORD on
SKIP, RING = 5, 6


@step
def moments(ring: Array, head: int) -> tuple[float, float, float]:
    """Variance, lag-1 autocorrelation and skewness of a ring whose oldest is at ``head``."""
    n = ring.size
    mean = 0.0
    for k in range(n):
        mean += ring[k]
    mean /= n
    s2, s3, lag = 0.0, 0.0, 0.0
    before = ring[head] - mean
    for k in range(n):
        at = head + k
        d = ring[at if at < n else at - n] - mean
        s2 += d * d
        s3 += d * d * d
        if k > 0:
            lag += d * before
        before = d
    if not s2 > 1e-26 * n:
        return 0.0, NAN, NAN
    return s2 / n, lag / s2, s3 / n / (s2 / n) ** 1.5


@step
def trend(ring: Array, count: int, concord: float, value: float) -> float:
    """Kendall's sum of signs after ``value`` has taken the place of the oldest number."""
    n = ring.size
    head = count % n
    full = count >= n
    oldest = ring[head]
    for k in range(min(count, n)):
        if k == head and full:
            continue
        if full:
            concord -= (ring[k] > oldest) * 1.0 - (ring[k] < oldest) * 1.0
        concord += (value > ring[k]) * 1.0 - (value < ring[k]) * 1.0
    ring[head] = value
    return concord


@step
def update(state: Array, params: Array, out: Array, close: float) -> None:
    """Take one close and fill one row."""
    for j in range(6):
        out[j] = NAN
    if not 0.0 < close < 1e300:
        return
    window, length = int(params[0]), int(params[1])
    seen = int(state[SEEN])
    level = math.log(close)
    weight = max(2.0 / (params[2] + 1.0), 1.0 / (seen + 1.0))
    state[MEAN] += weight * (level - state[MEAN])
    ring = state[RING : RING + window]
    ring[seen % window] = level - state[MEAN]
    seen += 1
    state[SEEN] = float(seen)
    if seen < window:
        return
    v, a, g = moments(ring, seen % window)
    out[0], out[1], out[2] = v, a, g
    if not math.isfinite(a):  # a price that does not move has no trend in what it lacks
        state[SKIP] += 1.0
        return
    count = seen - window - int(state[SKIP])
    for j in range(3):
        start = RING + window + j * length
        past = state[start : start + length]
        state[CONCORD + j] = trend(past, count, state[CONCORD + j], out[j])
        if count + 1 >= length:
            out[3 + j] = state[CONCORD + j] / (0.5 * length * (length - 1.0))


@entry
def batch(state: Array, params: Array, out: Table, close: Array) -> None:
    """Loop of :func:`update`."""
    for i in range(close.size):
        update(state, params, out[i], close[i])


ANALYTIC = Analytic(
    name="early_warning", group="econophysics", inputs=("close",), doc=__doc__, batch=batch,
    outputs=("variance", "ar1", "skew", "tau_variance", "tau_ar1", "tau_skew"),
    state_size=lambda params, levels: RING + int(params[0]) + 3 * int(params[1]),
    params=(
        Param("window", 200, "bars of the moments", 4, 1e6, whole=True),
        Param("trend", 200, "values of a moment whose trend is taken", 3, 1e5, whole=True),
        Param("span", 100.0, "bars of the exponential mean that is taken away", 1.0),
    ),
    need=Need(seconds=900.0),
)  # fmt: skip

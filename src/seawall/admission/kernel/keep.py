# SPDX-License-Identifier: MIT
"""Bounded memories: the reservoir of samples and the log of rejections.

Reservoir: one stratum per source; weighted sampling without replacement by the largest
keys (Efraimidis and Spirakis, Inf. Process. Lett. 97, 2006), written with Gumbel noise:
key = ln(weight) + G, so that a fading of old samples is a number added to the key.
"""

from __future__ import annotations

import math

import numpy as np

from seawall.admission.kernel import layout as at
from seawall.admission.kernel.jit import inlined

LN2 = math.log(2.0)


@inlined
def uniform(s: at.State) -> float:
    """Next number in (0, 1) of a SplitMix64 generator (Steele, Lea and Flood 2014)."""
    s.rng[0] += np.uint64(0x9E3779B97F4A7C15)
    z = s.rng[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return (np.float64(z >> np.uint64(11)) + 0.5) * (1.0 / 9007199254740992.0)


@inlined
def offer(s: at.State, row: int, ts: int, stream: int, seq: int, value: float) -> None:
    """Offer an admitted sample to the reservoir of its source."""
    own = s.ints[row]
    own[at.KEPT_SEEN] += 1
    key = math.log(s.floats[row, at.TRUST]) - math.log(-math.log(uniform(s)))
    if s.pf[at.P_KEEP_HALF_NS] > 0.0:
        key += LN2 * ((ts - s.ctl[at.STARTED]) / s.pf[at.P_KEEP_HALF_NS])
    keys = s.kept_key[row]
    n = own[at.KEPT]
    if n < keys.size:
        place = n
        own[at.KEPT] = n + 1
    else:
        place = own[at.KEPT_LEAST]
        if key <= keys[place]:
            return
    keys[place] = key
    s.kept_value[row, place] = value
    s.kept_ints[row, place, 0] = ts
    s.kept_ints[row, place, 1] = stream
    s.kept_ints[row, place, 2] = seq
    if own[at.KEPT] == keys.size:
        least = 0
        for i in range(1, keys.size):
            if keys[i] < keys[least]:
                least = i
        own[at.KEPT_LEAST] = least


@inlined
def note(
    s: at.State, reason: int, ts: int, stream: int, seq: int, value: float, allowed: float
) -> None:
    """Offer a rejection to the log: a uniform sample of each reason (Vitter 1985)."""
    s.log_n[reason] += 1
    n = s.log_n[reason]
    cap = s.log_ints.shape[1]
    place = n - 1
    if n > cap:
        place = int(uniform(s) * n)
        if place >= cap:
            return
    s.log_ints[reason, place, 0] = ts
    s.log_ints[reason, place, 1] = stream
    s.log_ints[reason, place, 2] = seq
    s.log_floats[reason, place, 0] = value
    s.log_floats[reason, place, 1] = allowed

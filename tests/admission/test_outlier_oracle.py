# SPDX-License-Identifier: MIT
"""Outliers against a count of the voices, one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.admission import Admission, Decision
from seawall.admission.kernel import layout as at

from .samples import T0, S


def voices_beyond(a: Admission, row: int, ts: int, value: float) -> tuple[float, float, int]:
    """Largest share of the other fresh voices beyond the allowed distance on one side.

    Counted one by one; with it the distance and how many others there are.
    """
    s = a.state
    group, seat = int(s.ints[row, at.GROUP]), int(s.ints[row, at.SEAT])
    middle = float(s.groups[group, at.G_SCALE])
    scale = min(max(float(s.floats[row, at.SCALE]), middle), 3.0 * middle)
    far = max(a.settings.refuse_sigmas * scale, a.settings.refuse_floor)
    x = value - float(s.floats[row, at.BASIS])
    total = low = high = 0.0
    n = 0
    for k in range(s.peer_ts.shape[1]):
        w = float(s.peer_weight[group, k])
        if k != seat and w > 0 and int(s.peer_ts[group, k]) >= ts - a.settings.fresh_ns:
            n, total = n + 1, total + w
            low += w * (float(s.peer_value[group, k]) < x - far)
            high += w * (float(s.peer_value[group, k]) > x + far)
    return (max(low, high) / total if total else 0.0), far, n


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.integers(3, 9), st.integers(1, 3))
def test_an_outlier_is_what_more_than_half_of_the_voices_contradict(
    seed: int, sources: int, feeds: int
) -> None:
    rng = np.random.default_rng(seed)
    a = Admission()
    a.enroll_all((f"venue{k // feeds}|BTC/USDT|feed{k}", "BTC") for k in range(sources))
    n = 60 * sources
    ts = T0 + np.cumsum(rng.exponential(S / 20, n)).astype(np.int64)
    stream = rng.integers(0, sources, n)
    value = np.round(rng.normal(0, 5e-4, n) + rng.choice([0.0, 0.0, 0.01, -0.01], n), 4)
    warm = 20 * sources
    a.admit(ts[:warm], stream[:warm], np.zeros(warm))
    for t, k, v in zip(ts[warm:], stream[warm:], value[warm:], strict=True):
        row = int(k) + 1
        a.admit([t], [-1], [0.0])  # an epoch that ends here ends before we look
        share, _, others = voices_beyond(a, row, int(t), float(v))
        if a.state.ints[row, at.SUSPENDED] or a.state.ints[row, at.WARM] < at.WARM_SAMPLES:
            continue
        (code,) = a.admit([t], [k], [v])
        assert (code == Decision.OUTLIER) == (others >= 2 and share > 0.5 + 1e-9)
        order, place = a.state.order[1]
        assert np.all(np.diff(a.state.peer_value[1][order]) >= 0.0)
        assert np.array_equal(place[order], np.arange(order.size))

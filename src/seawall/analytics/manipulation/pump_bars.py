# SPDX-License-Identifier: MIT
"""Evidence of a pump in bars: price and volume far above their recent means at once.

Formula: m_p, m_v = means of closes and volumes of the ``window`` bars before; rise =
high / m_p - 1, surge = volume / m_v - 1; score = sqrt(clip(rise / (2 ``rise``), 0, 1)
clip(surge / (2 ``surge``), 0, 1)): at least 1/2 where both reach their thresholds;
fall = 1 - close / high: how much of the rise was gone by the close, of the whole rise.
Unit: score, fall 0 to 1; rise, surge fractions.  Evidence and no verdict: listings and news
look alike.
Assumption: bars of equal length; a bar is known at its close, so a pump of minutes is seen
when it is over.
Cost: O(window) per bar, 5 + 2 window numbers of state.
Source: Kamps and Kleinberg (2018), Crime Science 7:18, for the two anomalies at once; the
score is our own.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
HEAD, SEEN, PRICES, VOLUMES = range(4)
RING = 5


@step
def clip(value: float) -> float:
    """Bound to 0 and 1."""
    return min(max(value, 0.0), 1.0)


@entry
def batch(
    state: Array, params: Array, out: Table, high: Array, close: Array, volume: Array
) -> None:  # fmt: skip
    """Loop over bars."""
    window = int(params[0])
    for i in range(close.size):
        out[i] = NAN
        fine = close[i] > 0.0 and high[i] >= close[i] and high[i] < 1e300
        if not (fine and volume[i] >= 0.0 and volume[i] < 1e300):
            continue
        if state[SEEN] >= window:
            rise = high[i] / (state[PRICES] / window) - 1.0
            usual = state[VOLUMES] / window
            surge = volume[i] / usual - 1.0 if usual > 0.0 else 0.0
            out[i, 0] = math.sqrt(clip(rise / (2.0 * params[1])) * clip(surge / (2.0 * params[2])))
            out[i, 1], out[i, 2] = rise, surge
            lift = high[i] - state[PRICES] / window
            out[i, 3] = clip((high[i] - close[i]) / lift) if lift > 0.0 else 0.0
        head = int(state[HEAD])
        state[RING + 2 * head], state[RING + 2 * head + 1] = close[i], volume[i]
        state[HEAD] = (head + 1) % window
        state[SEEN] = min(state[SEEN] + 1.0, float(window))
        state[PRICES] = state[VOLUMES] = 0.0
        for k in range(window):
            state[PRICES] += state[RING + 2 * k]
            state[VOLUMES] += state[RING + 2 * k + 1]


ANALYTIC = Analytic(
    name="pump_bars", group="manipulation", doc=__doc__, inputs=("high", "close", "volume"),
    outputs=("score", "rise", "surge", "fall"), batch=batch,
    state_size=lambda params, levels: RING + 2 * int(params[0]),
    params=(
        Param("window", 12, "bars before that are the usual", 2, 1e4, whole=True),
        Param("rise", 0.05, "rise of the price that is half the evidence", 1e-4, 100.0),
        Param("surge", 3.0, "rise of the volume that is half the evidence", 1e-3, 1e4),
    ),
)  # fmt: skip

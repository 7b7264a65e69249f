# SPDX-License-Identifier: MIT
"""Hjorth's parameters of the last values: activity, mobility and complexity.

Formula: activity = var(x); mobility = sqrt(var(dx) / var(x)); complexity = mobility of dx
over mobility of x; dx the difference of neighbours, over a window of w values.
Unit: activity in squares of the input, mobility per step, complexity none.
Assumption: even steps.  White noise has mobility sqrt(2) and complexity near 1.22; a smooth
series has less mobility, and a pure sine a complexity of 1.
Cost: O(window) per value; 1 + window numbers of state.
Source: Hjorth (1970), Electroencephalography and Clinical Neurophysiology 29(3).
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Need, Param

NAN = float("nan")


@step
def update(state: Array, window: int, out: Array, value: float) -> None:
    """Take one value and fill one row."""
    out[0], out[1], out[2] = NAN, NAN, NAN
    if not abs(value) < 1e150:
        return
    seen = int(state[0])
    ring = state[1 : 1 + window]
    ring[seen % window] = value
    seen += 1
    state[0] = float(seen)
    if seen < window:
        return
    x = value
    sx, sxx, sd, sdd, se, see = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    last, slope = 0.0, 0.0
    head = seen % window
    for k in range(window):
        at = head + k
        y = (
            ring[at if at < window else at - window] - x
        )  # near the newest value, so that squares are exact
        sx += y
        sxx += y * y
        d = y - last
        if k > 0:
            sd += d
            sdd += d * d
        if k > 1:
            e = d - slope
            se += e
            see += e * e
        last, slope = y, d
    n = float(window)
    vx = sxx / n - (sx / n) ** 2
    vd = sdd / (n - 1.0) - (sd / (n - 1.0)) ** 2
    ve = see / (n - 2.0) - (se / (n - 2.0)) ** 2
    if vx > 1e-14 * sxx / n and vd > 0.0:
        out[0], out[1] = vx, math.sqrt(vd / vx)
        out[2] = math.sqrt(max(ve, 0.0) / vd) / out[1]
    else:
        out[0] = 0.0


@entry
def batch(state: Array, params: Array, out: Table, value: Array) -> None:
    """Loop of :func:`update`."""
    window = int(params[0])
    for i in range(value.size):
        update(state, window, out[i], value[i])


ANALYTIC = Analytic(
    name="hjorth", group="econophysics", inputs=("value",), doc=__doc__, batch=batch,
    outputs=("activity", "mobility", "complexity"),
    state_size=lambda params, levels: 1 + int(params[0]),
    params=(Param("window", 200, "values", 4, 1e6, whole=True),),
    need=Need(seconds=300.0),
)  # fmt: skip

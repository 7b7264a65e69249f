# SPDX-License-Identifier: MIT
"""Page and Hinkley's test: deviations from the running mean, cumulated with forgetting.

Formula: U = alpha U + (x - mean) - delta, alarm when U - min U is above the threshold; the
mirror image for falls; all begins again after an alarm.  ``alarm`` is +1 or -1, 0 for none.
Unit: that of the values.
Assumption: a stationary mean until the change; no law is assumed, so that the threshold has
to be calibrated on the user's own quiet data.
Cost: O(1), no allocation; 6 numbers of state.
Source: Page (1954), Biometrika 41; Hinkley (1971), Biometrika 58.
"""

from __future__ import annotations

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
COUNT, MEAN, UP, DOWN, LEAST, MOST = range(6)
ROWS, DELTA, THRESHOLD, ALPHA = range(4)


@step
def update(state: Array, p: Array, row: Array, x: float) -> bool:
    """Take one value; says whether it was one."""
    if not abs(x) < 1e150:
        return False
    first = state[COUNT] == 0.0
    state[COUNT] += 1.0
    state[MEAN] += (x - state[MEAN]) / state[COUNT]
    away = x - state[MEAN]
    state[UP] = p[ALPHA] * state[UP] + away - p[DELTA]
    state[DOWN] = p[ALPHA] * state[DOWN] + away + p[DELTA]
    state[LEAST] = state[UP] if first else min(state[LEAST], state[UP])
    state[MOST] = state[DOWN] if first else max(state[MOST], state[DOWN])
    rise, fall = state[UP] - state[LEAST], state[MOST] - state[DOWN]
    row[0], row[1], row[2], row[3] = rise, fall, 0.0, state[MEAN]
    if state[COUNT] >= p[ROWS] and (rise > p[THRESHOLD] or fall > p[THRESHOLD]):
        row[2] = 1.0 if rise > p[THRESHOLD] else -1.0
        state[:] = 0.0
    return True


@entry
def batch(state: Array, params: Array, out: Table, value: Array) -> None:
    """Loop of :func:`update`."""
    for i in range(value.size):
        if not update(state, params, out[i], value[i]):
            out[i, :] = NAN


ANALYTIC = Analytic(
    name="page_hinkley", group="regimes", inputs=("value",), doc=__doc__,
    outputs=("rise", "fall", "alarm", "mean"), batch=batch, state_size=lambda params, levels: 6,
    params=(
        Param("rows", 30, "rows before the first alarm", 1, 1e9, whole=True),
        Param("delta", 0.005, "change of the mean that is tolerated", 0.0),
        Param("threshold", 50.0, "in the unit of the values", 1e-300),
        Param("alpha", 0.9999, "what is kept of the sums each row", 1e-9, 1.0),
    ),
)  # fmt: skip

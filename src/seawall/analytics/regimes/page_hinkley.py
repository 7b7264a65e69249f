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

from typing import Any

import numpy as np
import numpy.typing as npt

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

Whole = npt.NDArray[np.int64]
NAN = float("nan")
COUNT, MEAN, UP, DOWN, LEAST, MOST = range(6)
ROWS, DELTA, THRESHOLD, ALPHA, RIVER = range(5)


@step
def walk(state: Array, p: Array, value: Array, out: Table, found: Whole) -> int:
    """Take values one by one; rows go to ``out``, or those of alarms alone to ``found``."""
    rows, delta, threshold, alpha = p[ROWS], p[DELTA], p[THRESHOLD], p[ALPHA]
    floor = -1.0 if p[RIVER] == 1.0 else -np.inf
    count, mean, up, down = state[COUNT], state[MEAN], state[UP], state[DOWN]
    least, most, alarms = state[LEAST], state[MOST], 0
    for i in range(value.size):
        x = value[i]
        if not abs(x) < 1e150:
            if out.size:
                out[i, :] = NAN
            continue
        if count == 0.0:
            least, most = np.inf, floor
        count += 1.0
        mean += (x - mean) / count
        away = x - mean
        up = alpha * up + away - delta
        down = alpha * down + away + delta
        least, most = min(least, up), max(most, down)
        rise, fall, alarm = up - least, most - down, 0.0
        if count >= rows and (rise > threshold or fall > threshold):
            alarm = 1.0 if rise > threshold else -1.0
        if out.size:
            out[i, 0], out[i, 1], out[i, 2], out[i, 3] = rise, fall, alarm, mean
        elif alarm != 0.0:
            found[alarms] = i
        if alarm != 0.0:
            alarms += 1
            count = mean = up = down = least = most = 0.0
    state[COUNT], state[MEAN], state[UP], state[DOWN] = count, mean, up, down
    state[LEAST], state[MOST] = least, most
    return alarms


@entry
def alarms(state: Array, params: Array, value: Array, found: Whole) -> Any:
    """Rows at which the test alarms; gives how many."""
    return walk(state, params, value, np.empty((0, 4)), found)


@entry
def batch(state: Array, params: Array, out: Table, value: Array) -> None:
    """Values of every row."""
    walk(state, params, value, out, np.empty(0, np.int64))


ANALYTIC = Analytic(
    name="page_hinkley", group="regimes", inputs=("value",), doc=__doc__,
    outputs=("rise", "fall", "alarm", "mean"), batch=batch, state_size=lambda params, levels: 6,
    params=(
        Param("rows", 30, "rows before the first alarm", 1, 1e9, whole=True),
        Param("delta", 0.005, "change of the mean that is tolerated", 0.0),
        Param("threshold", 50.0, "in the unit of the values", 1e-300),
        Param("alpha", 0.9999, "what is kept of the sums each row", 1e-9, 1.0),
        Param("river", 0, "1: falls count from -1 on, as in the package river 0.26", 0, 1, True),
    ),
)  # fmt: skip

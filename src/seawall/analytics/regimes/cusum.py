# SPDX-License-Identifier: MIT
"""Cumulated sums that tell a shift of the mean, with the time at which it began.

Formula: z = (x - target)/scale; S+ = max(0, S+ + z - k), S- = max(0, S- - z - k); alarm when
either is above h, after which both begin again at ``head_start`` h.  ``alarm`` is +1 or -1 for
the arm, 0 for none; ``onset`` is how many rows ago the alarming arm left zero.
Unit: k, h and the arms in standard deviations of z, rows.
Assumption: z are independent with mean 0 and standard deviation 1 until the change: feed
residuals (``garch_filter`` z), never prices or raw returns.  Rows between false alarms of
normal values: k = 0.5 with h = 4, 4.77, 5 gives 168, 369, 465; t with three degrees of
freedom halves that: ``seawall.robust.change.cusum_threshold`` gives h for a run length.
Cost: O(1), no allocation; 5 numbers of state.
Source: Page (1954), Biometrika 41; Brook and Evans (1972), Biometrika 59, for run lengths.
"""

from __future__ import annotations

from seawall.analytics.jit import Array, Table, entry
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
SEEN, PLUS, MINUS, PLUS_AGE, MINUS_AGE = range(5)
K, H, TARGET, SCALE, HEAD_START = range(5)


@entry
def batch(state: Array, params: Array, out: Table, value: Array) -> None:
    """Take values one by one; the state is in registers between the first and the last."""
    k, h, target, scale = params[K], params[H], params[TARGET], params[SCALE]
    head = params[HEAD_START] * h
    seen, plus, minus = state[SEEN], state[PLUS], state[MINUS]
    plus_age, minus_age = state[PLUS_AGE], state[MINUS_AGE]
    if seen == 0.0:
        plus = minus = head
        plus_age = minus_age = -1.0
    for i in range(value.size):
        x = value[i]
        if not abs(x) < 1e150:
            out[i, :] = NAN
            if seen > 0.0:  # time passes all the same
                plus_age, minus_age = plus_age + 1.0, minus_age + 1.0
            continue
        z = (x - target) / scale
        plus_age = 0.0 if plus == 0.0 else plus_age + 1.0
        minus_age = 0.0 if minus == 0.0 else minus_age + 1.0
        plus, minus = max(0.0, plus + z - k), max(0.0, minus - z - k)
        seen += 1.0
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = plus, minus, 0.0, 0.0
        if plus > h or minus > h:
            up = plus > h
            out[i, 2] = 1.0 if up else -1.0
            out[i, 3] = plus_age if up else minus_age
            plus = minus = head
            plus_age = minus_age = -1.0
    if seen > 0.0:
        state[SEEN], state[PLUS], state[MINUS] = seen, plus, minus
        state[PLUS_AGE], state[MINUS_AGE] = plus_age, minus_age


ANALYTIC = Analytic(
    name="cusum", group="regimes", inputs=("value",), doc=__doc__,
    outputs=("s_plus", "s_minus", "alarm", "onset"), batch=batch,
    state_size=lambda params, levels: 5,
    params=(
        Param("k", 0.5, "allowance, standard deviations: half of the shift to be found", 0.0, 1e6),
        Param("h", 5.0, "threshold, standard deviations", 1e-12, 1e9),
        Param("target", 0.0, "mean without change"),
        Param("scale", 1.0, "standard deviation without change", 1e-300),
        Param("head_start", 0.0, "share of h at which both arms begin", 0.0, 0.99),
    ),
)  # fmt: skip

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

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
SEEN, PLUS, MINUS, PLUS_AGE, MINUS_AGE = range(5)
K, H, TARGET, SCALE, HEAD_START = range(5)


@step
def update(state: Array, p: Array, row: Array, x: float) -> bool:
    """Take one value; says whether it was one."""
    if not abs(x) < 1e150:
        return False
    head = p[HEAD_START] * p[H]
    if state[SEEN] == 0.0:
        state[PLUS] = state[MINUS] = head
    z = (x - p[TARGET]) / p[SCALE]
    state[PLUS_AGE] = 0.0 if state[PLUS] == 0.0 else state[PLUS_AGE] + 1.0
    state[MINUS_AGE] = 0.0 if state[MINUS] == 0.0 else state[MINUS_AGE] + 1.0
    state[PLUS] = max(0.0, state[PLUS] + z - p[K])
    state[MINUS] = max(0.0, state[MINUS] - z - p[K])
    state[SEEN] += 1.0
    row[0], row[1], row[2], row[3] = state[PLUS], state[MINUS], 0.0, 0.0
    if state[PLUS] > p[H] or state[MINUS] > p[H]:
        up = state[PLUS] > p[H]
        row[2] = 1.0 if up else -1.0
        row[3] = state[PLUS_AGE] if up else state[MINUS_AGE]
        state[PLUS] = state[MINUS] = head
        state[PLUS_AGE] = state[MINUS_AGE] = -1.0
    return True


@entry
def batch(state: Array, params: Array, out: Table, value: Array) -> None:
    """Loop of :func:`update`."""
    for i in range(value.size):
        if not update(state, params, out[i], value[i]):
            out[i, :] = NAN


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

# SPDX-License-Identifier: MIT
"""Filtered probabilities of volatility regimes: what is known at each row, and no more.

Formula: p_t(j) is in proportion to f_j(x_t) sum_i p_{t-1}(i) P_ij, from the stationary law
on, with f_j normal or Student's t; the regime is the likeliest state, the vol the standard
deviation of the mixture that the next row is drawn from.
Unit: probabilities; state 1 (calm) to 4 (crisis); vol in that of the values; surprise is
-ln of the density of the row, in nats.
Assumption: the parameters come from a fit (``hmm_fit``) on earlier rows; the defaults are
those of hourly returns of BTC in percent, and only show the form.
Cost: O(states^2) per row; 5 numbers of state.
Source: Hamilton (1989), Econometrica 57(2), section 4.
"""

from __future__ import annotations

import math

import numpy as np

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
MOST = 4
SEEN, PROB = 0, 1
STATES, DOF, MEAN, SD, MOVE = 0, 1, 2, 2 + MOST, 2 + 2 * MOST
LOG_ROOT_TWO_PI = 0.5 * math.log(2.0 * math.pi)
OUTPUTS = ("p_1", "p_2", "p_3", "p_4", "regime", "vol", "surprise")


@step
def law(p: Array, k: int, prob: Array) -> None:
    """Stationary law of the chain into ``prob``, by repeated squaring of its matrix."""
    a, b = np.empty((MOST, MOST)), np.empty((MOST, MOST))
    for i in range(k):
        for j in range(k):
            a[i, j] = p[MOVE + MOST * i + j]
    for _ in range(40):
        for i in range(k):
            for j in range(k):
                b[i, j] = 0.0
                for h in range(k):
                    b[i, j] += a[i, h] * a[h, j]
        for i in range(k):  # squaring doubles the rounding of a sum each time
            total = 0.0
            for j in range(k):
                total += b[i, j]
            for j in range(k):
                a[i, j] = b[i, j] / total
    for j in range(k):
        prob[j] = a[0, j]


@step
def update(
    state: Array, p: Array, unit: float, prior: Array, log: Array, row: Array, x: float
) -> bool:
    """Take one value; says whether it was one."""
    if not abs(x) < 1e150:
        return False
    k, dof = int(p[STATES]), p[DOF]
    if state[SEEN] == 0.0:
        law(p, k, prior)
    else:
        for j in range(k):
            prior[j] = 0.0
            for i in range(k):
                prior[j] += state[PROB + i] * p[MOVE + MOST * i + j]
    most = -np.inf
    for j in range(k):
        scale = p[SD + j] * (math.sqrt((dof - 2.0) / dof) if dof > 0.0 else 1.0)
        z = (x - p[MEAN + j]) / scale
        if dof > 0.0:
            log[j] = unit - math.log(scale) - 0.5 * (dof + 1.0) * math.log1p(z * z / dof)
        else:
            log[j] = unit - math.log(scale) - 0.5 * z * z
        most = max(most, log[j])
    total = 0.0
    for j in range(k):
        prior[j] *= math.exp(log[j] - most)
        total += prior[j]
    total = max(total, 1e-300)
    best, first, second = 0, 0.0, 0.0
    for j in range(k):
        state[PROB + j] = prior[j] / total
        if state[PROB + j] > state[PROB + best]:
            best = j
    for j in range(k):
        ahead = 0.0
        for i in range(k):
            ahead += state[PROB + i] * p[MOVE + MOST * i + j]
        first += ahead * p[MEAN + j]
        second += ahead * (p[SD + j] * p[SD + j] + p[MEAN + j] * p[MEAN + j])
    state[SEEN] += 1.0
    for j in range(MOST):
        row[j] = state[PROB + j]
    row[4], row[5] = best + 1.0, math.sqrt(max(second - first * first, 0.0))
    row[6] = -math.log(total) - most
    return True


@entry
def batch(state: Array, params: Array, out: Table, value: Array) -> None:
    """Loop of :func:`update`."""
    dof, unit = params[DOF], -LOG_ROOT_TWO_PI
    if dof > 0.0:
        unit = math.lgamma(0.5 * (dof + 1.0)) - math.lgamma(0.5 * dof)
        unit -= 0.5 * math.log(dof * math.pi)
    p, k = params.copy(), int(params[STATES])
    for i in range(k):  # rows of probabilities sum to 1, whatever was typed
        total = 0.0
        for j in range(k):
            total += p[MOVE + MOST * i + j]
        for j in range(k):
            at = MOVE + MOST * i + j
            p[at] = p[at] / total if total > 0.0 else 1.0 / k
    prior, log = np.empty(MOST), np.empty(MOST)
    for i in range(value.size):
        if not update(state, p, unit, prior, log, out[i], value[i]):
            out[i, :] = NAN


SDS = (0.25, 0.55, 1.1, 2.6)
STAYS = (0.95, 0.95, 0.93, 0.90)
ANALYTIC = Analytic(
    name="hmm_filter", group="regimes", inputs=("value",), doc=__doc__, outputs=OUTPUTS,
    batch=batch, state_size=lambda params, levels: PROB + MOST,
    params=(
        Param("states", 4, "number of states", 1, MOST, whole=True),
        Param("dof", 0.0, "degrees of freedom of the emissions, above 2; 0 normal", 0.0, 1e3),
        *(Param(f"mean_{i + 1}", 0.0, f"mean of state {i + 1}") for i in range(MOST)),
        *(Param(f"sd_{i + 1}", s, f"standard deviation of state {i + 1}", 1e-300)
          for i, s in enumerate(SDS)),
        *(Param(f"move_{i + 1}{j + 1}", STAYS[i] if i == j else (1.0 - STAYS[i]) / (MOST - 1),
                f"probability of a move from state {i + 1} to {j + 1}", 0.0, 1.0)
          for i in range(MOST) for j in range(MOST)),
    ),
)  # fmt: skip

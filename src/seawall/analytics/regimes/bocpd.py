# SPDX-License-Identifier: MIT
"""Bayesian change points as they happen, with memory that is bounded by pruning.

Formula: with r the rows since the last change and hazard H = 1/lambda, the mass of r + 1 is
that of r times pi_r(x) (1 - H), the mass of 0 the sum of all times pi_r(x) H, then normalised;
pi_r is Student's t, the predictive law of a normal mean and variance under a normal-gamma
prior (mu, kappa, alpha, beta).
Unit: probabilities; run lengths in rows; mean and sd in that of the values; surprise is
-ln pi(x), nats.
Assumption: values between two changes are independent and normal; feed standardised values,
or the prior's beta must fit their scale.  A single far value ends a run.  The mass of r = 0
is H whatever comes: read ``recent``, the mass of r <= ``window``, or a fall of ``run``.
Run lengths below a mass of ``prune`` are dropped, and the least likely one when ``most`` are
kept; with 0 and enough room nothing is.
Cost: O(run lengths kept), about 60 ns each; 4 + 6 ``most`` numbers of state.
Source: Adams and MacKay (2007), arXiv 0710.3742; Murphy (2007) for the conjugate laws.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
KEPT, SEEN, EVIDENCE, HEAD = 0, 1, 2, 4
LAMBDA, WINDOW, MU, KAPPA, ALPHA, BETA, PRUNE, MOST = range(8)
MASS, RUN, M, B, RATIO, FIELDS = 0, 1, 2, 3, 4, 6
OUTPUTS = ("recent", "run", "mean_run", "mean", "sd", "surprise", "log_evidence")


@step
def gamma_ratio(alpha: float) -> float:
    """Gamma(alpha + 1/2) / Gamma(alpha)."""
    return math.exp(math.lgamma(alpha + 0.5) - math.lgamma(alpha))


@step
def begin(state: Array, p: Array, at: int) -> None:
    """A run of length 0 at one place: the prior."""
    most = int(p[MOST])
    state[HEAD + RUN * most + at] = 0.0
    state[HEAD + M * most + at] = p[MU]
    state[HEAD + B * most + at] = p[BETA]
    state[HEAD + RATIO * most + at] = gamma_ratio(p[ALPHA])


@step
def weigh(state: Array, p: Array, x: float) -> float:
    """Multiply every mass with its predictive density; gives their sum, the evidence of x."""
    most, kept = int(p[MOST]), int(state[KEPT])
    total = 0.0
    for i in range(kept):
        run = state[HEAD + RUN * most + i]
        kappa, alpha = p[KAPPA] + run, p[ALPHA] + 0.5 * run
        square = state[HEAD + B * most + i] * (kappa + 1.0) / (alpha * kappa)
        away = x - state[HEAD + M * most + i]
        z = away * away / (2.0 * alpha * square)
        density = state[HEAD + RATIO * most + i] / math.sqrt(2.0 * math.pi * alpha * square)
        state[HEAD + i] *= density * math.exp(-(alpha + 0.5) * math.log1p(z))
        total += state[HEAD + i]
    return total


@step
def learn(state: Array, p: Array, i: int, to: int, x: float) -> None:
    """Move one run to another place, one row longer, with x taken into its law."""
    most = int(p[MOST])
    run, mean = state[HEAD + RUN * most + i], state[HEAD + M * most + i]
    kappa, alpha = p[KAPPA] + run, p[ALPHA] + 0.5 * run
    away = x - mean
    state[HEAD + to] = state[HEAD + i]
    state[HEAD + RUN * most + to] = run + 1.0
    state[HEAD + M * most + to] = mean + away / (kappa + 1.0)
    state[HEAD + B * most + to] = state[HEAD + B * most + i] + 0.5 * kappa * away * away / (
        kappa + 1.0
    )
    state[HEAD + RATIO * most + to] = alpha / state[HEAD + RATIO * most + i]


@step
def grow(state: Array, p: Array, x: float, total: float) -> None:
    """All runs one row longer, a new one in front, the unlikely ones dropped."""
    most, kept = int(p[MOST]), int(state[KEPT])
    hazard = 1.0 / p[LAMBDA]
    least, at = 2.0, -1
    room = 0
    for i in range(kept):  # drop first, so that what stays moves once
        share = state[HEAD + i] / total * (1.0 - hazard)
        state[HEAD + i] = share
        if share >= p[PRUNE]:
            room += 1
            if share < least:
                least, at = share, i
    skip = at if room == most else -1
    staying = room - (1 if skip >= 0 else 0)
    to = 0
    for i in range(kept):  # close the gaps
        if state[HEAD + i] < p[PRUNE] or i == skip:
            continue
        if to != i:
            for field in range(FIELDS - 1):
                state[HEAD + field * most + to] = state[HEAD + field * most + i]
        to += 1
    for back in range(staying):
        i = staying - 1 - back
        learn(state, p, i, i + 1, x)
    begin(state, p, 0)
    state[HEAD] = hazard
    mass = 0.0
    for i in range(staying + 1):
        mass += state[HEAD + i]
    for i in range(staying + 1):
        state[HEAD + i] /= mass
    state[KEPT] = staying + 1.0


@step
def update(state: Array, p: Array, row: Array, x: float) -> bool:
    """Take one value; says whether it was one."""
    if not abs(x) < 1e150:
        return False
    most = int(p[MOST])
    if state[KEPT] == 0.0:
        begin(state, p, 0)
        state[HEAD], state[KEPT] = 1.0, 1.0
    total = weigh(state, p, x)
    if total < 1e-290:  # farther than any law explains: begin anew
        begin(state, p, 0)
        state[HEAD], state[KEPT] = 1.0, 1.0
        total = max(weigh(state, p, x), 1e-290)
        state[HEAD] = total
    state[EVIDENCE] += math.log(total)
    state[SEEN] += 1.0
    grow(state, p, x, total)
    recent, best, first, mean, second = 0.0, 0, 0.0, 0.0, 0.0
    for i in range(int(state[KEPT])):
        mass, run = state[HEAD + i], state[HEAD + RUN * most + i]
        if run <= p[WINDOW]:
            recent += mass
        if mass > state[HEAD + best]:
            best = i
        first += mass * run
        kappa, alpha = p[KAPPA] + run, p[ALPHA] + 0.5 * run
        center = state[HEAD + M * most + i]
        square = state[HEAD + B * most + i] * (kappa + 1.0) / (kappa * max(alpha - 1.0, 0.5))
        mean += mass * center
        second += mass * (square + center * center)
    row[0], row[1], row[2] = recent, state[HEAD + RUN * most + best], first
    row[3], row[4] = mean, math.sqrt(max(second - mean * mean, 0.0))
    row[5], row[6] = -math.log(total), state[EVIDENCE]
    return True


@entry
def batch(state: Array, params: Array, out: Table, value: Array) -> None:
    """Loop of :func:`update`."""
    for i in range(value.size):
        if not update(state, params, out[i], value[i]):
            out[i, :] = NAN


ANALYTIC = Analytic(
    name="bocpd", group="regimes", inputs=("value",), doc=__doc__, outputs=OUTPUTS, batch=batch,
    state_size=lambda params, levels: HEAD + FIELDS * int(params[MOST]),
    params=(
        Param("lambda", 250.0, "mean rows between changes", 1.0 + 1e-9, 1e12),
        Param("window", 5, "run lengths up to which a change is recent", 0, 1e6, whole=True),
        Param("mu", 0.0, "mean of the prior"),
        Param("kappa", 1.0, "rows that the prior mean is worth", 1e-6, 1e6),
        Param("alpha", 1.0, "half of the rows that the prior variance is worth", 1e-3, 1e6),
        Param("beta", 1.0, "alpha times the prior variance", 1e-300, 1e300),
        Param("prune", 1e-6, "mass below which a run length is dropped", 0.0, 0.1),
        Param("most", 500, "run lengths kept at most", 2, 1e5, whole=True),
    ),
)  # fmt: skip

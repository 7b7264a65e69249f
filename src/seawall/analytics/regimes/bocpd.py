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
Cost: O(run lengths kept), about 20 ns each; 4 + 5 ``most`` numbers of state.
Source: Adams and MacKay (2007), arXiv 0710.3742; Murphy (2007) for the conjugate laws.
"""

from __future__ import annotations

import math

import numpy as np

from seawall.analytics.elementary import quick_exp, quick_log, used_by
from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

used_by(__file__)

NAN = float("nan")
KEPT, SEEN, EVIDENCE, HEAD = 0, 1, 2, 4
LAMBDA, WINDOW, MU, KAPPA, ALPHA, BETA, PRUNE, MOST = range(8)
MASS, RUN, MEAN, SPREAD, RATIO, FIELDS = 0, 1, 2, 3, 4, 5
TWO_PI = 2.0 * math.pi
OUTPUTS = ("recent", "run", "mean_run", "mean", "sd", "surprise", "log_evidence")


@step
def begin(runs: Table, p: Array, at: int, mass: float) -> None:
    """A run of length 0 at one place: the prior."""
    runs[MASS, at], runs[RUN, at], runs[MEAN, at], runs[SPREAD, at] = mass, 0.0, p[MU], p[BETA]
    runs[RATIO, at] = math.exp(math.lgamma(p[ALPHA] + 0.5) - math.lgamma(p[ALPHA]))


@step
def weigh(runs: Table, p: Array, kept: int, x: float, log: Array) -> float:
    """Multiply every mass with its predictive density; gives their sum, the evidence of x."""
    mass, run, mean, spread, ratio = runs[MASS], runs[RUN], runs[MEAN], runs[SPREAD], runs[RATIO]
    for i in range(kept):
        kappa = p[KAPPA] + run[i]
        square = spread[i] * (kappa + 1.0) / kappa  # alpha times the scale squared
        away = x - mean[i]
        mass[i] *= ratio[i] / math.sqrt(TWO_PI * square)
        log[i] = quick_log(1.0 + away * away / (2.0 * square))
    for i in range(kept):
        mass[i] *= quick_exp(-(p[ALPHA] + 0.5 * run[i] + 0.5) * log[i])
    total = 0.0
    for i in range(kept):
        total += mass[i]
    return total


@step
def learn(runs: Table, p: Array, kept: int, x: float, share: float) -> None:
    """Take x into the law of every run, each one row longer, masses times ``share``."""
    mass, run, mean, spread, ratio = runs[MASS], runs[RUN], runs[MEAN], runs[SPREAD], runs[RATIO]
    for i in range(kept):
        kappa, alpha = p[KAPPA] + run[i], p[ALPHA] + 0.5 * run[i]
        away = x - mean[i]
        mass[i] *= share
        run[i] += 1.0
        mean[i] += away / (kappa + 1.0)
        spread[i] += 0.5 * kappa * away * away / (kappa + 1.0)
        ratio[i] = alpha / ratio[i]  # Gamma(alpha + 1)/Gamma(alpha + 1/2)


@step
def prune(runs: Table, p: Array, kept: int) -> int:
    """Drop unlikely runs, and the least likely one when there is no room for a new one."""
    mass, most = runs[MASS], int(p[MOST])
    least, at, staying = 2.0, -1, 0
    for i in range(kept):
        if mass[i] >= p[PRUNE]:
            staying += 1
            if mass[i] < least:
                least, at = mass[i], i
    if staying == kept and kept < most:
        return kept
    skip = at if staying == most else -1
    to = 0
    for i in range(kept):
        if mass[i] < p[PRUNE] or i == skip:
            continue
        if to != i:
            for field in range(FIELDS):
                runs[field, to] = runs[field, i]
        to += 1
    return to


@step
def sum_up(runs: Table, p: Array, kept: int, row: Array) -> None:
    """Recent mass, run lengths and the law of the next value."""
    mass, run, mean, spread = runs[MASS], runs[RUN], runs[MEAN], runs[SPREAD]
    recent, best, first, middle, second = 0.0, 0, 0.0, 0.0, 0.0
    for i in range(kept):
        if run[i] <= p[WINDOW]:
            recent += mass[i]
        if mass[i] >= mass[best]:
            best = i
        first += mass[i] * run[i]
        kappa, alpha = p[KAPPA] + run[i], p[ALPHA] + 0.5 * run[i]
        square = spread[i] * (kappa + 1.0) / (kappa * max(alpha - 1.0, 0.5))
        middle += mass[i] * mean[i]
        second += mass[i] * (square + mean[i] * mean[i])
    row[0], row[1], row[2] = recent, run[best], first
    row[3], row[4] = middle, math.sqrt(max(second - middle * middle, 0.0))


@step
def update(state: Array, runs: Table, p: Array, log: Array, row: Array, x: float) -> bool:
    """Take one value; says whether it was one.  Runs stand from the oldest to the newest."""
    if not abs(x) < 1e150:
        return False
    hazard, kept = 1.0 / p[LAMBDA], int(state[KEPT])
    if kept == 0:
        begin(runs, p, 0, 1.0)
        kept = 1
    total = weigh(runs, p, kept, x, log)
    if total < 1e-290:  # farther than any law explains: begin anew
        begin(runs, p, 0, 1.0)
        kept = 1
        total = max(weigh(runs, p, kept, x, log), 1e-290)
        runs[MASS, 0] = total
    learn(runs, p, kept, x, (1.0 - hazard) / total)
    kept = prune(runs, p, kept)
    begin(runs, p, kept, hazard)
    kept += 1
    mass = 0.0
    for i in range(kept):
        mass += runs[MASS, i]
    for i in range(kept):
        runs[MASS, i] /= mass
    state[KEPT], state[SEEN] = kept, state[SEEN] + 1.0
    state[EVIDENCE] += math.log(total)
    sum_up(runs, p, kept, row)
    row[5], row[6] = -math.log(total), state[EVIDENCE]
    return True


@entry
def batch(state: Array, params: Array, out: Table, value: Array) -> None:
    """Loop of :func:`update`."""
    runs = state[HEAD:].reshape(FIELDS, int(params[MOST]))
    log = np.empty(int(params[MOST]))
    for i in range(value.size):
        if not update(state, runs, params, log, out[i], value[i]):
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

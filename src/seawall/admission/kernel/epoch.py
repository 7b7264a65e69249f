# SPDX-License-Identifier: MIT
"""The end of an epoch: scales, suspensions and trust are settled.

Trust is the mean of a Beta posterior less 1.28 of its standard deviations, about its
lower 10 % quantile.  Evidence is counted in epochs, halves in ``trust_half_life_ns`` and is
capped, so that a long good record can be lost in a short bad time.
"""

from __future__ import annotations

import math

from seawall.admission.decision import Change, Decision
from seawall.admission.kernel import layout as at
from seawall.admission.kernel.jit import internal

MAD_TO_SIGMA = math.sqrt(math.pi / 2.0)
SCALE_GAIN = 0.05
QUIET = 1e-4
NOISE, CONSTANT = int(Decision.NOISE), int(Decision.CONSTANT)
FORGOT, AGREED, DISAGREED, ANOMALY, BY_NOISE, BY_CONSTANT, BREAK = (int(c) for c in Change)


@internal
def middle(values: at.Array, weights: at.Array, n: int) -> float:
    """Lower weighted median of the first n values, which are sorted in place."""
    total = 0.0
    for i in range(n):
        total += weights[i]
    for i in range(1, n):
        x, w = values[i], weights[i]
        j = i - 1
        while j >= 0 and values[j] > x:
            values[j + 1], weights[j + 1] = values[j], weights[j]
            j -= 1
        values[j + 1], weights[j + 1] = x, w
    run = 0.0
    for i in range(n):
        run += weights[i]
        if run * 2.0 >= total * (1.0 - 1e-12):
            return values[i]
    return values[n - 1]


@internal
def variance(s: at.State, row: int) -> float:
    """Variance of a source's residuals in the epoch."""
    n = s.ints[row, at.RESIDUAL_N]
    mean = s.floats[row, at.SUM_R] / n
    return max(0.0, s.floats[row, at.SUM_RR] / n - mean * mean)


@internal
def trust_of(good: float, bad: float, least: float) -> float:
    """Lower bound of the share of agreement."""
    a, b = at.PRIOR_GOOD + good, at.PRIOR_BAD + bad
    mean = a / (a + b)
    sd = math.sqrt(mean * (1.0 - mean) / (a + b + 1.0))
    return min(1.0, max(least, mean - at.LOWER_SIGMAS * sd))


@internal
def settle_scale(s: at.State, group: int) -> float:
    """Update the scales of a group; return the middle variance of its residuals, or -1.

    Middles are weighted, so that many feeds of one venue cannot widen what is allowed.
    """
    rows = s.ints.shape[0]
    widest = math.sqrt(s.pf[at.P_NOISE]) * max(s.pf[at.P_FLOOR], s.groups[group, at.G_SCALE])
    n = 0
    for row in range(1, rows):
        if s.ints[row, at.GROUP] == group and s.ints[row, at.RESIDUAL_N] > 0:
            f = s.floats[row]
            seen = MAD_TO_SIGMA * f[at.SUM_ABS] / s.ints[row, at.RESIDUAL_N]
            f[at.SCALE] = min(widest, f[at.SCALE] + SCALE_GAIN * (seen - f[at.SCALE]))
            s.scratch[0, n], s.scratch[2, n] = f[at.SCALE], f[at.WEIGHT]
            n += 1
    if n:
        s.groups[group, at.G_SCALE] = max(s.pf[at.P_FLOOR], middle(s.scratch[0], s.scratch[2], n))
    n = 0
    for row in range(1, rows):
        if s.ints[row, at.GROUP] == group and s.ints[row, at.RESIDUAL_N] >= s.pi[at.P_SAMPLES_MIN]:
            s.scratch[0, n], s.scratch[2, n] = variance(s, row), s.floats[row, at.WEIGHT]
            n += 1
    return middle(s.scratch[0], s.scratch[2], n) if n >= 3 else -1.0


@internal
def sort_seats(s: at.State, group: int) -> None:
    """Put the seats of a group into the order of their values."""
    value, seats, place = s.peer_value[group], s.order[group, 0], s.order[group, 1]
    for i in range(1, seats.size):
        k, j = seats[i], i - 1
        while j >= 0 and value[seats[j]] > value[k]:
            seats[j + 1] = seats[j]
            j -= 1
        seats[j + 1] = k
    for i in range(seats.size):
        place[seats[i]] = i


@internal
def settle_basis(s: at.State, group: int) -> None:
    """Let the middle source of a group have no lasting difference.

    Only differences between sources can be seen: a lie that drags all others along would
    move them together, and be allowed a difference of its own on top.
    """
    n = 0
    for row in range(1, s.ints.shape[0]):
        if s.ints[row, at.GROUP] == group and s.ints[row, at.WARM] >= at.WARM_SAMPLES:
            s.scratch[0, n], s.scratch[2, n] = s.floats[row, at.BASIS], s.floats[row, at.WEIGHT]
            n += 1
    if n == 0:
        return
    shift = middle(s.scratch[0], s.scratch[2], n)
    most = s.pf[at.P_BASIS_MAX]
    for row in range(1, s.ints.shape[0]):
        if s.ints[row, at.GROUP] == group:
            f = s.floats[row]
            before = f[at.BASIS]
            f[at.BASIS] = min(most, max(-most, before - shift))
            s.peer_value[group, s.ints[row, at.SEAT]] += before - f[at.BASIS]
    sort_seats(s, group)


@internal
def is_broken(s: at.State, group: int) -> bool:
    """Whether at least half of the judged voices of a group disagreed."""
    judged = bad = 0.0
    for row in range(1, s.ints.shape[0]):
        own = s.ints[row]
        if own[at.GROUP] == group and own[at.GOOD_N] + own[at.BAD_N] > 0:
            judged += s.floats[row, at.WEIGHT]
            if own[at.BAD_N] > own[at.GOOD_N]:
                bad += s.floats[row, at.WEIGHT]
    return judged > 0.0 and 2.0 * bad >= judged * (1.0 - 1e-12)


@internal
def suspension(s: at.State, row: int, typical: float) -> int:
    """Return the reason for which a source must be suspended now, or 0."""
    own = s.ints[row]
    if own[at.RESIDUAL_N] < s.pi[at.P_SAMPLES_MIN]:
        return 0
    floor = s.pf[at.P_FLOOR]
    if typical >= 0.0 and variance(s, row) > s.pf[at.P_NOISE] * max(typical, floor * floor):
        own[at.NOISY_RUN] += 1
        if own[at.NOISY_RUN] >= at.NOISY_EPOCHS:
            return NOISE
    else:
        own[at.NOISY_RUN] = 0
    g = s.groups[own[at.GROUP]]
    moved = g[at.G_SEEN] > 0.0 and g[at.G_HIGH] - g[at.G_LOW] > 2.0 * s.pf[at.P_DISAGREE] * max(
        g[at.G_SCALE], floor
    )
    if moved and own[at.REPEAT_N] >= s.pf[at.P_REPEATS] * own[at.VALUE_N]:
        return CONSTANT
    return 0


@internal
def record(s: at.State, row: int, change: int, before: float) -> None:
    """Write a change of trust into the history; a run of equal reasons is one line.

    A few quiet seconds between trades are part of the line before them.
    """
    own = s.ints[row]
    cap = s.history.shape[1]
    last = (own[at.HISTORY_N] - 1) % cap
    same = int(s.history[row, last, at.H_CHANGE]) == change
    quiet = change == FORGOT and abs(s.floats[row, at.TRUST] - before) < QUIET
    if own[at.HISTORY_N] == 0 or not (same or quiet):
        last = own[at.HISTORY_N] % cap
        own[at.HISTORY_N] += 1
        s.history[row, last, :] = 0.0
        s.history[row, last, at.H_CHANGE] = change
        s.history[row, last, at.H_BEFORE] = before
        s.history_ts[row, last, 0] = s.ctl[at.NOW]
    line = s.history[row, last]
    line[at.H_AFTER] = s.floats[row, at.TRUST]
    line[at.H_GOOD] += own[at.GOOD_N]
    line[at.H_BAD] += own[at.BAD_N]
    line[at.H_ANOMALY] += own[at.ANOMALY_N]
    line[at.H_EPOCHS] += 1.0
    s.history_ts[row, last, 1] = s.ctl[at.NOW]


@internal
def settle_trust(s: at.State, row: int, broken: bool, suspend: int, faded: float) -> None:
    """Give a source its trust for the next epoch, with the reason for the change."""
    own, f = s.ints[row], s.floats[row]
    before = f[at.TRUST]
    good_n, bad_n, wrong = own[at.GOOD_N], own[at.BAD_N], own[at.ANOMALY_N]
    f[at.GOOD] *= faded
    f[at.BAD] *= faded
    n = good_n + bad_n + wrong
    change = FORGOT
    if suspend:
        f[at.BAD] += s.pf[at.P_LOSS]
        change = BY_NOISE if suspend == NOISE else BY_CONSTANT
    elif broken and wrong == 0:
        change = BREAK
    elif n > 0:
        unit = min(1.0, n / s.pi[at.P_SAMPLES_MIN])
        judged_bad = 0 if broken else bad_n
        gain = 0.0 if broken else unit * good_n / n
        loss = unit * (judged_bad + wrong) / n
        f[at.GOOD] += gain
        f[at.BAD] += s.pf[at.P_LOSS] * loss
        change = AGREED if gain >= loss else (ANOMALY if wrong >= judged_bad else DISAGREED)
    total = f[at.GOOD] + f[at.BAD]
    if total > s.pf[at.P_EVIDENCE]:
        f[at.GOOD] *= s.pf[at.P_EVIDENCE] / total
        f[at.BAD] *= s.pf[at.P_EVIDENCE] / total
    f[at.TRUST] = trust_of(f[at.GOOD], f[at.BAD], s.pf[at.P_TRUST_MIN])
    if f[at.TRUST] != before:
        record(s, row, change, before)


@internal
def vote(s: at.State, row: int) -> None:
    """Give a source its voice in the group, none while it is suspended or banned."""
    own = s.ints[row]
    silent = own[at.SUSPENDED] != 0 or own[at.BARRED] != 0
    s.peer_weight[own[at.GROUP], own[at.SEAT]] = 0.0 if silent else s.floats[row, at.WEIGHT]


@internal
def settle_row(s: at.State, row: int, broken: bool, typical: float, faded: float) -> None:
    """Settle one source and begin its next epoch."""
    own, f = s.ints[row], s.floats[row]
    suspend = suspension(s, row, typical) if own[at.GROUP] else 0
    settle_trust(s, row, broken, suspend, faded)
    if suspend:
        own[at.SUSPENDED] = suspend
        own[at.SUSPENDED_UNTIL] = s.ctl[at.EPOCH] + 1 + s.pi[at.P_SUSPEND]
    least = s.pf[at.P_TRUST_MIN]
    more = (s.pi[at.P_QUOTA_MAX] - s.pi[at.P_QUOTA_MIN]) * (f[at.TRUST] - least) / (1.0 - least)
    own[at.QUOTA] = s.pi[at.P_QUOTA_MIN] + int(more)
    s.recent[row] = own[at.TAKEN]
    for column in (
        at.TAKEN, at.GOOD_N, at.BAD_N, at.ANOMALY_N, at.VALUE_N, at.REPEAT_N, at.RESIDUAL_N,
    ):  # fmt: skip
        own[column] = 0
    f[at.SUM_R] = f[at.SUM_RR] = f[at.SUM_ABS] = 0.0


@internal
def close_epoch(s: at.State, ts: int) -> None:
    """Settle the epoch that ended before ``ts`` and begin the one that holds it."""
    new = ts // s.pi[at.P_EPOCH_NS]
    faded = 0.5 ** ((new - s.ctl[at.EPOCH]) * s.pi[at.P_EPOCH_NS] / s.pf[at.P_TRUST_HALF_NS])
    rows = s.ints.shape[0]
    for group in range(s.groups.shape[0]):
        typical, broken = -1.0, False
        if group:
            typical = settle_scale(s, group)
            settle_basis(s, group)
            broken = is_broken(s, group)
        for row in range(1, rows):
            if s.ints[row, at.GROUP] == group:
                settle_row(s, row, broken, typical, faded)
        s.groups[group, at.G_SEEN] = 0.0
    s.ctl[at.EPOCH] = new
    for row in range(1, rows):
        own = s.ints[row]
        if own[at.SUSPENDED] and new >= own[at.SUSPENDED_UNTIL]:
            own[at.SUSPENDED] = 0
        vote(s, row)

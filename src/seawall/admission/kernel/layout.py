# SPDX-License-Identifier: MIT
"""Flat state of admission: one row per source, columns by the names below.

Row 0 stands for all unknown streams.  Sources of one asset form a group and have a seat
in it; group 0 is for sources that nothing is compared with.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

# Columns of ``ints`` (int64), per source.
(
    GROUP, SEAT, LAST_TS, CREDIT, CREDIT_TS, LAST_SEQ, HAS_SEQ, SUSPENDED, SUSPENDED_UNTIL,
    QUOTA, TAKEN, GOOD_N, BAD_N, ANOMALY_N, VALUE_N, REPEAT_N, RESIDUAL_N, WARM, KEPT_SEEN,
    KEPT, KEPT_LEAST, HISTORY_N, HAS_VALUE, BASIS_TS, BARRED,
    NOISY_RUN,
) = range(26)  # fmt: skip
INTS = 26

# Columns of ``floats`` (float64), per source.
GOOD, BAD, TRUST, BASIS, SCALE, SUM_R, SUM_RR, SUM_ABS, LAST_VALUE, WEIGHT = range(10)
FLOATS = 10

# Columns of ``groups`` (float64), per group.
G_SCALE, G_LOW, G_HIGH, G_SEEN = range(4)
GROUPS = 4

# Whole-state numbers ``ctl`` (int64).
NOW, EPOCH, STARTED = range(3)
CTL = 3

# Settings ``pi`` (int64) and ``pf`` (float64).
(
    P_EPOCH_NS, P_STALE_NS, P_SKEW_NS, P_FRESH_NS, P_COST_NS, P_BURST_NS, P_QUOTA_MIN,
    P_QUOTA_MAX, P_PEERS_MIN, P_SAMPLES_MIN, P_SUSPEND,
) = range(11)  # fmt: skip
PI = 11
(
    P_DISAGREE, P_REFUSE, P_FLOOR, P_BASIS_MAX, P_BASIS_HALF_NS, P_NOISE, P_REPEATS,
    P_TRUST_MIN, P_TRUST_HALF_NS, P_EVIDENCE, P_LOSS, P_KEEP_HALF_NS, P_FAR_FLOOR,
) = range(13)  # fmt: skip
PF = 13

# Columns of ``history`` (float64, HISTORY) and ``history_ts`` (int64, first and last time).
H_CHANGE, H_BEFORE, H_AFTER, H_GOOD, H_BAD, H_ANOMALY, H_EPOCHS = range(7)
HISTORY = 7

# Columns of ``log_ints`` (ts, stream, seq) and ``log_floats`` (value, allowed distance).
LOG_INTS, LOG_FLOATS = 3, 2

REASONS = 14
"""Members of :class:`~seawall.admission.decision.Decision`."""

WARM_SAMPLES = 16
"""Residuals from which the first basis of a source is averaged, before it is judged."""

BETWEEN = 1.5
"""A value between two medians of n others is at no distance; 1 + 1.5 / n makes up for that on
normal values (simulated: 1 + 1.46 / n for n = 2, 1 + 1.55 / n for n = 24)."""

NOISY_EPOCHS = 3
"""Noisy epochs in a row for which a source is suspended: one wide quote is no noise."""

PRIOR_GOOD, PRIOR_BAD = 1.0, 1.0
LOWER_SIGMAS = 1.2815515655446004
"""Normal quantile of 90 %: trust is a lower bound, so a newcomer has little."""

REPLAY_WINDOW = 1 << 20
"""A number further back than this is a restart of the count, not a replay."""

Array = npt.NDArray[Any]


class State(NamedTuple):
    """All arrays of one admission."""

    ints: Array  # (sources + 1, INTS)
    floats: Array  # (sources + 1, FLOATS)
    counts: Array  # (sources + 1, REASONS) int64, whole run
    recent: Array  # (sources + 1,) samples admitted in the last closed epoch
    route: Array  # (streams,) int64 row of each stream, 0 unknown
    barred: Array  # (streams,) uint8 whether a ban covers the stream
    peer_value: Array  # (groups, seats) float64 last value less basis
    peer_ts: Array  # (groups, seats) int64
    peer_weight: Array  # (groups, seats) float64
    order: Array  # (groups, 2, seats) int64: seats by their values, and the place of each
    groups: Array  # (groups, GROUPS)
    kept_key: Array  # (sources + 1, cap) float64
    kept_value: Array  # (sources + 1, cap) float64
    kept_ints: Array  # (sources + 1, cap, 3) int64: ts, stream, seq
    history: Array  # (sources + 1, cap, HISTORY)
    history_ts: Array  # (sources + 1, cap, 2) int64
    log_ints: Array  # (REASONS, cap, LOG_INTS)
    log_floats: Array  # (REASONS, cap, LOG_FLOATS)
    log_n: Array  # (REASONS,) int64 rejections that the log has seen
    scratch: Array  # (3, width) float64
    rng: Array  # (1,) uint64
    ctl: Array  # (CTL,)
    pi: Array  # (PI,)
    pf: Array  # (PF,)


DERIVED = ("order", "scratch")
"""Arrays of a state that follow from the others."""


def blank(
    sources: int, streams: int, groups: int, seats: int, keep: int, history: int, log: int
) -> State:
    """Return a zeroed state of the given sizes."""

    def ints(*shape: int) -> Array:
        return np.zeros(shape, np.int64)

    def floats(*shape: int) -> Array:
        return np.zeros(shape, np.float64)

    rows = sources + 1
    return State(
        ints=ints(rows, INTS), floats=floats(rows, FLOATS), counts=ints(rows, REASONS),
        recent=ints(rows), route=ints(streams), barred=np.zeros(streams, np.uint8),
        peer_value=floats(groups, seats), peer_ts=ints(groups, seats),
        peer_weight=floats(groups, seats), order=ints(groups, 2, seats),
        groups=floats(groups, GROUPS),
        kept_key=floats(rows, keep), kept_value=floats(rows, keep),
        kept_ints=ints(rows, keep, 3), history=floats(rows, history, HISTORY),
        history_ts=ints(rows, history, 2), log_ints=ints(REASONS, log, LOG_INTS),
        log_floats=floats(REASONS, log, LOG_FLOATS), log_n=ints(REASONS),
        scratch=floats(3, max(seats, rows)), rng=np.zeros(1, np.uint64), ctl=ints(CTL),
        pi=ints(PI), pf=floats(PF),
    )  # fmt: skip

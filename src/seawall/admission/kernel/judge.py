# SPDX-License-Identifier: MIT
"""The hot path: one decision per sample.

A value is judged by the other fresh sources of its group, never by a consensus that
includes itself.  The sources of one venue share one voice.  A value is too far when more
than half of the voices lie beyond the allowed distance on one side; that is the same as
saying that it is farther than that from every weighted median of the others.  The seats of a
group are kept in the order of their values, so that finding these needs no sorting.
"""

from __future__ import annotations

import math

from seawall.admission.decision import Decision
from seawall.admission.kernel import layout as at
from seawall.admission.kernel.epoch import close_epoch
from seawall.admission.kernel.jit import borrow, entry, inlined
from seawall.admission.kernel.keep import note, offer

(
    ADMITTED, UNKNOWN_SOURCE, BANNED, NOT_A_NUMBER, FUTURE, STALE, BACKWARD, REPLAYED, OUTLIER,
    _, _, _, RATE, QUOTA,
) = (int(d) for d in Decision)  # fmt: skip


@inlined
def clock_fault(s: at.State, row: int, ts: int, lag_ns: int) -> int:
    """Judge the times of a sample; 0 when nothing is wrong."""
    if lag_ns < -s.pi[at.P_SKEW_NS]:
        return FUTURE
    if lag_ns > s.pi[at.P_STALE_NS]:
        return STALE
    if ts < s.ints[row, at.LAST_TS] - s.pi[at.P_SKEW_NS]:
        return BACKWARD
    return 0


@inlined
def is_replay(s: at.State, row: int, seq: int) -> bool:
    """Whether a sequence number, modulo 2**32, was there already."""
    own = s.ints[row]
    if not own[at.HAS_SEQ]:
        own[at.HAS_SEQ] = 1
        own[at.LAST_SEQ] = seq
        return False
    ahead = ((seq - own[at.LAST_SEQ] + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)
    if -at.REPLAY_WINDOW < ahead <= 0:
        return True
    own[at.LAST_SEQ] = seq
    return False


@inlined
def allowed(s: at.State, row: int) -> float:
    """Scale of agreement for a source: its own within bounds that the group sets."""
    group = s.groups[s.ints[row, at.GROUP], at.G_SCALE]
    return min(max(s.floats[row, at.SCALE], group), math.sqrt(s.pf[at.P_NOISE]) * group)


@inlined
def reseat(s: at.State, group: int, seat: int, x: float) -> None:
    """Write what a source says now, and keep the seats in the order of their values."""
    value, seats, place = s.peer_value[group], s.order[group, 0], s.order[group, 1]
    value[seat] = x
    p = place[seat]
    while p > 0 and value[seats[p - 1]] > x:
        seats[p] = seats[p - 1]
        place[seats[p]] = p
        p -= 1
    while p + 1 < seats.size and value[seats[p + 1]] < x:
        seats[p] = seats[p + 1]
        place[seats[p]] = p
        p += 1
    seats[p] = seat
    place[seat] = p


@inlined
def middle_of_peers(
    s: at.State, group: int, seat: int, oldest: int, total: float
) -> tuple[float, float]:
    """Lower and upper weighted median of the other fresh sources; there is at least one.

    The two differ when exactly half of the voices, ``total`` in all, lie on each side.
    """
    run, low, tied = 0.0, 0.0, False
    for p in range(s.peer_ts.shape[1]):
        k = s.order[group, 0, p]
        w = s.peer_weight[group, k]
        if k == seat or w == 0.0 or s.peer_ts[group, k] < oldest:
            continue
        if tied:
            return low, s.peer_value[group, k]
        low = s.peer_value[group, k]
        run += w
        if run * 2.0 >= total * (1.0 - 1e-12):
            tied = run * 2.0 <= total * (1.0 + 1e-12)
            if not tied:
                return low, low
    return low, low


@inlined
def learn_residual(
    s: at.State, row: int, ts: int, value: float, sigma: float, low: float, high: float, peers: int
) -> None:
    """Learn how a source stands to the others: lasting difference and scatter.

    The scatter is learned from the distance that is judged, that to the interval between the
    lower and the upper median of the others.  While fewer than half of the voices lie, an
    honest value is at least one end of what bounds it, so a lie cannot lengthen it.
    """
    own, f = s.ints[row], s.floats[row]
    x = value - f[at.BASIS]
    near_end = low if abs(x - low) <= abs(x - high) else high
    g = s.groups[own[at.GROUP]]
    if g[at.G_SEEN] == 0.0:
        g[at.G_LOW] = g[at.G_HIGH] = near_end
        g[at.G_SEEN] = 1.0
    g[at.G_LOW], g[at.G_HIGH] = min(g[at.G_LOW], near_end), max(g[at.G_HIGH], near_end)
    most = s.pf[at.P_BASIS_MAX]
    if own[at.WARM] < at.WARM_SAMPLES:
        own[at.WARM] += 1
        f[at.BASIS] += (value - near_end - f[at.BASIS]) / own[at.WARM]
        f[at.BASIS] = min(most, max(-most, f[at.BASIS]))
        own[at.BASIS_TS] = ts
        return
    clip, near = s.pf[at.P_REFUSE] * sigma, s.pf[at.P_DISAGREE] * sigma
    r = min(clip, max(-clip, x - near_end))
    f[at.SUM_R] += r
    f[at.SUM_RR] += r * r
    apart = max(0.0, low - x, x - high)
    if low < high:
        apart *= 1.0 + at.BETWEEN / peers
    # What disagrees may widen the scale a little, or no burst could ever be followed.
    f[at.SUM_ABS] += min(apart, near)
    own[at.RESIDUAL_N] += 1
    gain = 1.0 - 0.5 ** ((ts - own[at.BASIS_TS]) / s.pf[at.P_BASIS_HALF_NS])
    own[at.BASIS_TS] = ts
    # Each median pulls with a bounded force: a lie at one of them can hold a source off the
    # other by no more than that.
    pull = min(near, max(-near, x - low)) + min(near, max(-near, x - high))
    f[at.BASIS] = min(most, max(-most, f[at.BASIS] + 0.5 * gain * pull))


@inlined
def judge_value(s: at.State, row: int, ts: int, value: float) -> int:
    """Compare a value with the other sources; OUTLIER or 0."""
    own, f = s.ints[row], s.floats[row]
    group, seat = own[at.GROUP], own[at.SEAT]
    own[at.VALUE_N] += 1
    if own[at.HAS_VALUE] and value == f[at.LAST_VALUE]:
        own[at.REPEAT_N] += 1
    own[at.HAS_VALUE] = 1
    f[at.LAST_VALUE] = value
    x = value - f[at.BASIS]
    sigma = allowed(s, row)
    near = s.pf[at.P_DISAGREE] * sigma
    far = max(s.pf[at.P_REFUSE] * sigma, s.pf[at.P_FAR_FLOOR])
    oldest = ts - s.pi[at.P_FRESH_NS]
    total, peers = 0.0, 0
    for k in range(s.peer_ts.shape[1]):
        w = s.peer_weight[group, k]
        if k != seat and w != 0.0 and s.peer_ts[group, k] >= oldest:
            total += w
            peers += 1
    # Also a refused value is remembered as what the source says now: when the whole market
    # jumps, the first to say so is alone for a moment, and the others then find it there.
    reseat(s, group, seat, x)
    s.peer_ts[group, seat] = ts
    if peers < s.pi[at.P_PEERS_MIN]:
        return 0
    low, high = middle_of_peers(s, group, seat, oldest, total)
    apart = max(low - x, x - high)
    warm = own[at.WARM] >= at.WARM_SAMPLES
    if own[at.TAKEN] < own[at.QUOTA]:
        learn_residual(s, row, ts, value, sigma, low, high, peers)
    if warm:
        if apart > near:
            own[at.BAD_N] += 1
        else:
            own[at.GOOD_N] += 1
    elif apart > far:
        # The basis is not known yet; only what no basis can explain is refused.
        widest = far + s.pf[at.P_BASIS_MAX]
        outside = 0.0
        for k in range(s.peer_ts.shape[1]):
            w = s.peer_weight[group, k]
            if k != seat and w > 0.0 and s.peer_ts[group, k] >= oldest:
                outside += w if abs(s.peer_value[group, k] - value) > widest else 0.0
        return OUTLIER if outside > 0.5 * total * (1.0 + 1e-12) else 0
    return OUTLIER if apart > far else 0


@inlined
def decide(
    s: at.State, row: int, ts: int, lag_ns: int, stream: int, seq: int, value: float, judged: int
) -> int:
    """Judge one sample of a known source that is not banned."""
    own = s.ints[row]
    if judged and not math.isfinite(value):
        own[at.ANOMALY_N] += 1
        return NOT_A_NUMBER
    fault = clock_fault(s, row, ts, lag_ns)
    if fault == 0 and seq > 0 and is_replay(s, row, seq):
        fault = REPLAYED
    if fault:
        own[at.ANOMALY_N] += 1
        return fault
    own[at.LAST_TS] = max(own[at.LAST_TS], ts)
    if judged and own[at.GROUP]:
        fault = judge_value(s, row, ts, value)
    if own[at.SUSPENDED]:
        return own[at.SUSPENDED]
    if fault:
        return fault
    own[at.CREDIT] = min(s.pi[at.P_BURST_NS], own[at.CREDIT] + max(0, ts - own[at.CREDIT_TS]))
    own[at.CREDIT_TS] = max(ts, own[at.CREDIT_TS])
    if own[at.CREDIT] < s.pi[at.P_COST_NS]:
        return RATE
    if judged and own[at.TAKEN] >= own[at.QUOTA]:
        return QUOTA
    own[at.CREDIT] -= s.pi[at.P_COST_NS]
    if judged:
        own[at.TAKEN] += 1
        offer(s, row, ts, stream, seq, value)
    return ADMITTED


@inlined
def borrowed(s: at.State) -> at.State:
    """Return the state with all its arrays borrowed."""
    return at.State(
        borrow(s.ints), borrow(s.floats), borrow(s.counts), borrow(s.recent), borrow(s.route),
        borrow(s.barred), borrow(s.peer_value), borrow(s.peer_ts), borrow(s.peer_weight),
        borrow(s.order), borrow(s.groups), borrow(s.kept_key), borrow(s.kept_value),
        borrow(s.kept_ints), borrow(s.history), borrow(s.history_ts), borrow(s.log_ints),
        borrow(s.log_floats), borrow(s.log_n), borrow(s.scratch), borrow(s.rng), borrow(s.ctl),
        borrow(s.pi), borrow(s.pf),
    )  # fmt: skip


@entry
def admit(
    held: at.State,
    ts: at.Array,
    lag_ns: at.Array,
    stream: at.Array,
    seq: at.Array,
    value: at.Array,
    judged: at.Array,
    out: at.Array,
) -> None:
    """Decide samples in order of receipt; ``out`` receives the codes."""
    s = borrowed(held)
    ts, lag_ns, stream, seq = borrow(ts), borrow(lag_ns), borrow(stream), borrow(seq)
    value, judged, out = borrow(value), borrow(judged), borrow(out)
    for i in range(ts.size):
        now = ts[i]
        if s.ctl[at.STARTED] == 0:
            s.ctl[at.STARTED] = max(1, now)
            s.ctl[at.EPOCH] = now // s.pi[at.P_EPOCH_NS]
        if now > s.ctl[at.NOW]:
            if now >= (s.ctl[at.EPOCH] + 1) * s.pi[at.P_EPOCH_NS]:
                close_epoch(s, now)
            s.ctl[at.NOW] = now
        number = stream[i]
        row = s.route[number] if 0 <= number < s.route.size else 0
        if row == 0:
            code = UNKNOWN_SOURCE
        elif s.barred[number]:
            code = BANNED
        else:
            code = decide(s, row, now, lag_ns[i], number, seq[i], value[i], judged[i])
        s.counts[row, code] += 1
        if code:
            note(s, code, now, number, seq[i], value[i], allowed(s, row))
        out[i] = code

# SPDX-License-Identifier: MIT
"""Volume-synchronised probability of informed trading, with its noise floor.

Formula: trades fill buckets of equal volume V, those that straddle a border are split;
VPIN = sum over the last n buckets of |bought - sold| / (n V).  The floor is what coin-flip
signs would give: the mean over the same buckets of sqrt(2 / (pi N)), at most 1, with
N = (sum v)^2 / sum v^2 the effective number of trades of a bucket.  rank = share of the last
``history`` values, one per bucket, at or below this one: its place in its own past.
Unit: none, 0 to 1; imbalance of the last full bucket in base currency.
Assumption: the level follows from V and the sizes of trades, not from toxicity: read
``excess`` = VPIN less floor, or ``rank``, never the bare level; its authors act on ranks
above 0.9 to 0.99.  The floor is a normal approximation, good from N of about 5.  Not-a-number
until n buckets are full; no rank among fewer than 20 values.
Cost: O(1) per trade, O(history) per bucket that it fills; 10 + 2 n + 2 history numbers.
Source: Easley, Lopez de Prado and O'Hara (2012), Review of Financial Studies 25(5);
Andersen and Bondarenko (2014), Journal of Financial Markets 17, for what it does not say.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Need, Param

NAN = float("nan")
FILLED, SIGNED, SQUARES, BUCKETS, SUM, FLOOR, LAST, HEAD, RANKED, OLDEST = range(10)
RING = 10
FEW_RANKED = 20
TWO_OVER_PI = 2.0 / math.pi


@step
def below(state: Array, start: int, count: int, value: float) -> Any:
    """How many of ``count`` rising numbers from ``start`` on are at or below a value."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if state[start + middle] <= value:
            low = middle + 1
        else:
            high = middle
    return low


@step
def rank(state: Array, window: int, history: int, value: float) -> None:
    """Let a value into the past, which is kept in order of time and in order of size."""
    past = RING + 2 * window
    order, count, at = past + history, int(state[RANKED]), int(state[OLDEST])
    if count == history:
        gone = below(state, order, count, state[past + at]) - 1
        for k in range(gone, count - 1):
            state[order + k] = state[order + k + 1]
        count -= 1
    place = below(state, order, count, value)
    for k in range(count, place, -1):
        state[order + k] = state[order + k - 1]
    state[order + place], state[past + at] = value, value
    state[RANKED] = count + 1.0
    state[OLDEST] = at + 1.0 if at + 1 < history else 0.0


@step
def close_bucket(state: Array, bucket: float, window: int, history: int) -> None:
    """Put the full bucket into the ring and start an empty one."""
    imbalance = abs(state[SIGNED])
    floor = min(math.sqrt(TWO_OVER_PI * state[SQUARES]) / bucket, 1.0)
    head = int(state[HEAD])
    state[SUM] += imbalance - state[RING + head]
    state[FLOOR] += floor - state[RING + window + head]
    state[RING + head], state[RING + window + head] = imbalance, floor
    head += 1
    if head == window:  # sums that only add and subtract drift: count anew once a round
        head = 0
        state[SUM], state[FLOOR] = 0.0, 0.0
        for k in range(window):
            state[SUM] += state[RING + k]
            state[FLOOR] += state[RING + window + k]
    state[HEAD] = head
    state[LAST] = imbalance
    state[BUCKETS] += 1.0
    state[FILLED], state[SIGNED], state[SQUARES] = 0.0, 0.0, 0.0
    if state[BUCKETS] >= window:
        rank(state, window, history, state[SUM] / (window * bucket))


@step
def valid(qty: float, side: float) -> Any:
    """Whether a row is a trade."""
    return (qty >= 0.0) & (qty < 1e300) & (abs(side) <= 1.0)


@step
def skip(state: Array, bucket: float, window: int, qty: float) -> Any:
    """Count the buckets that a print of more than two windows fills alike; what is left."""
    spare = math.floor(qty / bucket) - 2.0 * window
    if spare > 0.0:
        qty -= spare * bucket
        state[BUCKETS] += spare
    return qty


@step
def fill(
    state: Array, bucket: float, window: int, history: int, qty: float, side: float
) -> tuple[float, bool]:
    """Fill the bucket as far as it goes; what is left of the trade, and whether it closed."""
    piece = min(qty, bucket - state[FILLED])
    state[FILLED] += piece
    state[SIGNED] += side * piece
    state[SQUARES] += piece * piece
    closed = state[FILLED] >= bucket * (1.0 - 1e-12)
    if closed:
        close_bucket(state, bucket, window, history)
    return qty - piece, closed


@step
def update(state: Array, bucket: float, window: int, history: int, qty: float, side: float) -> bool:
    """Take one trade; says whether it was one."""
    if not valid(qty, side):
        return False
    rest = skip(state, bucket, window, qty)
    while rest > 0.0:
        rest, _ = fill(state, bucket, window, history, rest, side)
    return True


@step
def write(state: Array, bucket: float, window: int, history: int, row: Array) -> None:
    """Put what is known after a trade into a row."""
    if state[BUCKETS] >= window:
        vpin, floor = state[SUM] / (window * bucket), state[FLOOR] / window
        row[0], row[1], row[2] = vpin, floor, vpin - floor
    else:
        row[0], row[1], row[2] = NAN, NAN, NAN
    row[3], row[4], row[5] = state[BUCKETS], state[LAST], NAN
    count = int(state[RANKED])
    if count >= FEW_RANKED:
        newest = int(state[OLDEST]) - 1 if state[OLDEST] > 0.0 else history - 1
        past = RING + 2 * window
        row[5] = below(state, past + history, count, state[past + newest]) / count


@entry
def batch(state: Array, params: Array, out: Table, qty: Array, side: Array) -> None:
    """Loop of :func:`update`; trades that fill no bucket go without it, to the same bits."""
    bucket, window, history = params[0], int(params[1]), int(params[2])
    full = bucket * (1.0 - 1e-12)
    row, bad = np.empty(6), np.full(6, np.nan)
    write(state, bucket, window, history, row)
    n, i = qty.size, 0
    while i < n:
        filled, signed, squares = state[FILLED], state[SIGNED], state[SQUARES]
        v0, v1, v2, v3, v4, v5 = row[0], row[1], row[2], row[3], row[4], row[5]
        while i < n:
            q, s = qty[i], side[i]
            if not ((q >= 0.0) & (abs(s) <= 1.0) & (filled + q < full)):
                break
            filled += q
            signed += s * q
            squares += q * q
            out[i, 0], out[i, 1], out[i, 2] = v0, v1, v2
            out[i, 3], out[i, 4], out[i, 5] = v3, v4, v5
            i += 1
        state[FILLED], state[SIGNED], state[SQUARES] = filled, signed, squares
        if i < n:
            sound = update(state, bucket, window, history, qty[i], side[i])
            write(state, bucket, window, history, row)
            out[i] = row if sound else bad
            i += 1


@entry
def buckets(state: Array, params: Array, qty: Array, side: Array) -> Any:
    """As :func:`batch`, with one row for each bucket; first the number of the trade."""
    bucket, window, history = params[0], int(params[1]), int(params[2])
    full = bucket * (1.0 - 1e-12)
    out = np.empty((1_024, 7))
    n, i, found = qty.size, 0, 0
    while i < n:
        filled, signed, squares = state[FILLED], state[SIGNED], state[SQUARES]
        while i < n:
            q, s = qty[i], side[i]
            if not ((q >= 0.0) & (abs(s) <= 1.0) & (filled + q < full)):
                break
            filled += q
            signed += s * q
            squares += q * q
            i += 1
        state[FILLED], state[SIGNED], state[SQUARES] = filled, signed, squares
        if i < n:
            rest = skip(state, bucket, window, qty[i]) if valid(qty[i], side[i]) else 0.0
            while rest > 0.0:
                rest, closed = fill(state, bucket, window, history, rest, side[i])
                if not closed:
                    continue
                if found == out.shape[0]:
                    more = np.empty((2 * found, 7))
                    more[:found] = out
                    out = more
                out[found, 0] = i
                write(state, bucket, window, history, out[found, 1:])
                found += 1
            i += 1
    return out[:found]


ANALYTIC = Analytic(
    name="vpin", group="flow", inputs=("qty", "side"), doc=__doc__,
    outputs=("vpin", "floor", "excess", "buckets", "imbalance", "rank"), batch=batch, fills=True,
    state_size=lambda params, levels: RING + 2 * int(params[1]) + 2 * int(params[2]),
    params=(
        Param("bucket", 100.0, "volume of a bucket, base currency (a 50th of a day)", 1e-12),
        Param("window", 50, "buckets that are averaged", 1, 1e6, whole=True),
        Param("history", 4_500, "buckets that a value is ranked among", 20, 1e6, whole=True),
    ),
    need=Need(seconds=25_000.0),
)  # fmt: skip

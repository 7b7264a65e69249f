# SPDX-License-Identifier: MIT
"""Evidence of a pump: buyers who sweep several orders at once, far more than before.

Formula: buys fall into chunks of ``chunk`` seconds, empty ones being skipped; a *rush order*
is one millisecond with at least two buy fills.  Over the last ``window`` chunks: standard
deviation and mean of the rush orders per chunk, standard deviation of the fills, standard
deviation and mean of the turnover, standard deviation of the mean price, and over ten chunks
the mean of the mean and of the highest price; each feature is x(now) / x(before) - 1, where
now takes the running chunk in, as far as it has come, and before ends with the last whole
one.  score = 1 - 2^-(std_rush / ``half``), 0 where the price of the chunk did not rise.
Unit: features none (relative change); score 0 to 1, evidence and no verdict.
Assumption: a coin that few trade; on a large one every piece of news looks so.  It sees a pump
within seconds of its start and foretells nothing.
Cost: O(window) per print, 20 + 6 window numbers of state.
Source: La Morgia, Mei, Sassi and Stefa (2020), ICCCN, and (2023), ACM Transactions on Internet
Technology 23(1), for the features; ``half`` is their threshold for one feature read as per
cent; counting the running chunk is our own.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, Times, entry, step
from seawall.analytics.spec import Analytic, Need, Param

NAN = float("nan")
(
    STARTED, CHUNK, MS, MS_FILLS, RUSH, FILLS, TURNOVER, PRICE_SUM, PRICE_MAX, WHOLE, HEAD, OPENED,
) = range(12)  # fmt: skip
FIELDS = 6  # of the ring: rush, fills, turnover, mean price, highest price, first price
RING = 20
SHORT = 10


@step
def close_chunk(state: Array, window: int) -> None:
    """Put the running chunk into the ring and start an empty one."""
    at = RING + FIELDS * int(state[HEAD])
    state[at], state[at + 1], state[at + 2] = state[RUSH], state[FILLS], state[TURNOVER]
    state[at + 3] = state[PRICE_SUM] / state[FILLS]
    state[at + 4] = state[PRICE_MAX]
    state[HEAD] = (state[HEAD] + 1.0) % window
    state[WHOLE] = min(state[WHOLE] + 1.0, float(window))
    state[RUSH] = state[FILLS] = state[TURNOVER] = state[PRICE_SUM] = state[PRICE_MAX] = 0.0


@step
def change(before: float, now: float) -> float:
    """Relative change; where there was nothing, what is new counts as its own multiple."""
    if before > 0.0:
        return now / before - 1.0
    return now


@step
def spread_of(state: Array, field: int, window: int, now: float, pair: Array) -> None:
    """Mean and standard deviation over the whole chunks, and with ``now`` for the oldest."""
    # Two passes: sums of squares of prices lose too much.
    total = 0.0
    for k in range(window):
        total += state[RING + FIELDS * k + field]
    mean = total / window
    oldest = state[RING + FIELDS * int(state[HEAD]) + field]
    later = mean + (now - oldest) / window
    square = 0.0
    for k in range(window):
        square += (state[RING + FIELDS * k + field] - mean) ** 2
    # The same sum around the later mean, with one value replaced.
    shift = square + window * (mean - later) ** 2 - (oldest - later) ** 2 + (now - later) ** 2
    pair[0] = change(mean, later)
    pair[1] = change(math.sqrt(square / (window - 1)), math.sqrt(max(shift, 0.0) / (window - 1)))


@step
def short_mean(state: Array, field: int, window: int, now: float) -> float:
    """Relative change of the mean over the last ten chunks."""
    total = oldest = 0.0
    for k in range(SHORT):
        at = RING + FIELDS * ((int(state[HEAD]) - 1 - k + 2 * window) % window)
        total += state[at + field]
        oldest = state[at + field]
    return float(change(total, total - oldest + now))


@step
def bought(state: Array, number: float, ms: float, px: float, qty: float, window: int) -> None:
    """Take one fill of a buyer."""
    if state[STARTED] == 0.0:
        state[STARTED], state[CHUNK] = 1.0, number
    if number != state[CHUNK]:
        if state[FILLS] > 0.0:
            close_chunk(state, window)
        state[CHUNK], state[OPENED] = number, px
        state[MS] = -1.0
    state[MS_FILLS] = state[MS_FILLS] + 1.0 if ms == state[MS] else 1.0
    state[MS] = ms
    if state[MS_FILLS] == 2.0:
        state[RUSH] += 1.0
    state[FILLS] += 1.0
    state[TURNOVER] += px * qty
    state[PRICE_SUM] += px
    state[PRICE_MAX] = max(state[PRICE_MAX], px)


@entry
def batch(
    state: Array, params: Array, out: Table, ts: Times, price: Array, qty: Array, side: Array
) -> None:  # fmt: skip
    """Loop over prints; those of sellers and bare quotes leave the last value as it is."""
    chunk, window = params[0], int(params[1])
    length = int(chunk * 1e9)
    pair = state[12:14]
    for i in range(ts.size):
        out[i] = NAN
        fine = price[i] > 0.0 and price[i] < 1e300 and qty[i] >= 0.0 and qty[i] < 1e300
        if not (fine and abs(side[i]) <= 1.0):
            continue
        if side[i] > 0.0 and qty[i] > 0.0:
            number, ms = float(ts[i] // length), float(ts[i] % length // 1_000_000)
            bought(state, number, ms, price[i], qty[i], window)
        if state[WHOLE] < window or state[FILLS] == 0.0:
            continue
        spread_of(state, 0, window, state[RUSH], pair)
        out[i, 1], out[i, 2] = pair[1], pair[0]
        spread_of(state, 1, window, state[FILLS], pair)
        out[i, 3] = pair[1]
        spread_of(state, 2, window, state[TURNOVER], pair)
        out[i, 4], out[i, 5] = pair[1], pair[0]
        mean = state[PRICE_SUM] / state[FILLS]
        spread_of(state, 3, window, mean, pair)
        out[i, 6] = pair[1]
        out[i, 7] = short_mean(state, 3, window, mean)
        out[i, 8] = short_mean(state, 4, window, state[PRICE_MAX])
        # A rush of buyers that lifts no price is no pump.
        last = RING + FIELDS * ((int(state[HEAD]) - 1 + window) % window)
        rose = state[PRICE_MAX] > state[last + 3]
        out[i, 0] = 1.0 - 2.0 ** (-max(out[i, 1], 0.0) / params[2]) if rose else 0.0
    pair[0] = pair[1] = 0.0


ANALYTIC = Analytic(
    name="pump_rush", group="manipulation", doc=__doc__, inputs=("ts", "price", "qty", "side"),
    outputs=("score", "std_rush", "avg_rush", "std_trades", "std_volume", "avg_volume",
             "std_price", "avg_price", "avg_price_max"),
    batch=batch, state_size=lambda params, levels: RING + FIELDS * int(params[1]),
    params=(
        Param("chunk", 25.0, "length of a chunk, seconds", 0.01, 1e5),
        Param("window", 900, "chunks with buys that are looked back", 10, 1e6, whole=True),
        Param("half", 0.3032, "change of std_rush that is half the evidence", 1e-3, 1e3),
    ),
    need=Need(seconds=25_000.0),
)  # fmt: skip

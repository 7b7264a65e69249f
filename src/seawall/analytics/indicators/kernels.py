# SPDX-License-Identifier: MIT
"""Ten technical indicators, one bar at a time, and all of them in one call.

They stand in one file so that a live strategy can have all ten out of one compiled call:
a call costs more than most of them.  What each one is stands in the file of its name.  A
state begins as zeros; its first number counts bars.  Wilder's averages and the seeds of
exponential ones follow TA-Lib, so that values are equal from the first one on.
"""

from __future__ import annotations

import math
from typing import Any

from numba import carray

from seawall.analytics.jit import Array, Table, entry, step
from seawall.model.compiled import floats_at

NAN = float("nan")
TINY = 1e-14
COUNT, A, B, C, D, E, F, HEAD = range(8)
RING = 8
VALUES, LENGTHS, STARTS = 17, 14, 11
HEADS = VALUES + LENGTHS + STARTS


@step
def sma(state: Array, period: int, x: float) -> Any:
    """Mean of the last ``period`` values; state RING + period."""
    n, at = state[COUNT] + 1.0, int(state[HEAD])
    state[A] += x - state[RING + at]
    state[RING + at] = x
    state[COUNT] = n
    state[HEAD] = at + 1.0
    if at == period - 1:  # a sum that only adds and subtracts drifts: count anew once a round
        state[HEAD] = state[A] = 0.0
        for i in range(period):
            state[A] += state[RING + i]
    return state[A] / period if n >= period else NAN


@step
def ema(state: Array, period: int, x: float) -> Any:
    """Exponential mean with 2 / (period + 1), from the plain mean of the first ones on."""
    state[COUNT] += 1.0
    if state[COUNT] < period:
        state[A] += x
        return NAN
    if state[COUNT] == period:
        state[A] = (state[A] + x) / period
    else:
        state[A] += 2.0 / (period + 1.0) * (x - state[A])
    return state[A]


@step
def rsi(state: Array, period: int, x: float) -> Any:
    """Wilder's strength of rises against falls."""
    n, before = state[COUNT], state[C]
    state[C], state[COUNT] = x, n + 1.0
    if n == 0.0:
        return NAN
    rise, fall = max(x - before, 0.0), max(before - x, 0.0)
    if n <= period:
        state[A] += rise
        state[B] += fall
        if n < period:
            return NAN
        state[A] /= period
        state[B] /= period
    else:
        state[A] = (state[A] * (period - 1.0) + rise) / period
        state[B] = (state[B] * (period - 1.0) + fall) / period
    both = state[A] + state[B]
    return 100.0 * state[A] / both if both > TINY else 0.0


@step
def macd(state: Array, fast: int, slow: int, smooth: int, x: float, row: Array) -> None:
    """Difference of two exponential means, its own mean, and the rest; state RING + 2 * slow."""
    n = state[COUNT] + 1.0
    state[COUNT] = n
    row[0] = row[1] = row[2] = NAN
    if n <= slow:
        state[B] += x
        if n > slow - fast:  # both means are ready at the same bar
            state[A] += x
        if n < slow:
            return
        state[A] /= fast
        state[B] /= slow
    else:
        state[A] += 2.0 / (fast + 1.0) * (x - state[A])
        state[B] += 2.0 / (slow + 1.0) * (x - state[B])
    line = state[A] - state[B]
    seen = n - slow + 1.0
    if seen < smooth:
        state[C] += line
        return
    state[C] = (
        (state[C] + line) / smooth
        if seen == smooth
        else (state[C] + 2.0 / (smooth + 1.0) * (line - state[C]))
    )
    row[0], row[1], row[2] = line, state[C], line - state[C]


@step
def bollinger(state: Array, period: int, width: float, x: float, row: Array) -> None:
    """Mean and bands of ``width`` standard deviations; state RING + period."""
    n, at = state[COUNT], int(state[HEAD])
    if n == 0.0:
        state[C] = x  # squares are taken about a value of the window, or they cancel
    old = state[RING + at] - state[C] if n >= period else 0.0
    new = x - state[C]
    state[A] += new - old
    state[B] += new * new - old * old
    state[RING + at] = x
    state[COUNT], state[HEAD] = n + 1.0, at + 1.0
    if at == period - 1:
        state[C], state[A], state[B], state[HEAD] = x, 0.0, 0.0, 0.0
        for i in range(period):
            away = state[RING + i] - x
            state[A] += away
            state[B] += away * away
    if n + 1 < period:
        row[0] = row[1] = row[2] = NAN
        return
    mean = state[A] / period
    sd = math.sqrt(max(state[B] / period - mean * mean, 0.0))
    mean += state[C]
    row[0], row[1], row[2] = mean + width * sd, mean, mean - width * sd


@step
def true_range(high: float, low: float, before: float) -> Any:
    """Largest of the range and the moves from the close before."""
    return max(high - low, max(abs(high - before), abs(low - before)))


@step
def atr(state: Array, period: int, high: float, low: float, close: float) -> Any:
    """Wilder's mean of the true range."""
    n, before = state[COUNT], state[C]
    state[C], state[COUNT] = close, n + 1.0
    if n == 0.0:
        return NAN
    size = true_range(high, low, before)
    if n <= period:
        state[A] += size
        if n < period:
            return NAN
        state[A] /= period
    else:
        state[A] = (state[A] * (period - 1.0) + size) / period
    return state[A]


@step
def adx(state: Array, period: int, high: float, low: float, close: float, row: Array) -> None:
    """Wilder's directional movement: its index, and the two arms."""
    n = state[COUNT]
    last_high, last_low, before = state[A], state[B], state[C]
    state[A], state[B], state[C], state[COUNT] = high, low, close, n + 1.0
    row[0] = row[1] = row[2] = NAN
    if n == 0.0:
        return
    up, down = high - last_high, last_low - low
    keep = 1.0 if n < period else 1.0 - 1.0 / period
    state[D] *= keep
    state[E] *= keep
    if down > 0.0 and up < down:
        state[E] += down
    elif up > 0.0 and up > down:
        state[D] += up
    state[F] = state[F] * keep + true_range(high, low, before)
    if n < period:
        return
    plus = minus = 0.0
    if state[F] > TINY:
        plus, minus = 100.0 * state[D] / state[F], 100.0 * state[E] / state[F]
    row[1], row[2] = plus, minus
    index = 100.0 * abs(minus - plus) / (plus + minus) if plus + minus > TINY else NAN
    if n < 2 * period:
        state[HEAD] += index if index == index else 0.0
        if n < 2 * period - 1:
            return
        state[HEAD] /= period
    elif index == index:
        state[HEAD] = (state[HEAD] * (period - 1.0) + index) / period
    row[0] = state[HEAD]


@step
def extreme(state: Array, at: int, period: int, n: int, x: float, sign: float) -> Any:
    """Largest ``sign`` times x of the last ``period``, by a queue that only falls.

    The queue at ``at``: its head and length, then ``period`` values and their numbers.
    """
    head, size = int(state[at]), int(state[at + 1])
    values, numbers = at + 2, at + 2 + period
    x *= sign
    if size > 0 and state[numbers + head] <= n - period:
        head, size = head + 1, size - 1
        if head == period:
            head = 0
    tail = head + size  # one behind the last; rings wrap without a division
    if tail >= period:
        tail -= period
    while size > 0:
        last = tail - 1 if tail > 0 else period - 1
        if state[values + last] > x:
            break
        size, tail = size - 1, last
    state[values + tail], state[numbers + tail] = x, n
    state[at], state[at + 1] = head, size + 1.0
    return sign * state[values + head]


@step
def stochastic(
    state: Array, period: int, slow_k: int, slow_d: int, high: float, low: float, close: float,
    row: Array,
) -> None:  # fmt: skip
    """Place of the close in the range, smoothed once and twice."""
    queue = 2 * period + 2
    n = int(state[COUNT])
    highest = extreme(state, RING, period, n, high, 1.0)
    lowest = extreme(state, RING + queue, period, n, low, -1.0)
    state[COUNT] = n + 1.0
    row[0] = row[1] = NAN
    if n + 1 < period:
        return
    span = (highest - lowest) / 100.0
    fast = (close - lowest) / span if span != 0.0 else 0.0
    at = RING + 2 * queue
    once = sma(state[at : at + RING + slow_k], slow_k, fast)
    if once != once:
        return
    at += RING + slow_k
    twice = sma(state[at : at + RING + slow_d], slow_d, once)
    if twice == twice:
        row[0], row[1] = once, twice


@step
def obv(state: Array, close: float, volume: float) -> Any:
    """Volume of rises less volume of falls."""
    if state[COUNT] == 0.0 or close > state[B]:
        state[A] += volume
    elif close < state[B]:
        state[A] -= volume
    state[B] = close
    state[COUNT] += 1.0
    return state[A]


@step
def cci(state: Array, period: int, high: float, low: float, close: float) -> Any:
    """Distance of the typical price from its mean, in mean absolute deviations / 0.015."""
    price = (high + low + close) / 3.0
    mean = sma(state, period, price)
    if mean != mean:
        return NAN
    spread = 0.0
    for i in range(period):
        spread += abs(state[RING + i] - mean)
    away = price - mean
    return away / (0.015 * spread / period) if away != 0.0 and spread > 0.0 else 0.0


@step
def sound(a: float, b: float, c: float, d: float) -> bool:
    """Whether all four are finite: a bad bar is skipped, it does not poison what follows."""
    return abs(a) < 1e150 and abs(b) < 1e150 and abs(c) < 1e150 and abs(d) < 1e150


@entry
def sma_batch(state: Array, params: Array, out: Table, close: Array) -> None:
    """Loop of :func:`sma`."""
    for i in range(close.size):
        if sound(close[i], 0.0, 0.0, 0.0):
            out[i, 0] = sma(state, int(params[0]), close[i])
        else:
            out[i, :] = NAN


@entry
def ema_batch(state: Array, params: Array, out: Table, close: Array) -> None:
    """Loop of :func:`ema`."""
    for i in range(close.size):
        if sound(close[i], 0.0, 0.0, 0.0):
            out[i, 0] = ema(state, int(params[0]), close[i])
        else:
            out[i, :] = NAN


@entry
def rsi_batch(state: Array, params: Array, out: Table, close: Array) -> None:
    """Loop of :func:`rsi`."""
    for i in range(close.size):
        if sound(close[i], 0.0, 0.0, 0.0):
            out[i, 0] = rsi(state, int(params[0]), close[i])
        else:
            out[i, :] = NAN


@entry
def macd_batch(state: Array, params: Array, out: Table, close: Array) -> None:
    """Loop of :func:`macd`."""
    for i in range(close.size):
        if sound(close[i], 0.0, 0.0, 0.0):
            macd(state, int(params[0]), int(params[1]), int(params[2]), close[i], out[i])
        else:
            out[i, :] = NAN


@entry
def bollinger_batch(state: Array, params: Array, out: Table, close: Array) -> None:
    """Loop of :func:`bollinger`."""
    for i in range(close.size):
        if sound(close[i], 0.0, 0.0, 0.0):
            bollinger(state, int(params[0]), params[1], close[i], out[i])
        else:
            out[i, :] = NAN


@entry
def atr_batch(
    state: Array, params: Array, out: Table, high: Array, low: Array, close: Array
) -> None:
    """Loop of :func:`atr`."""
    for i in range(close.size):
        if sound(high[i], low[i], close[i], 0.0):
            out[i, 0] = atr(state, int(params[0]), high[i], low[i], close[i])
        else:
            out[i, :] = NAN


@entry
def adx_batch(
    state: Array, params: Array, out: Table, high: Array, low: Array, close: Array
) -> None:
    """Loop of :func:`adx`."""
    for i in range(close.size):
        if sound(high[i], low[i], close[i], 0.0):
            adx(state, int(params[0]), high[i], low[i], close[i], out[i])
        else:
            out[i, :] = NAN


@entry
def stochastic_batch(
    state: Array, params: Array, out: Table, high: Array, low: Array, close: Array
) -> None:
    """Loop of :func:`stochastic`."""
    for i in range(close.size):
        if sound(high[i], low[i], close[i], 0.0):
            k, slow, d = int(params[0]), int(params[1]), int(params[2])
            stochastic(state, k, slow, d, high[i], low[i], close[i], out[i])
        else:
            out[i, :] = NAN


@entry
def obv_batch(state: Array, params: Array, out: Table, close: Array, volume: Array) -> None:
    """Loop of :func:`obv`."""
    for i in range(volume.size):
        if sound(close[i], volume[i], 0.0, 0.0):
            out[i, 0] = obv(state, close[i], volume[i])
        else:
            out[i, :] = NAN


@entry
def cci_batch(
    state: Array, params: Array, out: Table, high: Array, low: Array, close: Array
) -> None:
    """Loop of :func:`cci`."""
    for i in range(close.size):
        if sound(high[i], low[i], close[i], 0.0):
            out[i, 0] = cci(state, int(params[0]), high[i], low[i], close[i])
        else:
            out[i, :] = NAN


@entry
def live(memory: int, high: float, low: float, close: float, volume: float) -> bool:
    """All ten for one bar; False, and nothing changed, for a bad bar.

    ``memory`` is the address of numbers: the 17 values, the 14 parameters, the 11 starts of
    each indicator's state and the end of the last, and the states.  One address costs a
    Python caller a third of what four arrays do.
    """
    if not sound(high, low, close, volume):
        return False
    head = carray(floats_at(memory), HEADS)
    row, p, at = head[:VALUES], head[VALUES : VALUES + LENGTHS], head[VALUES + LENGTHS :]
    whole = carray(floats_at(memory), HEADS + int(at[10]))
    state = whole[HEADS:]
    row[0] = sma(state[int(at[0]) : int(at[1])], int(p[0]), close)
    row[1] = ema(state[int(at[1]) : int(at[2])], int(p[1]), close)
    row[2] = rsi(state[int(at[2]) : int(at[3])], int(p[2]), close)
    macd(state[int(at[3]) : int(at[4])], int(p[3]), int(p[4]), int(p[5]), close, row[3:6])
    bollinger(state[int(at[4]) : int(at[5])], int(p[6]), p[7], close, row[6:9])
    row[9] = atr(state[int(at[5]) : int(at[6])], int(p[8]), high, low, close)
    adx(state[int(at[6]) : int(at[7])], int(p[9]), high, low, close, row[10:13])
    stochastic(
        state[int(at[7]) : int(at[8])], int(p[10]), int(p[11]), int(p[12]), high, low,
        close, row[13:15],
    )  # fmt: skip
    row[15] = obv(state[int(at[8]) : int(at[9])], close, volume)
    row[16] = cci(state[int(at[9]) : int(at[10])], int(p[13]), high, low, close)
    return True


def stochastic_size(period: int, slow_k: int, slow_d: int) -> int:
    """Length of the state of :func:`stochastic`."""
    return RING + 2 * (2 * period + 2) + 2 * RING + slow_k + slow_d

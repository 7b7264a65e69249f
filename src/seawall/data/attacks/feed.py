# SPDX-License-Identifier: MIT
"""Forged feeds: what one source tells is not what happened."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from seawall.data.attacks.assemble import Written, assemble
from seawall.data.attacks.labels import Ints
from seawall.data.attacks.scope import PRICED_KINDS, Scope, messages_of, ticks_sd
from seawall.model.errors import DataError
from seawall.model.events import BarField, EventFlag, EventKind, Events

_PRICES = (BarField.OPEN, BarField.HIGH, BarField.LOW, BarField.CLOSE)
Floats = npt.NDArray[np.float64]

_CONSTANT, _RETURNS, _SIGNS = 0, 1, 2


def shift_events(events: Events, rows: Ints, message: Ints, log_offset: Floats) -> None:
    """Move the prices of whole messages in place, by whole ticks, so spreads stay.

    Parameters
    ----------
    rows, message : ndarray of int64
        Records and the number of their message.
    log_offset : ndarray of float64
        Per message.
    """
    _, first = np.unique(message, return_index=True)
    base = events["px"][rows[first]].astype(np.float64)
    ticks = np.rint(base * np.expm1(log_offset)).astype(np.int64)
    moved = events["px"][rows].astype(np.int64) + ticks[message]
    events["px"][rows] = np.maximum(moved, 1)


def _messages(scope: Scope, events: Events, samples: int) -> tuple[Ints, Ints, Ints]:
    """Price records of the window, their message, and the time of each message."""
    rows = scope.events(PRICED_KINDS)
    message = messages_of(events, rows)
    if samples:
        keep = message < samples
        rows, message = rows[keep], message[keep]
    _, first = np.unique(message, return_index=True)
    return rows, message, events["ts"][rows[first]]


def _offsets(scope: Scope, ts: Ints, sd: float, horizon_s: float) -> Floats:
    """Log offset per sample."""
    spec = scope.spec
    if spec.kind == "slow_drift":
        day = spec.param("day_s")
        daily = sd * np.sqrt(day / horizon_s)
        days = (ts - scope.start_ns) * (1e-9 / day)
        return np.asarray(days * (spec.strength * daily), np.float64)
    size = spec.strength * sd
    pattern = int(spec.param("pattern"))
    if pattern == _RETURNS:
        steps = (ts - scope.start_ns) * 1e-9 / horizon_s
        return np.asarray(size * steps, np.float64)
    if pattern == _SIGNS:
        return np.asarray(size * (2.0 * scope.rng.integers(0, 2, len(ts)) - 1.0), np.float64)
    return np.full(len(ts), size)


def offset_prices(scope: Scope) -> Written:
    """Poisoning and slow drift: shift what one source says, by standard deviations."""
    spec, market = scope.spec, scope.market
    events, forged = market.events.copy(), np.zeros(market.events.size, np.bool_)
    bars, forged_bars = market.bars.copy(), np.zeros(market.bars.shape[1], np.bool_)
    samples = int(spec.param("samples")) if spec.kind == "data_poisoning" else 0
    horizon = spec.param("horizon_s") if spec.kind == "data_poisoning" else 1.0
    realised = float("nan")
    rows, message, ts = _messages(scope, events, samples)
    if rows.size:
        sd = ticks_sd(scope, horizon)
        offset = _offsets(scope, ts, sd, horizon)
        shift_events(events, rows, message, offset)
        forged[rows] = events["px"][rows] != market.events["px"][rows]
        moved = np.log(events["px"][rows] / market.events["px"][rows].astype(np.float64))
        realised = float(np.abs(moved).mean() / np.abs(offset).mean()) * spec.strength
    columns = scope.bars()[: samples or None]
    if columns.size and not rows.size:
        _offset_bars(scope, bars, columns)
        realised = spec.strength
        forged_bars[columns] = (bars[:, columns] != market.bars[:, columns]).any(axis=0)
    if not rows.size and not columns.size:
        raise _nothing(scope)
    if not forged.any() and not forged_bars.any():
        raise DataError(
            f"{spec.kind} of {spec.strength} sd never reaches a tick",
            where=f"window of {(scope.end_ns - scope.start_ns) * 1e-9:.0f} s",
            mend="make it stronger or the window longer",
        )
    made, mask = assemble(market, spec, events, forged, (), bars)
    return Written(made, mask, forged_bars, realised)


def _offset_bars(scope: Scope, bars: Ints, columns: Ints) -> None:
    sd = ticks_sd(scope, 1.0)
    step = float(np.median(np.diff(bars[BarField.TS][columns]))) * 1e-9 if len(columns) > 1 else 1.0
    offset = _offsets(scope, bars[BarField.TS][columns], sd, step)
    factor = np.exp(offset)
    for row in _PRICES:
        bars[row, columns] = np.maximum(np.rint(bars[row, columns] * factor).astype(np.int64), 1)


def wick(scope: Scope) -> Written:
    """Let the prices of one source reach out for a moment, or one bar's low."""
    spec, market = scope.spec, scope.market
    events, forged = market.events.copy(), np.zeros(market.events.size, np.bool_)
    bars, forged_bars = market.bars.copy(), np.zeros(market.bars.shape[1], np.bool_)
    down = np.log1p(-spec.strength)
    rows, message, ts = _messages(scope, events, 0)
    if rows.size:
        # A triangle: out to the middle of the window and back.
        half = 0.5 * (scope.end_ns - scope.start_ns)
        height = 1.0 - np.abs((ts - scope.start_ns) - half) / half
        height[np.argmax(height)] = 1.0
        shift_events(events, rows, message, down * height)
        forged[rows] = events["px"][rows] != market.events["px"][rows]
    columns = scope.bars()
    if columns.size and not rows.size:
        close = bars[BarField.CLOSE, columns]
        low = np.maximum(np.rint(close * (1.0 - spec.strength)).astype(np.int64), 1)
        bars[BarField.LOW, columns] = np.minimum(bars[BarField.LOW, columns], low)
        forged_bars[columns] = True
    if not rows.size and not columns.size:
        raise _nothing(scope)
    made, mask = assemble(market, spec, events, forged, (), bars)
    return Written(made, mask, forged_bars, spec.strength)


def replay(scope: Scope) -> Written:
    """Let old price messages arrive again, with their old venue times and numbers.

    Of bars, the content of so many bars ago arrives as that of now.
    """
    spec, market = scope.spec, scope.market
    delay_s = spec.param("delay_s")
    bars, forged_bars = market.bars.copy(), np.zeros(market.bars.shape[1], np.bool_)
    forged = np.zeros(market.events.size, np.bool_)
    delay = round(delay_s * 1e9)
    earlier = Scope(
        market, spec, scope.start_ns - delay, scope.end_ns - delay, scope.streams, scope.mine,
        scope.rng,
    )  # fmt: skip
    rows, message, _ = _messages(earlier, market.events, 0)
    extra, count = [], 1
    if rows.size:
        count = int(message[-1]) + 1
        # An intensity above one sends some messages more than once.
        copies = np.floor(spec.strength + scope.rng.random(count)).astype(np.int64)
        for again in range(int(copies.max(initial=0))):
            part = market.events[rows[copies[message] > again]].copy()
            part["ts"] += delay
            lag = part["lag_us"].astype(np.int64) + delay // 1_000
            part["lag_us"] = np.minimum(lag, np.iinfo(np.uint32).max)
            extra.append((part, True))
    columns = scope.bars()
    if columns.size and not rows.size:
        mine = np.flatnonzero(np.isin(bars[BarField.STREAM], scope.streams))
        place = np.searchsorted(mine, columns)
        columns, place = columns[place >= int(delay_s)], place[place >= int(delay_s)]
        for field in (*_PRICES, BarField.VOLUME):
            bars[field, columns] = market.bars[field, mine[place - int(delay_s)]]
        forged_bars[columns] = True
    if not rows.size and not columns.size:
        raise _nothing(scope)
    made, mask = assemble(market, spec, market.events, forged, extra, bars)
    sent = sum(_heads(e) for e, _ in extra)
    return Written(made, mask, forged_bars, sent / count if rows.size else spec.strength)


def _heads(events: Events) -> int:
    return int(np.count_nonzero(events["flags"] & EventFlag.LAST))


def skew(scope: Scope) -> Written:
    """Let the clock of one source be off: late and hiding it, or only lying about the time."""
    spec, market = scope.spec, scope.market
    events = market.events.copy()
    error = round(spec.strength * 1e9)
    inside = (events["ts"] >= scope.start_ns) & (events["ts"] < scope.end_ns) & scope.mine
    inside &= events["kind"] != EventKind.FUNDING
    if not inside.any():
        raise _nothing(scope)
    if spec.param("held"):
        for stream in scope.streams:
            rows = np.flatnonzero(events["stream"] == stream)
            # The line stays in order: what comes after the window waits for what is held.
            ts = events["ts"][rows] + np.where(inside[rows], error, 0)
            events["ts"][rows] = np.maximum.accumulate(ts)
        forged = events["ts"] != market.events["ts"]
    else:
        lag = events["lag_us"].astype(np.int64) + np.where(inside, error // 1_000, 0)
        events["lag_us"] = np.minimum(lag, np.iinfo(np.uint32).max)
        forged = inside
    made, mask = assemble(market, spec, events, forged)
    return Written(made, mask, np.zeros(market.bars.shape[1], np.bool_), spec.strength)


def _nothing(scope: Scope) -> DataError:
    place = scope.market.instruments[scope.spec.book]
    return DataError(
        f"no price of this source in the window of {scope.spec.kind}",
        where=f"{place.venue} {place.symbol}",
        mend="move the window or make it longer",
    )

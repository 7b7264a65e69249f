# SPDX-License-Identifier: MIT
"""Recorded prices on another path: crash, pump, ignition, depeg, without a reaction.

Within the window every record of the instrument is moved by the same number of ticks at a
time, and at each change of that number the whole book is told anew, moved and thinned.  At
the end it is told once more as it truly is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from seawall.data.attacks.assemble import Written, assemble
from seawall.data.attacks.labels import Bools, Ints
from seawall.data.attacks.replay import BookReplay, stream_rows, thin
from seawall.data.attacks.scope import BOOK_KINDS, Scope
from seawall.model.errors import DataError
from seawall.model.events import BarField, EventFlag, EventKind, Events

Floats = npt.NDArray[np.float64]
Path = Callable[[Floats], Floats]
"""From the share of the window that has passed to the move, a fraction of the price."""

STEPS = 40
"""Changes of the path within a window."""


def crash(scope: Scope) -> Path:
    """Fall in a fifth of the window, stay to the half, come back by the end."""
    depth = scope.spec.strength
    return lambda u: -depth * np.interp(u, [0.0, 0.2, 0.5, 1.0], [0.0, 1.0, 1.0, 0.0])


def pump(scope: Scope) -> Path:
    """Rise slowly to a tenth, rush to the top by the half, fall back by the end."""
    height = scope.spec.strength
    return lambda u: height * np.interp(u, [0.0, 0.3, 0.5, 0.6, 1.0], [0.0, 0.1, 1.0, 1.0, 0.0])


def depeg(scope: Scope) -> Path:
    """Prices in a coin that loses its peg rise by what it loses; it comes back late."""
    rise = 1.0 / (1.0 - scope.spec.strength) - 1.0
    if not scope.spec.param("recovers"):
        return lambda u: rise * np.interp(u, [0.0, 0.1], [0.0, 1.0])
    return lambda u: rise * np.interp(u, [0.0, 0.1, 0.6, 0.8], [0.0, 1.0, 1.0, 0.0])


def ignition(scope: Scope) -> Path:
    """Bursts of three seconds that come back in six."""
    spec = scope.spec
    span = (scope.end_ns - scope.start_ns) * 1e-9
    count = max(1, int(span / spec.param("period_s")))
    starts = np.arange(count) * spec.param("period_s")
    signs = np.where(np.arange(count) % 2 == 1, -1.0, 1.0) if spec.param("alternate") else 1.0

    def path(u: Floats) -> Floats:
        t = u[:, None] * span - starts[None, :]
        bump = np.interp(t, [0.0, 3.0, 9.0], [0.0, 1.0, 0.0])
        out: Floats = (spec.strength * bump * signs).sum(axis=1)
        return out

    return path


_PATHS: dict[str, Callable[[Scope], Path]] = {
    "flash_crash": crash,
    "momentum_ignition": ignition,
    "pump_and_dump": pump,
    "stablecoin_depeg": depeg,
}


def reprice(scope: Scope) -> Written:
    """Move what was recorded of one instrument, or of all in one quote currency."""
    spec, market = scope.spec, scope.market
    path = _PATHS[spec.kind](scope)
    events, forged = market.events.copy(), np.zeros(market.events.size, np.bool_)
    bars, forged_bars = market.bars.copy(), np.zeros(market.bars.shape[1], np.bool_)
    extra: list[tuple[Events, bool]] = []
    for part in _scopes(scope):
        extra += _events(part, path, events, forged)
        columns = part.bars()
        if columns.size:
            _bars(part, path, bars, columns)
            forged_bars |= (bars != market.bars).any(axis=0)
    if not forged.any() and not forged_bars.any():
        raise DataError(
            f"{spec.kind} changed no price",
            where=f"window of {(scope.end_ns - scope.start_ns) * 1e-9:.1f} s",
            mend="make the window longer, or the intensity larger than a tick",
        )
    made, mask = assemble(market, spec, events, forged, extra, bars)
    largest = float(np.abs(path(np.linspace(0.0, 1.0, 1_001))).max())
    if spec.kind == "stablecoin_depeg":
        largest = 1.0 - 1.0 / (1.0 + largest)  # of the coin, not of what is quoted in it
    return Written(made, mask, forged_bars, largest)


def _scopes(scope: Scope) -> list[Scope]:
    """Only a depeg moves more than one instrument."""
    if scope.spec.kind != "stablecoin_depeg":
        return [scope]
    market = scope.market
    quote = market.instruments[scope.spec.book].quote
    out = []
    of_stream = market.instrument_of_stream()
    for book, instrument in enumerate(market.instruments):
        if instrument.quote == quote:
            streams = np.array([n for n, i in enumerate(of_stream) if i == book], np.int64)
            mine = np.isin(market.events["stream"], streams)
            out.append(replace(scope, streams=streams, mine=mine))
    return out


def _events(scope: Scope, path: Path, events: Events, forged: Bools) -> list[tuple[Events, bool]]:
    rows = scope.events((*BOOK_KINDS, int(EventKind.TRADE), int(EventKind.TOP)), until_end=True)
    if not rows.size:
        return []
    before = rows[events["ts"][rows] < scope.start_ns]
    trades = rows[events["kind"][rows] == EventKind.TRADE]
    base = float(events["px"][before[-1] if before.size else (trades if trades.size else rows)[0]])
    times = scope.start_ns + (scope.end_ns - scope.start_ns) * np.arange(STEPS + 1) // STEPS
    moves = path((times - scope.start_ns) / (scope.end_ns - scope.start_ns))
    ticks = np.rint(base * moves).astype(np.int64)
    ticks[-1] = 0
    keep = 1.0 - scope.spec.param("withdrawn") if scope.spec.kind == "flash_crash" else 1.0
    inside = rows[events["ts"][rows] >= scope.start_ns]
    # What comes at the very time of a step still belongs to the step before: it is told first.
    step = np.maximum(np.searchsorted(times, events["ts"][inside], "left") - 1, 0)
    clean = events[inside].copy()
    events["px"][inside] = np.maximum(events["px"][inside] + ticks[step], 1)
    quoted = events["kind"][inside] != EventKind.TRADE
    events["qty"][inside[quoted]] = thin(events["qty"][inside[quoted]], keep)
    forged[inside] = (clean["px"] != events["px"][inside]) | (clean["qty"] != events["qty"][inside])
    extra: list[tuple[Events, bool]] = []
    told = scope.market.events
    for stream, mine in stream_rows(told, rows[np.isin(told["kind"][rows], BOOK_KINDS)]).items():
        extra += _books(BookReplay(told, mine), stream, times, ticks, keep)
    for mine in stream_rows(told, rows[told["kind"][rows] == EventKind.TOP]).values():
        extra += _tops(told[mine], times, ticks, keep)
    return extra


def _books(
    book: BookReplay, stream: int, times: Ints, ticks: Ints, keep: float
) -> list[tuple[Events, bool]]:
    out: list[tuple[Events, bool]] = []
    for k, (ts, shift) in enumerate(zip(times.tolist(), ticks.tolist(), strict=True)):
        last = k + 1 == len(times)
        if k > 0 and not last and shift == ticks[k - 1]:
            continue
        book.advance(ts)
        out.append((book.snapshot(ts, stream, shift, 1.0 if last else keep), not last))
    return out


def _tops(part: Events, times: Ints, ticks: Ints, keep: float) -> list[tuple[Events, bool]]:
    """The last best prices, told again at each step."""
    out: list[tuple[Events, bool]] = []
    ends = np.flatnonzero(part["flags"] & EventFlag.LAST)
    for k, ts in enumerate(times):
        n = int(np.searchsorted(part["ts"][ends], ts, "right")) - 1
        last = k + 1 == len(times)
        if n < 0 or (k > 0 and not last and ticks[k] == ticks[k - 1]):
            continue
        again = part[(ends[n - 1] + 1 if n else 0) : ends[n] + 1].copy()
        again["ts"] = ts
        again["px"] = np.maximum(again["px"] + ticks[k], 1)
        if not last:
            again["qty"] = thin(again["qty"], keep)
        out.append((again, not last))
    return out


def _bars(scope: Scope, path: Path, bars: Ints, columns: Ints) -> None:
    """Each bar runs from the move at its open to that at its close; volume swells with it."""
    ts = bars[BarField.TS, columns]
    width = scope.end_ns - scope.start_ns
    gap = int(np.median(np.diff(ts))) if len(ts) > 1 else width
    last = 1.0 + path(np.clip((ts - scope.start_ns) / width, 0.0, 1.0))
    first = 1.0 + path(np.clip((ts - gap - scope.start_ns) / width, 0.0, 1.0))
    low, high = np.minimum(first, last), np.maximum(first, last)
    for field, factor in (
        (BarField.OPEN, first), (BarField.HIGH, high), (BarField.LOW, low), (BarField.CLOSE, last)
    ):  # fmt: skip
        moved = np.rint(bars[field, columns] * factor).astype(np.int64)
        bars[field, columns] = np.maximum(moved, 1)
    if scope.spec.kind in ("pump_and_dump", "flash_crash"):
        move = np.maximum(np.abs(last - 1.0), np.abs(first - 1.0))
        swell = 1.0 + 9.0 * move / scope.spec.strength
        bars[BarField.VOLUME, columns] = np.rint(bars[BarField.VOLUME, columns] * swell)

# SPDX-License-Identifier: MIT
"""Where an attack hits: the instrument, its streams, and the window in receive time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seawall.data.attacks.labels import Bools, Ints
from seawall.data.attacks.spec import AttackSpec
from seawall.model.errors import DataError, SettingsError
from seawall.model.events import BarField, EventFlag, EventKind, Events
from seawall.model.market import Market

BOOK_KINDS = (int(EventKind.DELTA), int(EventKind.SNAPSHOT))
PRICED_KINDS = (int(EventKind.TRADE), int(EventKind.TOP))


@dataclass(frozen=True, eq=False)
class Scope:
    """One attack on one instrument of one market.

    Parameters
    ----------
    market : Market
        Clean.
    spec : AttackSpec
        What to do.
    start_ns, end_ns : int
        Window in receive time, ns UTC; the end is not part of it.
    streams : ndarray of int64
        Streams of the instrument.
    mine : ndarray of bool, shape (n_events,)
        Events of those streams.
    rng : numpy.random.Generator
        Of the attack.
    """

    market: Market
    spec: AttackSpec
    start_ns: int
    end_ns: int
    streams: Ints
    mine: Bools
    rng: np.random.Generator

    def events(self, kinds: tuple[int, ...], *, until_end: bool = False) -> Ints:
        """Rows of the instrument's events of some kinds within the window, or up to its end."""
        ts, kind = self.market.events["ts"], self.market.events["kind"]
        low, high = np.searchsorted(ts, (self.start_ns, self.end_ns))
        low = 0 if until_end else low
        near = self.mine[low:high] & np.isin(kind[low:high], kinds)
        out: Ints = low + np.flatnonzero(near)
        return out

    def bars(self) -> Ints:
        """Columns of the instrument's bars that close within the window."""
        bars = self.market.bars
        ts = bars[BarField.TS]
        mine = np.isin(bars[BarField.STREAM], self.streams)
        return np.flatnonzero(mine & (ts >= self.start_ns) & (ts < self.end_ns))

    @property
    def has_bars(self) -> bool:
        """Whether the instrument has bars at all."""
        return bool(np.isin(self.market.bars[BarField.STREAM], self.streams).any())

    def need(self, kind: EventKind) -> Ints:
        """Rows of a kind up to the end of the window.

        Raises
        ------
        DataError
            When the instrument has none.
        """
        rows = self.events((int(kind),), until_end=True)
        if kind == EventKind.DELTA:
            rows = self.events(BOOK_KINDS, until_end=True)
        if not rows.size:
            place = self.market.instruments[self.spec.book]
            raise DataError(
                f"{self.spec.kind} needs a feed with {kind.name} records",
                where=f"{place.venue} {place.symbol}",
                mend="import that feed too, or choose another book",
            )
        return rows


def scope_of(market: Market, spec: AttackSpec, seed: int, origin_ns: int | None) -> Scope:
    """Find the window and the streams of an attack.

    Raises
    ------
    SettingsError
        When the market has no such instrument or ends before the attack begins.
    """
    if spec.book >= len(market.instruments):
        raise SettingsError(
            f"attack on book {spec.book}",
            where="AttackSpec.book",
            mend=f"the market has instruments 0 to {len(market.instruments) - 1}",
        )
    streams = np.array(
        [n for n, i in enumerate(market.instrument_of_stream()) if i == spec.book], np.int64
    )
    first, last = _span(market)
    start = (first if origin_ns is None else origin_ns) + round(spec.start_s * 1e9)
    end = min(start + round(spec.length_s * 1e9), last + 1)
    if end <= start:
        raise SettingsError(
            f"the attack starts {spec.start_s} s after the start and the market is over by then",
            where="AttackSpec.start_s",
            mend=f"the market lasts {(last - first) / 1e9:.0f} s",
        )
    mine = np.isin(market.events["stream"], streams)
    rng = np.random.Generator(np.random.PCG64([seed, spec.book, len(spec.kind)]))
    return Scope(market, spec, start, end, streams, mine, rng)


def _span(market: Market) -> tuple[int, int]:
    times = [t for t in (market.events["ts"], market.bars[BarField.TS]) if len(t)]
    if not times:
        raise DataError("the market is empty", mend="give one with events or bars")
    return min(int(t[0]) for t in times), max(int(t[-1]) for t in times)


def messages_of(events: Events, rows: Ints) -> Ints:
    """Number of the message that each row of one or more streams belongs to.

    A TOP message is two records, the second with the LAST flag; a trade is one.
    """
    out = np.zeros(len(rows), np.int64)
    count = 0
    for stream in np.unique(events["stream"][rows]):
        here = np.flatnonzero(events["stream"][rows] == stream)
        last = (events["flags"][rows[here]] & EventFlag.LAST) != 0
        number = np.concatenate(([0], np.cumsum(last)[:-1]))
        out[here] = count + number
        count += int(number[-1]) + 1 if len(here) else 0
    # Messages are numbered in the order in which they came.
    _, where, back = np.unique(out, return_index=True, return_inverse=True)
    rank = np.empty(len(where), np.int64)
    rank[np.argsort(where)] = np.arange(len(where))
    numbered: Ints = rank[back]
    return numbered


def ticks_sd(scope: Scope, horizon_s: float) -> float:
    """Standard deviation of the instrument's log returns over a horizon, by its own prices.

    Raises
    ------
    DataError
        When there are fewer than ten returns, or none that moves.
    """
    events = scope.market.events
    rows = np.flatnonzero(scope.mine & np.isin(events["kind"], PRICED_KINDS))
    if rows.size:
        grid = np.arange(events["ts"][rows[0]], events["ts"][rows[-1]], round(horizon_s * 1e9))
        at_ = np.searchsorted(events["ts"][rows], grid, "right") - 1
        price = events["px"][rows[np.maximum(at_, 0)]].astype(np.float64)
    else:
        bars = scope.market.bars
        price = bars[BarField.CLOSE][np.isin(bars[BarField.STREAM], scope.streams)].astype(float)
    returns = np.diff(np.log(price[price > 0]))
    sd = float(returns.std()) if len(returns) >= 10 else 0.0
    if sd <= 0.0:
        raise DataError(
            f"{scope.spec.kind} is measured in standard deviations, and this source has none",
            where=f"{len(returns)} returns",
            mend="give a longer recording, or a shorter horizon_s",
        )
    return sd

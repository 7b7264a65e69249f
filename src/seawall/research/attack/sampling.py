# SPDX-License-Identifier: MIT
"""What the learning strategies of the lab look at: one row a second, venue by venue.

One compiled pass over the events in the order in which they arrived; a row holds what was
known at its second and nothing later.  Features are divided by the running volatility, so
that a busy day and a quiet one look alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from seawall.model.errors import ResearchError
from seawall.model.events import EventFlag, EventKind
from seawall.model.market import Market

SECOND_NS = 1_000_000_000
FLOW_HALF_S = 4.0
"""Half-life of signed flow and of the volume-weighted price, seconds."""
MOMENTUM_S = 5
"""Length of the past return, seconds."""
GAP_HALF_S = 60.0
"""Half-life of the usual gap between two venues, from which a gap is counted, seconds."""
VOL_HALF_S = 600.0
"""Half-life of the volatility that features are divided by, seconds."""

_TRADE, _TOP = int(EventKind.TRADE), int(EventKind.TOP)
_BUY = int(EventFlag.BUY)
_BID, _BID_QTY, _ASK, _ASK_QTY, _SEEN, _SIGNED, _ALL, _VALUE, _AT = range(9)
_WIDTH = 9
_MID, _IMBALANCE, _FLOW, _VWAP, _SPREAD, _AGE = range(6)
_OUT = 6


FEATURES = ("flow", "imbalance", "vwap", "gap", "momentum")
"""Features of one venue at one second: signed over all traded volume; displayed size at the
best prices, bid less ask over both; volume-weighted price over the mid; the other venues'
mid over this one's, against its usual value; the last five seconds' return."""


@dataclass(frozen=True, eq=False)
class Samples:
    """Rows of features at every second and venue.

    Parameters
    ----------
    ts : int64 array, shape (n,)
        Receive time up to which a row knows everything, ns UTC.
    features : float64 array, shape (n, venues, d)
        :data:`FEATURES`, standardised; not-a-number where a venue had said nothing yet.
    mid : float64 array, shape (n, venues)
        Mid price, quote currency.
    spread : float64 array, shape (n, venues)
        Quoted spread, fraction of the mid.
    age_s : float64 array, shape (n, venues)
        Since the venue's last quote, seconds.
    volatility : float64 array, shape (n, venues)
        Running volatility of the mid, fraction per square root of a second.
    venues : tuple of str
        The traded one first; each is a source of samples.
    """

    ts: npt.NDArray[np.int64]
    features: npt.NDArray[np.float64]
    mid: npt.NDArray[np.float64]
    spread: npt.NDArray[np.float64]
    age_s: npt.NDArray[np.float64]
    volatility: npt.NDArray[np.float64]
    venues: tuple[str, ...]

    def outcomes(self, horizon: int) -> npt.NDArray[np.float64]:
        """Return of each mid over the next ``horizon`` rows, in volatilities; shape (n, venues).

        The last rows, whose horizon has not ended, are not-a-number.
        """
        out = np.full(self.mid.shape, np.nan)
        move = np.log(self.mid[horizon:] / self.mid[:-horizon])
        out[:-horizon] = move / (self.volatility[:-horizon] * np.sqrt(horizon))
        return out


@njit(cache=True, error_model="numpy", nogil=True)
def _emit(state: Any, out: Any, ts: int) -> None:
    for v in range(state.shape[0]):
        bid, ask = state[v, _BID], state[v, _ASK]
        if bid <= 0.0 or ask <= bid:
            out[v, :] = np.nan
            continue
        mid = 0.5 * (bid + ask)
        out[v, _MID] = mid
        both = state[v, _BID_QTY] + state[v, _ASK_QTY]
        out[v, _IMBALANCE] = (state[v, _BID_QTY] - state[v, _ASK_QTY]) / both if both > 0 else 0.0
        out[v, _FLOW] = state[v, _SIGNED] / state[v, _ALL] if state[v, _ALL] > 0 else 0.0
        vwap = state[v, _VALUE] / state[v, _ALL] if state[v, _ALL] > 0 else mid
        out[v, _VWAP] = np.log(vwap / mid)
        out[v, _SPREAD] = (ask - bid) / mid
        out[v, _AGE] = (ts - state[v, _SEEN]) * 1e-9


@njit(cache=True, error_model="numpy", nogil=True)
def _walk(
    ts: Any, kind: Any, flags: Any, px: Any, qty: Any, stream: Any,
    venue_of: Any, tick_of: Any, lot_of: Any, seen: Any, grid: Any, half_s: float, out: Any,
) -> None:  # fmt: skip
    """Fill ``out`` (rows, venues, 6) from the events that ``seen`` lets through."""
    state = np.zeros((out.shape[1], _WIDTH))
    row = 0
    for i in range(ts.size):
        while row < grid.size and ts[i] > grid[row]:
            _emit(state, out[row], grid[row])
            row += 1
        v = venue_of[stream[i]]
        if v < 0 or not seen[i]:
            continue
        price, size = px[i] * tick_of[stream[i]], qty[i] * lot_of[stream[i]]
        if kind[i] == _TOP:
            side = _BID if flags[i] & _BUY else _ASK
            state[v, side], state[v, side + 1] = price, size
            state[v, _SEEN] = ts[i]
        elif kind[i] == _TRADE:
            fade = 0.5 ** ((ts[i] - state[v, _AT]) * 1e-9 / half_s)
            state[v, _AT] = ts[i]
            state[v, _SIGNED] = fade * state[v, _SIGNED] + (size if flags[i] & _BUY else -size)
            state[v, _ALL] = fade * state[v, _ALL] + size
            state[v, _VALUE] = fade * state[v, _VALUE] + size * price
    while row < grid.size:
        _emit(state, out[row], grid[row])
        row += 1


def reference_streams(market: Market, symbol: str) -> tuple[tuple[str, ...], list[int]]:
    """Venues that quote and print a symbol, and the venue index of every stream, -1 none."""
    venues = tuple(dict.fromkeys(s.venue for s in market.streams if s.symbol == symbol))
    feeds = {"bookticker", "trades"}
    of = [
        venues.index(s.venue) if s.symbol == symbol and s.feed in feeds else -1
        for s in market.streams
    ]
    return venues, of


def sample(
    market: Market, symbol: str, seen: npt.NDArray[np.bool_] | None = None
) -> Samples:
    """Sample a market once a second.

    Parameters
    ----------
    market : Market
        Its quotes (``bookticker``) and prints (``trades``) of the symbol are read; the first
        venue is the traded one.
    symbol : str
        Instrument, listed on one venue or more.
    seen : ndarray of bool, shape (n_events,), optional
        Events that may be looked at; all when it is not given.

    Raises
    ------
    ResearchError
        When no venue quotes the symbol.
    """
    venues, of = reference_streams(market, symbol)
    if max(of, default=-1) < 0:
        raise ResearchError(
            f"no venue quotes and prints {symbol!r}",
            where=", ".join(sorted({f"{s.symbol}@{s.venue} {s.feed}" for s in market.streams})),
            mend="choose a symbol with the feeds bookticker and trades",
        )
    ev = market.events
    first = int(ev["ts"][0]) // SECOND_NS + 1
    grid = np.arange(first, int(ev["ts"][-1]) // SECOND_NS + 1, dtype=np.int64) * SECOND_NS
    out = np.full((grid.size, len(venues), _OUT), np.nan)
    place = [market.instruments[i] for i in market.instrument_of_stream()]
    _walk(
        *(np.ascontiguousarray(ev[c]) for c in ("ts", "kind", "flags", "px", "qty", "stream")),
        np.array(of, np.int64),
        np.array([float(p.tick) for p in place]), np.array([float(p.lot) for p in place]),
        np.ones(ev.size, np.bool_) if seen is None else seen, grid, FLOW_HALF_S, out,
    )  # fmt: skip
    return _standardise(grid, out, venues)


def running_volatility(mid: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Exponentially weighted volatility of one-second moves, known at each row.

    A move counts at most six times the volatility before it: one print cannot set it.
    """
    moves = np.zeros(mid.size)
    moves[1:] = np.nan_to_num(np.log(mid[1:] / mid[:-1]))
    return _volatility(moves, 2.0 ** (-1.0 / VOL_HALF_S))


@njit(cache=True, error_model="numpy", nogil=True)
def _lagging(values: Any, keep: float) -> Any:
    """Exponentially weighted mean of the values before and at each row."""
    out = np.empty(values.size)
    total, weight = 0.0, 0.0
    for i in range(values.size):
        total = keep * total + (1.0 - keep) * values[i]
        weight = keep * weight + (1.0 - keep)
        out[i] = total / weight
    return out


@njit(cache=True, error_model="numpy", nogil=True)
def _volatility(moves: Any, keep: float) -> Any:
    out = np.empty(moves.size)
    square, weight = 0.0, 0.0
    for i in range(moves.size):
        now = moves[i] * moves[i]
        if weight > 30.0 * (1.0 - keep):
            now = min(now, 36.0 * square / weight)
        square = keep * square + (1.0 - keep) * now
        weight = keep * weight + (1.0 - keep)
        out[i] = np.sqrt(max(square / weight, 1e-14))
    return out


def _standardise(
    grid: npt.NDArray[np.int64], out: npt.NDArray[np.float64], venues: tuple[str, ...]
) -> Samples:
    mid = out[:, :, _MID]
    rows, many = mid.shape
    volatility = np.stack([running_volatility(mid[:, v]) for v in range(many)], axis=1)
    features = np.empty((rows, many, len(FEATURES)))
    log_mid = np.log(mid)
    for v in range(many):
        rest = [u for u in range(many) if u != v] or [v]
        gap = np.nan_to_num(log_mid[:, rest].mean(axis=1) - log_mid[:, v])
        past = np.zeros(rows)
        past[MOMENTUM_S:] = log_mid[MOMENTUM_S:, v] - log_mid[:-MOMENTUM_S, v]
        features[:, v, 0] = out[:, v, _FLOW]
        features[:, v, 1] = out[:, v, _IMBALANCE]
        features[:, v, 2] = out[:, v, _VWAP] / volatility[:, v]
        features[:, v, 3] = (gap - _lagging(gap, 2.0 ** (-1.0 / GAP_HALF_S))) / volatility[:, v]
        features[:, v, 4] = past / (volatility[:, v] * np.sqrt(MOMENTUM_S))
    return Samples(
        grid, features, mid.copy(), out[:, :, _SPREAD].copy(), out[:, :, _AGE].copy(),
        volatility, venues,
    )  # fmt: skip

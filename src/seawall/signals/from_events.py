# SPDX-License-Identifier: MIT
"""Grids out of events: second by second, what the analytics of books and trades say.

Analytics run over every message; the grid takes their values before the end of each second.
A level that depends on the instrument (volume of a VPIN bucket) is learned from the first
``LEARN_S`` seconds, and what needs it is unknown until then.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from seawall.analytics.book import queue_imbalance, quoted_spread
from seawall.analytics.econophysics import book_entropy, book_kinetics_l2
from seawall.analytics.flow import ofi, vpin
from seawall.analytics.hawkes import crash_alert, fit_one
from seawall.analytics.manipulation.rows import Rows, rows_of, streams_of
from seawall.analytics.manipulation.scores import DETECTORS, score_rows
from seawall.analytics.spec import run
from seawall.model.errors import ResearchError
from seawall.model.events import EventKind
from seawall.model.instrument import Instrument, InstrumentKind
from seawall.model.market import Market
from seawall.signals.grid import Floats, Grid, Times

NS = 1_000_000_000
LEARN_S: Final = 60
BUCKETS_PER_S: Final = 1.0
VPIN_WINDOW: Final = 30
ALERT: Final = {"fast": 5.0, "slow": 120.0, "window": 2.0}
FIT_EVERY_S, FIT_TRADES, FIT_LEAST = 15, 1_000, 250
MERGE_S = 1e-3
STALE_S: Final = 60
"""Silence of quotes after which the mid is unknown, s."""

Column = npt.NDArray[Any]


def grids_of_events(market: Market, step_s: float = 1.0) -> tuple[Grid, ...]:
    """Make a grid of every instrument of a market that has quotes; none without any.

    Parameters
    ----------
    market : Market
        Recorded or simulated events.
    step_s : float
        Distance of rows, s.
    """
    known = []
    for instrument in market.instruments:
        rows = _rows(market, instrument)
        if rows is not None:
            known.append((rows, _own(rows, step_s)))
    return with_peers([(rows.instrument, grid) for rows, grid in known])


def _rows(market: Market, instrument: Instrument) -> Rows | None:
    """Rows of an instrument, or none where nothing quotes it."""
    events = market.events
    mine = np.isin(events["stream"], streams_of(market, instrument))
    levels = np.isin(events["kind"], (EventKind.DELTA, EventKind.SNAPSHOT))
    top = mine & (events["kind"] == EventKind.TOP)
    if not (top.any() or (mine & levels).any()):
        return None  # trades alone give no mid to judge a signal by
    rows = rows_of(market, instrument)
    if not rows.columns["ts"].size and rows.depth and rows.ticker:
        # Changes without a first picture of the book: the best quotes are all there is.
        rows = rows_of(replace(market, events=events[mine & ~levels]), instrument)
    return rows if rows.columns["ts"].size else None


def with_peers(known: list[tuple[Instrument, Grid]]) -> tuple[Grid, ...]:
    """Add to each grid the mid of another market of the same base, and that of its spot."""
    out = []
    for mine, grid in known:
        same = [(i, g) for i, g in known if i is not mine and i.base == mine.base]
        same.sort(key=lambda x: (x[0].quote != mine.quote, x[0].kind, x[0].venue))
        columns = dict(grid.columns)
        if same:
            columns["peer_mid"] = _asof(same[0][1], grid.ts)
        spots = [g for i, g in same if i.kind is InstrumentKind.SPOT]
        if spots and mine.kind in (InstrumentKind.LINEAR, InstrumentKind.INVERSE):
            columns["spot_mid"] = _asof(spots[0], grid.ts)
        out.append(Grid(grid.instrument, grid.source, grid.ts, grid.step_ns, grid.fee_bps, columns))
    return tuple(out)


def _asof(other: Grid, ts: Times) -> Floats:
    """Last mid of another grid; unknown when it is older than a row."""
    at = np.searchsorted(other.ts, ts, side="right") - 1
    fresh = (at >= 0) & (ts - other.ts[np.maximum(at, 0)] <= other.step_ns)
    return np.where(fresh, other["mid"][np.maximum(at, 0)], np.nan)


def _own(rows: Rows, step_s: float) -> Grid:
    c = rows.columns
    step = max(int(step_s * NS), 1)
    ends = np.arange(c["ts"][0] // step + 1, c["ts"][-1] // step + 2, dtype=np.int64) * step
    last = np.searchsorted(c["ts"], ends, side="left") - 1
    spread = run(quoted_spread.ANALYTIC, c)["spread_bps"]
    columns: dict[str, Floats] = {
        "mid": np.where(_fresh(c, ends), (0.5 * (c["bid_px"] + c["ask_px"]))[last], np.nan),
        "half_spread_bps": 0.5 * spread[last],
        "imbalance": run(queue_imbalance.ANALYTIC, c)["imbalance"][last],
    }
    total = run(ofi.ANALYTIC, c)["ofi"][last]
    columns["ofi"] = np.diff(total, prepend=np.nan)
    if rows.depth:
        columns["temperature"] = run(book_kinetics_l2.ANALYTIC, c)["temperature"][last]
        columns["entropy"] = run(book_entropy.ANALYTIC, c)["entropy"][last]
    scan = score_rows(rows, step_s=step_s)
    for one in DETECTORS:
        found = scan[one.name]
        columns[one.name] = np.full(ends.size, np.nan)  # long silences are not scored
        columns[one.name][np.searchsorted(ends, found.ts)] = found.score
    columns |= _of_trades(c, ends)
    name = f"{rows.instrument.venue} {rows.instrument.symbol}"
    fee = float(rows.instrument.fees[0].taker) * 1e4
    return Grid(name, "events", ends, step, fee, columns)


def _fresh(c: dict[str, Column], ends: Times) -> npt.NDArray[np.bool_]:
    """Whether a quote was heard not long before each moment: trades may outlive quotes."""
    quoted = c["ts"][c["qty"] == 0.0]
    at = np.searchsorted(quoted, ends, side="left") - 1
    if not quoted.size:
        return np.zeros(ends.size, dtype=np.bool_)
    return np.asarray((at >= 0) & (ends - quoted[np.maximum(at, 0)] <= STALE_S * NS))


def _of_trades(c: dict[str, Column], ends: Times) -> dict[str, Floats]:
    traded = c["qty"] > 0.0
    ts = np.ascontiguousarray(c["ts"][traded])
    if not ts.size:
        return {}
    time, side, qty = (ts - ts[0]) / NS, c["side"][traded], c["qty"][traded]
    last = np.searchsorted(ts, ends, side="left") - 1
    alert = run(crash_alert.ANALYTIC, {"time": time, "side": side}, ALERT)
    out = {
        "spike": _at(alert["spike"], last),
        "count_branching": _at(alert["branching"], last),
        "lean": _at(alert["imbalance"], last),
    }
    out["branching"], out["reliable"] = _fits(time, (ends - ts[0]) / NS)
    return out | _toxicity(ts, qty, side, ends, last)


def _at(values: Floats, last: npt.NDArray[np.int64]) -> Floats:
    return np.where(last >= 0, values[np.maximum(last, 0)], np.nan)


def _fits(time: Floats, ends: Floats) -> tuple[Floats, Floats]:
    """Branching ratio over the last trades, and whether nothing speaks against it."""
    branching, reliable = np.full(ends.size, np.nan), np.full(ends.size, np.nan)
    n, ok = float("nan"), float("nan")
    due = LEARN_S
    for i, end in enumerate(ends.tolist()):
        stop = int(np.searchsorted(time, end, side="left"))
        if end >= due and stop >= FIT_LEAST:
            due = end + FIT_EVERY_S
            past = time[max(0, stop - FIT_TRADES) : stop]
            try:
                fit = fit_one.fit(past - past[0] + MERGE_S, merge=MERGE_S)
                n, ok = fit.branching, float(fit.reliable)
            except ResearchError:
                n, ok = float("nan"), 0.0
        branching[i], reliable[i] = n, ok
    return branching, reliable


def _toxicity(
    ts: Times, qty: Floats, side: Floats, ends: Times, last: npt.NDArray[np.int64]
) -> dict[str, Floats]:
    """VPIN with buckets of the volume that the first seconds traded in one second."""
    first = int(np.searchsorted(ts, ts[0] + LEARN_S * NS, side="left"))
    if first == ts.size:
        return {}
    bucket = float(qty[:first].sum()) / LEARN_S / BUCKETS_PER_S
    params = {"bucket": bucket, "window": VPIN_WINDOW, "history": 500.0}
    found = run(vpin.ANALYTIC, {"qty": qty[first:], "side": side[first:]}, params)
    later = np.where(last >= first, last - first, -1)
    return {
        "vpin": _at(found["vpin"], later),
        "vpin_floor": _at(found["floor"], later),
        "vpin_rank": _at(found["rank"], later),
    }

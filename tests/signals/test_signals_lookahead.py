# SPDX-License-Identifier: MIT
"""A signal uses nothing that was received after it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from seawall.model.errors import ResearchError
from seawall.model.events import EventKind
from seawall.signals.grid import Grid, chained_hashes
from seawall.signals.grids import grids_of
from seawall.signals.readings import available, read, signals_of
from seawall.signals.registry import KINDS

from .signal_helpers import bars_market, cut, simulated

NS = 10**9
CASES = [(k, s) for k in KINDS for s in k.needs]
IDS = [f"{k.name}-{s}" for k, s in CASES]


@cache
def whole(source: str) -> tuple[Grid, ...]:
    return grids_of(simulated() if source == "events" else bars_market())


@cache
def early(source: str, share: float) -> tuple[int, tuple[Grid, ...]]:
    """The grids of a market whose later part was never received."""
    ts = whole(source)[0].ts
    moment = int(ts[int(share * ts.size)])
    market = simulated() if source == "events" else bars_market()
    return moment, grids_of(cut(market, moment))


@pytest.mark.parametrize("share", [0.45, 0.8])
@pytest.mark.parametrize(("kind", "source"), CASES, ids=IDS)
def test_a_market_cut_off_gives_the_same_signals_so_far(kind, source, share) -> None:
    moment, grids = early(source, share)
    compared = 0
    for short, long in zip(grids, whole(source), strict=True):
        assert short.instrument == long.instrument
        if not available(kind, short):
            assert not available(kind, long)
            continue
        # The last row of events may end after the cut, so that it lacks what came before it.
        rows = int(np.count_nonzero(short.ts < moment))
        some, all_ = read(kind, short), read(kind, long)
        assert np.array_equal(some.direction[:rows], all_.direction[:rows])
        assert np.array_equal(some.strength[:rows], all_.strength[:rows])
        said = [s for s in signals_of(some) if s.ts_ns < moment]
        assert said == [s for s in signals_of(all_) if s.ts_ns < moment]
        compared += rows
    assert compared > 30


@pytest.mark.parametrize("source", ["events", "bars"])
def test_every_column_of_a_grid_is_as_it_would_have_been_without_the_future(source) -> None:
    moment, grids = early(source, 0.6)
    for short, long in zip(grids, whole(source), strict=True):
        rows = int(np.count_nonzero(short.ts < moment))
        assert set(short.columns) == set(long.columns)
        for name in short.columns:
            assert np.array_equal(short[name][:rows], long[name][:rows], equal_nan=True), name


def test_a_mid_is_unknown_once_no_quote_was_heard_for_a_minute() -> None:
    market = simulated()
    begin = int(market.events["ts"][0])
    trades = market.events["kind"] == EventKind.TRADE
    kept = replace(market, events=market.events[trades | (market.events["ts"] < begin + 40 * NS)])
    for one in grids_of(kept):
        known = np.isfinite(one["mid"])
        after = (one.ts - begin) / NS
        assert known[after < 99].all()
        assert not known[after > 102].any()
        assert (after > 110).any()


def test_the_hash_of_the_inputs_knows_every_row_so_far_and_none_after() -> None:
    one = whole("bars")[0]
    names = ("mid", "volume")
    before = chained_hashes(one, names)
    for name in names:
        columns = dict(one.columns)
        columns[name] = columns[name].copy()
        columns[name][1_000] += 1.0
        other = Grid(one.instrument, "bars", one.ts, one.step_ns, one.fee_bps, columns)
        after = chained_hashes(other, names)
        assert after[:1_000] == before[:1_000]
        assert all(a != b for a, b in zip(after[1_000:], before[1_000:], strict=True))


def test_a_book_that_was_never_shown_whole_leaves_the_best_quotes() -> None:
    market = simulated()
    kind = market.events["kind"]
    shown = replace(market, events=market.events[kind != EventKind.SNAPSHOT])
    known = {k for g in grids_of(shown) for k in g.columns}
    if (kind == EventKind.TOP).any():
        assert {"mid", "ofi", "imbalance"} <= known
    assert "temperature" not in known


def test_trades_alone_make_no_grid() -> None:
    market = simulated()
    trades = replace(market, events=market.events[market.events["kind"] == EventKind.TRADE])
    with pytest.raises(ResearchError, match="neither quotes nor bars"):
        grids_of(trades)

# SPDX-License-Identifier: MIT
"""Rows of the lab: what they hold, and that they know nothing of the future."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import numpy as np
import pytest

from seawall.analytics.manipulation.rows import Rows, rows_of
from seawall.model.market import Market
from seawall.research.attack.guard import Breaker
from seawall.research.attack.sampling import (
    FEATURES,
    FLOW_HALF,
    GAP_HALF,
    MOMENTUM,
    USUAL_HALF,
    Samples,
    grid_of,
    running_volatility,
    sample,
)
from seawall.research.attack.settings import sources_of
from seawall.research.attack.sight import Sight, sight_of

NS = 10**9


def same(first: np.ndarray, second: np.ndarray) -> bool:
    return np.array_equal(first, second, equal_nan=first.dtype.kind == "f")


@pytest.fixture(scope="module")
def tables(market: Market) -> list[Rows]:
    return [rows_of(market, s) for s in sources_of(market)]


@pytest.fixture(scope="module")
def early(tables: list[Rows]) -> Samples:
    """The first forty seconds."""
    return sample(tables, grid_of(tables)[:40])


@pytest.mark.parametrize("row", [45, 100, 180])
def test_nothing_that_a_sight_holds_changes_when_the_future_is_cut_off(
    market: Market, sight: Sight, row: int
) -> None:
    past = market.events[market.events["ts"] <= sight.raw.ts[row]]
    cut = sight_of(replace(market, events=past), sources_of(market))
    n = cut.raw.ts.size
    assert n in (row, row + 1)
    for name in (f.name for f in fields(Samples) if f.name != "sources"):
        for which in ("raw", "admitted"):
            now, later = getattr(getattr(cut, which), name), getattr(getattr(sight, which), name)
            assert same(now, later[:n]), (which, name)
    for name in ("doubt", "halt", "toxicity"):
        assert same(getattr(cut, name), getattr(sight, name)[:n]), name
    trips = [Breaker(s.admitted, s.halt).open for s in (cut, sight)]
    assert same(trips[0], trips[1][:n])


def test_rows_stand_one_second_apart_within_the_market(market: Market, sight: Sight) -> None:
    ts = sight.raw.ts
    assert np.all(np.diff(ts) == NS)
    assert np.all(ts % NS == 0)
    assert market.events["ts"][0] <= ts[0]
    assert ts[-1] <= market.events["ts"][-1]


def test_a_source_is_not_a_number_until_it_speaks_and_others_are_spared(
    tables: list[Rows], sight: Sight
) -> None:
    begin = sight.raw.ts[60]
    spoken = {k: v[tables[2].columns["ts"] > begin] for k, v in tables[2].columns.items()}
    got = sample([*tables[:2], replace(tables[2], columns=spoken)], sight.raw.ts)
    for values in (got.mid, got.spread, got.age_s, got.features[:, :, 1], got.features[:, :, 2]):
        assert np.isnan(values[:61, 2]).all()
        assert np.isfinite(values[65:, 2]).all()
    assert np.isnan(got.outcomes(5)[:61, 2]).all()
    own = [FEATURES.index(n) for n in ("flow", "depth", "vwap", "momentum")]
    assert same(got.features[:, :2, own], sight.raw.features[:, :2, own])


def test_a_source_that_never_speaks_is_not_a_number_throughout(tables: list[Rows]) -> None:
    silent = replace(tables[2], columns={k: v[:0] for k, v in tables[2].columns.items()})
    got = sample([tables[0], silent])
    assert np.isfinite(got.mid[5:, 0]).all()
    assert np.isnan(got.mid[:, 1]).all()
    assert np.isnan(got.features[:, 1]).all()


def test_features_are_those_of_a_slow_oracle(tables: list[Rows], early: Samples) -> None:
    ts = early.ts.tolist()
    mids, spreads, depths, flows, volumes, vwaps = ([] for _ in range(6))
    for table in tables:
        c = table.columns
        at = [max(i for i in range(c["ts"].size) if c["ts"][i] <= t) for t in ts]
        bid, ask = ([float(c[n][i]) for i in at] for n in ("bid_px", "ask_px"))
        mids.append([0.5 * (b + a) for b, a in zip(bid, ask, strict=True)])
        spreads.append([2 * (a - b) / (a + b) for b, a in zip(bid, ask, strict=True)])
        depths.append([(float(sum(c["bid_qtys"][i])), float(sum(c["ask_qtys"][i]))) for i in at])
        prints = [
            (int(c["ts"][i]), float(c["price"][i]), float(c["qty"][i]), float(c["side"][i]))
            for i in range(c["ts"].size) if c["qty"][i] > 0.0
        ]  # fmt: skip
        sums = [_fading(prints, t, ts[0]) for t in ts]
        flows.append([s[0] for s in sums])
        volumes.append([s[1] for s in sums])
        vwaps.append([s[2] / s[1] if s[1] > 0 else float("nan") for s in sums])
    for v in range(len(tables)):
        others = [u for u in range(len(tables)) if u != v]
        gaps = [
            sum(math.log(mids[u][k]) for u in others) / len(others) - math.log(mids[v][k])
            for k in range(len(ts))
        ]
        for k in range(len(ts)):
            sigma = _volatility(mids[v][: k + 1])
            want = [
                flows[v][k] / (_usual(volumes[v][: k + 1], USUAL_HALF) or 1.0),
                (depths[v][k][0] - depths[v][k][1])
                / _usual([b + a for b, a in depths[v][: k + 1]], USUAL_HALF),
                math.log(vwaps[v][k] / mids[v][k]) / sigma if vwaps[v][k] > 0 else 0.0,
                (gaps[k] - _usual(gaps[: k + 1], GAP_HALF)) / sigma,
                math.log(mids[v][k] / mids[v][k - MOMENTUM]) / (sigma * math.sqrt(MOMENTUM))
                if k >= MOMENTUM else float("nan"),
            ]  # fmt: skip
            assert early.features[k, v].tolist() == pytest.approx(
                want, rel=1e-9, abs=1e-7, nan_ok=True
            )
            assert early.mid[k, v] == pytest.approx(mids[v][k], rel=1e-14)
            assert early.spread[k, v] == pytest.approx(spreads[v][k], rel=1e-9)


def _fading(prints: list[tuple], now: int, start: int) -> tuple[float, float, float]:
    out = [0.0, 0.0, 0.0]
    for ts, price, qty, side in prints:
        if ts <= now:
            weight = 0.5 ** ((now - ts) / NS / FLOW_HALF)
            for k, value in enumerate((side * qty, qty, price * qty)):
                out[k] += weight * value
    return out[0], out[1], out[2]


def _usual(values: list[float], half: float) -> float:
    keep = 0.5 ** (1 / half)
    weights = [keep ** (len(values) - 1 - k) for k in range(len(values))]
    return sum(w * x for w, x in zip(weights, values, strict=True)) / sum(weights)


def _volatility(mids: list[float]) -> float:
    keep = 0.5 ** (1 / USUAL_HALF)
    square = weight = 0.0
    for k in range(len(mids)):
        now = math.log(mids[k] / mids[k - 1]) ** 2 if k else 0.0
        if weight > 30 * (1 - keep):
            now = min(now, 36 * square / weight)
        square, weight = keep * square + (1 - keep) * now, keep * weight + 1 - keep
    return math.sqrt(max(square / weight, 1e-14))


def test_one_print_cannot_set_the_volatility() -> None:
    moves = np.random.default_rng(3).normal(0, 1e-4, 400)
    calm = running_volatility(moves, 2 ** (-1 / 600))
    moves[300] = 0.5
    hit = running_volatility(moves, 2 ** (-1 / 600))
    assert np.array_equal(calm[:300], hit[:300])
    assert hit[300] < 1.2 * calm[300]


def test_an_outcome_is_the_coming_return_in_volatilities_and_open_ones_are_missing(
    sight: Sight,
) -> None:
    raw, horizon = sight.raw, 7
    got = raw.outcomes(horizon)
    for row, source in ((0, 0), (100, 1), (raw.ts.size - horizon - 1, 2)):
        ahead = math.log(raw.mid[row + horizon, source] / raw.mid[row, source])
        want = ahead / (raw.volatility[row, source] * math.sqrt(horizon))
        assert got[row, source] == pytest.approx(want, rel=1e-9)
    assert np.isnan(got[-horizon:]).all()
    assert np.isfinite(got[:-horizon]).all()

# SPDX-License-Identifier: MIT
"""Detectors over whole markets: books rebuilt, seconds scored, nothing known early."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from seawall.analytics.manipulation.races import score_race
from seawall.analytics.manipulation.rows import rows_of
from seawall.analytics.manipulation.scores import DETECTORS, score_market
from seawall.data.simulated import simulate
from seawall.data.simulated.config import BTC, AttackConfig, preset
from seawall.model.errors import ResearchError
from seawall.model.events import EventFlag, EventKind
from seawall.model.market import Market

from .market_helpers import instrument

PERP = "BTC/USDT:USDT"


STRENGTH = {"wash": 1.0, "layering": 15.0, "flash_crash": 0.02}
"""Strong enough that nobody could overlook them."""


@cache
def market(kind: str = "") -> Market:
    attacks = (AttackConfig(kind, 80.0, 30.0, STRENGTH[kind], 1),) if kind else ()
    config = replace(
        preset("small"), duration_s=130.0, venues=1, assets=(BTC,), attacks=attacks, seed=5
    )
    return simulate(config).to_market()


def cut(whole: Market, ts: int) -> Market:
    return replace(whole, events=whole.events[whole.events["ts"] < ts])


def test_the_book_of_the_rows_is_that_of_a_plain_replay() -> None:
    whole = market()
    perp = next(i for i in whole.instruments if i.symbol == PERP)
    rows = rows_of(whole, perp, levels=5)
    depth = next(n for n, s in enumerate(whole.streams) if s.symbol == PERP and s.feed == "depth")
    events = whole.events[whole.events["stream"] == depth]
    books: list[dict[int, int]] = [{}, {}]
    at = 0
    checked = 0
    for e in events[:20_000]:
        flags = int(e["flags"])
        if e["kind"] == EventKind.SNAPSHOT and flags & EventFlag.FIRST:
            books = [{}, {}]
        if e["kind"] in (EventKind.SNAPSHOT, EventKind.DELTA):
            side = books[0 if flags & EventFlag.BUY else 1]
            side[int(e["px"])] = int(e["qty"])
            if not e["qty"]:
                del side[int(e["px"])]
        if not flags & EventFlag.LAST:
            continue
        at = int(np.searchsorted(rows.columns["ts"], e["ts"], side="right")) - 1
        same_ts = rows.columns["ts"][at] == e["ts"] and events["ts"].tolist().count(e["ts"]) < 99
        if checked < 200 and same_ts and len(books[0]) > 5 and len(books[1]) > 5:
            best = sorted(books[0], reverse=True)[:5]
            assert np.round(rows.columns["bid_pxs"][at] / 0.1).astype(int).tolist() == best
            want = [books[0][p] for p in best]
            assert np.round(rows.columns["bid_qtys"][at] / 0.001).astype(int).tolist() == want
            checked += 1
    assert checked == 200


@pytest.mark.parametrize(
    ("kind", "name"), [("wash", "wash"), ("layering", "spoof"), ("flash_crash", "withdrawal")]
)
def test_an_attack_is_seen_while_it_lasts_with_its_reason(kind: str, name: str) -> None:
    attacked = market(kind)
    one, clean = (score_market(m, PERP)[name] for m in (attacked, market()))
    # The same seed without the attack is the same market until it begins.
    during = (one.ts > attacked.events["ts"][0] + 80 * 10**9) & (
        one.ts < attacked.events["ts"][0] + 120 * 10**9
    )
    hottest = int(np.argmax(np.where(during, one.score, -1.0)))
    assert one.score[hottest] >= one.detector.alarm
    assert one.score[hottest] > np.nanmax(clean.score[during[: clean.score.size]]) + 0.2
    assert one.reason(hottest) != "nothing unusual"
    assert one.reason(5) == "nothing unusual"


def test_a_second_is_scored_by_what_was_heard_until_then() -> None:
    whole = market("wash")
    full = score_market(whole, PERP)
    end = int(full.evidence[0].ts[95])
    part = score_market(cut(whole, end), PERP)
    for a, b in zip(full.evidence, part.evidence, strict=True):
        known = b.ts <= end
        assert known.sum() > 80
        assert np.array_equal(a.score[: known.sum()], b.score[known], equal_nan=True)
        assert np.array_equal(a.parts[: known.sum()], b.parts[known], equal_nan=True)


def test_a_silent_stream_is_not_scored_until_it_speaks_again() -> None:
    whole = market()
    events = whole.events.copy()
    late = events["ts"] > events["ts"][0] + 60 * 10**9
    events["ts"][late] += 86_400 * 10**9  # the rest comes a day later
    one = score_market(replace(whole, events=events), PERP)["wash"]
    assert 120 <= one.ts.size <= 145
    assert (np.diff(one.ts) > 10**9).sum() == 1


def test_scores_are_evidence_between_nought_and_one() -> None:
    for one in score_market(market("layering"), PERP).evidence:
        known = one.score[np.isfinite(one.score)]
        assert known.size or one.detector.name == "pump"
        assert ((known >= 0.0) & (known <= 1.0)).all()
        assert one.level == "L2"


def test_alarms_keep_silent_while_the_score_stays_up() -> None:
    one = score_market(market("wash"), PERP)["wash"]
    eager, calm = one.alarms(0.3, mute_s=0.0), one.alarms(0.3, mute_s=1e6)
    assert eager.size >= calm.size == 1
    assert one.alarms(1.1).size == 0


def test_what_a_market_lacks_is_refused_by_name() -> None:
    with pytest.raises(ResearchError, match="0 instruments"):
        score_market(market(), "DOGE/USDT")
    with pytest.raises(ResearchError, match="no detector"):
        score_market(market(), PERP, detectors=["guilt"])
    bare = replace(market(), events=market().events[:0])
    with pytest.raises(ResearchError, match="no quotes"):
        score_market(bare, PERP)
    assert instrument(PERP, "alpha").symbol == PERP


def test_a_race_needs_two_instruments_of_the_same_moments() -> None:
    whole = market()
    spot, perp = (next(i for i in whole.instruments if (":" in i.symbol) == d) for d in (0, 1))
    ts, got = score_race(whole, perp, spot)
    assert ts.size == got.values.shape[0] > 1_000
    assert np.nanmax(got["score"]) <= 1.0
    assert len({d.name for d in DETECTORS}) == len(DETECTORS)

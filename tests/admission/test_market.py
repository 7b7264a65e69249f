# SPDX-License-Identifier: MIT
"""Whole markets: clean ones pass, faulty sources are found, books are never half admitted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from seawall.admission import Admission, Decision, Source, admit_market, concentration
from seawall.admission.event_judge import UNPRICED, group_of
from seawall.admission.kernel.messages import whole_messages
from seawall.admission.market import admitted
from seawall.data.simulated import SimConfig, simulate
from seawall.model.events import EventFlag, EventKind
from seawall.model.market import Market

SIM = SimConfig(duration_s=60.0, seed=5)
SIM_NS = 120_000_000_000
BAD = "simswap|BTC/USDT|trades"


@pytest.fixture(scope="module")
def clean() -> Market:
    return simulate(SIM).to_market()


def changed(market: Market, feed: str, venue: str = "simswap") -> tuple[Market, np.ndarray]:
    """A copy of the market, and which events are those of the feed after the first third."""
    number = next(
        i for i, s in enumerate(market.streams)
        if (s.venue, s.symbol, s.feed) == (venue, "BTC/USDT", feed)
    )  # fmt: skip
    events = market.events.copy()
    third = events["ts"][0] + (events["ts"][-1] - events["ts"][0]) // 3
    return replace(market, events=events), (events["stream"] == number) & (events["ts"] > third)


def test_a_clean_market_passes_and_every_event_is_accounted_for(clean: Market) -> None:
    mask, report = admit_market(clean)
    assert report.refused <= 0.001 * clean.events.size
    assert report.refused == np.count_nonzero(~mask)
    assert report.admission.suspicious() == ()
    assert sum(sum(c.values()) for c in report.counts.values()) == clean.events.size
    assert np.all(mask[report.learn])
    assert report.concentration.faults == ()
    assert report.concentration.unique == 20  # of 40 streams: prices only


def test_after_five_minutes_of_a_clean_market_there_are_enough_effective_sources() -> None:
    market = simulate(replace(SIM, seed=3, duration_s=300.0)).to_market()
    _, report = admit_market(market)
    assert report.concentration.faults == ()
    assert report.admission.suspicious() == ()


def test_judging_twice_gives_the_same_and_leaves_the_market_alone(clean: Market) -> None:
    before = clean.events.tobytes()
    one, two = admit_market(clean), admit_market(clean)
    assert np.array_equal(one[1].codes, two[1].codes)
    assert one[1].admission.fingerprint == two[1].admission.fingerprint
    assert clean.events.tobytes() == before


def test_a_poisoned_feed_is_refused_and_the_others_are_not(clean: Market) -> None:
    poisoned, bad = changed(clean, "trades")
    poisoned.events["px"][bad] = (poisoned.events["px"][bad] * 1.01).astype(np.int32)
    mask, report = admit_market(poisoned)
    assert mask[bad].mean() < 0.02
    assert mask[~bad].mean() > 0.999
    assert BAD in [x.source for x in report.admission.suspicious()]
    seen = admitted(poisoned, mask)
    assert seen.events.size == mask.sum()
    assert seen.streams == poisoned.streams


def test_a_skewed_clock_is_refused_as_stale_and_a_replay_as_replay(clean: Market) -> None:
    skewed, bad = changed(clean, "trades")
    skewed.events["lag_us"][bad] += 10_000_000
    mask, report = admit_market(skewed)
    assert not mask[bad].any()
    assert report.counts[BAD]["stale"] == bad.sum()

    market, bad = changed(clean, "trades")
    again = market.events[bad].copy()
    again["ts"] += 2_000_000_000
    events = np.concatenate([market.events, again])
    order = np.argsort(events["ts"], kind="stable")
    copies = (np.arange(events.size) >= market.events.size)[order]
    mask, report = admit_market(replace(market, events=events[order]))
    # A copy of what came last before two seconds of silence would be refused as well.
    assert mask[copies].mean() == 0.0
    assert report.counts[BAD]["replayed"] >= copies.sum() * 0.9


def test_a_book_that_lost_a_message_is_withheld_until_its_snapshot(clean: Market) -> None:
    broken, bad = changed(clean, "depth")
    first = np.flatnonzero(bad)[0]
    message = bad & (broken.events["ts"] == broken.events["ts"][first])
    broken.events["lag_us"][first] = 20_000_000
    mask, report = admit_market(broken)
    depth = broken.events["stream"] == broken.events["stream"][first]
    assert not mask[message].any()
    later = depth & (broken.events["ts"] > broken.events["ts"][first])
    later &= broken.events["kind"] != EventKind.STATUS
    snapshots = np.flatnonzero(later & (broken.events["flags"] & EventFlag.FIRST > 0))
    end = snapshots[0] if snapshots.size else broken.events.size
    place = np.arange(broken.events.size)
    assert not mask[later & (place < end)].any()
    assert mask[later & (place >= end)].all()
    assert report.counts["simswap|BTC/USDT|depth"]["broken_book"] > 0


def test_messages_are_whole_and_a_snapshot_mends() -> None:
    last, first = int(EventFlag.LAST), int(EventFlag.FIRST)
    delta, snap = int(EventKind.DELTA), int(EventKind.SNAPSHOT)
    rows = [  # stream, kind, flags, code before, code after
        (0, delta, 0, 0, 5), (0, delta, last, 5, 5), (1, delta, last, 0, 0),
        (0, delta, last, 0, 11), (0, snap, first, 0, 0), (0, snap, last, 12, 12),
        (0, delta, last, 0, 0), (2, 4, 0, 13, 8), (2, 4, last, 8, 8), (2, 4, last, 13, 13),
    ]  # fmt: skip
    stream, kind, flags, codes, wanted = (np.array(c) for c in zip(*rows, strict=True))
    codes = codes.astype(np.uint8)
    whole_messages(
        stream.astype(np.uint16), kind.astype(np.uint8), flags.astype(np.uint8), codes,
        np.zeros(3, np.uint8), counts := np.zeros((3, len(Decision)), np.int64),
    )  # fmt: skip
    assert codes.tolist() == wanted.tolist()
    assert counts.sum() == len(rows)
    assert counts[2, Decision.OUTLIER] == 2


def test_a_price_of_zero_is_not_a_number(clean: Market) -> None:
    market, bad = changed(clean, "trades")
    market.events["px"][bad] = 0
    mask, report = admit_market(market)
    assert not mask[bad].any()
    assert report.counts[BAD]["not_a_number"] == bad.sum()


def test_a_ban_and_earned_trust_go_on_into_the_next_market(clean: Market) -> None:
    _, report = admit_market(clean)
    judge = report.admission
    judge.ban(["simswap"])
    later = clean.events.copy()
    later["ts"] += SIM_NS
    later["seq"] += np.uint32(1 << 24)
    mask, second = admit_market(replace(clean, events=later), admission=judge)
    theirs = np.isin(
        later["stream"], [i for i, s in enumerate(clean.streams) if s.venue == "simswap"]
    )
    assert not mask[theirs].any()
    assert mask[~theirs].mean() > 0.999
    assert second.admission is judge


def test_sources_are_compared_by_asset_and_dollars_are_one_currency(clean: Market) -> None:
    spot = next(i for i in clean.instruments if i.symbol == "BTC/USDT")
    assert group_of(spot, "trades") == "BTC/USD"
    assert group_of(replace(spot, symbol="BTC/USDC"), "bookticker") == "BTC/USD"
    assert group_of(replace(spot, symbol="BTC/KRW"), "trades") == "BTC/KRW"
    assert group_of(spot, "depth") == ""


def real_market(test_data: Path, tmp_path: Path, names: list[str]) -> Market:
    from seawall.data.catalogue.catalogue import Catalogue, Select
    from seawall.data.importing.pipeline import import_files

    files = [test_data / "lob" / name for name in names]
    absent = [f.name for f in files if not f.is_file()]
    if absent:
        pytest.skip(f"the recorded data lack {', '.join(absent)}")
    catalogue = Catalogue(tmp_path / "catalogue")
    import_files(catalogue, files)
    pairs = sorted({(e.venue, e.symbol) for e in catalogue.list()})
    return catalogue.market([Select(*pair) for pair in pairs])


def test_three_recorded_venues_agree_and_one_that_is_shifted_is_found(
    test_data: Path, tmp_path: Path
) -> None:
    names = [
        f"binance_{m}_20240808_{kind}.parquet"
        for m in ("spot_btcusdt", "usdm_btcusdt", "cm_btcusd_perp")
        for kind in ("trades", "bookticker")
    ]
    market = real_market(test_data, tmp_path, names)
    mask, report = admit_market(market)
    assert market.events.size > 200_000
    assert mask.mean() > 0.999
    assert report.admission.suspicious() == ()
    # The perpetuals traded a few basis points below spot: learned, not punished.
    spot, swap = (
        report.admission.explain(f"{name}|trades").basis
        for name in ("binance|BTC/USDT", "binanceusdm|BTC/USDT:USDT")
    )
    assert swap - spot < -3e-4

    number = next(
        i for i, s in enumerate(market.streams) if (s.venue, s.feed) == ("binance", "trades")
    )
    events = market.events.copy()
    half = events["ts"] > events["ts"][events.size // 2]
    bad = (events["stream"] == number) & half
    events["px"][bad] = (events["px"][bad] * 0.992).astype(np.int32)
    mask, report = admit_market(replace(market, events=events), admission=Admission(seed=2))
    assert mask[bad].mean() < 0.01
    assert mask[~bad].mean() > 0.999
    assert [x.source for x in report.admission.suspicious()] == ["binance|BTC/USDT|trades"]
    assert report.counts["binance|BTC/USDT|trades"][Decision.OUTLIER.name.lower()] > 100


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_what_a_clean_minute_lacks_of_effective_sources_is_the_rates_of_its_feeds(
    seed: int,
) -> None:
    """Quotes come nine times as often as marks; trust that is not earned yet does the rest."""
    market = simulate(replace(SIM, seed=seed)).to_market()
    _, report = admit_market(market)
    judge, c = report.admission, report.concentration
    assert judge.suspicious() == ()
    assert c.largest < 0.2
    sources = [s for s in judge.sources() if s.feed not in UNPRICED]
    assert all(judge.explain(s).disagreement < 0.2 * judge.explain(s).agreement for s in sources)
    numbers = {s.text: n for n, s in enumerate(sources)}
    per = np.zeros(len(sources))
    origins = [Source.of(s).origin.text for s in market.streams]
    for stream, n in enumerate(np.bincount(market.events["stream"][report.learn])):
        if n:
            per[numbers[origins[stream]]] += n
    alike = concentration(per, np.ones(per.size))
    assert 12.0 < alike.effective < 13.5
    assert 0.0 < alike.effective - c.effective < 1.0
    marks = [judge.trust(s) for s in sources if s.feed == "mark"]
    assert max(marks) < min(judge.trust(s) for s in sources if s.feed == "bookticker")


@pytest.mark.parametrize("liar", ["binance", "binanceusdm", "binancecoinm"])
def test_one_of_three_recorded_venues_that_drifts_by_two_per_cent_is_not_believed(
    test_data: Path, tmp_path: Path, liar: str
) -> None:
    names = [
        f"binance_{m}_20240808_bookticker.parquet"
        for m in ("spot_btcusdt", "usdm_btcusdt", "cm_btcusd_perp")
    ]
    market = real_market(test_data, tmp_path, names)
    events = market.events.copy()
    share = (events["ts"] - events["ts"][0]) / (events["ts"][-1] - events["ts"][0])
    bad = np.isin(events["stream"], [n for n, s in enumerate(market.streams) if s.venue == liar])
    lie = 0.02 * np.clip(share - 0.2, 0.0, None) / 0.8
    events["px"][bad] = np.round(events["px"][bad] * (1.0 + lie[bad])).astype(np.int32)
    mask, report = admit_market(replace(market, events=events))
    assert not mask[bad & (lie > 0.0075)].any()
    assert mask[bad & (share < 0.2)].all()
    assert mask[~bad].all()
    assert {x.source.split("|")[0] for x in report.admission.suspicious()} == {liar}

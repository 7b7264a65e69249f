# SPDX-License-Identifier: MIT
"""Forged feeds leave exactly the trace that was ordered."""

from __future__ import annotations

import numpy as np
import pytest

from seawall.data.attacks import AttackSpec, inject
from seawall.data.simulated.sim import simulate
from seawall.model.errors import DataError
from seawall.model.events import BarField, EventFlag, EventKind
from seawall.model.market import Market

from .attack_helpers import bars_market, lab, streams_of

BOOK = 1


@pytest.fixture(scope="module")
def market() -> Market:
    return simulate(lab()).to_market()


def second_returns_sd(market: Market, book: int) -> float:
    """Sd of one-second log returns of what the book's price feeds say, by hand."""
    of = np.array(market.instrument_of_stream())
    e = market.events[
        (of[market.events["stream"]] == book) & np.isin(market.events["kind"], (1, 4))
    ]
    prices, k, now = [], 0, int(e["ts"][0])
    while now < e["ts"][-1]:
        while k + 1 < len(e) and e["ts"][k + 1] <= now:
            k += 1
        prices.append(float(e["px"][k]))
        now += 1_000_000_000
    return float(np.std(np.diff(np.log(prices))))


def test_poisoned_prices_are_off_by_so_many_standard_deviations(market: Market) -> None:
    made, labels = inject(market, AttackSpec("data_poisoning", 20.0, intensity=3.0, book=BOOK), 1)
    off = np.log(made.events["px"][labels.forged] / market.events["px"][labels.forged])
    want = 3.0 * second_returns_sd(market, BOOK)
    assert off == pytest.approx(want, rel=0.02)  # to a tick
    assert labels.realised == pytest.approx(3.0, rel=0.02)


def test_poisoning_stops_after_its_samples(market: Market) -> None:
    spec = AttackSpec("data_poisoning", 20.0, book=BOOK, params=(("samples", 200),))
    made, labels = inject(market, spec, 1)
    heads = made.events["flags"][labels.forged] & EventFlag.LAST != 0
    assert heads.sum() == 200
    assert (made.events["ts"] == market.events["ts"]).all()


def test_poisoning_of_returns_grows_and_of_random_signs_cancels(market: Market) -> None:
    def moved(pattern: int) -> np.ndarray:
        spec = AttackSpec("data_poisoning", 20.0, book=BOOK, params=(("pattern", pattern),))
        made, labels = inject(market, spec, 1)
        return made.events["px"][labels.forged] - market.events["px"][labels.forged]

    growing, signs = moved(1), moved(2)
    assert growing[-1] > 10 * max(1, growing[0])
    assert abs(np.sign(signs).mean()) < 0.2


def test_spreads_survive_poisoning(market: Market) -> None:
    made, _ = inject(market, AttackSpec("data_poisoning", 20.0, book=BOOK), 1)
    top = made.events["kind"] == EventKind.TOP
    stream = made.events["stream"] == streams_of(market, BOOK, "bookticker")[0]
    for m in (made, market):
        e = m.events[top & stream]
        spread = e["px"][1::2] - e["px"][0::2]
        assert (spread > 0).all()
        if m is made:
            first = spread
        else:
            assert (first == spread).all()


def test_a_drift_reaches_its_slope_at_the_end_of_its_day(market: Market) -> None:
    spec = AttackSpec("slow_drift", 20.0, 60.0, intensity=2.0, book=BOOK, params=(("day_s", 60.0),))
    made, labels = inject(market, spec, 1)
    last = np.flatnonzero(labels.forged)[-1]
    off = np.log(made.events["px"][last] / market.events["px"][last])
    share = (made.events["ts"][last] - market.events["ts"][0]) * 1e-9 / 60.0 - 20.0 / 60.0
    want = 2.0 * second_returns_sd(market, BOOK) * np.sqrt(60.0) * share
    assert off == pytest.approx(want, rel=0.05)


def test_a_drift_below_a_tick_is_refused(market: Market) -> None:
    with pytest.raises(DataError, match="never reaches a tick"):
        inject(market, AttackSpec("slow_drift", 20.0, 10.0, book=BOOK), 1)


def test_replays_are_old_messages_with_their_old_venue_time_and_number(market: Market) -> None:
    spec = AttackSpec("replayed_packets", 40.0, 20.0, book=BOOK, params=(("delay_s", 15.0),))
    made, labels = inject(market, spec, 1)
    forged = made.events[labels.forged]
    originals = {
        (int(e["ts"]), int(e["px"]), int(e["qty"]), int(e["seq"]), int(e["lag_us"]))
        for e in market.events
    }
    delay = 15_000_000_000
    for e in forged:
        key = (int(e["ts"]) - delay, int(e["px"]), int(e["qty"]), int(e["seq"]),
               int(e["lag_us"]) - delay // 1_000)  # fmt: skip
        assert key in originals
    assert len(made.events) == len(market.events) + len(forged)
    rest = made.events[~labels.forged]
    assert rest.tobytes() == market.events.tobytes()
    window = market.events["ts"] - market.events["ts"][0]
    of = np.array(market.instrument_of_stream())[market.events["stream"]]
    before = (window >= 25_000_000_000) & (window < 45_000_000_000) & (of == BOOK)
    assert len(forged) == (before & np.isin(market.events["kind"], (1, 4))).sum()


def test_half_an_intensity_replays_about_half_of_the_messages(market: Market) -> None:
    whole = inject(market, AttackSpec("replayed_packets", 40.0, 20.0, book=BOOK), 1)[1]
    half = inject(market, AttackSpec("replayed_packets", 40.0, 20.0, 0.5, BOOK), 1)[1]
    assert half.forged.sum() == pytest.approx(0.5 * whole.forged.sum(), rel=0.15)
    assert half.realised == pytest.approx(0.5, rel=0.15)


def test_a_held_feed_arrives_late_and_says_it_did_not(market: Market) -> None:
    made, labels = inject(market, AttackSpec("skewed_packets", 30.0, 20.0, 4.0, BOOK), 1)
    stream = streams_of(market, BOOK, "trades")[0]
    now, was = (m.events[m.events["stream"] == stream] for m in (made, market))
    late = now["ts"] - was["ts"]
    inside = (was["ts"] - market.events["ts"][0] >= 30e9) & (
        was["ts"] - market.events["ts"][0] < 50e9
    )
    assert (late[inside] == 4_000_000_000).all()
    assert (now["lag_us"] == was["lag_us"]).all()
    assert (late[~inside] >= 0).all()
    assert late[~inside].max() < 4_000_000_000
    moved = 0
    for s in range(len(market.streams)):
        times = [m.events["ts"][m.events["stream"] == s] for m in (made, market)]
        moved += int((times[0] != times[1]).sum())
    assert labels.forged.sum() == moved


def test_a_lying_clock_changes_nothing_but_the_venue_time(market: Market) -> None:
    spec = AttackSpec("skewed_packets", 30.0, 20.0, 4.0, BOOK, (("held", 0),))
    made, labels = inject(market, spec, 1)
    lag = made.events["lag_us"].astype(np.int64) - market.events["lag_us"]
    assert (lag[labels.forged] == 4_000_000).all()
    assert (lag[~labels.forged] == 0).all()
    for name in ("ts", "px", "qty", "seq", "kind"):
        assert (made.events[name] == market.events[name]).all()


def test_a_wick_reaches_its_depth_once_and_only_in_one_source(market: Market) -> None:
    made, labels = inject(market, AttackSpec("single_source_wick", 40.0, 2.0, 0.04, BOOK), 1)
    ratio = made.events["px"][labels.forged] / market.events["px"][labels.forged]
    assert ratio.min() == pytest.approx(0.96, abs=1e-4)
    assert set(made.events["stream"][labels.forged]) <= {
        *streams_of(market, BOOK, "trades"), *streams_of(market, BOOK, "bookticker")
    }  # fmt: skip


def test_bars_are_poisoned_by_their_own_returns(market: Market) -> None:
    bars = bars_market(market.instruments[BOOK])
    hour = 3_600.0
    made, labels = inject(
        bars, AttackSpec("data_poisoning", 100 * hour, params=(("samples", 50),)), 1
    )
    assert labels.forged_bars.sum() == 50
    close = bars.bars[BarField.CLOSE].astype(float)
    sd = float(np.std(np.diff(np.log(close))))
    k = labels.forged_bars
    off = np.log(made.bars[BarField.CLOSE][k] / close[k])
    assert off == pytest.approx(2.0 * sd, rel=1e-3)
    assert (made.bars[:, ~k] == bars.bars[:, ~k]).all()


def test_a_wick_in_bars_only_lowers_the_low(market: Market) -> None:
    bars = bars_market(market.instruments[BOOK])
    made, labels = inject(bars, AttackSpec("single_source_wick", 36_000.0, 3_600.0), 1)
    assert labels.forged_bars.sum() == 1
    changed = (made.bars != bars.bars).any(axis=1)
    assert np.flatnonzero(changed).tolist() == [BarField.LOW]


def test_replayed_bars_repeat_what_was_some_bars_ago(market: Market) -> None:
    bars = bars_market(market.instruments[BOOK])
    spec = AttackSpec("replayed_packets", 360_000.0, 36_000.0, params=(("delay_s", 24),))
    made, labels = inject(bars, spec, 1)
    k = np.flatnonzero(labels.forged_bars)
    assert len(k) == 10
    assert (made.bars[1:6, k] == bars.bars[1:6, k - 24]).all()
    assert (made.bars[BarField.TS] == bars.bars[BarField.TS]).all()

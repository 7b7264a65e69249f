# SPDX-License-Identifier: MIT
"""Detectors of manipulation on streams made by hand, where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from seawall.analytics.manipulation import (
    ignition,
    latency_race,
    pump_bars,
    pump_rush,
    sandwich,
    spoof,
    stuffing,
    wash,
    wash_venue,
    withdrawal,
)
from seawall.analytics.spec import Result, run
from seawall.model.errors import ResearchError

START = 1_700_000_000 * 10**9
MS = 1_000_000
Row = tuple[float, float, float, float, float, float, float, float]


def tape(rows: list[Row], analytic: object = wash.ANALYTIC, **params: float) -> Result:
    """(ms, bid, bid size, ask, ask size, price, size, side); size 0 is a quote."""
    table = np.array(sorted(rows, key=lambda r: r[0]))
    ts = START + np.round(table[:, 0] * MS).astype(np.int64)
    names = ("bid_px", "bid_qty", "ask_px", "ask_qty", "price", "qty", "side")
    columns = {n: table[:, k + 1].copy() for k, n in enumerate(names)}
    return run(analytic, {"ts": ts, "sent": ts, **columns}, params)  # type: ignore[arg-type]


def background(rng: np.random.Generator, seconds: int) -> list[Row]:
    """Quotes that flicker at random and takers who never ask for just what was added."""
    rows: list[Row] = []
    for ms in range(0, seconds * 1_000, 100):
        bid, ask = rng.uniform(5.0, 9.0, 2)
        rows.append((ms, 100.0, bid, 100.2, ask, 100.1, 0.0, 0.0))
        side = rng.choice([-1.0, 1.0])
        price, q = (100.2 if side > 0 else 100.0), rng.uniform(0.01, 2.0)
        left = (bid, ask - q) if side > 0 else (bid - q, ask)
        rows.append((ms + 50, 100.0, left[0], 100.2, left[1], price, q, side))
    return rows


def washed(rng: np.random.Generator, start_s: int, pairs: int, gap_ms: float = 1.0) -> list[Row]:
    """A bid inside the spread that is hit in full at once, again and again."""
    rows: list[Row] = []
    for k in range(pairs):
        ms, q = 1_000 * start_s + 400 * k + 20, rng.uniform(1.0, 3.0)
        rows.append((ms, 100.1, q, 100.2, 5.0, 100.15, 0.0, 0.0))
        rows.append((ms + gap_ms, 100.0, 6.0, 100.2, 5.0, 100.1, q, -1.0))
    return rows


def test_prints_that_meet_a_quote_just_added_raise_the_evidence_of_washing() -> None:
    rng = np.random.default_rng(0)
    honest = background(rng, 120)
    assert np.nanmax(tape(honest)["score"]) < 0.1
    got = tape(honest + washed(rng, 100, 12))
    assert np.nanmax(got["score"]) > 0.6
    assert np.nanmax(got["share"]) > 0.1
    late = tape(honest + washed(rng, 100, 12, gap_ms=25.0))  # anybody has time to hit it
    assert np.nanmax(late["met"]) < 0.1


def test_a_sweep_over_stale_quotes_is_no_wash() -> None:
    rng = np.random.default_rng(1)
    rows = background(rng, 120)
    for k in range(12):
        ms, q = 100_000 + 400 * k + 20, rng.uniform(1.0, 3.0)
        rows.append((ms, 100.1, q, 100.2, 5.0, 100.15, 0.0, 0.0))
        # The same order eats the level below too: it wanted size, not that quote.
        rows.append((ms + 1.0, 100.0, 5.0, 100.2, 5.0, 100.1, q, -1.0))
        rows.append((ms + 1.0, 100.0, 5.0, 100.2, 5.0, 100.0, 1.0, -1.0))
    assert np.nanmax(tape(rows)["score"]) < 0.1


def test_prints_inside_the_spread_at_a_price_nobody_showed_are_counted() -> None:
    rows = background(np.random.default_rng(2), 120)
    hidden = [(100_020.0 + 400 * k, 100.0, 6.0, 100.2, 5.0, 100.1, 1.0 + k / 7, 1.0)
              for k in range(12)]  # fmt: skip
    got = tape(rows + hidden)
    assert np.nanmax(got["unseen"]) > 0.6
    assert np.nanmax(got["met"]) < 0.1


def book_rows(
    sizes: np.ndarray, prints: dict[int, tuple[float, float]], every_ms: int = 100
) -> dict[str, np.ndarray]:
    """Four bid levels of the sizes given and a still ask side; prints by row: (size, side)."""
    n = len(sizes)
    still = np.full((n, 4), 2.0)
    qty, side = np.zeros(n), np.zeros(n)
    for row, (q, s) in prints.items():
        qty[row], side[row] = q, s
    return {
        "ts": START + np.arange(n) * every_ms * MS,
        "bid_pxs": np.tile(100.0 - 0.1 * np.arange(4), (n, 1)), "bid_qtys": sizes,
        "ask_pxs": np.tile(100.1 + 0.1 * np.arange(4), (n, 1)), "ask_qtys": still,
        "price": np.full(n, 100.0), "qty": qty, "side": side,
    }  # fmt: skip


def shows(honest: bool) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    sizes = 2.0 + rng.uniform(-0.3, 0.3, (900, 4))
    prints: dict[int, tuple[float, float]] = {}
    for k in range(10):
        at = 600 + 25 * k
        sizes[at : at + 12] += 20.0
        if honest:  # somebody trades with it before it goes
            prints |= {at + j: (8.0, -1.0) for j in range(1, 11)}
        else:
            prints[at + 5] = (0.1, 1.0)
    return book_rows(sizes, prints)


def test_size_shown_and_taken_back_again_and_again_raises_the_evidence_of_spoofing() -> None:
    got = run(spoof.ANALYTIC, shows(honest=False))
    assert np.nanmax(got["score"][:600]) < 0.1
    assert np.nanmax(got["cancelled"][600:]) > 0.5
    assert got["layers"][-1] == 4.0


def test_size_that_is_shown_and_trades_is_not_spoofing() -> None:
    got = run(spoof.ANALYTIC, shows(honest=True))
    assert np.nanmax(got["cancelled"]) < 0.1


def test_levels_that_move_out_of_sight_are_not_taken_back() -> None:
    rng = np.random.default_rng(4)
    columns = book_rows(2.0 + rng.uniform(-0.3, 0.3, (900, 4)), {})
    shift = 0.1 * rng.integers(-3, 4, 900)[:, None]
    columns["bid_pxs"] = columns["bid_pxs"] + shift
    columns["ask_pxs"] = columns["ask_pxs"] + shift
    assert np.nanmax(run(spoof.ANALYTIC, columns)["cancelled"]) == 0.0


def messages(prints_too: bool) -> Result:
    rng = np.random.default_rng(5)
    ms, kind = [], []
    for k in range(60_000):
        busy = 40_000 <= k < 45_000
        if rng.random() < (0.4 if busy else 0.05):
            ms.append(k)
            kind.append(0.0)
        if rng.random() < (0.08 if busy and prints_too else 0.01):
            ms.append(k)
            kind.append(1.0)
    qty = np.array(kind)
    ts = START + np.array(ms, np.int64) * MS
    return run(stuffing.ANALYTIC, {"ts": ts, "changes": 1.0 - qty, "qty": qty})


def test_many_messages_without_prints_are_stuffing_and_with_them_are_news() -> None:
    alone, news = messages(prints_too=False), messages(prints_too=True)
    assert np.nanmax(alone["score"]) > 0.9
    assert np.nanmax(news["score"]) < 0.2
    assert np.nanmax(news["rate"]) > 200.0


def test_a_book_that_thins_out_is_seen_and_one_that_stays_is_not() -> None:
    columns = book_rows(np.full((1_200, 4), 2.0), {})
    names = ("ts", "bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys")
    calm = run(withdrawal.ANALYTIC, {k: columns[k] for k in names}, {"reach": 100.0})
    assert np.nanmax(calm["score"]) == 0.0
    columns["bid_qtys"][800:] /= 10.0
    gone = run(withdrawal.ANALYTIC, {k: columns[k] for k in names}, {"reach": 100.0})
    assert np.nanmax(gone["score"][:800]) == 0.0
    assert np.nanmax(gone["score"][800:900]) == pytest.approx(1.0)
    assert gone["depth"][-1] == pytest.approx(0.8)


def burst_of(back: bool) -> Result:
    rng = np.random.default_rng(6)
    n = 3_000
    price = 100.0 + 0.01 * rng.integers(-1, 2, n)
    qty, side = rng.uniform(0.05, 0.15, n), rng.choice([-1.0, 1.0], n)
    up = slice(2_000, 2_030)
    price[up] += np.linspace(0.0, 1.0, 30)
    qty[up], side[up] = 5.0, 1.0
    price[2_030:] += 1.0
    if back:
        price[2_100:] -= 1.0
    ts = START + np.arange(n) * 100 * MS
    return run(ignition.ANALYTIC, {"ts": ts, "price": price, "qty": qty, "side": side})


def test_a_burst_that_the_price_takes_back_is_ignition_and_one_that_stays_is_not() -> None:
    assert np.nanmax(burst_of(back=True)["score"]) > 0.8
    assert np.nanmax(burst_of(back=False)["score"]) < 0.1


def test_features_of_a_pump_are_those_of_plain_arrays() -> None:
    rng = np.random.default_rng(7)
    n, chunk, window = 4_000, 5, 20
    ms = np.sort(rng.integers(0, 12_000, n)) * 50  # many prints share a millisecond
    side = rng.choice([-1.0, 1.0], n)
    price, qty = 1.0 + 0.01 * rng.random(n), rng.exponential(1.0, n)
    ts = START // (chunk * 10**9) * chunk * 10**9 + ms * MS
    got = run(
        pump_rush.ANALYTIC, {"ts": ts, "price": price, "qty": qty, "side": side},
        {"chunk": chunk, "window": window},
    )  # fmt: skip
    buy = side > 0
    b_ms, b_px, b_q = ms[buy], price[buy], qty[buy]
    number = b_ms // (1_000 * chunk)
    rows = []
    for c in np.unique(number):
        mine = number == c
        _, fills = np.unique(b_ms[mine], return_counts=True)
        rows.append(
            ((fills >= 2).sum(), mine.sum(), (b_px * b_q)[mine].sum(), b_px[mine].mean(),
             b_px[mine].max())
        )  # fmt: skip
    x = np.array(rows, float)
    for k in range(window, len(x)):
        old, new = x[k - window : k], x[k - window + 1 : k + 1]
        # The last print of the chunk, whoever took it, sees the whole chunk.
        at = np.flatnonzero(ms // (1_000 * chunk) == np.unique(number)[k])[-1]
        std = [new[:, j].std(ddof=1) / old[:, j].std(ddof=1) - 1 for j in range(4)]
        mean = [new[:, j].mean() / old[:, j].mean() - 1 for j in range(3)]
        ten = [x[k - 9 : k + 1, j].mean() / x[k - 10 : k, j].mean() - 1 for j in (3, 4)]
        want = [std[0], mean[0], std[1], std[2], mean[2], std[3], *ten]
        np.testing.assert_allclose(got.values[at, 1:], want, rtol=1e-7, atol=1e-9)


def test_anomalies_of_bars_are_measured_against_the_bars_before_only() -> None:
    rng = np.random.default_rng(8)
    close, volume = 10.0 + rng.random(200), 1.0 + rng.random(200)
    high = close * 1.01
    got = run(pump_bars.ANALYTIC, {"high": high, "close": close, "volume": volume})
    for i in (12, 57, 199):
        assert got["rise"][i] == pytest.approx(high[i] / close[i - 12 : i].mean() - 1)
        assert got["surge"][i] == pytest.approx(volume[i] / volume[i - 12 : i].mean() - 1)
    high[100], volume[100] = 15.0, 20.0
    hit = run(pump_bars.ANALYTIC, {"high": high, "close": close, "volume": volume})
    assert hit["score"][100] == pytest.approx(1.0)
    assert hit["fall"][100] > 0.8


def people(rng: np.random.Generator, n: int) -> np.ndarray:
    size = np.round(np.exp(rng.normal(0.0, 2.0, n)), 3) + 0.001
    rounds = rng.random(n) < 0.3
    return np.where(rounds, np.maximum(np.round(size, 0), 1.0), size)


def test_sizes_of_people_pass_and_fabricated_sizes_do_not() -> None:
    rng = np.random.default_rng(9)
    price = np.full(20_000, 100.0)
    honest = wash_venue.fit(price, people(rng, 20_000), unit=0.001)
    made = rng.uniform(5.0, 6.0, 20_000) * rng.choice([0.01, 1.0], 20_000)
    faked = wash_venue.fit(price, made, unit=0.001)
    assert honest.cluster > 4.0
    assert honest.score == 0.0
    assert faked.benford_part == 1.0
    assert abs(faked.cluster) < 3.0
    assert faked.score > 0.2


def test_benfords_law_keeps_its_own_sample_within_the_band() -> None:
    rng = np.random.default_rng(10)
    law = 10.0 ** rng.uniform(-2.0, 3.0, 5_000)
    got = wash_venue.fit(np.ones(5_000), law)
    assert got.mad_base < got.mad_band
    assert got.chi2_p > 0.01
    assert got.benford_part == 0.0
    pareto = wash_venue.hill(rng.pareto(1.5, 200_000) + 1.0)
    assert pareto == pytest.approx(1.5, rel=0.05)


def test_prints_at_the_touch_that_take_nothing_from_it_are_counted() -> None:
    rng = np.random.default_rng(13)
    phantom = [(100_020.0 + 400 * k, 100.0, 6.0, 100.2, 5.0, 100.2, 1.0 + k / 7, 1.0)
               for k in range(12)]  # fmt: skip
    shown = [(ms - 10.0, *row[:4], 100.1, 0.0, 0.0) for ms, *row in phantom]
    got = tape(background(rng, 120) + shown + phantom)
    assert np.nanmax(got["unseen"]) > 0.6


@pytest.mark.parametrize("bad", [np.ones(10), np.full(500, np.nan), np.zeros(500)])
def test_sizes_that_say_nothing_are_refused(bad: np.ndarray) -> None:
    with pytest.raises(ResearchError):
        wash_venue.fit(np.ones(bad.size), bad)


def raced(fast: bool) -> Result:
    rng = np.random.default_rng(11)
    n = 6_000
    ts = START + np.arange(n) * 20 * MS
    move = np.zeros(n)
    move[::50] = rng.choice([-1.0, 1.0], n // 50) * 0.02
    mid = 100.0 + np.cumsum(move)
    own = np.concatenate((np.full(10, 100.0), mid[:-10]))  # follows 200 ms later
    qty = np.where(rng.random(n) < 0.05, 1.0, 0.0)
    side = np.where(qty > 0, rng.choice([-1.0, 1.0], n), 0.0)
    if fast:
        hits = np.arange(0, n - 2, 50)
        qty[hits + 2], side[hits + 2] = 5.0, np.sign(move[hits])
    price = own + 0.001 * side
    return run(
        latency_race.ANALYTIC,
        {"ts": ts, "mid": mid, "bid_px": own - 0.001, "ask_px": own + 0.001, "price": price,
         "qty": qty, "side": side},
        {"race": 0.15},
    )  # fmt: skip


def test_takers_who_come_right_after_the_leader_moved_are_seen_and_cost_the_quoters() -> None:
    fast, slow = raced(fast=True), raced(fast=False)
    assert fast["score"][-1] > 0.8
    assert slow["score"][-1] < 0.2
    assert fast["share"][-1] > 0.6


def test_an_order_in_before_a_large_one_and_out_after_it_is_a_sandwich() -> None:
    rng = np.random.default_rng(12)
    rows: list[Row] = []
    for k in range(60):
        side = float(rng.choice([-1, 1]))
        rows.append((1_000.0 * k, 0, 0, 0, 0, 100.0, float(rng.uniform(0.5, 1.5)), side))
    plain = tape(rows, sandwich.ANALYTIC)
    for k in range(8):
        at, q = 40_007.0 + 900 * k, 0.5 * 1.12**k
        rows += [
            (at, 0, 0, 0, 0, 100.0, q, 1.0), (at + 50, 0, 0, 0, 0, 100.1, 20.0, 1.0),
            (at + 90, 0, 0, 0, 0, 100.1, q, -1.0),
        ]  # fmt: skip
    got = tape(rows, sandwich.ANALYTIC)
    assert np.nanmax(plain["score"]) < 0.2
    assert np.nanmax(got["score"]) > 0.8
    assert got["gain"][-1] == pytest.approx(10.0, rel=0.01)

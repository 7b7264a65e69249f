# SPDX-License-Identifier: MIT
"""Micro-price, deep mid, resilience and heat map against what made the books."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from seawall.analytics.book import heat_map, microprice_fit, resilience_fit
from seawall.analytics.book.merged import merge_quotes_and_trades
from seawall.analytics.registry import analytic
from seawall.analytics.spec import Result
from seawall.analytics.spec import run as run_spec
from seawall.model.errors import FormatError, ResearchError

MS = 10**6


def run(name: str, params: dict[str, float] | None = None, **columns: Any) -> Result:
    return run_spec(analytic(name), columns, params)


def queues(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    """A book of one tick whose queues gain and lose one; an empty one moves the price."""
    out = np.empty((n, 3))
    mid, b, a = 1_000.0, 5, 5
    for i in range(n):
        up, gain = rng.random() < 0.5, rng.random() < 0.5
        if up:
            b += 1 if gain else -1
        else:
            a += 1 if gain else -1
        if a == 0 or b == 0:
            mid += 1.0 if a == 0 else -1.0
            b, a = (int(x) for x in rng.integers(1, 10, 2))
        b, a = min(b, 10), min(a, 10)
        out[i] = mid, b, a
    return {"bid_px": out[:, 0] - 0.5, "bid_qty": out[:, 1], "ask_px": out[:, 0] + 0.5,
            "ask_qty": out[:, 2]}  # fmt: skip


def test_the_deep_mid_of_one_level_or_a_large_decay_is_the_weighted_mid() -> None:
    rng = np.random.default_rng(0)
    sizes = rng.lognormal(size=(50, 3, 2))
    bids, asks = 100.0 - np.arange(3), 101.0 + np.arange(3)
    book = {"bid_pxs": np.tile(bids, (50, 1)), "bid_qtys": sizes[:, :, 0],
            "ask_pxs": np.tile(asks, (50, 1)), "ask_qtys": sizes[:, :, 1]}  # fmt: skip
    best = run("weighted_mid", **{k[:-1]: v[:, 0] for k, v in book.items()})["weighted_mid"]
    one = run("deep_mid", **{k: v[:, :1] for k, v in book.items()})["deep_mid"]
    np.testing.assert_allclose(one, best, rtol=1e-14)
    np.testing.assert_allclose(run("deep_mid", {"decay": 50.0}, **book)["deep_mid"], best,
                               rtol=1e-12)  # fmt: skip
    flat = run("deep_mid", {"decay": 0.0}, **book)
    b, a = sizes[:, :, 0], sizes[:, :, 1]
    low, high = (b * bids).sum(1) / b.sum(1), (a * asks).sum(1) / a.sum(1)
    expected = (high * b.sum(1) + low * a.sum(1)) / (a.sum(1) + b.sum(1))
    np.testing.assert_allclose(flat["deep_mid"], expected, rtol=1e-13)


def test_the_micro_price_is_the_mean_of_later_mids_given_the_state() -> None:
    book = queues(np.random.default_rng(1), 120_000)
    table = microprice_fit.fit(**book, tick=1.0, spreads=1)
    mid = 0.5 * (book["bid_px"] + book["ask_px"])
    micro = run_spec(analytic("microprice"), book, table.params, state=table.state)["microprice"]
    share = book["bid_qty"] / (book["bid_qty"] + book["ask_qty"])
    later = np.full(mid.size, np.nan)
    later[:-400] = mid[400:]  # many moves on
    for k in range(10):
        at = (np.minimum((10 * share).astype(int), 9) == k) & np.isfinite(later)
        gap = later[at] - micro[at]
        blocks = gap[: gap.size // 50 * 50].reshape(50, -1).mean(axis=1)
        assert abs(gap.mean()) < 4 * blocks.std() / np.sqrt(50) + 0.05, k
    assert table.adjustment[0, -1] > 0.2
    np.testing.assert_allclose((table.stay + table.go).sum(axis=1), 1.0)
    np.testing.assert_allclose(table.adjustment, -table.adjustment[:, ::-1], atol=1e-6)


def test_learning_as_it_goes_solves_what_the_series_of_the_paper_sums() -> None:
    book = queues(np.random.default_rng(2), 20_000)
    params = {"tick": 1.0, "spreads": 1.0}
    stream = run("microprice", params, **book)
    at = int(stream.state[4])  # rows when it is found anew next
    rows = int(stream.state[3])
    assert rows == 20_000
    assert at > rows
    solved = 100
    while max(solved + 100, int(np.ceil(1.02 * solved))) <= rows:
        solved = max(solved + 100, int(np.ceil(1.02 * solved)))
    table = microprice_fit.fit(**{k: v[:solved] for k, v in book.items()}, **params)
    np.testing.assert_allclose(stream.state[5:15], table.adjustment.ravel(), atol=1e-5)


def test_a_book_that_says_nothing_has_no_adjustment_and_one_that_stands_is_refused() -> None:
    rng = np.random.default_rng(3)
    mid = 100.0 + rng.choice([-1.0, 1.0], 50_000).cumsum()
    sizes = rng.lognormal(size=(2, 50_000))
    table = microprice_fit.fit(mid - 0.5, sizes[0], mid + 0.5, sizes[1])
    assert np.abs(table.adjustment).max() < 0.1
    assert table.tick == 1.0
    with pytest.raises(ResearchError, match="never changes"):
        microprice_fit.fit(np.full(200, 99.5), sizes[0, :200], np.full(200, 100.5), sizes[1, :200])
    with pytest.raises(ResearchError, match="too few"):
        microprice_fit.fit(np.full(9, 99.5), np.ones(9), np.full(9, 100.5), np.ones(9))


def shocks(n: int, half_life: float) -> dict[str, np.ndarray]:
    """Every ten seconds a trade takes nine of ten at the ask, and the queue comes back."""
    step = np.arange(0, 10.0, 0.05)
    ask = 10.0 - 9.0 * 0.5 ** (step[1:] / half_life)
    rows = []
    for k in range(n):
        start = k * 10_000 * MS
        rows.append((start, 10.0, 9.0, 1.0))  # the trade, with the book before it
        rows += [(start + int(s * 1e9), a, 0.0, 0.0) for s, a in zip(step[1:], ask, strict=True)]
        rows.append((start + 9_990 * MS, 10.0, 0.0, 0.0))
    t = np.array(rows)
    full = {"ts": t[:, 0].astype(np.int64), "bid_px": np.full(len(t), 99.0),
            "bid_qty": np.full(len(t), 10.0), "ask_px": np.full(len(t), 100.0),
            "ask_qty": t[:, 1], "qty": t[:, 2], "side": t[:, 3]}  # fmt: skip
    return full


def test_a_queue_that_comes_back_with_a_half_life_is_found_to_do_so() -> None:
    book = shocks(40, half_life=1.0)
    got = resilience_fit.fit(**book, share=0.5)
    assert got.shocks == 40
    assert got.depth_half_life == pytest.approx(1.0, rel=0.1)
    at = list(got.seconds).index(1.0)
    assert got.depth[at] == pytest.approx(0.55, abs=0.02)
    assert np.isnan(got.spread[:2]).all()  # the first quote comes after 0.05 s
    np.testing.assert_array_equal(got.spread[2:], 1.0)
    assert np.isnan(got.spread_half_life)
    live = run("resilience", {"recovered": 0.775, "share": 0.5}, **book)
    # 10 - 9 / 2^t is 7.75 after two half-lives.
    assert live["mean_seconds"][-1] == pytest.approx(2.0, abs=0.06)
    assert live["share"][-1] == 1.0
    assert live["dents"][-1] == 40


def test_a_queue_that_does_not_come_back_in_time_counts_against_it() -> None:
    book = shocks(12, half_life=1.0)
    live = run("resilience", {"recovered": 0.775, "share": 0.5, "horizon": 1.0}, **book)
    assert live["dents"][-1] == 12
    assert live["share"][-1] == 0.0
    assert np.isnan(live["mean_seconds"]).all()


def test_sizes_that_wander_recover_no_faster_than_their_control() -> None:
    """Trades at moments of a small queue are followed by larger ones, with no shock at all."""
    rng = np.random.default_rng(4)
    n = 40_000
    size = np.exp(rng.normal(size=n))
    qty = np.where(rng.random(n) < 0.02, 0.3, 0.0)
    book = {"ts": np.arange(n) * 50 * MS, "bid_px": np.full(n, 99.0), "bid_qty": size,
            "ask_px": np.full(n, 100.0), "ask_qty": size, "qty": qty,
            "side": np.where(qty > 0, 1.0, 0.0)}  # fmt: skip
    got = resilience_fit.fit(**book, share=0.5, quiet=0.1)
    assert got.depth[5] > 2.0
    assert got.depth_control[5] == pytest.approx(got.depth[5], rel=0.35)


def test_too_few_shocks_are_refused() -> None:
    with pytest.raises(ResearchError, match="too few"):
        resilience_fit.fit(**shocks(5, half_life=1.0))


def test_the_heat_map_keeps_the_mean_size_at_each_price() -> None:
    ts = np.array([0, 1, 3, 4]) * 10**9
    bid = np.array([[99.0, 98.0], [99.0, 97.0], [98.0, 97.0], [98.0, 97.0]])
    ask = np.array([[101.0, 102.0]] * 4)
    qty = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]])
    got = heat_map.fit(ts, bid, qty, ask, np.ones((4, 2)), columns=2, rows=10, bps=500)
    assert got.times.tolist() == [0, 2 * 10**9, 4 * 10**9]
    row = {p: int((p - got.prices[0]) // (got.prices[1] - got.prices[0])) for p in (97, 98, 99)}
    # Column 1 knows the first two books for a second each, column 2 the second and the third.
    assert got.bid[0, row[99]] == pytest.approx((1 + 3) / 2)
    assert got.bid[0, row[98]] == pytest.approx(2 / 2)
    assert got.bid[1, row[98]] == pytest.approx(5 / 2)
    assert got.bid[1, row[97]] == pytest.approx((4 + 6) / 2)
    assert got.bid.sum() + got.ask.sum() == pytest.approx((3 + 7 + 7 + 11) / 2 + 4)
    assert got.best_bid.tolist() == [99.0, 98.5]


def test_a_book_is_not_held_for_ever_in_the_heat_map() -> None:
    ts = np.array([0, 100, 101]) * 10**9
    one = np.ones((3, 1))
    got = heat_map.fit(ts, 99 * one, one, 101 * one, one, columns=101, rows=4, bps=200, hold=5.0)
    assert np.isnan(got.bid[10]).all()
    assert np.nansum(got.bid[3]) == pytest.approx(1.0)
    with pytest.raises(ResearchError, match="no map"):
        heat_map.fit(ts, 102 * one, one, 101 * one, one)


def test_quotes_and_trades_are_merged_with_the_book_before_each_trade() -> None:
    trades = pl.DataFrame({"ts": [5, 20], "price": [10.0, 11.0], "qty": [1.0, 2.0],
                           "taker_buy": [True, False]})  # fmt: skip
    quotes = pl.DataFrame({"ts": [1, 5, 30], "bid_price": [9.0, 8.0, 7.0], "bid_qty": [1.0] * 3,
                           "ask_price": [11.0, 12.0, 13.0], "ask_qty": [1.0] * 3})  # fmt: skip
    got = merge_quotes_and_trades(trades, quotes)
    assert got["ts"].to_list() == [1, 5, 5, 20, 30]
    assert got["qty"].to_list() == [0.0, 1.0, 0.0, 2.0, 0.0]
    assert got["bid_px"].to_list() == [9.0, 9.0, 8.0, 8.0, 7.0]
    assert got["side"].to_list() == [0.0, 1.0, 0.0, -1.0, 0.0]
    with pytest.raises(FormatError, match="venue_ts"):
        merge_quotes_and_trades(trades, quotes, venue_clock=True)
    with pytest.raises(FormatError, match="side"):
        merge_quotes_and_trades(trades.drop("taker_buy"), quotes)

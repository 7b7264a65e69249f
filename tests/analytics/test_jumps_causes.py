# SPDX-License-Identifier: MIT
"""Causes of moves and jumps, and the alert from best quotes, on worlds whose truth is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from seawall.analytics.jumps import jump_causes, large_moves
from seawall.analytics.registry import analytic
from seawall.analytics.spec import run
from seawall.data.simulated.config import BTC, AttackConfig, SimConfig
from seawall.data.simulated.sim import Sim
from seawall.model.errors import ResearchError


def rows(*events: tuple[list[float], list[float], float, float]) -> dict[str, np.ndarray]:
    bids, asks, qty, side = (np.array(x, dtype=float) for x in zip(*events, strict=True))
    return {"bid_pxs": bids, "bid_qtys": np.full(bids.shape, 2.0), "ask_pxs": asks,
            "ask_qtys": np.full(asks.shape, 2.0), "qty": qty, "side": side}  # fmt: skip


def test_each_cause_is_named_in_a_book_worked_by_hand() -> None:
    got = run(
        analytic("move_cause"),
        rows(
            ([99, 98], [101, 103], 0, 0),
            ([99, 98], [103, 104], 2, 1),  # a buy took the ask: the mid rose by half the gap
            ([99, 98], [104, 105], 0, 0),  # that ask was cancelled
            ([99, 98], [102, 104], 0, 0),  # a better ask
            ([99, 98], [102, 104], 1, 1),  # a trade that moved nothing
            ([97, 96], [100, 104], 0, 0),  # both sides at once
            ([94, 93], [100, 104], 3, -1),  # a sale through a level
        ),
    )
    assert got["cause"][1:].tolist() == [1, 2, 3, 0, 4, 1]
    assert got["move"][1:5].tolist() == pytest.approx(
        [1e4 / 100, 0.5e4 / 101, -1e4 / 101.5, 0.0], rel=1e-12
    )
    assert got["first_gap"][1] == pytest.approx(2e4 / 100)
    assert got["one_gap"][1:].tolist() == [1, 0, 0, 0, 0, 0]
    assert got["size_ratio"][[1, 4, 6]].tolist() == [1.0, 0.5, 1.5]


def test_a_book_whose_moves_are_its_gaps_is_told_from_one_moved_by_size() -> None:
    rng, n = np.random.default_rng(0), 4_000
    gaps = np.ceil(rng.pareto(2.5, n) * 3 + 1)
    ask, events = 1_000.0, []
    for k in range(n - 1):
        events.append(([ask - 1.0, ask - 2.0], [ask, ask + gaps[k]], 0.0, 0.0))
        events.append(([ask - 1.0, ask - 2.0], [ask + gaps[k], ask + gaps[k] + 1], 2.0, 1.0))
    got = large_moves.fit(*rows(*events).values())
    assert got.one_gap == 1.0
    assert got.with_gap > 0.99
    assert got.tail_gap == pytest.approx(got.tail_move, rel=0.05)
    with pytest.raises(ResearchError):
        large_moves.fit(*rows(*events[:3]).values())


def test_jumps_from_feedback_and_from_news_are_told_apart() -> None:
    rng, w = np.random.default_rng(1), 60
    counts = {"news": [0, 0], "feedback": [0, 0]}
    for kind, tally in counts.items():
        for _ in range(40):
            r = rng.normal(0.0, 1e-3, 1_400)
            decay = 2.0 * np.exp(-np.arange(w) / 25.0)
            r[1_001 : 1_001 + w] *= 1.0 + decay
            if kind == "feedback":
                r[1_000 - w : 1_000] *= 1.0 + decay[::-1]
            r[1_000] = 0.03
            price = np.exp(np.concatenate(([0.0], np.cumsum(r))))
            got = jump_causes.fit(price, window=w, scale=200, n=1_400)
            tally[0] += got.exogenous
            tally[1] += got.endogenous
    assert counts["news"][0] >= 30
    assert counts["news"][1] <= 4
    assert counts["feedback"][1] >= 30
    assert counts["feedback"][0] <= 9


def test_no_jumps_give_an_empty_answer_and_bad_prices_none() -> None:
    got = jump_causes.fit(np.exp(np.cumsum(np.random.default_rng(2).normal(0, 1e-3, 500))))
    assert got.index.size == got.exogenous + got.endogenous + got.isolated
    with pytest.raises(ResearchError):
        jump_causes.fit(np.array([1.0, -1.0, 2.0]))


def test_recorded_minutes_hold_jumps_of_several_classes(recorded: Callable[[str], Any]) -> None:
    bars = recorded("derivatives/btc_perp_1m_2022-01.parquet").sort("timestamp")
    got = jump_causes.fit(bars["close"].to_numpy())
    assert got.exogenous > got.endogenous > 0
    assert np.abs(got.asymmetry).max() <= 1.0


def test_makers_that_leave_are_noticed_in_the_best_quotes() -> None:
    starts = np.array([1_300.0, 1_900.0, 2_600.0, 3_200.0])
    attacks = tuple(AttackConfig("withdraw", s, 60.0, 0.95, 0) for s in starts)
    config = SimConfig(duration_s=3_600.0, seed=21, assets=(BTC,), venues=1, attacks=attacks)
    top: pl.DataFrame = Sim(config).run().frames()[0, "top"]
    columns = {"ts": top["ts"].to_numpy(), "bid_px": top["bid_price"].to_numpy(),
               "bid_qty": top["bid_qty"].to_numpy(), "ask_px": top["ask_price"].to_numpy(),
               "ask_qty": top["ask_qty"].to_numpy()}  # fmt: skip
    got = run(analytic("liquidity_alert"), columns)
    at = (columns["ts"][got["alert"] == 1.0] - config.start_ns) / 1e9
    inside = [((at >= s) & (at < s + 60)).any() for s in starts]
    right = sum(((starts <= t) & (t < starts + 60)).any() for t in at)
    assert sum(inside) >= 3
    assert right / at.size >= 0.4

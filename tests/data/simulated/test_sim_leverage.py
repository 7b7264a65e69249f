# SPDX-License-Identifier: MIT
"""Margin tiers, the insurance fund, and auto-deleveraging when it is empty."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from seawall.data.simulated import layout as at
from seawall.data.simulated.config import AttackConfig
from seawall.data.simulated.result import SimulatedMarket
from seawall.data.simulated.sim import simulate

from .sim_helpers import small


def wild(fund_usd: float, seed: int = 4) -> SimulatedMarket:
    """A market full of leverage on both sides that is pushed by a tenth in four seconds."""
    config = small(duration_s=240.0, seed=seed)
    agents = replace(
        config.agents, lever_rate=0.05, lever_high=0.9, lever_size=3.0, fund_usd=fund_usd
    )
    push = AttackConfig("liquidation_cascade", 150.0, 10.0, 0.1, 1)
    return simulate(replace(config, assets=config.assets[:1], agents=agents, attacks=(push,)))


@pytest.fixture(scope="module")
def poor() -> SimulatedMarket:
    return wild(0.0)


@pytest.fixture(scope="module")
def rich() -> SimulatedMarket:
    return wild(1e9)


def closed(market: SimulatedMarket) -> np.ndarray:
    return market.log[market.log["type"] == at.DELEVERAGE]


def test_an_empty_fund_deleverages_and_a_full_one_does_not(
    poor: SimulatedMarket, rich: SimulatedMarket
) -> None:
    assert len(closed(poor)) > 0
    assert len(closed(rich)) == 0
    assert poor.world.books["fund"][1] < rich.world.books["fund"][1]


def test_deleveraging_makes_and_loses_nothing(poor: SimulatedMarket) -> None:
    assert poor.money_balance() == 0
    assert (poor.world.pos.sum(axis=0) == 0).all()
    assert (np.maximum(poor.world.pos, 0).sum(axis=0) == poor.world.books["oi"]).all()


def test_both_sides_of_a_deleveraging_are_leveraged_accounts(poor: SimulatedMarket) -> None:
    group = poor.group_of_agent()
    lines = closed(poor)
    assert (group[lines["agent"]] == at.A_LEVER).all()
    assert (group[lines["agent2"]] == at.A_LEVER).all()
    assert (lines["agent"] != lines["agent2"]).all()


def test_deleveraging_is_no_trade_of_the_tape(poor: SimulatedMarket) -> None:
    trades = sum(len(t) for t in poor.feeds.trades)
    start = int(poor.config.warmup_s * 1e9)
    done = poor.log[(poor.log["type"] == at.EXEC) & (poor.log["ts"] > start)]
    assert trades == len(done)


def test_forced_orders_stay_within_their_band_of_the_mark(rich: SimulatedMarket) -> None:
    log = rich.log
    forced = log[(log["type"] == at.TAKE) & (log["note"] == at.NOTE_LIQUIDATION)]
    assert len(forced) > 20
    for line in forced[:50]:
        tape = rich.tape[(rich.tape["book"] == line["book"]) & (rich.tape["ts"] <= line["ts"])]
        mark = tape["mark_fp"][-1] / 1024
        assert abs(line["px"] / mark - 1.0) <= 0.0201


def test_the_second_margin_tier_liquidates_earlier_and_meets_the_first_at_its_edge() -> None:
    config = small(duration_s=120.0)
    agents = replace(config.agents, lever_rate=0.05, tier_usd=5_000.0, tier_maintenance=0.02)
    market = simulate(replace(config, agents=agents))
    m, m2 = config.agents.maintenance, 0.02
    unit = 10.0**-5
    above = 0
    for a in market.world.accounts[market.world.accounts["qty"] != 0]:
        qty, entry = abs(int(a["qty"])), float(a["entry"])
        mult = int(market.world.books["mult"][a["book"]])
        sign = 1.0 if a["qty"] > 0 else -1.0
        notional = qty * mult * entry * unit
        price = float(a["liq"])
        equity = float(a["cash0"]) * unit + sign * qty * mult * unit * (price - entry)
        at_price = qty * mult * unit * price
        tier = notional > 5_000.0
        need = at_price * (m2 if tier else m) - (5_000.0 * (m2 - m) if tier else 0.0)
        # At the liquidation price equity is the maintenance margin, to two ticks.
        assert equity == pytest.approx(need, abs=2.0 * qty * mult * unit + 1e-6 * at_price)
        above += tier
    assert above > 5


def test_instruments_tell_both_tiers(poor: SimulatedMarket) -> None:
    tiers = poor.instruments[1].margin_tiers
    assert len(tiers) == 2
    edge = tiers[0].notional_max
    # The requirement is continuous at the edge.
    assert edge * tiers[0].maintenance == edge * tiers[1].maintenance - tiers[1].deduction

# SPDX-License-Identifier: MIT
"""Whole runs: the same seed gives the same bytes, and nothing is made or lost."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from seawall.data.simulated import layout as at
from seawall.data.simulated.config import AttackConfig, FaultConfig, SimConfig, preset
from seawall.data.simulated.result import SimulatedMarket
from seawall.data.simulated.sim import Sim, simulate
from seawall.model.errors import DataError, SettingsError

from .sim_helpers import small

BUSY = small(
    duration_s=120.0,
    funding_interval_s=60,
    faults=FaultConfig(outages=1, outage_s=5.0),
    attacks=(
        AttackConfig("wash", 10.0, 20.0, 4.0, 1),
        AttackConfig("spoof", 40.0, 20.0, 1.0, 3),
        AttackConfig("withdraw", 80.0, 20.0, 1.0, 5),
    ),
)


@pytest.fixture(scope="module")
def busy() -> SimulatedMarket:
    return simulate(BUSY)


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    script = (
        "from dataclasses import replace\n"
        "from seawall.data.simulated.config import preset\n"
        "from seawall.data.simulated.sim import simulate\n"
        "c = replace(preset('small'), seed=3, duration_s=20.0, warmup_s=5.0)\n"
        "print(simulate(c).fingerprint)\n"
    )
    here = simulate(small(seed=3, duration_s=20.0)).fingerprint
    there = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        env=dict(os.environ),
    )  # fmt: skip
    assert there.stdout.strip() == here


def test_the_bytes_are_these_on_every_machine() -> None:
    # Changes only with the agents or the venue; then the scorecard page changes too.
    market = simulate(replace(preset("small"), duration_s=10.0))
    assert market.fingerprint == "e6827fe63249bf3de7403c1692d0bd67fe053f2bd9fef204f2bb81029ad60eae"


def test_another_seed_gives_another_market() -> None:
    a, b = (simulate(small(seed=s, duration_s=5.0)).fingerprint for s in (1, 2))
    assert a != b


def test_a_run_does_not_depend_on_where_it_is_cut() -> None:
    config = small(duration_s=20.0)
    sim = Sim(config)
    whole = sim.run()
    again = Sim(config)
    again.world = again.world._replace(log=np.zeros(75_000, at.LOG))
    assert again.run().fingerprint == whole.fingerprint


def test_no_money_and_no_contract_is_made_or_lost(busy: SimulatedMarket) -> None:
    assert busy.money_balance() == 0
    assert (busy.world.pos.sum(axis=0) == 0).all()
    assert (np.maximum(busy.world.pos, 0).sum(axis=0) == busy.world.books["oi"]).all()


def test_every_order_ends_with_its_quantity_filled_cancelled_or_resting(
    busy: SimulatedMarket,
) -> None:
    log, sums = busy.log, {}
    for line in log[np.isin(log["type"], (at.ADD, at.TAKE))]:
        sums[int(line["id"])] = int(line["qty"])
    for line in log[log["type"] == at.EXEC]:
        sums[int(line["id"])] -= int(line["qty"])
        sums[int(line["other"])] -= int(line["qty"])
    for line in log[np.isin(log["type"], (at.CANCEL, at.DROP))]:
        sums[int(line["id"])] -= int(line["qty"])
    left = {int(o["id"]): int(o["qty"]) for o in busy.world.orders if o["id"] > 0}
    assert {k: v for k, v in sums.items() if v} == left


def test_no_book_is_ever_crossed(busy: SimulatedMarket) -> None:
    for top in busy.feeds.top:
        assert (top["bid"] < top["ask"]).all()


def test_time_never_goes_back(busy: SimulatedMarket) -> None:
    assert (np.diff(busy.log["ts"]) >= 0).all()


def test_nothing_trades_at_a_venue_that_is_out(busy: SimulatedMarket) -> None:
    outage = next(f for f in busy.faults if f.kind == "outage")
    start = int(BUSY.warmup_s * 1e9)
    log = busy.log[busy.world.books["venue"][busy.log["book"]] == 0]
    inside = (log["ts"] > start + outage.start_ns) & (log["ts"] < start + outage.end_ns)
    assert set(np.unique(log["type"][inside])) <= {at.REJECT}
    assert inside.any()


def test_makers_leave_during_a_withdrawal_and_come_back(busy: SimulatedMarket) -> None:
    depth = []
    start = int(BUSY.warmup_s * 1e9)
    makers = np.flatnonzero(busy.group_of_agent() == at.A_MAKER)
    for second in (79.0, 95.0, 118.0):
        log = busy.log[(busy.log["book"] == 5) & (busy.log["ts"] < start + second * 1e9)]
        log = log[np.isin(log["agent"], makers)]
        gain = np.isin(log["type"], (at.ADD, at.REST)).astype(int) * log["qty"].astype(np.int64)
        loss = np.isin(log["type"], (at.EXEC, at.CANCEL)) * log["qty"].astype(np.int64)
        depth.append(int(gain.sum() - loss.sum()))
    assert depth[1] < 0.05 * depth[0]
    assert depth[2] > 0.5 * depth[0]


def test_washed_fills_carry_their_label_and_are_between_the_two_accounts(
    busy: SimulatedMarket,
) -> None:
    orders = busy.orders()
    washed = orders.filter((orders["group"] == "script") & (orders["type"] == "exec"))
    both = washed.filter(
        (washed["attack"] == 1) & (washed["book"] == 1) & (washed["taker"] == washed["agent"] + 1)
    )
    assert len(both) > 5


def test_spoofed_orders_are_cancelled_not_filled(busy: SimulatedMarket) -> None:
    orders = busy.orders()
    first = int(busy.world.groups[at.A_SCRIPT])
    spoof = orders.filter((orders["attack"] == 2) & (orders["agent"] == first + 3))
    placed = spoof.filter(spoof["type"] == "add")["lots"].sum()
    gone = spoof.filter(spoof["type"] == "cancel")["lots"].sum()
    assert placed > 0
    assert gone > 0.7 * placed  # some meet a taker first, as happens to spoofers


def test_funding_is_paid_by_longs_to_shorts_at_the_clamped_rate(busy: SimulatedMarket) -> None:
    stamps = busy.tape[busy.tape["settled"] == 1]
    assert len(stamps) == 4 * len({int(t) for t in stamps["ts"]}) > 0
    # Premia are far inside the dead zone of the clamp at the start: the interest rate remains.
    assert abs(int(stamps["rate"][0])) <= 500_000 * 60 // 28_800 + 100_000


def test_an_overflow_of_the_event_queue_is_an_error_and_not_a_thinner_market() -> None:
    sim = Sim(small(duration_s=2.0))
    sim.world = sim.world._replace(heap=np.zeros(300, at.MESSAGE))
    with pytest.raises(DataError, match="queue overflowed"):
        sim.run()


def test_impossible_configurations_are_refused_with_a_mend() -> None:
    with pytest.raises(SettingsError, match="no attack"):
        AttackConfig("bribe", 0.0, 1.0)
    with pytest.raises(SettingsError, match="no preset"):
        preset("huge")
    with pytest.raises(SettingsError, match="attack on book 8"):
        replace(preset("small"), attacks=(AttackConfig("wash", 0.0, 1.0, 1.0, 8),))
    with pytest.raises(SettingsError, match="assets"):
        SimConfig(assets=())


def test_liquidation_prices_are_those_of_isolated_margin() -> None:
    config = small(duration_s=120.0)
    config = replace(config, agents=replace(config.agents, lever_rate=0.05))
    market = simulate(config)
    accounts = [a for a in market.world.accounts if a["qty"] != 0]
    assert len(accounts) > 20
    for a in accounts:
        entry, m = float(a["entry"]), config.agents.maintenance
        mult = int(market.world.books["mult"][a["book"]])
        share = float(a["cash0"]) / (abs(int(a["qty"])) * mult * entry)  # one over leverage
        sign = 1.0 if a["qty"] > 0 else -1.0
        assert float(a["liq"]) == pytest.approx(
            entry * (1 - sign * share) / (1 - sign * m), abs=2.0
        )


def test_liquidations_happen_past_the_mark_and_settle_with_the_fund() -> None:
    config = small(duration_s=300.0, seed=4)
    wild = tuple(replace(a, volatility=6.0) for a in config.assets)
    agents = replace(config.agents, lever_rate=0.05)
    market = simulate(replace(config, assets=wild, agents=agents))
    forced = market.labels().filter(market.labels()["label"] == "liquidation")
    assert len(forced) > 5
    assert (market.world.books["fund"] != 0).any()
    assert market.money_balance() == 0
    from seawall.model.events import EventKind

    events = market.to_market().events
    assert (events["kind"] == EventKind.LIQUIDATION).sum() >= len(forced) // 2

# SPDX-License-Identifier: MIT
"""Attacks in the simulated market: the labelled trace, the reaction, and the paired clean run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from seawall.data.attacks import KINDS, AttackSpec, attack_labels, attacked, paired
from seawall.data.attacks.labels import Labels
from seawall.data.attacks.simulated import with_attack
from seawall.data.simulated import layout as at
from seawall.data.simulated.result import SimulatedMarket
from seawall.data.simulated.sim import simulate
from seawall.model.events import EventFlag, EventKind

from .attack_helpers import lab

MARKET_KINDS = [n for n, k in KINDS.items() if k.acts_on == "market"]
CONFIG = lab(seed=11, duration_s=150.0)
START_S, BOOK = 60.0, 1
START = int((CONFIG.warmup_s + START_S) * 1e9)


@pytest.fixture(scope="module")
def clean() -> SimulatedMarket:
    return simulate(CONFIG)


def run(name: str, **changes: object) -> tuple[SimulatedMarket, Labels]:
    spec = replace(AttackSpec(name, START_S, 60.0, book=BOOK), **changes)  # type: ignore[arg-type]
    market = simulate(with_attack(CONFIG, spec))
    return market, attack_labels(market, market.to_market(), spec)


def mine(market: SimulatedMarket, labels: Labels) -> np.ndarray:
    return market.log[np.isin(market.log["agent"], labels.agents)]


@pytest.mark.parametrize("name", MARKET_KINDS)
def test_until_the_attack_begins_the_run_is_the_clean_one_byte_for_byte(
    clean: SimulatedMarket, name: str
) -> None:
    market, labels = run(name)
    for part, other in ((market.log, clean.log), (market.tape, clean.tape)):
        a, b = part[part["ts"] < START], other[other["ts"] < START]
        assert a.tobytes() == b.tobytes()
        assert len(a) > 100
    assert market.fingerprint != clean.fingerprint
    assert market.money_balance() == 0
    assert labels.start_ns >= CONFIG.start_ns + START_S * 1e9
    assert market.world.ctr[at.C_LOST] == 0


@pytest.mark.parametrize("name", ["spoofing", "wash_trading", "flash_crash"])
def test_the_noise_flow_is_the_same_with_and_without_the_attack(
    clean: SimulatedMarket, name: str
) -> None:
    market, _ = run(name)
    noise = []
    for m in (clean, market):
        log = m.log[np.isin(m.group_of_agent()[m.log["agent"]], (at.A_NOISE, at.A_SPLIT))]
        sent = log[np.isin(log["type"], (at.ADD, at.TAKE, at.REJECT)) & (log["ts"] > START)]
        noise.append(sent)
    # Who comes when, to which book, on which side is shared; prices are reactions, and an
    # order for a side that is empty is not sent.
    columns = ["ts", "agent", "book", "side"]
    once, again = (set(n[columns].tolist()) for n in noise)
    assert len(once) > 1_000
    assert len(once ^ again) <= (0.1 * len(once) if name == "flash_crash" else 0)


def test_hidden_value_and_volatility_do_not_know_of_the_attack(clean: SimulatedMarket) -> None:
    market, _ = run("flash_crash")
    for name in ("value", "vol"):
        assert np.array_equal(market.tape[name], clean.tape[name])


def test_the_same_seed_gives_the_same_attack() -> None:
    spec = AttackSpec("pump_and_dump", 20.0, 30.0, book=BOOK)
    config = replace(CONFIG, duration_s=60.0)
    (a, la), (b, lb) = attacked(config, spec), attacked(config, spec)
    assert a.events.tobytes() == b.events.tobytes()
    assert np.array_equal(la.forged, lb.forged)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("share", [0.05, 0.3])
def test_washed_fills_are_their_share_of_the_volume_and_between_the_two_accounts(
    seed: int, share: float
) -> None:
    spec = AttackSpec("wash_trading", 30.0, 110.0, share, BOOK)
    market = simulate(with_attack(replace(CONFIG, seed=seed), spec))
    labels = attack_labels(market, market.to_market(), spec)
    orders = market.orders().filter(market.orders()["type"] == "exec")
    first = int(labels.agents[0])
    start = int(labels.start_ns)
    here = orders.filter(
        (orders["book"] == BOOK) & (orders["ts"] >= start) & (orders["ts"] < labels.end_ns)
    )
    washed = here.filter((here["agent"] == first) & (here["taker"] == first + 1))
    touched = here.filter(here["agent"].is_in([first, first + 1]))
    assert len(washed) == len(touched) > 10
    realised = washed["lots"].sum() / here["lots"].sum()
    assert realised == pytest.approx(share, rel=0.2)
    assert labels.realised == pytest.approx(realised)


def test_washed_prints_are_the_forged_trades_of_the_feed() -> None:
    market, labels = run("wash_trading")
    events = market.to_market().events
    washed = events[labels.forged & (events["kind"] == EventKind.TRADE)]
    done = mine(market, labels)
    done = done[done["type"] == at.EXEC]
    assert sorted(washed["qty"]) == sorted(done["qty"])
    assert (washed["flags"] & EventFlag.BUY != 0).mean() == pytest.approx(0.9, abs=0.1)


@pytest.mark.parametrize(("name", "orders_per_show"), [("spoofing", 1), ("layering", 5)])
def test_shown_orders_are_large_and_nearly_all_pulled(name: str, orders_per_show: int) -> None:
    market, labels = run(name)
    shown = mine(market, labels)
    shown = shown[shown["agent"] == labels.agents[0]]
    added = shown[shown["type"] == at.ADD]
    pulled = shown[shown["type"] == at.CANCEL]["qty"].sum()
    assert len(added) > 10 * orders_per_show
    assert pulled > 0.75 * added["qty"].sum()
    assert set(np.unique(labels.directions)) <= {-1, 1}
    assert len(labels.windows) == pytest.approx(len(added) / orders_per_show, rel=0.35)
    assert (labels.windows[:, 1] > labels.windows[:, 0]).all()


def test_traders_that_read_the_book_lift_a_price_that_is_spoofed_from_below() -> None:
    spec = AttackSpec("spoofing", 30.0, 110.0, 30.0, BOOK, (("alternate", 0.0), ("pause_s", 0.1)))
    lifts = []
    for seed in range(8):
        config = replace(CONFIG, seed=seed, agents=replace(CONFIG.agents, read_share=0.8))
        mids = []
        for m in (simulate(config), simulate(with_attack(config, spec))):
            top = m.feeds.top[BOOK]
            grid = np.arange(35, 145) * 1_000_000_000
            mid = 0.5 * (top["bid"] + top["ask"])
            mids.append(float(mid[np.searchsorted(top["ts"], grid) - 1].mean()))
        lifts.append(mids[1] - mids[0])
    assert np.mean(lifts) > 2.0 * np.std(lifts, ddof=1) / np.sqrt(len(lifts))


def test_stuffing_comes_at_its_rate_and_each_order_lives_for_milliseconds() -> None:
    market, labels = run("quote_stuffing", intensity=300.0, duration_s=20.0)
    assert labels.realised == pytest.approx(300.0, rel=0.05)
    log = mine(market, labels)
    born = {int(r["id"]): int(r["ts"]) for r in log if r["type"] == at.ADD}
    lives = [int(r["ts"]) - born[int(r["id"])] for r in log if r["type"] == at.CANCEL]
    assert max(lives) < 50_000_000


@pytest.mark.parametrize(("name", "depth"), [("flash_crash", 0.02), ("pump_and_dump", 0.01)])
def test_pushed_prices_reach_their_mark_and_come_back(name: str, depth: float) -> None:
    # Without leverage, whose forced orders would carry the price farther.
    config = replace(CONFIG, agents=replace(CONFIG.agents, leveraged=1))
    spec = AttackSpec(name, START_S, 60.0, book=BOOK)
    market = simulate(with_attack(config, spec))
    labels = attack_labels(market, market.to_market(), spec)
    assert labels.realised == pytest.approx(depth, rel=0.2)
    top = market.feeds.top[BOOK]
    mid = 0.5 * (top["bid"] + top["ask"])
    before = mid[top["ts"] < START][-1]
    value = market.tape[(market.tape["book"] == BOOK) & (market.tape["settled"] == 0)]["value"]
    drift = abs(value[-1] / value[int(START_S)] - 1.0)
    assert abs(mid[-1] / before - 1.0) < 0.3 * depth + 2.0 * drift


def test_an_ignition_buys_its_own_rise_and_sells_most_of_it_again() -> None:
    market, labels = run("momentum_ignition", intensity=0.002)
    log = mine(market, labels)
    bursts = log[(log["type"] == at.TAKE) & (log["agent"] == labels.agents[0])]
    assert (bursts["side"] > 0).any()
    held = market.world.pos[labels.agents[0], BOOK]
    taken = np.abs(market.log["qty"][(market.log["agent2"] == labels.agents[0])]).sum()
    assert abs(held) < 0.5 * taken


def test_a_cascade_liquidates_many_more_than_the_clean_run() -> None:
    crowd = replace(CONFIG, agents=replace(CONFIG.agents, lever_rate=0.05))
    spec = AttackSpec("liquidation_cascade", START_S, 60.0, 0.02, BOOK)
    clean, market = simulate(crowd), simulate(with_attack(crowd, spec))

    def forced(m: SimulatedMarket) -> int:
        return int(((m.log["type"] == at.TAKE) & (m.log["note"] == at.NOTE_LIQUIDATION)).sum())

    assert forced(market) >= 10 + 5 * forced(clean)
    assert attack_labels(market, market.to_market(), spec).realised > 0.015


def test_a_depeg_lifts_prices_in_the_coin_and_no_others() -> None:
    market, labels = run("stablecoin_depeg", book=5, intensity=0.05)
    assert market.instruments[5].quote == "USDC"

    def move(book: int) -> float:
        top = market.feeds.top[book]
        mid = 0.5 * (top["bid"] + top["ask"])
        early = mid[top["ts"] < START][-1]
        return float(mid[top["ts"] < START + 35e9][-1] / early - 1.0)

    assert move(5) == pytest.approx(1 / 0.95 - 1, abs=0.01)
    assert abs(move(1)) < 0.005
    assert labels.directions.tolist() == [1]


def test_fast_takers_trade_before_the_price_goes_their_way() -> None:
    gains = []
    for seed in range(1, 6):
        spec = AttackSpec("latency_arbitrage", 10.0, 135.0, book=BOOK)
        market = simulate(with_attack(replace(CONFIG, seed=seed), spec))
        agents = attack_labels(market, market.to_market(), spec).agents
        log = market.log[(market.log["type"] == at.EXEC) & (market.log["book"] == BOOK)]
        took = log[np.isin(log["agent2"], agents)]
        top = market.feeds.top[BOOK]
        mid = 0.5 * (top["bid"] + top["ask"])
        later = mid[np.searchsorted(top["ts"], took["ts"] + 1_000_000_000) - 1]
        gains.append(float((took["side"] * (later - took["px"])).mean()))
    assert np.mean(gains) > np.std(gains, ddof=1) / np.sqrt(len(gains))


def test_a_pair_differs_only_after_the_start_also_in_what_reaches_us() -> None:
    pair = paired(replace(CONFIG, duration_s=60.0), AttackSpec("flash_crash", 30.0, 20.0, book=1))
    start = CONFIG.start_ns + 30_000_000_000
    a, b = (m.events[m.events["ts"] < start] for m in (pair.clean, pair.attacked))
    assert a.tobytes() == b.tobytes()
    assert pair.attacked.events.tobytes() != pair.clean.events.tobytes()
    feed = paired(replace(CONFIG, duration_s=60.0), AttackSpec("data_poisoning", 30.0, book=1))
    assert feed.labels.forged.any()
    assert len(feed.clean.events) == len(feed.attacked.events)

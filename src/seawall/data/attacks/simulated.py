# SPDX-License-Identifier: MIT
"""Attacks in the simulated market, where agents react, beside the same seed without."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from seawall.data.attacks.injection import inject
from seawall.data.attacks.kinds import kind_of
from seawall.data.attacks.labels import Bools, Ints, Labels, direction_of
from seawall.data.attacks.spec import AttackSpec
from seawall.data.simulated import layout as at
from seawall.data.simulated.config import AttackConfig, SimConfig
from seawall.data.simulated.result import SimulatedMarket
from seawall.data.simulated.sim import simulate
from seawall.model.errors import SettingsError
from seawall.model.events import EventKind
from seawall.model.market import Market

_DISPLAYED = ("spoofing", "layering")


@dataclass(frozen=True)
class Pair:
    """One seed without and with an attack.

    Parameters
    ----------
    clean, attacked : Market
        Equal, byte for byte, in all events sent before the attack begins.
    labels : Labels
        Of ``attacked``.
    """

    clean: Market
    attacked: Market
    labels: Labels


def with_attack(config: SimConfig, spec: AttackSpec) -> SimConfig:
    """Return a configuration with a market attack added.

    Raises
    ------
    SettingsError
        When the attack does not fit the configuration.
    """
    if spec.book >= config.books:
        raise SettingsError(
            f"attack on book {spec.book}",
            where="AttackSpec.book",
            mend=f"books are 0 to {config.books - 1}",
        )
    left = config.duration_s - spec.start_s
    if left <= 0:
        raise SettingsError(
            f"the attack starts at {spec.start_s} s and the market ends at {config.duration_s} s",
            where="AttackSpec.start_s",
            mend="start earlier or simulate longer",
        )
    perp = config.perpetuals and spec.book % 2 == 1
    if spec.kind == "liquidation_cascade" and not perp:
        raise SettingsError(
            "only a perpetual has liquidation levels",
            where="AttackSpec.book",
            mend="choose an odd book of a configuration with perpetuals",
        )
    attack = AttackConfig(
        spec.kind, spec.start_s, min(spec.length_s, left), spec.strength, spec.book, spec.params
    )
    return replace(config, attacks=(*config.attacks, attack))


def attacked(config: SimConfig, spec: AttackSpec) -> tuple[Market, Labels]:
    """Simulate a market with one attack.

    Parameters
    ----------
    config : SimConfig
        The world; its seed is that of the attack too.
    spec : AttackSpec
        Attacks on the market run inside; attacks on a feed are written into the market.

    Returns
    -------
    Market, Labels
    """
    if kind_of(spec.kind).acts_on == "feed":
        return inject(simulate(config).to_market(), spec, config.seed, config.start_ns)
    run = simulate(with_attack(config, spec))
    market = run.to_market()
    return market, attack_labels(run, market, spec)


def paired(config: SimConfig, spec: AttackSpec) -> Pair:
    """Simulate one seed without and with an attack."""
    clean = simulate(config).to_market()
    if kind_of(spec.kind).acts_on == "feed":
        return Pair(clean, *inject(clean, spec, config.seed, config.start_ns))
    return Pair(clean, *attacked(config, spec))


def attack_labels(run: SimulatedMarket, market: Market, spec: AttackSpec) -> Labels:
    """Labels of the last attack of a simulated market.

    Parameters
    ----------
    run : SimulatedMarket
        Run with the attack.
    market : Market
        What ``run.to_market()`` gave.
    spec : AttackSpec
        What the attack was made from.
    """
    number = len(run.config.attacks)
    attack = run.config.attacks[number - 1]
    first = int(run.world.groups[at.A_SCRIPT]) + 3 * (number - 1)
    agents = np.arange(first, first + 3)
    log = run.log
    mine = np.isin(log["agent"], agents)
    orders = np.unique(log["id"][mine & np.isin(log["type"], (at.ADD, at.TAKE))])
    start = run.config.start_ns + round(attack.start_s * 1e9)
    windows = np.array([[start, start + round(attack.duration_s * 1e9)]], np.int64)
    directions = np.array([direction_of(spec)], np.int64)
    if spec.kind in _DISPLAYED:
        windows, directions = _shows(run, first, windows, directions)
    return Labels(
        spec, windows, directions, _forged(run, market, agents),
        np.zeros(market.bars.shape[1], np.bool_), orders.astype(np.int64), agents,
        _realised(run, agents, spec),
    )  # fmt: skip


def _shows(run: SimulatedMarket, agent: int, whole: Ints, sign: Ints) -> tuple[Ints, Ints]:
    """One episode per show: from the first order on a side to the last of them gone."""
    log = run.log
    mine = log[log["agent"] == agent]
    added = mine[mine["type"] == at.ADD]
    if not len(added):
        return whole, sign
    ends = {int(r["id"]): int(r["ts"]) for r in mine if r["type"] in (at.CANCEL, at.EXEC)}
    rows: list[list[int]] = []
    for order in added:
        a, side = int(order["ts"]), int(order["side"])
        b = ends.get(int(order["id"]), a)
        if rows and a <= rows[-1][1] and rows[-1][2] == side:
            rows[-1][1] = max(rows[-1][1], b)
        else:
            rows.append([a, b, side])
    table = np.array(rows, np.int64)
    return table[:, :2] + run.origin_ns, table[:, 2]


def _forged(run: SimulatedMarket, market: Market, agents: Ints) -> Bools:
    """Prints and best prices that the attacker made."""
    events = market.events
    out = np.zeros(events.size, np.bool_)
    log, names = run.log, {(i.venue, i.symbol): b for b, i in enumerate(run.instruments)}
    for number, stream in enumerate(market.streams):
        if stream.feed not in ("trades", "bookticker"):
            continue
        b = names[stream.venue, stream.symbol]
        kind = EventKind.TRADE if stream.feed == "trades" else EventKind.TOP
        at_ = np.flatnonzero((events["stream"] == number) & (events["kind"] == kind))
        seq = events["seq"][at_].astype(np.int64) - 1
        rows = run.feeds.trades[b][seq] if stream.feed == "trades" else log[seq]
        out[at_] = np.isin(rows["agent"], agents) | np.isin(rows["agent2"], agents)
    return out


def _realised(run: SimulatedMarket, agents: Ints, spec: AttackSpec) -> float:
    """Intensity that came about, of the kinds for which the order log tells it."""
    attack = run.config.attacks[-1]
    start = round((run.config.warmup_s + attack.start_s) * 1e9)
    end = start + round(attack.duration_s * 1e9)
    log = run.log
    here = log[(log["book"] == attack.book) & (log["ts"] >= start) & (log["ts"] < end)]
    done = here[here["type"] == at.EXEC]
    mine = np.isin(here["agent"], agents)
    if spec.kind == "wash_trading":
        both = np.isin(done["agent"], agents) & np.isin(done["agent2"], agents)
        total = float(done["qty"].sum())
        return float(done["qty"][both].sum()) / total if total else 0.0
    if spec.kind == "quote_stuffing":
        changes = mine & np.isin(here["type"], (at.ADD, at.CANCEL))
        return float(changes.sum()) / attack.duration_s
    if spec.kind in ("flash_crash", "pump_and_dump", "liquidation_cascade"):
        before = log[(log["book"] == attack.book) & (log["ts"] < start) & (log["type"] == at.EXEC)]
        if not len(before) or not len(done):
            return float("nan")
        base = float(before["px"][-1])
        low, high = 1.0 - done["px"].min() / base, done["px"].max() / base - 1.0
        return float(low if direction_of(spec) < 0 else high)
    return float("nan")

# SPDX-License-Identifier: MIT
"""Bad orders are refused with what is wrong, where, and how to mend it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seawall.data.attacks import KINDS, AttackSpec, attacked, inject, kind_of
from seawall.data.simulated.attacks import SCRIPTS
from seawall.data.simulated.config import AttackConfig
from seawall.data.simulated.sim import simulate
from seawall.model.errors import DataError, SettingsError
from seawall.model.market import Market

from .attack_helpers import bars_market, lab

NAMES = {
    "wash_trading", "spoofing", "layering", "quote_stuffing", "momentum_ignition", "flash_crash",
    "data_poisoning", "slow_drift", "replayed_packets", "skewed_packets", "single_source_wick",
    "pump_and_dump", "latency_arbitrage", "liquidation_cascade", "stablecoin_depeg",
}  # fmt: skip


@pytest.fixture(scope="module")
def market() -> Market:
    return simulate(lab(duration_s=20.0)).to_market()


def test_every_attack_that_a_report_names_is_registered_and_can_be_carried_out() -> None:
    assert set(KINDS) == NAMES
    for kind in KINDS.values():
        assert kind.acts_on == "feed" or kind.name in SCRIPTS
        assert kind.acts_on == "market" or kind.on_recordings
        assert kind.default_intensity > 0
        assert kind.default_duration_s > 0
        for text in (kind.summary, kind.intensity, kind.unit, kind.labels):
            assert text
        assert len({p.name for p in kind.params}) == len(kind.params)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"kind": "bribery"}, "no attack"),
        ({"start_s": -1.0}, "start_s"),
        ({"duration_s": float("nan")}, "duration_s"),
        ({"intensity": float("inf")}, "intensity"),
        ({"intensity": 1.5}, "is a share"),
        ({"book": -1}, "book"),
        ({"params": (("levels", 3.0),)}, "no parameter 'levels'"),
        ({"params": (("bias", float("nan")),)}, "bias"),
    ],
)
def test_an_impossible_spec_says_what_where_and_mend(changes: dict, what: str) -> None:
    with pytest.raises(SettingsError, match=what) as refused:
        AttackSpec(**{"kind": "wash_trading", **changes})
    assert refused.value.mend


def test_zero_takes_the_default_of_the_kind() -> None:
    spec = AttackSpec("wash_trading")
    assert spec.strength == kind_of("wash_trading").default_intensity == 0.05
    assert spec.length_s == kind_of("wash_trading").default_duration_s
    assert spec.param("bias") == 0.9
    assert replace(spec, params=(("bias", 0.2),)).param("bias") == 0.2


def test_attacks_that_live_on_reaction_are_not_written_into_recordings(market: Market) -> None:
    for name in ("latency_arbitrage", "liquidation_cascade"):
        with pytest.raises(SettingsError, match="reaction"):
            inject(market, AttackSpec(name, book=1), 1)


def test_windows_and_books_outside_the_market_are_refused(market: Market) -> None:
    with pytest.raises(SettingsError, match="over by then"):
        inject(market, AttackSpec("data_poisoning", 900.0), 1)
    with pytest.raises(SettingsError, match="book 99"):
        inject(market, AttackSpec("data_poisoning", book=99), 1)
    with pytest.raises(SettingsError, match="book 6"):
        attacked(lab(duration_s=20.0), AttackSpec("wash_trading", book=6))
    with pytest.raises(SettingsError, match="the market ends"):
        attacked(lab(duration_s=20.0), AttackSpec("wash_trading", 20.0))
    with pytest.raises(SettingsError, match="perpetual"):
        attacked(lab(duration_s=20.0), AttackSpec("liquidation_cascade", book=2))


def test_a_book_attack_on_bars_asks_for_a_book(market: Market) -> None:
    bars = bars_market(market.instruments[1])
    with pytest.raises(DataError, match="needs a feed"):
        inject(bars, AttackSpec("spoofing", 3_600.0, 36_000.0), 1)


def test_an_empty_market_is_refused(market: Market) -> None:
    with pytest.raises(DataError, match="empty"):
        inject(Market(market.instruments, ()), AttackSpec("data_poisoning"), 1)


def test_a_constant_source_has_no_standard_deviation(market: Market) -> None:
    bars = bars_market(market.instruments[1])
    flat = bars.bars.copy()
    flat[1:5] = 600_000
    with pytest.raises(DataError, match="has none"):
        inject(replace(bars, bars=flat), AttackSpec("data_poisoning"), 1)


def test_a_script_with_a_strange_parameter_is_refused_before_it_runs() -> None:
    odd = AttackConfig("spoofing", 1.0, 5.0, 1.0, 1, (("levels", 3.0),))
    with pytest.raises(SettingsError, match="no parameter 'levels'"):
        simulate(lab(duration_s=10.0, attacks=(odd,)))

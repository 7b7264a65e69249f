# SPDX-License-Identifier: MIT
"""Attacks written into recorded books and trades: ether is the golden set, bitcoin is attacked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from seawall.data.attacks import KINDS
from seawall.model.errors import ResearchError, SettingsError
from seawall.model.instrument import InstrumentKind
from seawall.research.attack.attacks import ATTACKS
from seawall.research.attack.recorded import (
    NOTIONAL,
    RECORDED,
    _lots,
    attack_recordings,
    load_recording,
    possible,
)
from seawall.research.attack.summary import AttackRow

Files = Callable[[str], list[Path]]


@pytest.fixture(scope="session")
def files(test_data: Path) -> Files:
    """Depth and trades of one coin on 2024-08-08, perpetual and spot."""

    def of(coin: str) -> list[Path]:
        found = [
            test_data / "lob" / f"binance_{kind}_{coin}usdt_20240808_{feed}.parquet"
            for kind in ("spot", "usdm") for feed in ("depth", "trades")
        ]  # fmt: skip
        missing = [p.name for p in found if not p.exists()]
        if missing:
            pytest.skip(f"no recording {', '.join(missing)} in {test_data / 'lob'}")
        return found

    return of


@pytest.fixture(scope="session")
def rows(files: Files) -> list[AttackRow]:
    """Two attacks, each at two times."""
    quick = replace(RECORDED, paths=20)
    told: list[float] = []
    out = attack_recordings(
        files("btc"), files("eth"), ["wash_trading", "data_poisoning"], draws=2, settings=quick,
        advance=told.append,
    )  # fmt: skip
    assert sum(told) == 4
    return out


def test_recordings_of_one_coin_are_one_market_whose_perpetual_is_traded(files: Files) -> None:
    market, listed = load_recording(files("btc"))
    assert [(i.symbol, i.kind) for i in listed] == [
        ("BTC/USDT:USDT", InstrumentKind.LINEAR), ("BTC/USDT", InstrumentKind.SPOT),
    ]  # fmt: skip
    assert {(f.maker, f.taker) for i in listed for f in i.fees} == {
        (f.maker, f.taker) for f in listed[0].fees
    }
    assert (np.diff(market.events["ts"]) >= 0).all()
    notional = _lots(NOTIONAL / 60_000.0, listed[0]) * 60_000.0
    assert notional == pytest.approx(NOTIONAL, rel=0.05)


def test_each_attack_on_a_recording_has_its_row(rows: list[AttackRow]) -> None:
    assert {r.attack for r in rows} == {"wash_trading", "data_poisoning"}
    for row in rows:
        assert row.seeds == 2
        assert row.intensity == ATTACKS[row.attack].intensity
        assert np.isfinite(row.impact_removed) == (row.impact_measure != "none")
        for value in (row.naive_pnl, row.defended_pnl, row.clean_cost):
            assert np.isfinite(value)
        assert abs(row.naive_pnl) < NOTIONAL


def test_poison_moves_the_naive_model_farther_on_a_recording_too(rows: list[AttackRow]) -> None:
    (poison,) = (r for r in rows if r.attack == "data_poisoning")
    assert poison.naive_displacement > 1.5 * poison.defended_displacement
    assert poison.alarm_recall == 1.0
    (wash,) = (r for r in rows if r.attack == "wash_trading")
    assert wash.naive_displacement < poison.naive_displacement


def test_two_coins_in_one_recording_are_refused(files: Files) -> None:
    with pytest.raises(ResearchError, match="2 assets"):
        load_recording([*files("btc"), *files("eth")])
    with pytest.raises(ResearchError, match="0 assets"):
        load_recording(files("btc")[:1])


def test_without_a_golden_recording_or_with_an_unknown_attack_nothing_is_read() -> None:
    nowhere = [Path("absent.parquet")]
    with pytest.raises(ResearchError, match="golden"):
        attack_recordings(nowhere, [])
    with pytest.raises(SettingsError, match="no attack 'rumour'"):
        attack_recordings(nowhere, nowhere, ["rumour"])


def test_only_attacks_that_a_recording_can_carry_are_written_into_it() -> None:
    for name in possible():
        attack = ATTACKS[name]
        assert attack.acts_on == "lessons" or KINDS[attack.kind].on_recordings
    assert {"wash_trading", "spoofing", "data_poisoning", "flash_crash"} <= set(possible())
    assert possible(["spoofing"]) == ["spoofing"]

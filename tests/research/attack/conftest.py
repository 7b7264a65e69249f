# SPDX-License-Identifier: MIT
"""One small lab that all tests of the attack lab share: four-minute markets, three golden."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seawall.data.simulated import simulate
from seawall.model.market import Market
from seawall.research.attack.attacks import Dose
from seawall.research.attack.campaign import run_campaign
from seawall.research.attack.settings import LabSettings, lab_config, sources_of
from seawall.research.attack.sight import Sight, sight_of
from seawall.research.attack.teaching import Teaching, teach
from seawall.research.attack.trial import Plan, Record

SEED = 10_001
DOSES = (Dose("data_poisoning", 2.0, 60.0), Dose("wash_trading", 0.05, 60.0))


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Small matrices are slower on many threads, and last digits may depend on their number."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def tiny() -> LabSettings:
    """Markets of four minutes, attacked in the third."""
    return LabSettings(
        duration_s=240.0, start_s=150.0, golden_seeds=(900_001, 900_002, 900_003), paths=20
    )


@pytest.fixture(scope="session")
def teaching(tiny: LabSettings) -> Teaching:
    return teach(tiny)


@pytest.fixture(scope="session")
def market(tiny: LabSettings) -> Market:
    """A clean market that is in no golden set."""
    return simulate(lab_config(SEED, tiny)).to_market()


@pytest.fixture(scope="session")
def sight(market: Market) -> Sight:
    return sight_of(market, sources_of(market))


@pytest.fixture(scope="session")
def campaign(
    tiny: LabSettings, teaching: Teaching, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[Record], Path]:
    """Two seeds, two attacks, and every variant on the first seed; with the folder."""
    folder = tmp_path_factory.mktemp("campaign")
    variants = ("naive", "defended", "without admission", "without gate")
    records = run_campaign(
        Plan(DOSES, variants, tiny), (SEED, SEED + 1), folder, teaching=lambda: teaching,
        ablation_seeds=1, workers=1,
    )  # fmt: skip
    return records, folder


def make_record(
    seed: int = 1, attack: str = "spoofing", variant: str = "naive", pnl: float = 0.0,
    intensity: float = 10.0, **more: Any,
) -> Record:  # fmt: skip
    given: dict[str, Any] = {"fills": 3, "aside_s": 0, "rollbacks": 0, "skill": 0.1} | more
    clean = attack == "clean"
    return Record(
        seed, attack, variant, *((0.0, 0.0) if clean else (intensity, 60.0)), pnl, **given
    )


@pytest.fixture(scope="session")
def record() -> Callable[..., Record]:
    """Make a record of an imagined run."""
    return make_record

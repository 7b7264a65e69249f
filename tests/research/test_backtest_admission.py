# SPDX-License-Identifier: MIT
"""A backtest behind admission: what is refused is neither seen nor hidden."""

from __future__ import annotations

import numpy as np
import pytest

from seawall.admission import AdmissionSettings
from seawall.data.attacks import AttackSpec, inject
from seawall.data.simulated import simulate
from seawall.engine.strategy import Strategy, Tick
from seawall.model.market import Market
from seawall.research.attack.settings import SYMBOL, LabSettings, lab_config
from seawall.research.backtest import Backtest


class Listener(Strategy):
    """Remembers the prints of one listing."""

    seen: list[float] = []

    def on_start(self) -> None:
        """Forget what another run heard."""
        type(self).seen = []

    def on_trade(self, trade: Tick) -> None:
        """Remember a print."""
        if trade.symbol == f"{SYMBOL}@simswap":
            type(self).seen.append(trade.price)


@pytest.fixture(scope="module")
def wicked() -> Market:
    clean = simulate(lab_config(3, LabSettings(duration_s=120.0, start_s=30.0))).to_market()
    book = next(
        n for n, i in enumerate(clean.instruments)
        if (i.venue, i.symbol) == ("simswap", SYMBOL)
    )  # fmt: skip
    spec = AttackSpec("single_source_wick", start_s=60.0, duration_s=20.0, book=book)
    return inject(clean, spec, 1)[0]


def worst(market: Market, admission: AdmissionSettings | None) -> tuple[float, tuple[str, ...]]:
    result = Backtest(Listener(), market, band=False, bootstrap=0, admission=admission).run()
    prices = np.array(Listener.seen)
    return float(np.abs(prices / np.median(prices) - 1.0).max()), result.extra_assumptions


def test_a_wick_of_one_source_reaches_a_strategy_that_believes_everything(wicked: Market) -> None:
    far, said = worst(wicked, None)
    assert far > 0.04
    assert said == ()


def test_behind_admission_the_wick_is_refused_and_the_result_says_so(wicked: Market) -> None:
    far, said = worst(wicked, AdmissionSettings())
    assert far < 0.02
    assert "refused" in said[0]
    assert "outlier" in said[0]

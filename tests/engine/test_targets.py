# SPDX-License-Identifier: MIT
"""Targets give what Python hooks give, however long they stay and however often they change."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from seawall.engine.outcome import Outcome
from seawall.engine.run import AnyStrategy, Engine
from seawall.engine.strategy import Bar, Strategy, TargetStrategy
from seawall.model.events import Stream
from seawall.model.market import Market

from .stage import coin, with_fills
from .test_bars import bars_of

SETTINGS = with_fills(slippage=Decimal("0.001"))


class Follow(Strategy):
    """Asks for the target of each bar, and for nothing where it is NaN."""

    def __init__(self, targets: np.ndarray) -> None:
        self.targets, self.seen = targets, 0

    def on_bar(self, bar: Bar) -> None:
        target = self.targets[self.seen]
        self.seen += 1
        if target == target:
            self.target_quantity(float(target))


def run(strategy: AnyStrategy, n: int, pieces: list[int]) -> Outcome:
    """Outcome over ``n`` bars of a wave, fed in pieces."""
    closes = (10_000 + 300 * np.sin(np.arange(n) / 50)).astype(int)
    opens = np.append(closes[0], closes[:-1]) + 1
    rows = zip(
        opens, np.maximum(opens, closes) + 2, np.minimum(opens, closes) - 2, closes, strict=True
    )
    market = Market((coin(),), (Stream("sim", coin().symbol, "bars_1m"),), bars=bars_of(*rows))
    engine = Engine(market, strategy, SETTINGS)
    for start, stop in zip([0, *pieces], [*pieces, n], strict=True):
        engine.feed(None, market.bars[:, start:stop].copy())
    return engine.finish()


@pytest.mark.parametrize("stays", [1, 2, 3, 7, 8, 31, 33, 64, 700, 3_000])
def test_targets_that_stay_for_any_number_of_bars_give_the_fills_of_hooks(stays: int) -> None:
    n = 24_000 if stays == 1 else 6_000  # more orders than a log holds between drains
    levels = np.random.default_rng(stays).integers(-2, 3, n // stays + 1)
    targets = np.repeat(levels, stays)[:n].astype(np.float64)
    targets[: stays // 2] = np.nan
    targets[np.random.default_rng(1).random(n) < 0.1] = np.nan
    whole = run(TargetStrategy(lambda bars: targets), n, [])
    hooks = run(Follow(targets), n, [])
    assert whole.fills.size > n // stays // 4
    assert whole.fingerprint == hooks.fingerprint


def test_equity_at_the_seam_of_two_pieces_stands_once() -> None:
    targets = np.tile([1.0, 1.0, 1.0, 0.0], 500)
    whole = run(TargetStrategy(lambda bars: targets), 2_000, [])
    cut = [777, 778, 1_500]
    place = iter([0, *cut])
    sizes = iter([*cut, 2_000])
    pieces = run(TargetStrategy(lambda bars: targets[next(place) : next(sizes)]), 2_000, cut)
    assert pieces.equity["ts"].size == np.unique(pieces.equity["ts"]).size
    assert pieces.fingerprint == whole.fingerprint

# SPDX-License-Identifier: MIT
"""Attacks on those who are slow, and on the money that prices are told in."""

from __future__ import annotations

import numpy as np

from seawall.data.simulated import layout as at
from seawall.data.simulated.attacks.step import Scene, Step, params_of, ppm
from seawall.data.simulated.config import AttackConfig


def latency_arbitrage(attack: AttackConfig, scene: Scene, rng: np.random.Generator) -> list[Step]:
    """Look many times a second, and take every quote that other books have left behind.

    Our own quotes join in a later backtest: the prints of these takers are what hits them,
    just before the price goes where the other books are.
    """
    settings = params_of(attack)
    edge, informed = max(1, ppm(settings["edge"])), int(bool(settings["informed"]))
    looks = max(1, round(attack.intensity * attack.duration_s))
    gap = attack.duration_s / looks
    return [
        Step(
            attack.start_s + gap * (k + 0.9 * rng.random()), 0, at.S_SNIPE, informed, edge,
            10 * scene.size,
        )
        for k in range(looks)
    ]  # fmt: skip


def stablecoin_depeg(attack: AttackConfig, scene: Scene, rng: np.random.Generator) -> list[Step]:
    """Let the quote currency of the book fall against the dollar, and come back."""
    del scene, rng
    settings = params_of(attack)
    fall = max(1, round(1_000 / max(0.001, settings["fall_s"])))
    steps = [Step(attack.start_s, 0, at.S_DEPEG, 0, -ppm(attack.intensity), fall)]
    if settings["recovers"]:
        back = attack.start_s + 0.6 * attack.duration_s
        speed = max(1, round(1_000 / (0.1 * attack.duration_s)))
        steps.append(Step(back, 0, at.S_DEPEG, 0, 0, speed))
    return steps

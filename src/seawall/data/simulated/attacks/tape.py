# SPDX-License-Identifier: MIT
"""Wash trading: volume that is nobody's."""

from __future__ import annotations

import numpy as np

from seawall.data.simulated import layout as at
from seawall.data.simulated.attacks.step import Scene, Step, params_of, ppm
from seawall.data.simulated.config import AttackConfig


def wash_trading(attack: AttackConfig, scene: Scene, rng: np.random.Generator) -> list[Step]:
    """Two accounts trade with each other up to a share of all volume in the window.

    They meet inside the spread in the same instant, or at the touch ahead of the queue, so
    every such trade is between the two.
    """
    bias = params_of(attack)["bias"]
    steps = [Step(attack.start_s, 0, at.S_ANCHOR)]
    time, share = attack.start_s, ppm(attack.intensity)
    while True:
        time += int(rng.integers(20, 120)) / 1_000
        if time >= attack.start_s + attack.duration_s:
            return steps
        side = 1 if rng.random() < bias else -1
        least = max(1, scene.size * int(rng.integers(2, 20)) // 10)
        steps.append(Step(time, 0, at.S_WASH, side, least, share))

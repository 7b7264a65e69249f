# SPDX-License-Identifier: MIT
"""The plain attacks: washing by orders per second, spoofing by size, makers that leave."""

from __future__ import annotations

import numpy as np

from seawall.data.simulated import layout as at
from seawall.data.simulated.attacks.step import Scene, Step
from seawall.data.simulated.config import AttackConfig


def wash(attack: AttackConfig, scene: Scene, rng: np.random.Generator) -> list[Step]:
    """Two accounts trade with each other: one rests inside the spread, the other takes it.

    Where the spread is one tick the order can only join the queue, and the taker also
    meets strangers: the truth frame tells which fills were really washed.
    """
    steps: list[Step] = []
    size = scene.size
    time, slot = attack.start_s, 0
    while True:
        time += int(rng.integers(200, 1_800)) / 1_000 / attack.intensity
        if time >= attack.start_s + attack.duration_s:
            return steps
        side = 1 if rng.integers(2) else -1
        lots = int(size * rng.integers(5, 30))
        steps.append(Step(time, 0, at.S_LIMIT, side, -1, lots, slot))
        steps.append(Step(time + 0.001, 1, at.S_TAKE, -side, 0, lots))
        steps.append(Step(time + 0.050, 0, at.S_CANCEL, side, 0, 0, slot))
        slot += 1


def spoof(attack: AttackConfig, scene: Scene, rng: np.random.Generator) -> list[Step]:
    """Layer large orders near the touch, trade small on the other side, cancel, repeat."""
    steps: list[Step] = []
    size = scene.size
    time, slot, side = attack.start_s, 0, 1
    while time + 3.0 < attack.start_s + attack.duration_s:
        big = int(100 * size * attack.intensity)
        life = 1.5 + int(rng.integers(0, 1_000)) / 1_000
        for level in range(4):
            steps.append(Step(time + 0.02 * level, 0, at.S_LIMIT, side, level, big, slot))
            steps.append(Step(time + life, 0, at.S_CANCEL, side, 0, 0, slot))
            slot += 1
        steps.append(Step(time + 0.5 * life, 1, at.S_TAKE, -side, 0, 10 * size))
        time += life + int(rng.integers(500, 1_500)) / 1_000
        side = -side
    return steps


def withdraw(attack: AttackConfig, scene: Scene, rng: np.random.Generator) -> list[Step]:
    """Send a share of the makers away at once, and let them come back at the end."""
    del scene, rng
    share = min(1_000, int(1_000 * attack.intensity))
    return [
        Step(attack.start_s, 0, at.S_DRY, lots=share),
        Step(attack.start_s + attack.duration_s, 0, at.S_DRY, lots=0),
    ]

# SPDX-License-Identifier: MIT
"""Orders that are shown and not meant: spoofing, layering, quote stuffing."""

from __future__ import annotations

import numpy as np

from seawall.data.simulated import layout as at
from seawall.data.simulated.attacks.step import ANCHOR_PLACES, Scene, Step, params_of
from seawall.data.simulated.config import AttackConfig

_GUARD_S = 0.02


def _cycle(
    time: float, life: float, side: int, attack: AttackConfig, scene: Scene, levels: int, first: int
) -> list[Step]:
    """Show on one side, profit on the other, pull."""
    settings = params_of(attack)
    distance, qty = int(settings["distance"]), round(1_000 * attack.intensity)
    steps = [Step(time, 0, at.S_ANCHOR)]
    for level in range(levels):
        slot, shown = first + level, time + 0.001 + 0.01 * level
        steps.append(Step(shown, 0, at.S_SHOW, side, distance + level, qty, slot))
        polls = int((time + life - shown) / _GUARD_S)
        steps += [
            Step(shown + _GUARD_S * k, 0, at.S_GUARD, offset=distance // 2, slot=slot)
            for k in range(1, polls + 1)
        ]
        steps.append(Step(time + life + 0.001 * level, 0, at.S_CANCEL, side, 0, 0, slot))
    steps.append(Step(time + 0.5 * life, 1, at.S_TAKE, -side, 0, 3 * scene.size))
    return steps


def _cycles(
    attack: AttackConfig, scene: Scene, rng: np.random.Generator, levels: int
) -> list[Step]:
    settings = params_of(attack)
    steps: list[Step] = []
    time, side, slot = attack.start_s, 1, ANCHOR_PLACES
    while True:
        life = settings["life_s"] * (0.75 + 0.5 * rng.random())
        if time + life >= attack.start_s + attack.duration_s:
            return steps
        steps += _cycle(time, life, side, attack, scene, levels, slot)
        slot += levels
        time += life + settings["pause_s"] * (0.5 + rng.random())
        side = -side if settings["alternate"] else side


def spoofing(attack: AttackConfig, scene: Scene, rng: np.random.Generator) -> list[Step]:
    """Show one large order behind the touch, trade on the other side, pull it, repeat.

    The order is pulled when the touch has come half the way, so that few are ever filled.
    """
    return _cycles(attack, scene, rng, 1)


def layering(attack: AttackConfig, scene: Scene, rng: np.random.Generator) -> list[Step]:
    """Spoofing with several orders on neighbouring levels."""
    return _cycles(attack, scene, rng, max(1, int(params_of(attack)["levels"])))


def quote_stuffing(attack: AttackConfig, scene: Scene, rng: np.random.Generator) -> list[Step]:
    """Add and cancel small orders at the touch, faster than anybody can mean them."""
    steps: list[Step] = []
    pairs = max(1, round(0.5 * attack.intensity * attack.duration_s))
    for slot in range(pairs):
        time = attack.start_s + attack.duration_s * slot / pairs
        side = 1 if rng.integers(2) else -1
        life = int(rng.integers(5, 45)) / 1_000
        offset = int(rng.integers(0, 3))
        lots = int(rng.integers(1, scene.size + 1))
        steps.append(Step(time, 0, at.S_LIMIT, side, offset, lots, slot))
        steps.append(Step(time + life, 0, at.S_CANCEL, side, 0, 0, slot))
    return steps

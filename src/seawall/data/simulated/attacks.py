# SPDX-License-Identifier: MIT
"""Labelled attacks as scripts: what the attacker does when, told to the kernel in advance.

A new attack is a function from an :class:`AttackConfig` to steps; the kernel carries the
steps out against the book as it then is, and every order bears the attack's number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from seawall.data.simulated import layout as at
from seawall.data.simulated.config import AttackConfig, SimConfig

AGENTS_PER_ATTACK = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a scripted agent.

    Parameters
    ----------
    at_s : float
        Time from the start of the feeds, s.
    agent : int
        0, 1 or 2 among the agents of the script.
    op : int
        ``S_LIMIT``, ``S_TAKE``, ``S_CANCEL`` or ``S_DRY`` of the layout.
    side : int
        1 buy, -1 sell.
    offset : int
        Ticks behind the own best (limit) or short of the other best (take).
    lots : int
        Quantity; thousandths of the makers for ``S_DRY``.
    slot : int
        Name of the order within the script, for its cancel.
    """

    at_s: float
    agent: int
    op: int
    side: int = 0
    offset: int = 0
    lots: int = 0
    slot: int = 0


def wash(attack: AttackConfig, size: int, rng: np.random.Generator) -> list[Step]:
    """Two accounts trade with each other: one rests inside the spread, the other takes it.

    Where the spread is one tick the order can only join the queue, and the taker also
    meets strangers: the truth frame tells which fills were really washed.
    """
    steps: list[Step] = []
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


def spoof(attack: AttackConfig, size: int, rng: np.random.Generator) -> list[Step]:
    """Layer large orders near the touch, trade small on the other side, cancel, repeat."""
    steps: list[Step] = []
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


def withdraw(attack: AttackConfig, size: int, rng: np.random.Generator) -> list[Step]:
    """Send a share of the makers away at once, and let them come back at the end."""
    del size, rng
    share = min(1_000, int(1_000 * attack.intensity))
    return [
        Step(attack.start_s, 0, at.S_DRY, lots=share),
        Step(attack.start_s + attack.duration_s, 0, at.S_DRY, lots=0),
    ]


Script = Callable[[AttackConfig, int, np.random.Generator], list[Step]]
SCRIPTS: dict[str, Script] = {"wash": wash, "spoof": spoof, "withdraw": withdraw}
"""Attacks by the name that :class:`AttackConfig` uses."""


def compile_script(config: SimConfig, first_agent: int) -> tuple[at.Array, int]:
    """Turn the attacks of a configuration into rows of SCRIPT, in time order.

    Returns
    -------
    ndarray of SCRIPT, int
        Steps, and the number of order names they use.
    """
    rows: list[tuple[int, ...]] = []
    slots = 0
    per_asset = config.books // len(config.assets)
    for number, attack in enumerate(config.attacks):
        asset = config.assets[attack.book // per_asset]
        rng = np.random.Generator(np.random.PCG64([config.seed, number]))
        steps = SCRIPTS[attack.kind](attack, round(asset.size / float(asset.lot)), rng)
        agent = first_agent + AGENTS_PER_ATTACK * number
        for step in steps:
            ts = round((config.warmup_s + step.at_s) * 1e9)
            rows.append(
                (ts, agent + step.agent, attack.book, step.op, step.side, step.offset,
                 step.lots, number + 1, slots + step.slot)
            )  # fmt: skip
        slots += 1 + max((step.slot for step in steps), default=0)
    rows.sort(key=lambda row: row[0])
    return np.array(rows, dtype=at.SCRIPT), slots

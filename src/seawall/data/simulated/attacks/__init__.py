# SPDX-License-Identifier: MIT
"""Labelled attacks as scripts: what the attacker does when, told to the kernel in advance.

A new attack is a function from an ``AttackConfig`` and a ``Scene`` to steps, named in
:data:`SCRIPTS`; the kernel carries the steps out against the book as it then is, and every
order bears the attack's number.  Scripts draw from their own generator, so a run without
the attack shares every other random number with it.
"""

from __future__ import annotations

import numpy as np

from seawall.data.simulated import layout as at
from seawall.data.simulated.attacks import display, others, plain, push, tape
from seawall.data.simulated.attacks.step import (
    AGENTS_PER_ATTACK,
    ANCHOR_PLACES,
    Scene,
    Script,
    Step,
    params_of,
    scene_of,
)
from seawall.data.simulated.config import SimConfig

__all__ = ["AGENTS_PER_ATTACK", "SCRIPTS", "Scene", "Script", "Step", "compile_script"]

SCRIPTS: dict[str, Script] = {
    "flash_crash": push.flash_crash,
    "latency_arbitrage": others.latency_arbitrage,
    "layering": display.layering,
    "liquidation_cascade": push.liquidation_cascade,
    "momentum_ignition": push.momentum_ignition,
    "pump_and_dump": push.pump_and_dump,
    "quote_stuffing": display.quote_stuffing,
    "spoof": plain.spoof,
    "spoofing": display.spoofing,
    "stablecoin_depeg": others.stablecoin_depeg,
    "wash": plain.wash,
    "wash_trading": tape.wash_trading,
    "withdraw": plain.withdraw,
}
"""Attacks by the name that ``AttackConfig`` uses."""


def compile_script(config: SimConfig, first_agent: int) -> tuple[at.Array, int]:
    """Turn the attacks of a configuration into rows of SCRIPT, in time order.

    Returns
    -------
    ndarray of SCRIPT, int
        Steps, and the number of places that their orders and anchors use.
    """
    rows: list[tuple[int, ...]] = []
    slots = 0
    for number, attack in enumerate(config.attacks):
        params_of(attack)  # refuses what the kind does not know
        rng = np.random.Generator(np.random.PCG64([config.seed, number]))
        steps = SCRIPTS[attack.kind](attack, scene_of(config, attack.book), rng)
        agent = first_agent + AGENTS_PER_ATTACK * number
        for step in steps:
            ts = round((config.warmup_s + step.at_s) * 1e9)
            book = attack.book if step.book < 0 else step.book
            rows.append(
                (ts, agent + step.agent, book, step.op, step.side, step.offset, step.lots,
                 number + 1, slots + step.slot, slots + step.anchor)
            )  # fmt: skip
        slots += 1 + max((max(s.slot, s.anchor + ANCHOR_PLACES) for s in steps), default=0)
    rows.sort(key=lambda row: row[0])
    return np.array(rows, dtype=at.SCRIPT), slots

# SPDX-License-Identifier: MIT
"""Small worlds and a bare venue for the tests of the simulated market."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from seawall.data.simulated import layout as at
from seawall.data.simulated.build import build
from seawall.data.simulated.config import AgentConfig, SimConfig, preset

MID = 600_000


def small(seed: int = 7, duration_s: float = 60.0, **changes: object) -> SimConfig:
    return replace(preset("small"), seed=seed, duration_s=duration_s, warmup_s=5.0, **changes)


def bare_venue() -> at.World:
    """One asset on one venue, nobody awake."""
    config = preset("small")
    config = replace(
        config, assets=config.assets[:1], venues=1, agents=AgentConfig(makers=1, leveraged=2)
    )
    return build(config, np.zeros(0, at.SCRIPT), 0)


def command(
    ts: int, side: int, px: int, qty: int, agent: int = 2, tif: int = at.LIMIT, id_: int = 0
) -> np.void:
    row = np.zeros(1, at.MESSAGE)[0]
    row["ts"], row["side"], row["px"], row["qty"], row["agent"] = ts, side, px, qty, agent
    row["tif"], row["kind"], row["id"] = tif, 1 if id_ else 0, id_
    return row


def feed(world: at.World, *rows: np.void) -> np.ndarray:
    """Send commands to book 0 and return the log lines they caused."""
    from seawall.data.simulated.matching import submit_many

    before = int(world.ctr[at.C_LOG])
    submit_many(world, np.array(list(rows), at.MESSAGE))
    return world.log[before : world.ctr[at.C_LOG]].copy()

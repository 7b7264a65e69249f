# SPDX-License-Identifier: MIT
"""A simulated market: its order log, its truth, and the feeds made from it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seawall.data.simulated import layout as at
from seawall.data.simulated.build import MONEY_DECIMALS, group_sizes
from seawall.data.simulated.config import SimConfig
from seawall.data.simulated.faults import Fault
from seawall.model.instrument import Instrument

if TYPE_CHECKING:
    import polars as pl

    from seawall.data.simulated.publish import Feeds
    from seawall.model.market import Market

GROUPS = ("outside", "noise", "splitter", "maker", "valuer", "arbitrageur", "leveraged", "script")
"""Names of the groups of agents."""


@dataclass(frozen=True)
class SimulatedMarket:
    """What one run of the simulator left behind.

    Parameters
    ----------
    config : SimConfig
        What was asked for.
    instruments : tuple of Instrument
        Indexed by the ``book`` columns.
    log : ndarray of LOG
        Every order event of all venues (L3) with the agents' names, warm-up included;
        ``ts`` in ns since the start of the warm-up.
    tape : ndarray of TAPE
        Marks, funding, open interest, true value and volatility.
    world : World
        Final state.
    faults : tuple of Fault
        Planned faults of the feeds.
    """

    config: SimConfig
    instruments: tuple[Instrument, ...]
    log: at.Array
    tape: at.Array
    world: at.World
    faults: tuple[Fault, ...]

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over the order log and the tape."""
        digest = hashlib.sha256()
        for part in (self.log, self.tape):
            for name in part.dtype.names or ():
                digest.update(np.ascontiguousarray(part[name]).tobytes())
        return digest.hexdigest()

    @cached_property
    def feeds(self) -> Feeds:
        """What the venues publish, and when it reaches us."""
        from seawall.data.simulated.publish import publish

        return publish(self)

    @property
    def origin_ns(self) -> int:
        """Time of the start of the warm-up, ns UTC."""
        return self.config.start_ns - int(self.config.warmup_s * 1e9)

    def frames(self) -> dict[tuple[int, str], pl.DataFrame]:
        """Canonical frames by instrument and kind, as an importer yields them."""
        from seawall.data.simulated.frames import frames

        return frames(self)

    def to_market(self) -> Market:
        """Market for the engine, without the way over files."""
        from seawall.data.simulated.market import to_market

        return to_market(self)

    def labels(self) -> pl.DataFrame:
        """Ground truth in windows: attacks, faults, jumps, liquidations, volatility regimes."""
        from seawall.data.simulated.truth import labels

        return labels(self)

    def orders(self) -> pl.DataFrame:
        """Ground truth per order event: who did it, and for which metaorder or attack."""
        from seawall.data.simulated.truth import orders

        return orders(self)

    def agents(self) -> pl.DataFrame:
        """Agents with group, final positions at the last mark, and profit.

        Profit counts money in and out of the market; collateral that leveraged accounts
        were given is the negative balance of the outside.
        """
        from seawall.data.simulated.truth import agents

        return agents(self)

    def write(self, path: Path | str) -> Path:
        """Write source files (Parquet by instrument and kind, truth apart) and a manifest."""
        from seawall.data.simulated.write import write

        return write(self, Path(path))

    def money_balance(self) -> int:
        """Sum of all money, fees and funds: zero when nothing was made or lost."""
        books = self.world.books
        return int(self.world.cash.sum() + books["fee_box"].sum() + books["fund"].sum())

    def group_of_agent(self) -> at.Array:
        """Index into :data:`GROUPS` of every agent."""
        return np.repeat(np.arange(len(GROUPS)), group_sizes(self.config))

    @property
    def money_unit(self) -> float:
        """USDT per money unit."""
        return 10.0**-MONEY_DECIMALS

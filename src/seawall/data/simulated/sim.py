# SPDX-License-Identifier: MIT
"""Run a simulated market."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from seawall.data.simulated import layout as at
from seawall.data.simulated.attacks import compile_script
from seawall.data.simulated.build import build, group_sizes, instruments_of
from seawall.data.simulated.config import SimConfig
from seawall.data.simulated.faults import plan_faults
from seawall.data.simulated.result import SimulatedMarket
from seawall.model.errors import DataError

CHUNK_NS = 60 * 1_000_000_000

Progress = Callable[[float], None]
"""Called with the share of the run that is done."""


class Sim:
    """A simulated market that can be run once.

    Parameters
    ----------
    config : SimConfig
        What to simulate; everything random comes from its seed.

    Notes
    -----
    The first use in a fresh installation compiles the kernel, which takes seconds; the
    compiled code is cached on disk.
    """

    def __init__(self, config: SimConfig) -> None:
        self.config = config
        self.faults = plan_faults(config)
        scripted = 1 + sum(group_sizes(config)[1:-1])
        script, slots = compile_script(config, scripted)
        self.world = build(config, script, slots)
        self._log: list[at.Array] = []

    def run(self, progress: Progress | None = None, keep: tuple[int, ...] = ()) -> SimulatedMarket:
        """Simulate the whole duration.

        Parameters
        ----------
        progress : callable, optional
            Called with the share done, about once per simulated minute.
        keep : tuple of int
            Types of log lines to keep, to save memory on long runs; empty keeps all.
            Feeds and fingerprints of a thinned log are not those of the whole.

        Raises
        ------
        DataError
            When the event queue overflowed: the rates are too high.
        """
        from seawall.data.simulated.kernel import start

        start(self.world, self.config.agents.depth)
        self._plan_outages()
        end = int((self.config.warmup_s + self.config.duration_s) * 1e9)
        now = 0
        while now < end:
            now = min(end, now + CHUNK_NS)
            self._advance(now, keep)
            if progress is not None:
                progress(now / end)
        if self.world.ctr[at.C_LOST]:
            raise DataError(
                "the simulation's event queue overflowed", mend="lower the rates of the agents"
            )
        return SimulatedMarket(
            config=self.config,
            instruments=instruments_of(self.config),
            log=np.concatenate(self._log),
            tape=self.world.tape[: self.world.ctr[at.C_TAPE]],
            world=self.world,
            faults=self.faults,
        )

    def _advance(self, until: int, keep: tuple[int, ...]) -> None:
        from seawall.data.simulated.kernel import run

        w = self.world
        origin = self.config.start_ns - int(self.config.warmup_s * 1e9)
        more = 1
        while more:
            more = run(w, until, origin)
            part = w.log[: w.ctr[at.C_LOG]]
            self._log.append(part[np.isin(part["type"], keep)] if keep else part.copy())
            w.ctr[at.C_LOG] = 0

    def _plan_outages(self) -> None:
        from seawall.data.simulated.queue import plan

        warmup = int(self.config.warmup_s * 1e9)
        for fault in self.faults:
            if fault.kind == "outage":
                plan(self.world, warmup + fault.start_ns, at.M_HALT, fault.book, 1)
                plan(self.world, warmup + fault.end_ns, at.M_HALT, fault.book, 0)


def simulate(config: SimConfig, progress: Progress | None = None) -> SimulatedMarket:
    """Run a configuration and return its market."""
    return Sim(config).run(progress)

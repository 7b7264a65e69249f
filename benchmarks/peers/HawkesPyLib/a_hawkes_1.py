# SPDX-License-Identifier: MIT
"""A-hawkes-1 with HawkesPyLib; it sets out from random points."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from HawkesPyLib.inference import ExpHawkesProcessInference

from measures import hawkes_loglik
from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    t, end = x["t"], x["end"]

    def run() -> tuple[float, float, float]:
        fit = ExpHawkesProcessInference(np.random.default_rng(0))
        fit.estimate(t, end)
        return fit.mu, fit.eta, 1.0 / fit.theta

    def numbers(p: tuple[float, float, float]) -> dict[str, float]:
        return {"loglik": hawkes_loglik(t, np.zeros(t.size, dtype=int), *p, end)}

    return Task(run, t.size, "events/s", numbers, why="it stops short of the maximum")


if __name__ == "__main__":
    run_row("A-hawkes-1", "HawkesPyLib", "HawkesPyLib", make)

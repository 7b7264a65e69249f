# SPDX-License-Identifier: MIT
"""A-hawkes-4 with tick, its decay searched by scipy."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from scipy.optimize import minimize_scalar
from tick.hawkes import HawkesExpKern

from measures import hawkes_loglik
from rows import Columns, Task, run_row


def learned(events: list[np.ndarray], end: float, log_beta: float) -> HawkesExpKern:
    rates = [one.size / end for one in events]
    begin = np.array([*(0.5 * rate for rate in rates), *np.full(len(events) ** 2, 0.1)])
    learner = HawkesExpKern(
        decays=float(np.exp(log_beta)), gofit="likelihood", penalty="none", solver="agd",
        tol=1e-9, max_iter=500,
    )  # fmt: skip
    return learner.fit(events, start=begin)


def make(x: Columns) -> Task:
    t, kind, end = x["t"], x["kind"], x["end"]
    events = [t[kind == k] for k in range(int(kind.max()) + 1)]

    def run() -> tuple[HawkesExpKern, float]:
        found = minimize_scalar(
            lambda b: -learned(events, end, b).score(), bounds=(-1.0, 3.0), method="bounded",
            options={"xatol": 1e-4},
        )  # fmt: skip
        return learned(events, end, found.x), float(np.exp(found.x))

    def numbers(got: tuple[HawkesExpKern, float]) -> dict[str, float]:
        fit, beta = got
        return {"loglik": hawkes_loglik(t, kind, fit.baseline, fit.adjacency, beta, end)}

    return Task(
        run, t.size, "events/s", numbers,
        note="it fits with a decay that is given: the decay is searched outside",
        why="its learner ends the sample with the last event",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-hawkes-4", "tick", "tick", make)

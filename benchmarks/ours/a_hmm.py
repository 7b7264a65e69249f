# SPDX-License-Identifier: MIT
"""Twenty steps of expectation and maximisation, four states, raw returns."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from analytic_inputs import HMM_GUESS
from rows import Columns, Task, run_row
from seawall.analytics.regimes.hmm_em import em

STEPS = 20


def make(x: Columns) -> Task:
    values, history = x["x"], np.empty(STEPS)

    def run() -> tuple[np.ndarray, np.ndarray]:
        move, sd = np.full((4, 4), 0.1 / 3) + (0.9 - 0.1 / 3) * np.eye(4), np.array(HMM_GUESS)
        em(values, np.full(4, 0.25), move, np.zeros(4), sd, 0.0, 0.0, 0.0, STEPS, -np.inf, history)
        return move, sd

    def numbers(got: tuple[np.ndarray, np.ndarray]) -> dict[str, float]:
        move, sd = got
        mass = np.linalg.matrix_power(move, 4_096)[0]
        return {"loglik": history[-1], "least_mass": mass.min(), "largest_sd": sd.max()}

    return Task(run, values.size * STEPS, "returns*steps/s", numbers)


if __name__ == "__main__":
    run_row("A-hmm", "ours", "seawall", make)

# SPDX-License-Identifier: MIT
"""A-hmm with hmmlearn, without the prior that its defaults put on variances."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from hmmlearn.hmm import GaussianHMM

from analytic_inputs import HMM_GUESS
from rows import Columns, Task, run_row

STEPS = 20


def make(x: Columns) -> Task:
    values = x["x"][:, None]

    def run() -> GaussianHMM:
        model = GaussianHMM(
            4, covariance_type="diag", init_params="", covars_prior=0.0, n_iter=STEPS,
            tol=-np.inf, implementation="scaling",
        )  # fmt: skip
        model.startprob_ = np.full(4, 0.25)
        model.transmat_ = np.full((4, 4), 0.1 / 3) + (0.9 - 0.1 / 3) * np.eye(4)
        model.means_ = np.zeros((4, 1))
        model.covars_ = np.array(HMM_GUESS)[:, None] ** 2
        return model.fit(values)

    def numbers(model: GaussianHMM) -> dict[str, float]:
        mass = np.linalg.matrix_power(model.transmat_, 4_096)[0]
        return {"loglik": model.monitor_.history[-1], "least_mass": mass.min(),
                "largest_sd": np.sqrt(model.covars_.max())}  # fmt: skip

    return Task(
        run, values.size * STEPS, "returns*steps/s", numbers,
        note="covars_prior=0: its default of 0.01 ends raw returns in an empty state",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-hmm", "hmmlearn", "hmmlearn", make)

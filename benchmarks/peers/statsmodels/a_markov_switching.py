# SPDX-License-Identifier: MIT
"""A-markov-switching with statsmodels."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import warnings

import numpy as np
from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    def run() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = MarkovRegression(x["x"], k_regimes=4, trend="c", switching_variance=True)
            return model.fit(disp=False)

    def numbers(fit: object) -> dict[str, float]:
        return {"loglik": fit.llf, "largest_sd": np.sqrt(np.asarray(fit.params)[-4:].max())}

    return Task(
        run, x["x"].size, "rows/s", numbers, warm=False,
        why="it stops below our maximum, with a warning, and begins from the stationary law",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-markov-switching", "statsmodels", "statsmodels", make)

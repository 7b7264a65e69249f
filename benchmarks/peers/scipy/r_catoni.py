# SPDX-License-Identifier: MIT
"""R-catoni with scipy's root finder: no package has the estimator."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from scipy.optimize import brentq
from scipy.stats import median_abs_deviation

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    values = x["x"]

    def run() -> float:
        alpha = 0.5 / (1.4826 * median_abs_deviation(values))

        def score(theta: float) -> float:
            u = alpha * (values - theta)
            near = np.minimum(np.abs(u), 1.0)
            return float(np.sum(np.sign(u) * -np.log(1.0 - near + 0.5 * near * near)))

        return brentq(score, values.min(), values.max(), xtol=1e-12, rtol=1e-14)

    return Task(run, 1, "samples/s", lambda got: {"mean": got})


if __name__ == "__main__":
    run_row("R-catoni", "scipy", "scipy", make, input="R-column")

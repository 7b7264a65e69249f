# SPDX-License-Identifier: MIT
"""A-hawkes-1 with hawkeslib's gradient descent, whose first point is random."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from hawkeslib import UnivariateExpHawkesProcess

from measures import hawkes_loglik
from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    t, end = x["t"], x["end"]

    def run() -> tuple[float, float, float]:
        np.random.seed(0)
        fit = UnivariateExpHawkesProcess()
        fit.fit(t, T=end, method="gd")
        return fit.get_params()

    def numbers(p: tuple[float, float, float]) -> dict[str, float]:
        return {"loglik": hawkes_loglik(t, np.zeros(t.size, dtype=int), *p, end)}

    return Task(run, t.size, "events/s", numbers)


if __name__ == "__main__":
    run_row("A-hawkes-1", "hawkeslib", "hawkeslib", make)

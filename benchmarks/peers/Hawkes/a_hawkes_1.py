# SPDX-License-Identifier: MIT
"""A-hawkes-1 with Hawkes of Omi."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import Hawkes
import numpy as np

from measures import hawkes_loglik
from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    t, end = x["t"], x["end"]

    def run() -> dict[str, float]:
        model = Hawkes.estimator().set_kernel("exp").set_baseline("const")
        return dict(model.fit(t, [0, end]).parameter)

    def numbers(p: dict[str, float]) -> dict[str, float]:
        kind = np.zeros(t.size, dtype=int)
        return {"loglik": hawkes_loglik(t, kind, p["mu"], p["alpha"], p["beta"], end)}

    return Task(run, t.size, "events/s", numbers)


if __name__ == "__main__":
    run_row("A-hawkes-1", "Hawkes", "Hawkes", make)

# SPDX-License-Identifier: MIT
"""A-hawkes-4 with hawkes-engine, one decay per type that excites."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import hawkes_engine

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    t, kind, end = x["t"], x["kind"], x["end"]

    def run() -> hawkes_engine.FitResult:
        return hawkes_engine.fit(
            t, kind, M=4, T=end, seed=1, shared_decay=True, se_method=None, ridge_report=False
        )

    def numbers(fit: hawkes_engine.FitResult) -> dict[str, float]:
        return {"loglik": fit.loglik}

    return Task(
        run, t.size, "events/s", numbers, note="without standard errors, as ours",
        why="its model is richer: a decay for each type that excites",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-hawkes-4", "hawkes-engine", "hawkes-engine", make)

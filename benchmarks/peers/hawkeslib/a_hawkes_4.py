# SPDX-License-Identifier: MIT
"""A-hawkes-4 with hawkeslib's expectation and maximisation."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from hawkeslib import MultivariateExpHawkesProcess

from measures import hawkes_loglik
from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    t, kind, end = x["t"], x["kind"], x["end"]

    def run() -> tuple:
        fit = MultivariateExpHawkesProcess()
        fit.fit(t, kind, T=end, reltol=1e-10, maxiter=5_000)
        return fit.get_params()

    def numbers(p: tuple) -> dict[str, float]:
        mu, a, beta = p
        return {"loglik": hawkes_loglik(t, kind, mu, a.T, beta, end)}

    return Task(
        run, t.size, "events/s", numbers,
        note="to a relative change of 1e-10; by default it stops at 1e-5",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-hawkes-4", "hawkeslib", "hawkeslib", make)

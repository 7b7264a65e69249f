# SPDX-License-Identifier: MIT
"""One type of event, one exponential kernel, by maximum likelihood."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import Columns, Task, run_row
from seawall.analytics.hawkes import fit_one


def make(x: Columns) -> Task:
    t, end = x["t"], x["end"]
    calm = fit_one.fit(x["calm"], end=120.0)
    return Task(
        lambda: fit_one.fit(t, end=end), t.size, "events/s",
        numbers=lambda fit: {"loglik": fit.loglik, "branching": fit.branching, "beta": fit.beta},
        note="tests of the residuals and standard errors included; of 60 events of a Poisson "
        f"process it says: {'; '.join(calm.doubts) or 'no doubt'}",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-hawkes-1", "ours", "seawall", make)

# SPDX-License-Identifier: MIT
"""Four types of event and one decay, by maximum likelihood."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import Columns, Task, run_row
from seawall.analytics.hawkes import fit_many


def make(x: Columns) -> Task:
    t, kind = x["t"], x["kind"].astype(float)
    return Task(
        lambda: fit_many.fit(t, kind, end=x["end"], types=4), t.size, "events/s",
        numbers=lambda fit: {"loglik": fit.loglik, "beta": fit.beta.flat[0]},
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-hawkes-4", "ours", "seawall", make)

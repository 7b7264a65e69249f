# SPDX-License-Identifier: MIT
"""Generalised Pareto law of 10,000 exceedances, by maximum likelihood."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import Columns, Task, run_row
from seawall.analytics.econophysics.gpd import maximise


def make(x: Columns) -> Task:
    return Task(
        lambda: maximise(x["y"]), x["y"].size, "values/s",
        numbers=lambda got: {"loglik": got[2] * x["y"].size, "xi": got[0], "sigma": got[1]},
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-gpd", "ours", "seawall", make)

# SPDX-License-Identifier: MIT
"""ACD(1,1) of 100,000 durations with exponential errors, by maximum likelihood."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import Columns, Task, run_row
from seawall.analytics.durations import acd_fit


def make(x: Columns) -> Task:
    return Task(
        lambda: acd_fit.fit_durations(x["x"]), x["x"].size, "durations/s",
        numbers=lambda fit: {"omega": fit.omega, "alpha": fit.alpha, "beta": fit.beta},
        note="tests of the errors included",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-acd", "ours", "seawall", make)

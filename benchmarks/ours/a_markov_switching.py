# SPDX-License-Identifier: MIT
"""Regression with four regimes of mean and variance, by maximum likelihood."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import Columns, Task, run_row
from seawall.analytics.regimes.switching import fit


def make(x: Columns) -> Task:
    return Task(
        lambda: fit(x["x"], states=4.0, starts=1.0), x["x"].size, "rows/s",
        numbers=lambda got: {"loglik": got.loglik, "largest_sd": max(got.sd)},
        note="one start, as the peer; the probabilities of the first state are free",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-markov-switching", "ours", "seawall", make)

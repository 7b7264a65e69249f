# SPDX-License-Identifier: MIT
"""Probability of informed trading from 250 days of buys and sells."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import Columns, Task, run_row
from seawall.analytics.costs import pin


def make(x: Columns) -> Task:
    return Task(
        lambda: pin.fit(x["buys"], x["sells"]), 1, "fits/s",
        numbers=lambda fit: {"pin": fit.pin, "loglik": fit.loglik},
        note="125 starts, and standard errors",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-pin", "ours", "seawall", make)

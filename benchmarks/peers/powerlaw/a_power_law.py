# SPDX-License-Identifier: MIT
"""A-power-law with powerlaw, whose default would hold the exponent to 3 at most."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import warnings

import powerlaw

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    def run() -> powerlaw.Fit:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = powerlaw.Fit(x["x"], parameter_ranges={"alpha": [1.01, 20]}, verbose=0)
            return found.power_law.alpha, found.xmin

    return Task(
        run, x["x"].size, "starts/s", lambda got: {"alpha": got[0], "xmin": got[1]}, warm=False
    )


if __name__ == "__main__":
    run_row("A-power-law", "powerlaw", "powerlaw", make)

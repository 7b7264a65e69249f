# SPDX-License-Identifier: MIT
"""R-ledoit-wolf with scikit-learn."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sklearn.covariance import LedoitWolf

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    return Task(
        lambda: LedoitWolf().fit(x["rows"]), 1, "fits/s", values=lambda fit: fit.covariance_
    )


if __name__ == "__main__":
    run_row("R-ledoit-wolf", "scikit-learn", "scikit-learn", make, input="R-mrcd")

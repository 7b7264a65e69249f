# SPDX-License-Identifier: MIT
"""A-garch-filter with arch."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from arch.univariate import GARCH, ZeroMean

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    model = ZeroMean(x["x"], rescale=False)
    model.volatility = GARCH(1, 0, 1)
    fixed = np.array([0.02, 0.08, 0.9])
    return Task(
        lambda: model.fix(fixed).conditional_volatility, x["x"].size, "returns/s",
        values=lambda got: got[-1_000:], note="it begins from another value, long forgotten here",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-garch-filter", "arch", "arch", make)

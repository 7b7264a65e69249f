# SPDX-License-Identifier: MIT
"""A-gpd with scipy."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from scipy.stats import genpareto

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    y = x["y"]

    def numbers(got: tuple[float, float, float]) -> dict[str, float]:
        xi, _, sigma = got
        return {"loglik": np.sum(genpareto.logpdf(y, xi, 0.0, sigma)), "xi": xi, "sigma": sigma}

    return Task(
        lambda: genpareto.fit(y, floc=0.0), y.size, "values/s", numbers,
        why="a search in two unknowns that stops short of the maximum",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-gpd", "scipy", "scipy", make)

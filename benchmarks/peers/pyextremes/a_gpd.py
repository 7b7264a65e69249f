# SPDX-License-Identifier: MIT
"""A-gpd with pyextremes."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import pandas as pd
from pyextremes import EVA
from scipy.stats import genpareto

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    y = x["y"]
    times = pd.date_range("2000-01-01", periods=y.size, freq="h")
    table = pd.Series(y, index=times)

    def run() -> tuple[float, float]:
        found = EVA.from_extremes(extremes=table, method="POT", threshold=0.0, r="1h")
        found.fit_model(model="MLE", distribution="genpareto", distribution_kwargs={"floc": 0.0})
        fitted = found.distribution.mle_parameters
        return fitted["c"], fitted["scale"]

    def numbers(got: tuple[float, float]) -> dict[str, float]:
        xi, sigma = got
        return {"loglik": genpareto.logpdf(y, xi, 0.0, sigma).sum(), "xi": xi, "sigma": sigma}

    return Task(
        run, y.size, "values/s", numbers,
        why="a search in two unknowns that stops short of the maximum",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-gpd", "pyextremes", "pyextremes", make)

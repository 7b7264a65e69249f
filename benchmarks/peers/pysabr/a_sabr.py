# SPDX-License-Identifier: MIT
"""A-sabr with pysabr, begun at the volatility at the money."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from pysabr.models.hagan_2002_lognormal_sabr import Hagan2002LognormalSABR

from measures import sabr_rmse
from rows import Columns, Task, run_row


def smile(f: float, k: np.ndarray, vol: np.ndarray, years: float) -> tuple[float, float, float]:
    alpha = float(vol[np.argmin(np.abs(k - f))])
    model = Hagan2002LognormalSABR(f=f, shift=0.0, t=years, beta=1.0)
    return tuple(model.fit(k, 100.0 * vol, initial_guess=[alpha, -0.1, 1.0]))


def make(x: Columns) -> Task:
    smiles = [
        (6e4, x["strike"][at], x["vol"][at], float(years))
        for years in np.unique(x["years"])
        for at in [x["years"] == years]
    ]
    return Task(
        lambda: [smile(*one) for one in smiles], 20, "smiles/s",
        numbers=lambda fits: {"rmse": sabr_rmse(x, fits)},
        why="it stops at another point of the same error surface",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-sabr", "pysabr", "pysabr", make)

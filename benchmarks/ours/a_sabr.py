# SPDX-License-Identifier: MIT
"""SABR's smiles of 20 expiries by 15 strikes, least squares in volatility."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from rows import Columns, Task, run_row
from seawall.analytics.options import sabr_fit


def rmse(fits: tuple[sabr_fit.SabrFit, ...]) -> float:
    count = sum(f.strikes for f in fits)
    return float(np.sqrt(sum(f.rmse**2 * f.strikes for f in fits) / count))


def make(x: Columns) -> Task:
    rows = [x[name] for name in ("forward", "strike", "years", "vol")]
    return Task(
        lambda: sabr_fit.fit_expiries(*rows), 20, "smiles/s",
        numbers=lambda fits: {"rmse": rmse(fits)},
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-sabr", "ours", "seawall", make)

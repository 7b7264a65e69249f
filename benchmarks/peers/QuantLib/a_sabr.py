# SPDX-License-Identifier: MIT
"""A-sabr with QuantLib from its first guess."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import QuantLib as ql

from measures import sabr_rmse
from rows import Columns, Task, run_row

GUESSES = 1


def smile(f: float, k: np.ndarray, vol: np.ndarray, years: float) -> tuple[float, float, float]:
    """Alpha, rho and nu; it fits when it is first asked."""
    alpha = float(vol[np.argmin(np.abs(k - f))])
    fitted = ql.SABRInterpolation(
        ql.Array(k.tolist()), ql.Array(vol.tolist()), years, f, alpha, 1.0, 1.0, -0.1,
        False, True, False, False, False, ql.EndCriteria(1000, 100, 1e-10, 1e-10, 1e-10),
        ql.LevenbergMarquardt(), 1e-9, False, GUESSES,
    )  # fmt: skip
    fitted(f, True)
    return fitted.alpha(), fitted.rho(), fitted.nu()


def make(x: Columns) -> Task:
    smiles = [
        (6e4, x["strike"][at], x["vol"][at], float(years))
        for years in np.unique(x["years"])
        for at in [x["years"] == years]
    ]
    return Task(
        lambda: [smile(*one) for one in smiles], 20, "smiles/s",
        numbers=lambda fits: {"rmse": sabr_rmse(x, fits)}, note=f"guesses: {GUESSES}",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-sabr", "QuantLib", "QuantLib", make)

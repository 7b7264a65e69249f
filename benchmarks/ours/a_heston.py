# SPDX-License-Identifier: MIT
"""Heston's model fitted to 300 volatilities."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import Columns, Task, run_row
from seawall.analytics.options import heston_fit


def make(x: Columns) -> Task:
    rows = [x[name] for name in ("forward", "strike", "years", "vol")]

    def numbers(fit: heston_fit.HestonFit) -> dict[str, float]:
        return {"rmse": fit.rmse, "kappa": fit.kappa, "theta": fit.theta, "sigma": fit.sigma,
                "rho": fit.rho}  # fmt: skip

    return Task(
        lambda: heston_fit.fit(*rows, starts=1.0), 1, "fits/s", numbers,
        note="one start, as the peer; by default a second one has to agree",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-heston", "ours", "seawall", make)

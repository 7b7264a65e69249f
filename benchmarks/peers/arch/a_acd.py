# SPDX-License-Identifier: MIT
"""A-acd with arch: GARCH(1,1) of the roots of the durations has the same likelihood."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from arch.univariate import GARCH, ZeroMean

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    def run() -> object:
        model = ZeroMean(np.sqrt(x["x"]), rescale=False)
        model.volatility = GARCH(1, 0, 1)
        return model.fit(disp="off")

    def numbers(fit: object) -> dict[str, float]:
        omega, alpha, beta = fit.params.to_numpy()
        return {"omega": omega, "alpha": alpha, "beta": beta}

    return Task(run, x["x"].size, "durations/s", numbers, note="it begins from another value")


if __name__ == "__main__":
    run_row("A-acd", "arch", "arch", make)

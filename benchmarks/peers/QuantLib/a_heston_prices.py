# SPDX-License-Identifier: MIT
"""A-heston-prices with QuantLib, 192 nodes."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from heston_model import model_of

from analytic_inputs import HESTON
from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    start = tuple(HESTON[name] for name in ("v0", "kappa", "theta", "sigma", "rho"))
    model, helpers = model_of(x, 192, start)

    def run() -> np.ndarray:
        model.setParams(model.params())  # tells the engine that all prices are out of date
        return np.array([h.modelValue() for h in helpers])

    return Task(run, len(helpers), "prices/s", values=lambda got: got)


if __name__ == "__main__":
    run_row("A-heston-prices", "QuantLib", "QuantLib", make, input="A-heston")

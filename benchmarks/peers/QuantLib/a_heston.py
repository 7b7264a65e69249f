# SPDX-License-Identifier: MIT
"""A-heston with QuantLib: prices weighted by 1 / vega, so that errors are volatilities."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import QuantLib as ql
from heston_model import model_of

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    strike, years, vol = x["strike"] / x["forward"], x["years"], x["vol"]
    s = vol * np.sqrt(years)
    d = -np.log(strike) / s + 0.5 * s
    vega = np.sqrt(years / (2 * np.pi)) * np.exp(-0.5 * d * d)
    weights = (1.0 / np.maximum(vega, 0.01 * vega.max())) ** 2
    weights /= weights.sum()

    def run() -> tuple[Any, list[Any]]:
        model, helpers = model_of(x, 64, (0.36, 2.0, 0.36, 1.0, -0.3))
        model.calibrate(
            helpers, ql.LevenbergMarquardt(1e-8, 1e-8, 1e-8),
            ql.EndCriteria(500, 50, 1e-8, 1e-8, 1e-8), ql.NoConstraint(),
            ql.DoubleVector(weights.tolist()),
        )  # fmt: skip
        return model, helpers

    def numbers(got: tuple[Any, list[Any]]) -> dict[str, float]:
        model, helpers = got
        kinds = [ql.Option.Call if k >= 1.0 else ql.Option.Put for k in strike]
        implied = [
            ql.blackFormulaImpliedStdDev(kind, float(k), 1.0, h.modelValue(), 1.0, 0.0, float(g))
            for kind, k, h, g in zip(kinds, strike, helpers, s, strict=True)
        ]
        error = np.array(implied) / np.sqrt(years) - vol
        theta, kappa, sigma, rho, _ = model.params()
        return {"rmse": np.sqrt(np.mean(error**2)), "kappa": kappa, "theta": theta,
                "sigma": sigma, "rho": rho}  # fmt: skip

    return Task(run, 1, "fits/s", numbers, why="it minimises weighted prices", warm=False)


if __name__ == "__main__":
    run_row("A-heston", "QuantLib", "QuantLib", make)

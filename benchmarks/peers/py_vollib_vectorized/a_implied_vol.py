# SPDX-License-Identifier: MIT
"""A-implied-vol with py_vollib_vectorized, which needs the numpy and numba of 2023."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from py_vollib_vectorized import vectorized_implied_volatility_black

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    flag = np.where(x["call"] > 0, "c", "p")

    def run() -> np.ndarray:
        return vectorized_implied_volatility_black(
            x["price"], x["forward"], x["strike"], 0.0, x["years"], flag, return_as="numpy"
        )

    return Task(run, x["price"].size, "options/s", values=lambda got: got)


if __name__ == "__main__":
    run_row("A-implied-vol", "py_vollib_vectorized", "py_vollib_vectorized", make)

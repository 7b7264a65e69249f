# SPDX-License-Identifier: MIT
"""Implied volatilities of a million options."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from rows import Columns, Task, run_row
from seawall.analytics.registry import analytic
from seawall.analytics.spec import run


def make(x: Columns) -> Task:
    columns = {**x, "option_price": x["price"]}

    def numbers(got: np.ndarray) -> dict[str, float]:
        return {"worst_relative_error": np.nanmax(np.abs(got / x["vol"] - 1.0))}

    return Task(
        lambda: run(analytic("implied_vol"), columns)["vol"], x["price"].size, "options/s",
        numbers, values=lambda got: got,
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-implied-vol", "ours", "seawall", make)

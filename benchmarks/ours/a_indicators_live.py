# SPDX-License-Identifier: MIT
"""Ten indicators of one live bar at a time."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from rows import Columns, Task, run_row
from seawall.analytics.indicators.live import LiveIndicators

BARS, BEFORE = 2_000, 5_000


def make(x: Columns) -> Task:
    columns = [x[k][: BEFORE + BARS].tolist() for k in ("high", "low", "close", "volume")]
    rows = list(zip(*columns, strict=True))
    begun = LiveIndicators()
    for row in rows[:BEFORE]:
        begun.update(*row)
    state = begun.state.copy()

    def run() -> np.ndarray:
        begun.state[:] = state
        for row in rows[BEFORE:]:
            begun.update(*row)
        return begun.values

    return Task(run, BARS, "bars/s", values=lambda got: np.array(got))


if __name__ == "__main__":
    run_row("A-indicators-live", "ours", "seawall", make, input="A-indicators")

# SPDX-License-Identifier: MIT
"""Ten indicators over a million bars, bar by bar."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from rows import Columns, Task, run_row
from seawall.analytics.indicators.talib_batch import CALLS
from seawall.analytics.registry import analytic
from seawall.analytics.spec import run


def make(x: Columns) -> Task:
    work = [(analytic(name), {k: x[k] for k in CALLS[name][0]}) for name in CALLS]

    def tails(got: list[np.ndarray]) -> np.ndarray:
        return np.concatenate([one[-1_000:] for one in got], axis=1)

    return Task(
        lambda: [run(one, given).values for one, given in work], x["close"].size, "bars/s",
        values=tails, note="the streaming form; in a batch this project calls the peer itself",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-indicators", "ours", "seawall", make)

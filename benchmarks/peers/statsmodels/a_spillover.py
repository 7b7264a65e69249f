# SPDX-License-Identifier: MIT
"""A-spillover with statsmodels' vector autoregression and the shares by their formula."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from statsmodels.tsa.api import VAR

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    def run() -> float:
        found = VAR(x["x"]).fit(2)
        moves, sigma = found.ma_rep(9), np.asarray(found.sigma_u)
        caused = sum(np.square(step @ sigma) for step in moves) / np.diag(sigma)
        whole = sum(np.diag(step @ sigma @ step.T) for step in moves)
        shares = caused / whole[:, None]
        shares /= shares.sum(axis=1, keepdims=True)
        return 1.0 - np.trace(shares) / len(shares)

    return Task(run, 1, "tables/s", lambda got: {"total": got})


if __name__ == "__main__":
    run_row("A-spillover", "statsmodels", "statsmodels", make)

# SPDX-License-Identifier: MIT
"""R-mrcd with statsmodels' deterministic MCD, the nearest that it has."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from statsmodels.robust.covariance import CovDetMCD

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    rows = x["rows"]
    bad = rows.shape[0] // 5

    def numbers(fit: object) -> dict[str, float]:
        cov = np.asarray(fit.cov)
        away = rows - np.asarray(fit.mean)
        near = np.argsort(np.sum(away * np.linalg.solve(cov, away.T).T, axis=1))
        return {"log_det": np.linalg.slogdet(cov)[1],
                "bad_kept": (near[: 3 * rows.shape[0] // 4] < bad).sum()}  # fmt: skip

    return Task(
        lambda: CovDetMCD(rows).fit(3 * rows.shape[0] // 4),
        1,
        "fits/s",
        numbers,
        why="MCD, not MRCD, and weighted anew at the end",
        warm=True,
    )


if __name__ == "__main__":
    run_row("R-mrcd", "statsmodels", "statsmodels", make)

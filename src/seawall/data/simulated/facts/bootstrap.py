# SPDX-License-Identifier: MIT
"""Moving-block bootstrap bands."""

from __future__ import annotations

import numpy as np

from seawall.data.simulated.facts.measures import Stat
from seawall.data.simulated.facts.series import Floats


def band(
    rows: Floats, stat: Stat, block: int, length: int, draws: int, seed: int
) -> tuple[float, float]:
    """95 % interval of a statistic over resamples of ``length`` rows.

    Parameters
    ----------
    rows : ndarray, shape (n, k)
        Real rows in time order.
    block : int
        Block length; shortened to a quarter of the rows where needed.
    length : int
        Rows per resample: that of the simulated sample, so that the band holds the
        sampling error that a run of that length has.
    """
    rng = np.random.default_rng(seed)
    n = len(rows)
    block = max(1, min(block, n // 4, length))
    need = -(-length // block)
    values = []
    for _ in range(draws):
        start = rng.integers(0, n - block + 1, need)
        index = (start[:, None] + np.arange(block)).ravel()[:length]
        values.append(stat(rows[index]))
    good = np.array(values)[np.isfinite(values)]
    if len(good) < draws // 2:
        return float("nan"), float("nan")
    low, high = np.quantile(good, (0.025, 0.975))
    return float(low), float(high)

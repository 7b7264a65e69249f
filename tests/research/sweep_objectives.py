# SPDX-License-Identifier: MIT
"""Objectives for the tests of sweeps, importable by worker processes."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seawall.research.sweep import SharedArrays, TrialResult, sharpe_per_period


@dataclass(frozen=True)
class Bowl:
    """A smooth function of x and y with its top at (3, 4), and noise for returns."""

    pause_s: float = 0.0
    data_hash: str = "bowl"
    count_file: str = ""
    fail_at: int = -1

    def __call__(self, params, window=None):
        if self.pause_s:
            time.sleep(self.pause_s)
        if self.count_file:
            with Path(self.count_file).open("a") as file:
                file.write(f"{os.getpid()} {params['x']} {params['y']}\n")
        if params["x"] == self.fail_at:
            raise ValueError("this x is not allowed")
        x, y = float(params["x"]), float(params["y"])
        seed = abs(hash((x, y))) % 2**32
        returns = np.random.default_rng(seed).normal(1e-4 * (x + y), 0.01, 200)
        value = -((x - 3) ** 2) - (y - 4) ** 2
        metrics = {"score": value, "sharpe": sharpe_per_period(returns), "pid": float(os.getpid())}
        return TrialResult(dict(params), metrics, returns, f"{x}/{y}")


@dataclass(frozen=True)
class Mapped:
    """Reads shared arrays and tells whether they were mapped, not copied."""

    arrays: SharedArrays

    def __call__(self, params, window=None):
        data = self.arrays["close"][window] if window else self.arrays["close"]
        threads = float(os.environ.get("OMP_NUM_THREADS", "0"))
        value = float(data[:: params["step"]].sum())
        mapped = float(isinstance(self.arrays["close"], np.memmap))
        return TrialResult(params, {"score": value, "mapped": mapped, "threads": threads})


@dataclass(frozen=True)
class Batched:
    """Counts how it was called."""

    data_hash: str = "batched"

    def __call__(self, params, window=None):
        return TrialResult(params, {"score": float(params["x"]), "batch": 1.0})

    def evaluate_batch(self, batch, window=None):
        return [TrialResult(p, {"score": float(p["x"]), "batch": float(len(batch))}) for p in batch]


@dataclass(frozen=True)
class Dies:
    """Takes its process down."""

    def __call__(self, params, window=None):
        os._exit(9)

"""What every benchmark script, ours and the peers', has in common: arguments, timing, one JSON line.

Only numpy and the standard library are imported here, and this file must run under the oldest
interpreter and numpy that any peer's environment has.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import numpy as np

# The bar workloads' shared terms.
FAST_SPAN = 20
SLOW_SPAN = 50
FEE_RATE = 0.001
START_CASH = 1_000_000.0
MINUTES_PER_YEAR = 525_600

# The quoting workload's shared terms.
STEP_NS = 100_000_000
LATENCY_NS = 5_000_000
MAX_POSITION_LOTS = 10
TICK = 0.1
LOT = 0.001

# A run longer than this is not repeated.
LONG_RUN_S = 20.0


@dataclass(frozen=True)
class Arguments:
    """Where a script reads its input and where it leaves its fills."""

    inputs: Path
    outcomes: Path
    repeats: int


def arguments() -> Arguments:
    """Parse the command line that the driver gives every script."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--inputs", type=Path, required=True, help="folder with one per workload")
    parser.add_argument("--outcomes", type=Path, required=True, help="folder for fills")
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    args.outcomes.mkdir(parents=True, exist_ok=True)
    return Arguments(args.inputs, args.outcomes, args.repeats)


def load_bars(folder: Path) -> dict[str, np.ndarray]:
    """The bar columns of one workload: ts_ns (bar open), open, high, low, close, volume."""
    names = ("ts_ns", "open", "high", "low", "close", "volume")
    return {name: np.load(folder / f"{name}.npy") for name in names}


def load_book(folder: Path) -> dict[str, np.ndarray]:
    """The book columns of one workload; the first `n_snapshot` rows are the snapshot."""
    with np.load(folder / "book.npz") as stored:
        return {name: stored[name] for name in stored.files}


def timed(run: Callable[[], Any], repeats: int) -> tuple[list[float], Any]:
    """Time `run`, once if it is long, else `repeats` times. Returns the times and its last result.

    A script whose peer compiles on first use must call that peer once before this.
    """
    seconds: list[float] = []
    result: Any = None
    for _ in range(max(1, repeats)):
        result = None
        start = time.perf_counter()
        result = run()
        seconds.append(time.perf_counter() - start)
        if seconds[0] >= LONG_RUN_S:
            break
    return seconds, result


def max_rss_mb() -> float:
    """The most memory this process has held so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


def fills_array(where: Any, px: Any, qty: Any) -> np.ndarray:
    """Fills as one float64 array with columns: bar index or ts_ns, price, signed quantity.

    Time stamps lose under half a microsecond in a float64, less than any latency modelled here.
    """
    columns = [np.asarray(column, dtype=np.float64) for column in (where, px, qty)]
    return np.column_stack(columns) if len(columns[0]) else np.empty((0, 3))


def fills_outcome(fills: np.ndarray) -> dict[str, Any]:
    """The summary of a list of fills that two runs can be compared by."""
    rounded = np.ascontiguousarray(np.round(fills, 6))
    return {
        "n_fills": len(fills),
        "sum_qty": round(float(np.abs(fills[:, 2]).sum()), 6),
        "sum_px": round(float(fills[:, 1].sum()), 4),
        "last_position": round(float(fills[:, 2].sum()), 6),
        "fills_sha": hashlib.sha256(rounded.tobytes()).hexdigest()[:16],
    }


def bars_pnl(fills: np.ndarray, last_close: float) -> float:
    """Final profit of a list of fills after the fee, the open position marked at `last_close`."""
    px, qty = fills[:, 1], fills[:, 2]
    cash = -(px * qty).sum() - FEE_RATE * (px * np.abs(qty)).sum()
    return round(float(cash + qty.sum() * last_close), 4)


def save_fills(args: Arguments, workload: str, peer: str, fills: np.ndarray) -> None:
    """Leave the fills where the driver looks for them."""
    np.save(args.outcomes / f"{workload}.{peer}.npy", fills)


def report(
    workload: str,
    peer: str,
    package: str,
    seconds: list[float],
    work: float,
    unit: str,
    outcome: dict[str, Any],
    **extra: Any,
) -> None:
    """Print the one JSON line. `extra` may carry `note`, what a reader has to know of the row."""
    median = statistics.median(seconds)
    line = {
        "workload": workload,
        "peer": peer,
        "version": installed_version(package),
        "seconds": median,
        "all_seconds": seconds,
        "work": work,
        "unit": unit,
        "rate": work / median,
        "outcome": outcome,
        "max_rss_mb": max_rss_mb(),
        **extra,
    }
    print(json.dumps(line), flush=True)

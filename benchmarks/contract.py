# SPDX-License-Identifier: MIT
"""What every benchmark script has in common: its arguments, its timing and its one JSON line.

Only the standard library is imported here: a peer's environment need not have numpy.  What
only some scripts need is imported where they need it, because the smallest backtests of W6,
whose start is what is measured, take their terms from here too.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

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

# Every so many deltas a W4 script keeps (best bid tick, best ask tick, imbalance) for comparison.
W4_SAMPLE = 1_000

# A run longer than this is not repeated.
LONG_RUN_S = 20.0
SHORT_RUN_S, WARM_LAPS = 1.0, 8


class Lap(NamedTuple):
    """The time one run took: by the clock, and on the processors (more where it uses several).

    Far less processor than clock means that something else had the machine.
    """

    seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class Arguments:
    """Where a script reads its input and where it leaves its fills."""

    inputs: Path
    outcomes: Path
    repeats: int


def arguments() -> Arguments:
    """Parse the command line that the driver gives every script."""
    import argparse

    parser = argparse.ArgumentParser()
    parser.add_argument("--inputs", type=Path, required=True, help="folder with one per workload")
    parser.add_argument("--outcomes", type=Path, required=True, help="folder for fills")
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    args.outcomes.mkdir(parents=True, exist_ok=True)
    return Arguments(args.inputs, args.outcomes, args.repeats)


def timed(run: Callable[[], Any], repeats: int) -> tuple[list[Lap], Any]:
    """Time `run`, once if it is long, else `repeats` times. Returns the laps and its last result.

    What takes less than a second is run some times before, untimed: the first laps wait for
    memory, on a virtual machine for a host that hands it out, ten times as long as the work.
    A script whose peer compiles on first use must call that peer once before this.
    """
    laps: list[Lap] = []
    result: Any = None
    wanted = max(1, repeats)
    while len(laps) < wanted:
        result = None
        cpu_start = time.process_time()
        start = time.perf_counter()
        result = run()
        laps.append(Lap(time.perf_counter() - start, time.process_time() - cpu_start))
        if laps[0].seconds >= LONG_RUN_S:
            break
        if len(laps) == 1 and laps[0].seconds < SHORT_RUN_S and repeats > 1:
            wanted += WARM_LAPS
    return laps[-max(1, repeats) :], result


def max_rss_mb() -> float:
    """The most memory this process has held so far.

    Linux tells it of the program; ``getrusage`` also counts what the process that started it
    held at that moment.
    """
    import resource

    status = Path("/proc/self/status")
    if status.exists():
        (peak_kb,) = (
            line.split()[1] for line in status.read_text().splitlines() if "VmHWM" in line
        )
        return round(int(peak_kb) / 1024, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


def report(
    workload: str,
    peer: str,
    package: str,
    laps: list[Lap],
    work: float,
    unit: str,
    outcome: dict[str, Any],
    **extra: Any,
) -> None:
    """Print the one JSON line. `extra` may carry `note`, what a reader has to know of the row."""
    import json
    import statistics
    from importlib.metadata import version as installed_version

    median = statistics.median(lap.seconds for lap in laps)
    line = {
        "workload": workload,
        "peer": peer,
        "version": installed_version(package),
        "seconds": median,
        "cpu_seconds": statistics.median(lap.cpu_seconds for lap in laps),
        "all_seconds": [lap.seconds for lap in laps],
        "work": work,
        "unit": unit,
        "rate": work / median,
        "outcome": outcome,
        "max_rss_mb": max_rss_mb(),
        **extra,
    }
    print(json.dumps(line), flush=True)


def w4_outcome(deltas: int, bid_sum: int, ask_sum: int, imbalance_sum: float) -> dict[str, Any]:
    """The summary of a W4 run: sums over every delta after the snapshot."""
    return {
        "deltas": int(deltas),
        "sum_best_bid_ticks": int(bid_sum),
        "sum_best_ask_ticks": int(ask_sum),
        "sum_imbalance": round(float(imbalance_sum), 4),
    }


def load_messages(folder: Path) -> tuple[str, list[str]]:
    """The text of W5: the REST snapshot, and the stream's messages one by one."""
    snapshot = (folder / "snapshot.json").read_text()
    return snapshot, (folder / "messages.jsonl").read_text().splitlines()


def w5_outcome(
    depth_updates: int,
    trades: int,
    notional: float,
    bids: list[tuple[float, float]],
    asks: list[tuple[float, float]],
) -> dict[str, Any]:
    """The summary of a W5 run: event counts, traded notional, and the best twenty levels left."""
    import hashlib

    if len(bids) < 20 or len(asks) < 20:
        raise ValueError("a maintained side ended with fewer than twenty levels")
    levels = [*sorted(bids, reverse=True)[:20], *sorted(asks)[:20]]
    text = ";".join(f"{px:.2f}:{qty:.5f}" for px, qty in levels)
    return {
        "depth_updates": depth_updates,
        "trades": trades,
        "notional": round(notional, 2),
        "levels": [len(bids), len(asks)],
        "book_sha": hashlib.sha256(text.encode()).hexdigest()[:16],
    }

# SPDX-License-Identifier: MIT
"""W6's measuring half: what a fresh process costs, as its parent sees it.

A W6 script calls `measure(package, peer, import_code, backtest)`. The package is imported, and the
backtest script run, in processes of their own; the wall time counts from their start.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from contract import Lap, report

REPEATS = 5


def _once(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Wall seconds and peak megabytes of one process; raises if it fails."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(errors.decode(errors="replace")[-2_000:])
    divisor = 1024 * 1024 if sys.platform == "darwin" else 1024
    return seconds, usage.ru_maxrss / divisor


def _best(command: list[str]) -> tuple[float, float]:
    """The least over the repeats, after one run that fills the disk and bytecode caches.

    The least, not the median: a start lasts so briefly that another process's turn on the
    processor can be most of it.
    """
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    _once(command, environment)
    runs = [_once(command, environment) for _ in range(REPEATS)]
    return min(run[0] for run in runs), min(run[1] for run in runs)


def measure(package: str, peer: str, import_code: str, backtest: Path | None) -> None:
    """Measure and report W6; `backtest` is a script of 100 bars, None where there is none.

    The interpreter's own start is taken off the import time, not off the backtest's.
    """
    bare, _ = _best([sys.executable, "-c", "pass"])
    imported, import_mb = _best([sys.executable, "-c", import_code])
    outcome: dict[str, float] = {"import_s": round(imported - bare, 4)}
    peak_mb = import_mb
    if backtest is not None:
        smallest, peak_mb = _best([sys.executable, str(backtest)])
        outcome["smallest_backtest_s"] = round(smallest, 4)
    outcome["peak_mb"] = round(peak_mb, 1)
    outcome["peak_is_of_import_only"] = backtest is None
    report("W6", peer, package, [Lap(outcome["import_s"], 0.0)], 1, "imports/s", outcome)

# SPDX-License-Identifier: MIT
"""Speed of point processes, durations and realised measures, beside peers that are installed.

    python benchmarks/points.py            # a table
    python benchmarks/points.py --json     # one object

Inputs are made up from fixed seeds; a time is the median of rounds after one that compiles.  A
peer runs in the same process on the same numbers, ours before and after it; its outcome must
agree with ours, or the row says by how much it does not.  Peers that are not installed are
named.  Times are of the processor, so that other work on the machine counts less; run it with one
thread: OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from seawall.analytics.durations import acd_fit, regimes_fit
from seawall.analytics.hawkes import fit_many, fit_one, fit_power, fit_pq, fit_sum
from seawall.analytics.hawkes.simulate import simulate
from seawall.analytics.jumps import merton_fit, realised
from seawall.analytics.measure import machine_name

ROUNDS = 7


@dataclass(frozen=True)
class Row:
    """One workload: ours, the peer, and whether they agree."""

    work: str
    ours_ms: float
    peer: str = ""
    peer_ms: float | None = None
    ratio: float | None = None
    note: str = ""


def timed(work: Callable[[], Any], rounds: int = ROUNDS) -> float:
    work()
    seconds = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    return 1e3 * statistics.median(seconds)


def beside(work: str, ours: Callable[[], Any], peer: str, theirs: Callable[[], Any] | None,
           note: str) -> Row:  # fmt: skip
    """Time ours, the peer, and ours again; the slower of ours counts."""
    first = timed(ours)
    if theirs is None:
        return Row(work, first, peer, None, None, note)
    other = timed(theirs, 3)
    mine = max(first, timed(ours))
    return Row(work, mine, peer, other, other / mine, note)


def hawkes_one() -> Row:
    t, _ = simulate(np.random.default_rng(0), 50_000.0, 0.5, 0.5, 2.0)

    def ours() -> fit_one.HawkesFit:
        return fit_one.fit(t, end=50_000.0)

    work = f"hawkes, one type, {t.size} events, fit with tests of residuals"
    try:
        import Hawkes as omi
    except ImportError:
        return beside(work, ours, "Hawkes (Omi)", None, "peer not installed")

    def theirs() -> Any:
        return omi.estimator().set_kernel("exp").set_baseline("const").fit(t, [0, 50_000.0])

    theirs()
    return beside(work, ours, "Hawkes (Omi)", theirs, f"log-likelihood {ours().loglik:.6f}")


def hawkes_four(pairs: float) -> Row:
    a = np.full((4, 4), 0.05) + 0.3 * np.eye(4)
    t, kind = simulate(np.random.default_rng(0), 25_000.0, np.full(4, 0.25), a, 3.0)
    marks = kind.astype(float)

    def ours() -> fit_many.HawkesManyFit:
        return fit_many.fit(t, marks, end=25_000.0, types=4, pairs=pairs)

    name = "a decay per pair" if pairs else "one decay, fitted"
    work = f"hawkes, four types, {t.size} events, {name}"
    try:
        import hawkes_engine
    except ImportError:
        return beside(work, ours, "hawkes-engine", None, "peer not installed")

    def theirs() -> Any:
        return hawkes_engine.fit(t, kind, M=4, T=25_000.0, seed=1)

    return beside(work, ours, "hawkes-engine", theirs, f"log-likelihood {ours().loglik:.3f}")


def durations(n: int = 100_000) -> Row:
    rng = np.random.default_rng(0)
    errors, x, psi = rng.exponential(1.0, n), np.empty(n), 1.0
    for i in range(n):
        x[i] = psi * errors[i]
        psi = 0.1 + 0.1 * x[i] + 0.8 * psi

    def ours() -> acd_fit.AcdFit:
        return acd_fit.fit_durations(x)

    from arch.univariate import GARCH, ZeroMean

    def theirs() -> Any:
        model = ZeroMean(np.sqrt(x), rescale=False)
        model.volatility = GARCH(1, 0, 1)
        return model.fit(disp="off")

    mine, other = ours(), theirs().params.to_numpy()
    apart = max(abs(a / b - 1) for a, b in
                zip((mine.omega, mine.alpha, mine.beta), other, strict=True))  # fmt: skip
    return beside(f"ACD(1,1), {n} durations, fit with tests of errors", ours,
                  "arch, GARCH of root durations", theirs,
                  f"parameters {apart:.1e} apart (another start value)")  # fmt: skip


def alone() -> list[Row]:
    """Workloads that no installed package has."""
    rng = np.random.default_rng(0)
    t, _ = simulate(rng, 50_000.0, 0.5, 0.5, 2.0)
    four, _ = simulate(rng, 4_000.0, 0.5, 0.5, 2.0)
    x, price = np.exp(rng.normal(size=100_000)), np.exp(np.cumsum(rng.normal(0, 1e-4, 86_401)))
    jumps = rng.normal(0, 1, 10_000) + 5 * rng.normal(size=10_000) * (rng.random(10_000) < 0.02)
    close = np.exp(np.cumsum(0.01 * jumps))
    work: dict[str, Callable[[], Any]] = {
        f"hawkes, sum of exponentials, {t.size} events": lambda: fit_sum.fit(t, end=50_000.0),
        f"hawkes, power law, {t.size} events": lambda: fit_power.fit(t, end=50_000.0),
        f"hawkes(p, q), {four.size} events": lambda: fit_pq.fit(four, end=4_000.0),
        "ACD(1,1), Weibull, 100000 durations": lambda: acd_fit.fit_durations(x, weibull=True),
        "durations of two regimes, 100000": lambda: regimes_fit.fit_durations(x),
        "realised measures, 86400 returns": lambda: realised.fit(price),
        "Merton, 10000 returns, fit": lambda: merton_fit.fit(close),
    }
    return [Row(name, timed(one, 3)) for name, one in work.items()]


def main() -> None:
    rows = [hawkes_one(), hawkes_four(0.0), hawkes_four(1.0), durations(), *alone()]
    if "--json" in sys.argv:
        print(json.dumps({"machine": machine_name(), "rows": [asdict(row) for row in rows]}))
        return
    print(machine_name())
    for row in rows:
        line = f"{row.work:62s} {row.ours_ms:9.2f} ms"
        if row.peer_ms is not None and row.ratio is not None:
            line += f"   {row.peer}: {row.peer_ms:9.2f} ms, {row.ratio:.1f}x"
        elif row.peer:
            line += f"   {row.peer}"
        print(line + (f"   ({row.note})" if row.note else ""))


if __name__ == "__main__":
    main()

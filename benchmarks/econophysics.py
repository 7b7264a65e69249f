# SPDX-License-Identifier: MIT
"""Tails, memory, complexity and networks beside the packages that are installed here.

    python benchmarks/econophysics.py            # a table
    python benchmarks/econophysics.py --json     # one object

Peers (powerlaw, antropy, nolds, arch, statsmodels) are asked for the same work and compared in
outcome before any time is; one that cannot be imported is named. Inputs come from fixed seeds; a
time is the median of the rounds after one that compiles, peers that take seconds run once.
"""

from __future__ import annotations

import importlib
import json
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from seawall.analytics.econophysics import dfa, gpd, power_law, sample_entropy, variance_ratio
from seawall.analytics.measure import machine_name
from seawall.analytics.networks import mst, spillover

ROUNDS = 5
SLOW_S = 1.0
MODULES = {"powerlaw": "powerlaw", "antropy": "antropy", "arch": "arch.unitroot",
           "networkx": "networkx", "statsmodels": "statsmodels.tsa.api",
           "scipy": "scipy.stats"}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One workload with one peer: seconds, and how far the outcomes lie apart."""

    work: str
    peer: str
    ours_s: float
    peer_s: float | None
    ratio: float | None
    difference: float | None
    note: str = ""


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Median seconds, and what the work gave."""
    began = time.perf_counter()
    got = work()
    if time.perf_counter() - began > SLOW_S:
        return time.perf_counter() - began, got
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds), got


def beside(
    work: str, peer: str, ours: Callable[[], Any], theirs: Callable[[], Any],
    number: Callable[[Any], float] = float,
) -> Row:  # fmt: skip
    """Run ours, the peer, and compare one number of each."""
    ours()
    mine, ours_got = timed(ours)
    try:
        importlib.import_module(MODULES.get(peer, "numpy"))  # no part of the work
    except ImportError as problem:
        return Row(work, peer, mine, None, None, None, f"not installed: {problem.name}")
    peer_s, peer_got = timed(theirs)
    a, b = number(ours_got), float(peer_got)
    return Row(work, peer, mine, peer_s, peer_s / mine, abs(a - b) / max(abs(b), 1e-300))


def numpy_starts(x: np.ndarray) -> float:
    """Exponent with the least distance over every start, one whole array at a time."""
    x = np.sort(x)
    logs, best = np.log(x), (np.inf, 0.0)
    for i in range(x.size - 9):
        tail = logs[i:] - logs[i]
        rate = tail.size / tail.sum()
        far = np.abs(1 - np.exp(-rate * tail) - np.arange(tail.size) / tail.size).max()
        best = min(best, (far, 1 + rate))
    return float(best[1])


def powerlaw_peer(x: np.ndarray) -> float:
    import powerlaw

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # its default clips the exponent to [0, 3], where returns have 3 to 5
        found = powerlaw.Fit(x, parameter_ranges={"alpha": [1.01, 20]}, verbose=0)
        return float(found.power_law.alpha)


def tails() -> list[Row]:
    x = np.abs(np.random.default_rng(0).standard_t(3, 10_000))
    y = np.random.default_rng(1).pareto(3.0, 10_000)

    def ours() -> Any:
        return power_law.fit(x, samples=0)

    def scan() -> float:
        logs = np.sort(np.log(x))
        return 1.0 + power_law.scan(logs, np.empty(x.size), 10, False)[1]

    def scipy_gpd() -> float:
        from scipy.stats import genpareto

        return float(genpareto.fit(y, floc=0.0)[0])

    work = "power law, all starts, 10,000"
    return [
        beside(work, "powerlaw", scan, lambda: powerlaw_peer(x)),
        beside(work, "numpy, array by array", scan, lambda: numpy_starts(x)),
        beside(work + ", with four rivals", "powerlaw", ours, lambda: powerlaw_peer(x),
               lambda f: f.alpha),
        Row(work + ", p-value of 500 samples", "", timed(lambda: power_law.fit(x, samples=500))[0],
            None, None, None, "no peer was asked: each sample costs it a whole fit"),
        beside("generalised Pareto, 10,000", "scipy",
               lambda: gpd.fit(y, side=1, threshold=1e-300).xi, scipy_gpd),
    ]  # fmt: skip


def memory() -> list[Row]:
    rng = np.random.default_rng(2)
    z, long = rng.normal(size=5_000), rng.normal(size=100_000)
    price = np.exp(0.01 * rng.normal(size=20_000).cumsum())
    steps = int(np.floor(np.log(0.1 * long.size / 4) / np.log(1.2)))
    scales = np.unique(np.floor(4 * 1.2 ** np.arange(steps + 1)))
    r = 0.2 * float(z.std())

    def our_dfa() -> float:
        f = np.empty(scales.size)
        dfa.fluctuations(long, scales, 1, False, f)
        return dfa.slope(scales, f)[0]

    def antropy_dfa() -> float:
        import antropy

        return float(antropy.detrended_fluctuation(long))

    def antropy_entropy() -> float:
        import antropy

        return float(antropy.sample_entropy(z, 2, tolerance=r))

    def arch_ratio() -> float:
        from arch.unitroot import VarianceRatio

        return float([VarianceRatio(np.log(price), q).stat for q in (2, 5, 10, 20)][-1])

    return [
        beside("sample entropy, 5,000", "antropy",
               lambda: sample_entropy.entropy_of(z, 2, r)[0], antropy_entropy),
        beside("fluctuation analysis, 100,000", "antropy", our_dfa, antropy_dfa),
        beside("variance ratios, 4 horizons, 20,000", "arch",
               lambda: variance_ratio.fit(price).robust_z[-1], arch_ratio),
    ]  # fmt: skip


def networks() -> list[Row]:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(500, 1)) + rng.normal(size=(500, 50))
    few = x[:, :8]

    def networkx_tree() -> float:
        import networkx as nx

        c = np.corrcoef(x.T)
        full = nx.from_numpy_array(np.sqrt(np.maximum(2 * (1 - c), 1e-300)))
        tree = nx.minimum_spanning_tree(full)
        nx.betweenness_centrality(tree)
        return float(sum(d["weight"] for *_, d in tree.edges(data=True)) / 49)

    def statsmodels_shares() -> float:
        from statsmodels.tsa.api import VAR

        found = VAR(few).fit(2)
        return float(1 - np.trace(spillover.shares(found.ma_rep(9), found.sigma_u)) / 8)

    return [
        beside("spanning tree, 50 instruments, 500 rows", "networkx",
               lambda: mst.fit(x, samples=0).length, networkx_tree),
        beside("spillovers, 8 instruments, 500 rows", "statsmodels",
               lambda: spillover.fit(few).total, statsmodels_shares),
    ]  # fmt: skip


def main() -> None:
    rows = [*tails(), *memory(), *networks()]
    if "--json" in sys.argv:
        print(json.dumps({"machine": machine_name(), "rows": [asdict(r) for r in rows]}))
        return
    print(machine_name())
    for r in rows:
        peer = f"{r.peer_s * 1e3:10.2f} ms {r.ratio:8.1f}x" if r.peer_s and r.ratio else r.note
        apart = "" if r.difference is None else f"  apart {r.difference:.1e}"
        print(f"{r.work:50s} {r.ours_s * 1e3:9.2f} ms  {r.peer:22s} {peer}{apart}")


if __name__ == "__main__":
    main()

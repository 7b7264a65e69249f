# SPDX-License-Identifier: MIT
"""What each row has to reach: a ratio over a peer, or a bound on our own figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Least ratio of ours over the peer, by workload and peer.
RATIOS = {
    "W1-hooks": {"raptorbt": 3.0, "backtesting": 6.0, "nautilus_trader": 25.0},
    "W1-vectorised": {"raptorbt": 6.0, "vectorbt": 10.0},
    "W1-compiled": {"vectorbt": 10.0},
    "W2": {"hftbacktest": 2.5},
    "W2-python": {"nautilus_trader": 60.0},
    "W3": {"raptorbt": 15.0, "vectorbt": 25.0},
    "W4": {"hftbacktest": 5.0},
    "W5": {"cryptofeed": 7.0, "ccxt.pro": 14.0},
    "A-hawkes-1": {"Hawkes": 2.0, "HawkesPyLib": 2.0, "hawkeslib": 2.0, "tick": 2.0},
    "A-hawkes-4": {"hawkes-engine": 6.0, "hawkeslib": 6.0, "tick": 6.0},
    "A-implied-vol": {"py_vollib_vectorized": 3.0, "vollib": 3.0},
    "A-sabr": {"QuantLib": 1.0, "pysabr": 30.0},
    "A-sabr-50": {"QuantLib": 30.0},
    "A-heston": {"QuantLib": 8.0},
    "A-heston-prices": {"QuantLib": 100.0},
    "A-hmm": {"hmmlearn": 1.5},
    "A-markov-switching": {"statsmodels": 1.5},
    "A-adwin": {"river": 8.0},
    "A-page-hinkley": {"river": 50.0},
    "A-vpin": {"vpin-lab": 300.0},
    "A-ofi": {"polars": 2.0},
    "A-gpd": {"scipy": 4.0, "pyextremes": 4.0},
    "A-power-law": {"powerlaw": 100.0},
    "A-acd": {"arch": 2.0},
    "A-pin": {"frds": 5.0},
    "A-indicators-live": {"TA-Lib": 8.0},
    "R-mrcd": {"rrcov": 20.0, "statsmodels": 1.0, "robpy": 1.0, "scikit-learn": 1.0},
    "R-mrcd-wide": {"rrcov": 50.0},
    "R-ledoit-wolf": {"scikit-learn": 1.0},
    "R-qn": {"statsmodels": 5.0, "robpy": 5.0},
    "R-catoni": {"scipy": 5.0},
    "R-mom": {"numpy": 5.0},
}

# Bounds on our own figure, by workload and unit: least, or most where the sign is <.
BOUNDS = {
    ("W1-hooks", "bars/s"): (">", 1_200_000.0),
    ("fills-scaling", "cost per fill, many over few"): ("<", 1.1),
    ("W6", "import_s"): ("<", 0.15),
    ("W6", "smallest_backtest_s"): ("<", 0.5),
    ("A-book-and-flow", "events/s"): (">", 2_000_000.0),
}

# Most memory that our process may have held, by workload.
MEMORY_MB = {"W3": 500.0}


@dataclass(frozen=True)
class Verdict:
    """A target in words, and whether it was met (None: there is none, or nothing to judge)."""

    target: str | None
    met: bool | None


def verdict(
    workload: str, peer: str, unit: str, ours: Any, ratio: Any, memory_mb: Any = None
) -> Verdict:
    """What a row had to reach and whether it did; every part of the target counts."""
    parts: list[str] = []
    held: list[bool] = []
    least = RATIOS.get(workload, {}).get(peer)
    if least is not None:
        parts.append(f"{least:g}x")
        held += [ratio >= least] if ratio is not None else []
    sign, bound = BOUNDS.get((workload, unit), ("", 0.0))
    if sign:
        parts.append(f"{sign}= {bound:,g}")
        held += [ours >= bound if sign == ">" else ours <= bound] if ours is not None else []
    most = MEMORY_MB.get(workload)
    if most is not None:
        parts.append(f"< {most:g} MB")
        held += [memory_mb < most] if memory_mb is not None else []
    if not parts:
        return Verdict(None, None)
    return Verdict(", ".join(parts), all(held) if len(held) == len(parts) else None)

# SPDX-License-Identifier: MIT
"""Which peer runs which workload, where the scripts are, and what each row has to reach."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Workload:
    """One row name: the input it reads, and the peers that run it (None: no input).

    `within` says which numbers of the outcome are compared, and how far apart they may be,
    relative to the larger of 1 and the number; `values`, the same for the array that is left.
    """

    name: str
    input: str | None
    peers: tuple[str, ...]
    within: dict[str, float] = field(default_factory=dict)
    values: float | None = None

    @property
    def script(self) -> str:
        """The file name of every script for this workload, ours and the peers'."""
        return self.name.lower().replace("-", "_") + ".py"

    @property
    def family(self) -> str:
        """W: the engine; A: analytics; R: robust estimators."""
        return self.name[0] if self.name[1] in "-123456789" else "W"


# Package names as rows give them, and the folders that hold their scripts.
FOLDERS = {
    "ccxt.pro": "ccxt",
    "hawkes-engine": "hawkes_engine",
    "TA-Lib": "ta_lib",
    "scikit-learn": "scikit_learn",
    "vpin-lab": "vpin_lab",
    "zipline-reloaded": "zipline_reloaded",
}

# Peers that share an environment: numerical packages whose pins agree.
_SHARED = {
    "numerics": (
        "HawkesPyLib", "QuantLib", "TA-Lib", "antropy", "arch", "hawkes-engine", "hmmlearn",
        "networkx", "numpy", "pandas", "polars", "powerlaw", "pyextremes", "pysabr", "river",
        "scikit-learn", "scipy", "statsmodels", "tick", "vollib", "vpin-lab",
    ),
    "numerics_numpy1": ("Hawkes", "frds", "hawkeslib", "py_vollib_vectorized", "robpy"),
}  # fmt: skip
ENVIRONMENTS = {peer: name for name, peers in _SHARED.items() for peer in peers}

# Peers that are no Python packages: their scripts run under this program.
PROGRAMS = {"rrcov": "Rscript"}


ENGINE = (
    Workload("W1-hooks", "W1", ("raptorbt", "backtesting", "nautilus_trader", "zipline-reloaded")),
    Workload("W1-vectorised", "W1", ("raptorbt", "vectorbt")),
    Workload("W1-compiled", "W1", ("vectorbt",)),
    Workload("W2", "W2", ("hftbacktest",)),
    Workload("W2-python", "W2", ("nautilus_trader",)),
    Workload("W3", "W3", ("raptorbt", "vectorbt", "backtesting")),
    Workload("W4", "W4", ("hftbacktest", "nautilus_trader")),
    Workload("W5", "W5", ("cryptofeed", "ccxt.pro", "nautilus_trader")),
    Workload(
        "W6",
        None,
        (
            "raptorbt",
            "backtesting",
            "vectorbt",
            "nautilus_trader",
            "hftbacktest",
            "zipline-reloaded",
            "cryptofeed",
            "ccxt.pro",
        ),
    ),
    Workload("fills-scaling", "W1", ("nautilus_trader",)),
)


def _row(
    name: str, *peers: str, input: str = "", values: float | None = None, **within: float
) -> Workload:
    """A row of one analytic or estimator; its input has its name unless another is given."""
    return Workload(name, input or name, peers or ("",), within, values)


ANALYTICS = (
    _row("A-hawkes-1", "Hawkes", "HawkesPyLib", "hawkeslib", "tick", loglik=1e-6),
    _row("A-hawkes-4", "hawkes-engine", "hawkeslib", "tick", loglik=1e-6),
    _row("A-implied-vol", "py_vollib_vectorized", "vollib", "QuantLib", values=1e-10),
    _row("A-sabr", "QuantLib", "pysabr", rmse=1e-6),
    _row("A-sabr-50", "QuantLib", input="A-sabr", rmse=1e-6),
    _row("A-heston", "QuantLib", rmse=1e-6),
    _row("A-heston-prices", "QuantLib", input="A-heston", values=1e-8),
    _row("A-hmm", "hmmlearn", loglik=1e-9),
    _row("A-markov-switching", "statsmodels", loglik=1e-6),
    _row("A-adwin", "river", values=0.0),
    _row("A-page-hinkley", "river", values=0.0),
    _row("A-vpin", "vpin-lab", values=1e-6),
    _row("A-ofi", "polars", "pandas", values=1e-9),
    _row("A-gpd", "scipy", "pyextremes", loglik=1e-9),
    _row("A-power-law", "powerlaw", alpha=1e-9, xmin=1e-9),
    _row("A-acd", "arch", omega=1e-3, alpha=1e-3, beta=1e-3),
    _row("A-pin", "frds", pin=1e-6),
    _row("A-indicators", "TA-Lib", values=1e-9),
    _row("A-indicators-live", "TA-Lib", input="A-indicators", values=1e-9),
    _row("A-garch-filter", "arch", values=1e-9),
    _row("A-sample-entropy", "antropy", entropy=1e-9),
    _row("A-dfa", "antropy", alpha=1e-9),
    _row("A-variance-ratio", "arch", z=1e-9),
    _row("A-mst", "networkx", length=1e-9),
    _row("A-spillover", "statsmodels", total=1e-9),
    _row("A-book-and-flow"),
)

ROBUST = (
    _row("R-mrcd", "rrcov", "statsmodels", "robpy", "scikit-learn", bad_kept=0, log_det=1e-6),
    _row("R-mrcd-wide", "rrcov", bad_kept=0, log_det=1e-3),
    _row("R-ledoit-wolf", "scikit-learn", input="R-mrcd", values=1e-10),
    _row("R-qn", "statsmodels", "robpy", input="R-column", scale=1e-9),
    _row("R-catoni", "scipy", input="R-column", mean=1e-9),
    _row("R-mom", "numpy", input="R-column", mean=1e-12),
)

WORKLOADS = (*ENGINE, *ANALYTICS, *ROBUST)


def folder_of(peer: str) -> str:
    """The folder name of a peer's scripts."""
    return FOLDERS.get(peer, peer)


def environment_of(peer: str) -> str:
    """The name of the environment in which a peer is installed."""
    return ENVIRONMENTS.get(peer, folder_of(peer))


def peer_script(workload: Workload, peer: str) -> Path:
    """The peer's script for the workload."""
    path = ROOT / "peers" / folder_of(peer) / workload.script
    return path.with_suffix(".R") if peer in PROGRAMS else path


def our_script(workload: Workload) -> Path:
    """Our script for the workload."""
    return ROOT / "ours" / workload.script


def chosen(names: list[str]) -> list[Workload]:
    """The workloads named: by a name, by what it begins (W1), or by a family (W, A, R)."""
    if not names:
        return list(WORKLOADS)

    def named(w: Workload, name: str) -> bool:
        return name in (w.name, w.family) or w.name.startswith(name + "-")

    for name in names:
        if not any(named(w, name) for w in WORKLOADS):
            raise SystemExit(f"no workload {name!r}; there are {[w.name for w in WORKLOADS]}")
    return [w for w in WORKLOADS if any(named(w, name) for name in names)]

# SPDX-License-Identifier: MIT
"""Which peer runs which workload, and where the scripts are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Workload:
    """One row name: the input it reads, and the peers that run it (None: no input)."""

    name: str
    input: str | None
    peers: tuple[str, ...]

    @property
    def script(self) -> str:
        """The file name of every script for this workload, ours and the peers'."""
        return self.name.lower().replace("-", "_") + ".py"


# Package names as rows give them, and the folders that hold their scripts and environments.
FOLDERS = {"ccxt.pro": "ccxt", "zipline-reloaded": "zipline_reloaded"}

WORKLOADS = (
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


def folder_of(peer: str) -> str:
    """The folder name of a peer."""
    return FOLDERS.get(peer, peer)


def peer_script(workload: Workload, peer: str) -> Path:
    """The peer's script for the workload."""
    return ROOT / "peers" / folder_of(peer) / workload.script


def our_script(workload: Workload) -> Path:
    """Our script for the workload."""
    return ROOT / "ours" / workload.script


def chosen(names: list[str]) -> list[Workload]:
    """The workloads named, a name standing for itself and what it begins: W1 for all W1 rows."""
    if not names:
        return list(WORKLOADS)
    found = [w for w in WORKLOADS if any(w.name == n or w.name.startswith(n + "-") for n in names)]
    known = {w.name for w in found}
    for name in names:
        if not any(k == name or k.startswith(name + "-") for k in known):
            raise SystemExit(f"no workload {name!r}; there are {[w.name for w in WORKLOADS]}")
    return found

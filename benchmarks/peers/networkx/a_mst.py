# SPDX-License-Identifier: MIT
"""A-mst with networkx."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import networkx as nx
import numpy as np

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    def run() -> nx.Graph:
        c = np.corrcoef(x["x"].T)
        full = nx.from_numpy_array(np.sqrt(np.maximum(2.0 * (1.0 - c), 1e-300)))
        tree = nx.minimum_spanning_tree(full)
        nx.betweenness_centrality(tree)
        return tree

    def numbers(tree: nx.Graph) -> dict[str, float]:
        weights = [edge["weight"] for *_, edge in tree.edges(data=True)]
        return {"length": sum(weights) / len(weights)}

    return Task(run, 1, "trees/s", numbers)


if __name__ == "__main__":
    run_row("A-mst", "networkx", "networkx", make)

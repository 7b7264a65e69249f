# SPDX-License-Identifier: MIT
"""Trees: distances from a node, betweenness, and where to draw the nodes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]
Vector = npt.NDArray[np.float64]


def neighbours(edges: Whole, n: int) -> list[list[tuple[int, int]]]:
    """Of each node, the nodes beside it and the number of the edge to them."""
    beside: list[list[tuple[int, int]]] = [[] for _ in range(n)]
    for k, (a, b) in enumerate(edges.tolist()):
        beside[a].append((b, k))
        beside[b].append((a, k))
    return beside


def walk(edges: Whole, root: int) -> tuple[list[int], Whole, Whole]:
    """Nodes from the root outwards, the parent of each, and the edge to it (-1 at the root)."""
    n = edges.shape[0] + 1
    beside = neighbours(edges, n)
    parent, through = np.full(n, -1, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    order = [root]
    for node in order:
        for other, k in beside[node]:
            if other != parent[node]:
                parent[other], through[other] = node, k
                order.append(other)
    return order, parent, through


def depths(edges: Whole, root: int, lengths: Vector) -> Vector:
    """Distance of each node from the root along the tree."""
    order, parent, through = walk(edges, root)
    out = np.zeros(len(order))
    for node in order[1:]:
        out[node] = out[parent[node]] + lengths[through[node]]
    return out


def betweenness(edges: Whole, n: int) -> Vector:
    """Share of the pairs of other nodes whose path leads through each node."""
    order, parent, _ = walk(edges, 0)
    below = np.ones(n)
    squares = np.zeros(n)  # of the sizes of the parts into which the tree falls without the node
    for node in reversed(order[1:]):
        below[parent[node]] += below[node]
        squares[parent[node]] += below[node] ** 2
    squares += (n - below) ** 2
    pairs = 0.5 * (n - 1.0) * (n - 2.0)
    return np.asarray(0.5 * ((n - 1.0) ** 2 - squares) / pairs if n > 2 else np.zeros(n))


def hops(edges: Whole) -> Vector:
    """Links on the path between every two nodes."""
    n = edges.shape[0] + 1
    out = np.zeros((n, n))
    order, parent, _ = walk(edges, 0)
    for at, node in enumerate(order[1:], start=1):
        known = order[:at]
        out[node, known] = out[known, node] = out[parent[node], known] + 1.0
    return out


def sectors(edges: Whole, root: int) -> Vector:
    """Positions on rings: the root in the middle, each branch a sector as wide as its leaves."""
    order, parent, _ = walk(edges, root)
    n = len(order)
    leaves = np.zeros(n)
    children: list[list[int]] = [[] for _ in range(n)]
    for node in reversed(order):
        leaves[node] = max(1.0, leaves[node])
        if parent[node] >= 0:
            leaves[parent[node]] += leaves[node]
            children[parent[node]].append(node)
    radius = depths(edges, root, np.ones(n - 1))
    start, angle = np.zeros(n), np.zeros(n)
    for node in order:
        at = start[node]
        for child in sorted(children[node], key=lambda c: -leaves[c]):
            width = 2.0 * np.pi * leaves[child] / leaves[root]
            start[child], angle[child] = at, at + 0.5 * width
            at += width
    return np.stack((radius * np.cos(angle), radius * np.sin(angle)), axis=1)


def layout(edges: Whole, root: int, rounds: int = 300) -> Vector:
    """Positions whose distances are as near as may be to the links between the nodes.

    Stress majorisation (Gansner, Koren and North 2004) from the sectors on, weights 1 / hops^2,
    so that the same tree is always drawn alike; the root is at 0, 0.

    Parameters
    ----------
    edges : array of shape (N - 1, 2)
        Links.
    root : int
        Node at the origin.
    rounds : int
        Steps of the majorisation.
    """
    wanted = hops(edges)
    x = sectors(edges, root)
    n = x.shape[0]
    weight = 1.0 / np.maximum(wanted, 1.0) ** 2
    np.fill_diagonal(weight, 0.0)
    system = np.diag(weight.sum(axis=1)) - weight
    inverse = np.linalg.inv(system + 1.0 / n) - 1.0 / n  # the mean of the positions is free
    for _ in range(rounds):
        apart = np.linalg.norm(x[:, None] - x[None], axis=2)
        pull = -weight * wanted / np.maximum(apart, 1e-9)
        np.fill_diagonal(pull, 0.0)
        np.fill_diagonal(pull, -pull.sum(axis=1))
        x = inverse @ (pull @ x)
    return np.asarray(x - x[root])

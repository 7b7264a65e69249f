# SPDX-License-Identifier: MIT
"""Percolation of the correlation network: at what strength does the market hang together.

Formula: join all pairs with rho >= t and lower t from 1; order parameter G(t) = share of
instruments in the largest cluster, susceptibility X(t) = sum of squared sizes of the other
clusters over N.  Critical strength: the t with the greatest X just before the others join;
jump: the largest rise of G in one step; half: the t at which G passes 1/2.  Only the links
of the minimum spanning tree join clusters, so they are all that is looked at.
Unit: correlations; G from 0 to 1; X in instruments.
Assumption: the transition of some forty instruments is no limit of large numbers: compare
with ``null_half``, the 95 % point of ``half`` when each column is shifted in time by itself,
which keeps its own memory and volatility and breaks every link.
Cost: O(T N^2) per sample.
Source: Onnela, Kaski and Kertesz (2004), European Physical Journal B 38; Stauffer and
Aharony (1994), Introduction to Percolation Theory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.networks.mst import links
from seawall.analytics.networks.panel import Matrix, correlation, sound_rows
from seawall.analytics.spec import Analytic, Need, Param

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Percolation:
    """Transition and its curves.

    Parameters
    ----------
    critical : float
        Correlation with the greatest susceptibility.
    half : float
        Correlation at which the largest cluster passes half of the instruments.
    whole : float
        Correlation at which all hang together: the weakest link of the tree.
    jump : float
        Largest rise of the order parameter in one step.
    null_half : float
        95 % point of ``half`` without any link; not-a-number without samples.
    rows, instruments : int
        T and N.
    thresholds, order, susceptibility : Vector
        Correlation of each link of the tree, descending, and G and X once it is joined.
    """

    critical: float
    half: float
    whole: float
    jump: float
    null_half: float
    rows: int
    instruments: int
    thresholds: Vector
    order: Vector
    susceptibility: Vector


def curves(c: Matrix) -> tuple[Vector, Vector, Vector]:
    """Strengths at which clusters join, descending, with order parameter and susceptibility."""
    n = c.shape[0]
    tree = links(c)
    strength = c[tree[:, 0], tree[:, 1]]
    ranked = np.argsort(-strength, kind="stable")
    leader, size = list(range(n)), [1] * n

    def find(node: int) -> int:
        while leader[node] != node:
            leader[node] = leader[leader[node]]
            node = leader[node]
        return node

    order, rest = np.empty(n - 1), np.empty(n - 1)
    squares, most = float(n), 1
    for step, k in enumerate(ranked):
        a, b = find(int(tree[k, 0])), find(int(tree[k, 1]))
        squares += 2.0 * size[a] * size[b]
        leader[b] = a
        size[a] += size[b]
        most = max(most, size[a])
        order[step], rest[step] = most / n, (squares - most**2) / n
    return strength[ranked], order, rest


def half_point(strength: Vector, order: Vector) -> float:
    """Strength at which the order parameter passes one half."""
    return float(strength[int(np.argmax(order >= 0.5))])


def fit(returns: npt.ArrayLike, *, samples: float = 100, seed: float = 0) -> Percolation:
    """Find the transition of the network of returns.

    Raises
    ------
    ResearchError
        With fewer than two instruments or ten complete rows, or when one never moves.
    """
    x = sound_rows(returns, 10, "percolation")
    rows, n = x.shape
    strength, order, rest = curves(correlation(x))
    rng = np.random.default_rng(int(seed))
    null = []
    for _ in range(int(samples)):
        shifts = rng.integers(0, rows, n)
        at = (np.arange(rows)[:, None] + shifts) % rows
        found = curves(correlation(np.take_along_axis(x, at, axis=0)))
        null.append(half_point(found[0], found[1]))
    rises = np.diff(order, prepend=1.0 / n)
    return Percolation(
        float(strength[int(np.argmax(rest))]), half_point(strength, order), float(strength[-1]),
        float(rises.max()), float(np.quantile(null, 0.95)) if null else float("nan"), rows, n,
        strength, order, rest,
    )  # fmt: skip


ANALYTIC = Analytic(
    name="percolation", group="networks", inputs=("returns",), doc=__doc__, fit=fit,
    params=(
        Param("samples", 100, "samples without links; 0: none", 0, 1e5, whole=True),
        Param("seed", 0, "of the samples", 0, 2**31, whole=True),
    ),
    need=Need(bars=1_000),
)  # fmt: skip

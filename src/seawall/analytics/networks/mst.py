# SPDX-License-Identifier: MIT
"""Minimum spanning tree of a market: its length, its hubs and how sure each link is.

Formula: distance d = sqrt(2 (1 - rho)); the N - 1 links of the tree of least total length
(Prim); length L = mean link; degree; betweenness = share of the other pairs whose path leads
through; mean occupation layer = mean number of links to the centre, the instrument of most
links; reliability of a link = share of block-bootstrap samples of rows whose tree has it.
Unit: distance none, 0 (rho 1) over sqrt(2) (rho 0) to 2 (rho -1).
Assumption: returns of one clock; trees flip on noise, and a link below a reliability of a
half is hardly a fact.  L falls when all move together: it says that there is a crisis, not
that one will come.
Cost: O(T N^2) for the correlations, O(N^2) for the tree, and both per bootstrap sample.
Source: Mantegna (1999), European Physical Journal B 11; Onnela et al. (2003), Physical
Review E 68, 056110; Tumminello et al. (2007), International Journal of Bifurcation and
Chaos 17(7), for the reliability.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.jit import Table, entry
from seawall.analytics.networks.panel import Matrix, correlation, sound_rows
from seawall.analytics.networks.tree import betweenness, depths, layout
from seawall.analytics.spec import Analytic, Need, Param

Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tree:
    """Minimum spanning tree.

    Parameters
    ----------
    length : float
        Mean distance of a link.
    mean_correlation : float
        Mean over all pairs.
    centre : int
        Instrument of most links; of equals the one that is nearest to its neighbours.
    layer : float
        Mean number of links from the centre.
    diameter : int
        Links of the longest path.
    max_degree : int
        Links of the centre.
    mean_reliability : float
        Mean over the links; not-a-number without bootstrap.
    rows, instruments : int
        T and N.
    edges : array of shape (N - 1, 2)
        Instruments that each link joins.
    distances, correlations, reliability : array of length N - 1
        Of each link.
    degree : array of length N
        Links of each instrument.
    between : array of length N
        Share of the pairs of others whose path leads through it.
    """

    length: float
    mean_correlation: float
    centre: int
    layer: float
    diameter: int
    max_degree: int
    mean_reliability: float
    rows: int
    instruments: int
    edges: Whole
    distances: npt.NDArray[np.float64]
    correlations: npt.NDArray[np.float64]
    reliability: npt.NDArray[np.float64]
    degree: Whole
    between: npt.NDArray[np.float64]

    def positions(self) -> Matrix:
        """Where to draw each instrument, shape (N, 2), the centre at 0, 0.

        A link is about ``length`` long, so that two trees drawn to one scale show which is the
        tighter.
        """
        return self.length * layout(self.edges, self.centre)


@entry
def prim(c: Table) -> Whole:
    """Parent of each node in the tree of greatest correlations; that of node 0 is -1."""
    n = c.shape[0]
    parent = np.zeros(n, dtype=np.int64)
    best = c[0].copy()
    inside = np.zeros(n, dtype=np.bool_)
    inside[0], parent[0] = True, -1
    for _ in range(n - 1):
        at = -1
        for k in range(n):
            if not inside[k] and (at < 0 or best[k] > best[at]):
                at = k
        inside[at] = True
        for k in range(n):
            if not inside[k] and c[at, k] > best[k]:
                best[k], parent[k] = c[at, k], at
    return parent


def links(c: Matrix) -> Whole:
    """Edges of the tree of a correlation matrix, each with the smaller node first."""
    parent = prim(np.ascontiguousarray(c))
    nodes = np.arange(1, c.shape[0])
    pairs = np.stack((nodes, parent[1:]), axis=1)
    return np.sort(pairs, axis=1)


def distance(c: Matrix) -> Matrix:
    """Mantegna's distance of correlations."""
    return np.asarray(np.sqrt(np.maximum(2.0 * (1.0 - c), 0.0)))


def _reliability(x: Matrix, edges: Whole, samples: int, block: int, seed: int) -> Matrix:
    rng = np.random.default_rng(seed)
    rows, n = x.shape
    wanted = edges[:, 0] * n + edges[:, 1]
    seen = np.zeros(wanted.size)
    for _ in range(samples):
        starts = rng.integers(0, rows, -(-rows // block))
        at = (starts[:, None] + np.arange(block)).ravel()[:rows] % rows
        with np.errstate(invalid="ignore", divide="ignore"):
            c = correlation(x[at])
        found = links(np.nan_to_num(c))
        seen += np.isin(wanted, found[:, 0] * n + found[:, 1])
    return np.asarray(seen / samples if samples else np.full(wanted.size, np.nan))


def tree_of(c: Matrix, rows: int, reliability: npt.NDArray[np.float64] | None = None) -> Tree:
    """Describe the tree of a correlation matrix, cleaned or not.

    Parameters
    ----------
    c : array of shape (N, N)
        Correlations.
    rows : int
        Rows that they were found from.
    reliability : array, optional
        Of each link, in the order of :func:`links`.
    """
    n = c.shape[0]
    edges = links(c)
    strength = c[edges[:, 0], edges[:, 1]]
    lengths = distance(strength)
    degree = np.bincount(edges.ravel(), minlength=n)
    nearness = np.bincount(edges.ravel(), weights=np.repeat(strength, 2), minlength=n)
    centre = int(np.lexsort((nearness, degree))[-1])
    depth = depths(edges, centre, np.ones(n - 1))
    far = int(np.argmax(depth))
    if reliability is None:
        reliability = np.full(n - 1, np.nan)
    return Tree(
        float(lengths.mean()), float(c[np.triu_indices(n, 1)].mean()), centre,
        float(depth.sum() / (n - 1)), int(depths(edges, far, np.ones(n - 1)).max()),
        int(degree.max()), float(reliability.mean()), rows, n, edges, lengths, strength,
        reliability, degree, betweenness(edges, n),
    )  # fmt: skip


def fit(
    returns: npt.ArrayLike, *, samples: float = 200, block: float = 24, seed: float = 0
) -> Tree:
    """Build the tree of returns.

    Raises
    ------
    ResearchError
        With fewer than two instruments or ten complete rows, or when one never moves.
    """
    x = sound_rows(returns, 10, "mst")
    c = correlation(x)
    edges = links(c)
    sure = _reliability(x, edges, int(samples), min(int(block), x.shape[0]), int(seed))
    return tree_of(c, x.shape[0], sure)


ANALYTIC = Analytic(
    name="mst", group="networks", inputs=("returns",), doc=__doc__, fit=fit,
    params=(
        Param("samples", 200, "bootstrap samples of the reliability; 0: none", 0, 1e5, True),
        Param("block", 24, "rows that the bootstrap keeps together", 1, 1e6, True),
        Param("seed", 0, "of the bootstrap", 0, 2**31, True),
    ),
    need=Need(bars=1_000),
)  # fmt: skip

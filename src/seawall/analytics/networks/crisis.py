# SPDX-License-Identifier: MIT
"""The network before a crisis and in it, compared like with like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.networks import mst, rolling_network
from seawall.analytics.networks.panel import Panel
from seawall.analytics.spec import run
from seawall.model.errors import ResearchError

Span = tuple[str, str]
"""Start and end in UTC, ISO dates or times; the end is not included."""


@dataclass(frozen=True, slots=True)
class BeforeAndIn:
    """Two trees of the same instruments.

    Parameters
    ----------
    names : tuple of str
        Instruments, as numbered in both trees.
    calm, crisis : Tree
        Trees with their links, reliabilities and positions.
    kept : float
        Share of the links of the calm that are there in the crisis.
    calm_lengths : array
        Mean link of every calm window that is as long as the crisis: a tree of fewer rows is
        shorter by chance alone.
    calm_correlations : array
        Mean correlation of the same windows.
    share_below : float
        Share of these windows whose tree is as short as that of the crisis.
    """

    names: tuple[str, ...]
    calm: mst.Tree
    crisis: mst.Tree
    kept: float
    calm_lengths: npt.NDArray[np.float64]
    calm_correlations: npt.NDArray[np.float64]
    share_below: float


def before_and_in(
    panel: Panel, calm: Span, crisis: Span, *, share: float = 0.98, samples: int = 200
) -> BeforeAndIn:
    """Build the trees of a calm span and of a crisis.

    Parameters
    ----------
    panel : Panel
        Returns of many instruments.
    calm, crisis : tuple of str
        Spans; the calm must be the longer.
    share : float
        An instrument takes part when it has this share of the rows of both spans.
    samples : int
        Bootstrap samples of the reliability of links.

    Raises
    ------
    ResearchError
        When fewer than three instruments traded in both, or the calm is the shorter.
    """
    spans = [panel.between(*calm), panel.between(*crisis)]
    present = [set(s.complete(share).names) for s in spans]
    names = tuple(n for n in panel.names if n in present[0] & present[1])
    if len(names) < 3:
        raise ResearchError(
            f"{len(names)} instruments traded before the crisis and in it",
            where=f"{calm[0]} to {calm[1]}, {crisis[0]} to {crisis[1]}",
            mend="choose other spans, or a smaller share of rows",
        )
    before, during = (s.only(names).complete(0.0) for s in spans)
    rows = during.returns.shape[0]
    if rows >= before.returns.shape[0]:
        raise ResearchError(
            f"the crisis has {rows} rows and the calm {before.returns.shape[0]}",
            mend="give a calm span that is longer than the crisis",
        )
    trees = [mst.fit(p.returns, samples=samples) for p in (before, during)]
    links = [{(int(a), int(b)) for a, b in t.edges} for t in trees]
    found = run(rolling_network.ANALYTIC, {"returns": before.returns}, {"window": rows})
    lengths, correlations = found["length"], found["mean_correlation"]
    known = np.isfinite(lengths)
    lengths, correlations = lengths[known], correlations[known]
    return BeforeAndIn(
        names, trees[0], trees[1], len(links[0] & links[1]) / (len(names) - 1), lengths,
        correlations, float(np.mean(lengths <= trees[1].length)),
    )  # fmt: skip

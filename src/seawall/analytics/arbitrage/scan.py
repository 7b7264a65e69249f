# SPDX-License-Identifier: MIT
"""Scan the books of a market for arbitrage: what was there, and what rejected the rest.

Every message that changes one of the books is judged by what had been received until then.
What it would have brought is measured by the books that stand when the order acts, after the
latency: an edge that is gone by then is counted as gone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.arbitrage import cross_edge, triangle_edge
from seawall.analytics.arbitrage.books import Ladders, aligned, ladders_of
from seawall.analytics.arbitrage.relations import Costs, Kind, Relation, relations_of
from seawall.analytics.spec import Result, run
from seawall.model.errors import ResearchError
from seawall.model.market import Market

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]
Told = Callable[[str], None]

ACCEPTED = "accepted"
REASONS = (
    "stale book", "no gap", "venue alarm", "fees", "parity of the dollars", "transfer",
    "financing and margin", "borrow and margin", "too small", "gone before the order acts",
    ACCEPTED,
)  # fmt: skip
"""Why a moment is no opportunity, in the order in which the reasons are asked."""


@dataclass(frozen=True, slots=True)
class Opportunity:
    """One edge after all costs that was still there when an order could act.

    Parameters
    ----------
    relation : str
        Legs.
    way : str
        What is bought and what is sold.
    ts : int
        When it was seen, ns UTC.
    duration_ms : float
        How long it was seen without a break.
    gross_bps, net_bps : float
        Edge at the touch when seen, before and after all costs.
    size : float
        Base currency that gains through the depth, when seen.
    notional : float
        Its value, quote currency.
    seen_profit : float
        After costs, by the books when seen, quote currency.
    profit : float
        After costs, by the books when the order acts, quote currency.
    profit_bps : float
        The latter over the notional then, basis points.
    quote : str
        Currency of the profit.
    """

    relation: str
    way: str
    ts: int
    duration_ms: float
    gross_bps: float
    net_bps: float
    size: float
    notional: float
    seen_profit: float
    profit: float
    profit_bps: float
    quote: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a scan found in one relation.

    Parameters
    ----------
    kind : Kind
        What holds the legs together.
    name : str
        Legs.
    moments : int
        Changes of the books that were judged.
    seconds : float
        Time they span.
    best_gross_bps, median_gross_bps : float
        Gap at the touch in the better way, before any cost.
    best_after_fees_bps, best_net_bps : float
        Best moment after fees, and after all costs.
    counts : mapping of str to int
        Moments by what rejected them first; see :data:`REASONS`.
    opportunities : tuple of Opportunity
        What was left.
    """

    kind: Kind
    name: str
    moments: int
    seconds: float
    best_gross_bps: float
    median_gross_bps: float
    best_after_fees_bps: float
    best_net_bps: float
    counts: dict[str, int]
    opportunities: tuple[Opportunity, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Findings of all relations of a market."""

    costs: Costs
    findings: tuple[Finding, ...]

    @property
    def opportunities(self) -> tuple[Opportunity, ...]:
        """All opportunities, by time."""
        found = (o for f in self.findings for o in f.opportunities)
        return tuple(sorted(found, key=lambda o: o.ts))


def scan_market(
    market: Market, costs: Costs | None = None, *, levels: int = 10, told: Told | None = None
) -> Report:
    """Scan every relation among the instruments of a market that have books.

    Parameters
    ----------
    market : Market
        Recorded or simulated events; bars are not read.
    costs : Costs, optional
        What arbitrage costs.
    levels : int
        Levels of the books that are walked.
    told : callable, optional
        Called with the name of each relation before it is judged.

    Raises
    ------
    ResearchError
        When fewer than two instruments have books.
    """
    costs = costs or Costs()
    ladders: list[Ladders] = []
    for instrument in market.instruments:
        try:
            ladders.append(ladders_of(market, instrument, levels))
        except ResearchError:
            continue  # an instrument without quotes takes part in no relation
    if len(ladders) < 2:
        raise ResearchError(
            f"{len(ladders)} instruments have books", mend="arbitrage needs two; import more"
        )
    deep = max(x.sides["bid_pxs"].shape[1] for x in ladders)
    even = tuple(_padded(x, deep) for x in ladders if x.ts.size)
    findings = []
    for relation in relations_of(even, costs):
        if told is not None:
            told(relation.name)
        findings.append(judge(relation, costs))
    return Report(costs, tuple(findings))


def _padded(one: Ladders, levels: int) -> Ladders:
    """Give all books the same number of levels, the further ones being empty."""
    short = levels - one.sides["bid_pxs"].shape[1]
    if short == 0:
        return one
    sides = {
        name: np.pad(x, ((0, 0), (0, short)), mode="edge")
        if name.endswith("pxs")
        else np.pad(x, ((0, 0), (0, short)))
        for name, x in one.sides.items()
    }
    return Ladders(one.instrument, one.ts, sides)


def edges_of(relation: Relation, columns: dict[str, Floats]) -> Result:
    """Edges of a relation at every row, after all its costs."""
    if relation.kind is Kind.TRIANGLE:
        return run(triangle_edge.ANALYTIC, columns, {"fee": relation.fees_bps[0]})
    params = {
        "fee_1": relation.fees_bps[0], "fee_2": relation.fees_bps[1],
        "cost_up": sum(c for _, c in relation.costs_up),
        "cost_down": sum(c for _, c in relation.costs_down),
    }  # fmt: skip
    return run(cross_edge.ANALYTIC, columns, params)


def judge(relation: Relation, costs: Costs) -> Finding:
    """Judge every moment of one relation."""
    ts, columns, age = aligned(relation.ladders)
    edges = edges_of(relation, columns)
    last_leg = "" if relation.kind is not Kind.TRIANGLE else "_3"
    price = 0.5 * (columns["bid_pxs" + last_leg][:, 0] + columns["ask_pxs" + last_leg][:, 0])
    why, acts = _reasons(relation, costs, ts, age, edges, price)
    counts = {
        name: int(n)
        for name, n in zip(REASONS, np.bincount(why, minlength=len(REASONS)).tolist(), strict=True)
        if n
    }
    known = np.isfinite(edges["net"])
    gross = edges["gross"][known]
    return Finding(
        relation.kind, relation.name, int(ts.size),
        float(ts[-1] - ts[0]) / 1e9 if ts.size else 0.0,
        *((float(gross.max()), float(np.median(gross)), float(edges["after_fees"][known].max()),
           float(edges["net"][known].max())) if gross.size else (float("nan"),) * 4),
        counts, _opportunities(relation, costs, ts, edges, price, why, acts),
    )  # fmt: skip


def _reasons(
    relation: Relation, costs: Costs, ts: Times, age: Times, edges: Result, price: Floats
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First reason against every moment, and the row at which an order would act."""
    way, gross = edges["way"], edges["gross"]
    left = edges["after_fees"].copy()
    why = np.full(ts.size, REASONS.index(ACCEPTED), dtype=np.int64)
    open_ = np.ones(ts.size, dtype=bool)

    def reject(bad: npt.NDArray[np.bool_], reason: str) -> None:
        hit = open_ & bad
        why[hit] = REASONS.index(reason)
        open_[hit] = False

    with np.errstate(invalid="ignore"):
        reject(~np.isfinite(edges["net"]) | (age > costs.stale_s * 1e9), "stale book")
        reject(gross <= 0.0, "no gap")
        reject(np.abs(gross) > costs.alarm_bps, "venue alarm")
        reject(left <= 0.0, "fees")
        for sign, named in ((1.0, relation.costs_up), (-1.0, relation.costs_down)):
            mine = way == sign
            for name, cost in named:
                left[mine] -= cost
                reject(mine & (left <= 0.0), name)
        reject(edges["size"] * price < costs.min_notional, "too small")
        when = ts + int(costs.latency_ms * 1e6)
        later = np.searchsorted(ts, when, side="right") - 1
        # Beyond the end of the data nobody knows: that is no opportunity either.
        beyond = when > (ts[-1] if ts.size else 0)
        gone = beyond | (way[later] != way) | ~(edges["profit"][later] > 0.0)
        reject(gone, "gone before the order acts")
    return why, later


def _opportunities(
    relation: Relation, costs: Costs, ts: Times, edges: Result, price: Floats,
    why: npt.NDArray[np.int64], acts: npt.NDArray[np.int64],
) -> tuple[Opportunity, ...]:  # fmt: skip
    """Join accepted moments of one way without a break into opportunities."""
    good = why == REASONS.index(ACCEPTED)
    begins = np.flatnonzero(good & ~np.roll(good, 1)) if good.any() else np.array([], np.intp)
    if good.size and good[0] and 0 not in begins:
        begins = np.concatenate(([0], begins))
    out = []
    free = -1
    for i in begins:
        if ts[i] < free:  # the order of the last one is still on its way
            continue
        j = int(i)
        while j + 1 < ts.size and good[j + 1] and edges["way"][j + 1] == edges["way"][i]:
            j += 1
        at = int(acts[i])
        paid = edges["size"][at] * price[at]
        out.append(
            Opportunity(
                relation.name, _way(relation, float(edges["way"][i])), int(ts[i]),
                float(ts[j] - ts[i]) / 1e6, float(edges["gross"][i]), float(edges["net"][i]),
                float(edges["size"][i]), float(edges["size"][i] * price[i]),
                float(edges["profit"][i]), float(edges["profit"][at]),
                float(edges["profit"][at] / paid * 1e4) if paid > 0.0 else 0.0, relation.quote,
            )
        )  # fmt: skip
        free = int(ts[j]) + int(costs.latency_ms * 1e6)
    return tuple(out)


def _way(relation: Relation, way: float) -> str:
    names = [f"{x.instrument.symbol} at {x.instrument.venue}" for x in relation.ladders]
    if relation.kind is Kind.TRIANGLE:
        return " > ".join(names if way > 0 else names[::-1])
    first, second = names if way > 0 else names[::-1]
    return f"buy {first}, sell {second}"

# SPDX-License-Identifier: MIT
"""What funding carry would have kept after costs, over settled rates, without foresight.

A position is neutral: short the perpetual that pays more, long the one that pays less, or
long spot.  It is entered at a settlement, on the mean rate of the ``memory_hours`` up to and
with that settlement, when that rate over ``carry_hours`` would pay all trades; it earns only
what settles *afterwards*, and is left when the mean no longer pays.  Settled rates tell
nothing of prices: slippage, margin calls and prices that part between venues are not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from seawall.analytics.arbitrage.relations import Costs
from seawall.model.errors import ResearchError

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]
HOUR = 3_600 * 10**9
BPS = 1e4

NOT_KNOWN, DEAD_ZONE, BELOW_COSTS, HELD = (
    "too little history", "inside the clamp's dead zone", "mean rate below costs", "position held"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settled:
    """Settled funding of one contract.

    Parameters
    ----------
    venue, symbol : str
        The contract.
    ts : array of int64
        Settlements, ns UTC, ascending.
    rate : array
        Fraction paid by longs to shorts at each.
    """

    venue: str
    symbol: str
    ts: Times
    rate: Floats


@dataclass(frozen=True, slots=True)
class Carry:
    """What one rule over one pair of legs brought.

    Parameters
    ----------
    name : str
        Legs.
    years : float
        Length of the history both legs share.
    moments : int
        Settlements that were judged.
    counts : mapping of str to int
        Settlements by what kept the rule out, or in.
    trades : int
        Positions that were opened; one still open at the end is charged as if closed.
    held : float
        Share of the time a position was held.
    gross_bps, costs_bps, net_bps : float
        Funding received, all costs, and the difference, basis points of notional in all.
    net_year : float
        Net per year of history, fraction of notional.
    net_low, net_high : float
        95 % interval of ``net_year`` by bootstrap over trades; not-a-number below five.
    worst_bps : float
        Worst trade, net.
    always_year : float
        What an always open short-over-long position earned per year, gross: the benchmark.
    net_by_year : mapping of str to float
        Net of the trades that were closed in each calendar year, basis points.
    """

    name: str
    years: float
    moments: int
    counts: dict[str, int]
    trades: int
    held: float
    gross_bps: float
    costs_bps: float
    net_bps: float
    net_year: float
    net_low: float
    net_high: float
    worst_bps: float
    always_year: float
    net_by_year: dict[str, float]


def scan_funding(
    settled: tuple[Settled, ...], costs: Costs | None = None, *, memory_hours: float = 72.0,
    carry_hours: float = 168.0, perp_bps: float = 5.0, spot_bps: float = 10.0,
) -> tuple[Carry, ...]:  # fmt: skip
    """Judge spot against each contract, and each two venues of one contract.

    Parameters
    ----------
    settled : tuple of Settled
        Histories.
    costs : Costs, optional
        Gives financing, and one fee for all when it has one.
    memory_hours : float
        History whose mean is the forecast.
    carry_hours : float
        Time over which the forecast must pay all trades.
    perp_bps, spot_bps : float
        Taker fees, basis points, when ``costs`` names none.

    Raises
    ------
    ResearchError
        When there is no history.
    """
    if not settled:
        raise ResearchError("no settled funding", mend="import a funding history")
    costs = costs or Costs()
    perp = perp_bps if costs.taker_bps is None else costs.taker_bps
    spot = spot_bps if costs.taker_bps is None else costs.taker_bps
    out = []
    for one in settled:
        legs = {1.0: one}
        fee = 2.0 * (perp + spot)
        money = costs.financing_year
        out.append(_carry(f"spot / {one.venue} {one.symbol}", legs, fee, money, costs,
                          memory_hours, carry_hours, both_ways=False))  # fmt: skip
    for a, b in combinations(settled, 2):
        if a.symbol == b.symbol and a.venue != b.venue:
            name = f"{a.venue} / {b.venue} {a.symbol}"
            fee = 4.0 * perp
            # Both legs are margined; only the margin must be financed.
            money = 0.5 * costs.financing_year
            out.append(_carry(name, {1.0: a, -1.0: b}, fee, money, costs, memory_hours,
                              carry_hours, both_ways=True))  # fmt: skip
    return tuple(out)


def _flows(legs: Mapping[float, Settled]) -> tuple[Times, Floats]:
    """What a unit short of the first and long of the second receives at each settlement."""
    start = max(int(x.ts[0]) for x in legs.values())
    end = min(int(x.ts[-1]) for x in legs.values())
    ts = np.concatenate([x.ts for x in legs.values()])
    flow = np.concatenate([sign * x.rate for sign, x in legs.items()])
    keep = (ts >= start) & (ts <= end)
    moments, where = np.unique(ts[keep], return_inverse=True)
    sums = np.bincount(where, weights=flow[keep], minlength=moments.size)
    return moments, sums.astype(np.float64)


def _carry(
    name: str, legs: Mapping[float, Settled], fee_bps: float, money: float, costs: Costs,
    memory_hours: float, carry_hours: float, *, both_ways: bool,
) -> Carry:  # fmt: skip
    ts, flow = _flows(legs)
    total = np.concatenate(([0.0], np.cumsum(flow)))
    since = np.searchsorted(ts, ts - int(memory_hours * HOUR), side="right")
    mean = (total[1:] - total[since]) / memory_hours  # per hour, known at the settlement
    known = ts - ts[0] >= memory_hours * HOUR if ts.size else np.zeros(0, bool)
    hourly = money / 8_760.0
    need = fee_bps / BPS / carry_hours + hourly
    counts = dict.fromkeys((NOT_KNOWN, DEAD_ZONE, BELOW_COSTS, HELD), 0)
    side, paid, opened, gross, spent = 0.0, 0.0, 0, 0.0, 0.0
    trades: list[float] = []
    closed: list[int] = []
    held = 0
    for i in range(ts.size):
        hours = (ts[i] - ts[i - 1]) / HOUR if i else 0.0
        if side:
            paid += side * flow[i] - hourly * hours
            gross += side * flow[i]
            spent += hourly * hours
            held += int(ts[i] - ts[i - 1])
        if side and side * mean[i] <= hourly:
            trades.append(paid - fee_bps / BPS)
            closed.append(int(ts[i]))
            side = 0.0
        elif not side and known[i] and abs(mean[i]) > need and (both_ways or mean[i] > 0.0):
            side, paid, opened = (1.0 if mean[i] > 0.0 else -1.0), 0.0, opened + 1
        counts[_why(side, bool(known[i]), mean[i], costs, both_ways=both_ways)] += 1
    if side:
        trades.append(paid - fee_bps / BPS)
        closed.append(int(ts[-1]))
    span = float(ts[-1] - ts[0]) if ts.size > 1 else 0.0
    years = span / HOUR / 8_760.0
    net = np.array(trades)
    low, high = _interval(net, years)
    return Carry(
        name, years, int(ts.size), {k: n for k, n in counts.items() if n}, opened,
        held / span if span else 0.0, gross * BPS,
        spent * BPS + opened * fee_bps, float(net.sum()) * BPS,
        float(net.sum()) / years if years else float("nan"), low, high,
        float(net.min()) * BPS if net.size else float("nan"),
        float(flow.sum()) / years if years else float("nan"), _by_year(closed, trades),
    )  # fmt: skip


def _by_year(closed: list[int], trades: list[float]) -> dict[str, float]:
    years = np.array(closed, dtype="datetime64[ns]").astype("datetime64[Y]").astype(str)
    net = np.array(trades)
    return {str(y): float(net[years == y].sum()) * BPS for y in np.unique(years)}


def _why(side: float, known: bool, mean: float, costs: Costs, *, both_ways: bool) -> str:
    if side:
        return HELD
    if not known:
        return NOT_KNOWN
    usual = costs.interest_8h / 8.0
    at_rest = abs(mean - usual) <= 0.05 * usual if not both_ways else abs(mean) <= 0.05 * usual
    return DEAD_ZONE if at_rest else BELOW_COSTS


def _interval(trades: Floats, years: float) -> tuple[float, float]:
    """95 % of the yearly sum when trades are drawn again."""
    if trades.size < 5 or not years:
        return float("nan"), float("nan")
    rng = np.random.default_rng(0)
    sums = trades[rng.integers(0, trades.size, (2_000, trades.size))].sum(axis=1) / years
    low, high = np.quantile(sums, (0.025, 0.975))
    return float(low), float(high)

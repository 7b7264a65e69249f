# SPDX-License-Identifier: MIT
"""Gaps between venues over bars: what was left after costs one bar later.

A gap is seen at the close of a bar and traded at the opens of the next one.  Where the quote
currencies differ (KRW against USDT, USD against USDT) the exchange rate is not known; then the
premium of each coin is taken against that of a reference coin at the same moment, which is
free of it: the trade has four legs.  For the reference coin itself two dollars are taken for
one, less a reserve: what it shows may be the price of the dollar.  Closes and opens are last
prints, not quotes: the spread is not paid here, and what remains is too good.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.arbitrage.relations import DOLLARS, Costs
from seawall.model.errors import ResearchError

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]
BPS = 1e4
REASONS = ("venue alarm", "fees", "parity of the dollars", "transfer", "gone one bar later",
           "accepted")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Series:
    """Bars of one instrument.

    Parameters
    ----------
    venue, base, quote : str
        The instrument, spot.
    ts : array of int64
        Closes of the bars, ns UTC, ascending.
    open, close : array
        Prices, quote currency.
    """

    venue: str
    base: str
    quote: str
    ts: Times
    open: Floats
    close: Floats


@dataclass(frozen=True, slots=True)
class Gap:
    """What the gaps of one coin between two venues were worth.

    Parameters
    ----------
    name : str
        Coin and venues.
    moments : int
        Pairs of bars at the same moment that have a next bar.
    median_bps, p99_bps : float
        Size of the gap at the close, absolute.
    cost_bps : float
        All costs of the trade.
    counts : mapping of str to int
        Moments by what rejected them first; ``accepted`` gained at the next opens.
    tried : int
        Moments with a gap beyond all costs.
    net_bps, net_low, net_high : float
        Mean result of those one bar later, and its 95 % interval by bootstrap over days.
    kept : float
        Share of those that gained.
    """

    name: str
    moments: int
    median_bps: float
    p99_bps: float
    cost_bps: float
    counts: dict[str, int]
    tried: int
    net_bps: float
    net_low: float
    net_high: float
    kept: float


def scan_bars(
    series: tuple[Series, ...], costs: Costs | None = None, *, reference: str = "BTC",
    fees_bps: Mapping[str, float] | None = None,
) -> tuple[Gap, ...]:  # fmt: skip
    """Judge every coin that two venues quote.

    Parameters
    ----------
    series : tuple of Series
        Bars of one length.
    costs : Costs, optional
        Fees (10 basis points per taking when it names none), transfer, parity, alarm.
    reference : str
        Coin against whose premium others are taken where the quotes differ.
    fees_bps : mapping of str to float, optional
        Taker fee by venue, basis points, over those of ``costs``.

    Raises
    ------
    ResearchError
        When no coin is quoted at two venues.
    """
    costs = costs or Costs()
    fees = dict(fees_bps or {})
    out = []
    for n, a in enumerate(series):
        for b in series[n + 1 :]:
            if a.base != b.base or a.venue == b.venue:
                continue
            each = sum(fees.get(x.venue, 10.0 if costs.taker_bps is None else costs.taker_bps)
                       for x in (a, b))  # fmt: skip
            pair = None if a.quote == b.quote else _reference(series, a, b, reference)
            if a.quote == b.quote:
                out.append(_gap(a, b, None, costs, each, 0.0))
            elif pair is not None and a.base != reference:
                out.append(_gap(a, b, pair, costs, 2.0 * each, 0.0))
            elif {a.quote, b.quote} <= DOLLARS:
                # A dollar that is worth less looks like a gap: the reserve may not cover it.
                out.append(_gap(a, b, None, costs, each, costs.parity_bps))
    if not out:
        raise ResearchError(
            "no coin is quoted at two venues", mend="import bars of one length of two venues"
        )
    return tuple(out)


def _reference(
    series: tuple[Series, ...], a: Series, b: Series, reference: str
) -> tuple[Series, Series] | None:
    found = {(x.venue, x.quote): x for x in series if x.base == reference}
    one, two = found.get((a.venue, a.quote)), found.get((b.venue, b.quote))
    return None if one is None or two is None else (one, two)


def _gap(
    a: Series, b: Series, reference: tuple[Series, Series] | None, costs: Costs, fees: float,
    parity: float,
) -> Gap:  # fmt: skip
    legs = (a, b) if reference is None else (a, b, *reference)
    signs = (1.0, -1.0) if reference is None else (1.0, -1.0, -1.0, 1.0)
    ts = legs[0].ts
    for leg in legs[1:]:
        ts = np.intersect1d(ts, leg.ts, assume_unique=True)
    rows = [np.searchsorted(leg.ts, ts) for leg in legs]
    seen = np.zeros(ts.size)
    then = np.zeros(ts.size)
    ok = np.ones(ts.size, dtype=bool)
    for leg, at, sign in zip(legs, rows, signs, strict=True):
        after = np.minimum(at + 1, leg.ts.size - 1)
        step = int(np.median(np.diff(leg.ts))) if leg.ts.size > 1 else 0
        ok &= (at + 1 < leg.ts.size) & (leg.ts[after] - leg.ts[at] == step)
        seen += sign * np.log(leg.close[at])
        then += sign * np.log(leg.open[after])
    seen, then, ts = seen[ok] * BPS, then[ok] * BPS, ts[ok]
    moving = costs.transfer_bps * (1.0 if reference is None else 2.0)
    cost = fees + parity + moving
    why = np.full(seen.size, REASONS.index("accepted"))
    free = np.ones(seen.size, dtype=bool)
    net = np.sign(seen) * then - cost
    for bad, reason in (
        (np.abs(seen) > costs.alarm_bps, "venue alarm"),
        (np.abs(seen) <= fees, "fees"),
        (np.abs(seen) <= fees + parity, "parity of the dollars"),
        (np.abs(seen) <= cost, "transfer"),
        (net <= 0.0, "gone one bar later"),
    ):
        why[free & bad] = REASONS.index(reason)
        free &= ~bad
    tried = (np.abs(seen) > cost) & (np.abs(seen) <= costs.alarm_bps)
    low, high = _interval(net[tried], ts[tried])
    counts = np.bincount(why, minlength=len(REASONS)).tolist()
    name = f"{a.base} {a.venue} {a.quote} / {b.venue} {b.quote}"
    if reference is not None:
        name += f" against {reference[0].base}"
    size = np.abs(seen) if seen.size else np.array([np.nan])
    return Gap(
        name, int(seen.size), float(np.median(size)), float(np.quantile(size, 0.99)), cost,
        {r: n for r, n in zip(REASONS, counts, strict=True) if n}, int(tried.sum()),
        float(net[tried].mean()) if tried.any() else float("nan"), low, high,
        float((net[tried] > 0).mean()) if tried.any() else float("nan"),
    )  # fmt: skip


def _interval(net: Floats, ts: Times) -> tuple[float, float]:
    """95 % of the mean when whole days are drawn again; gaps of one day belong together."""
    if net.size < 5:
        return float("nan"), float("nan")
    _, day = np.unique(ts // (86_400 * 10**9), return_inverse=True)
    sums, sizes = np.bincount(day, weights=net), np.bincount(day)
    if sums.size < 5:
        return float("nan"), float("nan")
    rng = np.random.default_rng(0)
    draw = rng.integers(0, sums.size, (1_000, sums.size))
    means = sums[draw].sum(axis=1) / sizes[draw].sum(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)

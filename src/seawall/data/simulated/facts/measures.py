# SPDX-License-Identifier: MIT
"""The fourteen facts as measures: from rows to one number each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from seawall.data.simulated.facts import stats
from seawall.data.simulated.facts.series import Floats, Minutes, Recording, orders_of

Stat = Callable[[Floats], float]


@dataclass(frozen=True, slots=True)
class Measure:
    """One measured quantity of one fact.

    Parameters
    ----------
    fact : int
        Number of the fact, 1 to 14.
    name : str
        What is measured, with horizon.
    source : str
        Which rows: ``minutes``, ``signs``, ``book``, ``impact``, ``arrivals``, ``pair``
        or ``funding``.
    stat : callable
        Rows of shape (n, k) to a number.
    block : int
        Length of bootstrap blocks, rows.
    span : float
        Width of the range of possible values; a band that fills it decides nothing.
    """

    fact: int
    name: str
    source: str
    stat: Stat
    block: int
    span: float = float("inf")


LAGS = (1, 2, 5, 10, 20, 50, 100)
SIGN_LAGS = tuple(range(2, 60))


def minute_rows(m: Minutes) -> Floats:
    """Log return and volume per minute."""
    return np.column_stack([np.diff(np.log(m.close)), m.volume[1:]])


def sign_rows(rec: Recording) -> Floats:
    """Signs of aggressor orders."""
    return orders_of(rec)[1][:, None]


def book_rows(rec: Recording) -> Floats:
    """Spread (ticks), share of the best in ten levels, its place, mean gap (bps) per 100 ms."""
    bp, bq, ap, aq = (rec.levels[:, :, k] for k in range(4))
    mid = 0.5 * (bp[:, 0] + ap[:, 0])
    spread = (ap[:, 0] - bp[:, 0]) / rec.tick
    best = (bq[:, 0] + aq[:, 0]) / (bq.sum(axis=1) + aq.sum(axis=1))
    gaps = np.concatenate([bp[:, :-1] - bp[:, 1:], ap[:, 1:] - ap[:, :-1]], axis=1)
    first = 0.5 * (gaps[:, 0] + gaps[:, 9])
    return np.column_stack([spread, best, gaps.mean(axis=1) / mid * 1e4, first / mid * 1e4])


def impact_rows(rec: Recording) -> Floats:
    """Size over its median, and signed move of the mid (bps) one second later."""
    ts, sign, qty = orders_of(rec)
    before = rec.mid_at(ts - 1_000_000)
    after = rec.mid_at(ts + 1_000_000_000)
    ok = ts < rec.top_ts[-1] - 1_000_000_000
    move = sign * (after - before) / before * 1e4
    return np.column_stack([qty / np.median(qty), move])[ok]


def arrival_rows(rec: Recording) -> Floats:
    """Aggressor orders per second."""
    ts = orders_of(rec)[0]
    second = (ts - ts[0]) // 1_000_000_000
    return np.bincount(second).astype(float)[:-1, None]


def pair_rows(a: Recording, b: Recording) -> Floats:
    """One-second log returns of two mids on one clock."""
    start = max(int(a.top_ts[0]), int(b.top_ts[0]))
    end = min(int(a.top_ts[-1]), int(b.top_ts[-1]))
    grid = np.arange(start, end, 1_000_000_000)
    return np.column_stack([np.diff(np.log(r.mid_at(grid))) for r in (a, b)])


def _impact(x: Floats) -> float:
    order = np.argsort(x[:, 0], kind="stable")
    bins = np.array_split(x[order], 10)[3:]
    v = np.array([b[:, 0].mean() for b in bins])
    return stats.power_slope(v, np.array([b[:, 1].mean() for b in bins]))


def _branching(x: Floats) -> float:
    counts = x[: len(x) // 5 * 5, 0].reshape(-1, 5).sum(axis=1)
    var = float(counts.var())
    return 1.0 - float(np.sqrt(counts.mean() / var)) if var > 0 else 0.0


def _sign_decay(x: Floats) -> float:
    c = stats.acf(x[:, 0], SIGN_LAGS)
    return -stats.power_slope(np.array(SIGN_LAGS, dtype=float), c)


def _sum5(x: Floats) -> Floats:
    out: Floats = x[: len(x) // 5 * 5].reshape(-1, 5, x.shape[1]).sum(axis=1)
    return out


def _fall_of_kurtosis(x: Floats) -> float:
    r = x[:, 0]
    wide = r[: len(r) // 15 * 15].reshape(-1, 15).sum(axis=1)
    return stats.kurtosis(r) - stats.kurtosis(wide)


_DAY = 240
MEASURES: tuple[Measure, ...] = (
    Measure(1, "return autocorrelation, 1 min", "minutes",
            lambda x: float(stats.acf(x[:, 0], (1,))[0]), _DAY),
    Measure(2, "autocorrelation of |r|, mean of lags 1-100 min", "minutes",
            lambda x: float(stats.acf(np.abs(x[:, 0]), LAGS).mean()), _DAY),
    Measure(2, "DFA exponent of |r|, 1 min", "minutes", lambda x: stats.dfa(np.abs(x[:, 0])), _DAY),
    Measure(3, "Hill exponent of losses, 5 %, 1 min", "minutes",
            lambda x: stats.hill(-x[:, 0]), _DAY),
    Measure(3, "Hill exponent of gains, 5 %, 1 min", "minutes",
            lambda x: stats.hill(x[:, 0]), _DAY),
    Measure(4, "excess kurtosis, 1 min less 15 min", "minutes", _fall_of_kurtosis, _DAY),
    Measure(5, "quantile skewness 1 %, 1 min", "minutes",
            lambda x: stats.quantile_skew(x[:, 0]), _DAY),
    Measure(6, "correlation of r(t) and |r(t+1)|, 1 min", "minutes",
            lambda x: stats.corr(x[:-1, 0], np.abs(x[1:, 0])), _DAY),
    Measure(7, "correlation of |r| and volume, 1 min", "minutes",
            lambda x: stats.corr(np.abs(x[:, 0]), x[:, 1]), _DAY),
    Measure(8, "decay exponent of sign autocorrelation, lags 2-59", "signs", _sign_decay, 400),
    Measure(8, "sign autocorrelation, lag 1", "signs",
            lambda x: float(stats.acf(x[:, 0], (1,))[0]), 400),
    Measure(9, "share of time with a one-tick spread", "book",
            lambda x: float(np.mean(x[:, 0] < 1.5)), 300),
    Measure(9, "share of the best level in ten", "book", lambda x: float(x[:, 1].mean()), 300),
    Measure(9, "mean gap between levels, bps", "book", lambda x: float(x[:, 2].mean()), 300),
    Measure(10, "exponent of 1 s impact in order size", "impact", _impact, 400),
    Measure(11, "branching ratio of takers, counts in 5 s", "arrivals", _branching, 60),
    Measure(12, "variance ratio, 10 min over 1 min", "minutes",
            lambda x: stats.variance_ratio(x[:, 0], 10), _DAY),
    Measure(13, "BTC-ETH correlation, 1 s", "pair", lambda x: stats.corr(x[:, 0], x[:, 1]), 30),
    Measure(13, "BTC-ETH correlation, 5 s", "pair",
            lambda x: stats.corr(*_sum5(x).T), 30),
    Measure(14, "share of funding stamps at the interest rate", "funding",
            lambda x: float(np.mean(np.abs(x[:, 0] - 1.0) < 1e-6)), 30, span=1.0),
)  # fmt: skip
"""All measures, in the order of the facts."""

CALIBRATED = frozenset((*range(1, 10), 11, 13))
"""Facts on which the agents were calibrated; the others are unseen tests."""

# SPDX-License-Identifier: MIT
"""Statistical arbitrage of pairs over bars: formed on one window, traded on the next.

Every pair of coins of one venue is tested for cointegration on the formation window; of all
that were tested, those that survive the correction for their number (Benjamini and Hochberg)
and come back within a tenth of the window are traded on the window that follows, with the
hedge ratio, mean and deviation of the formation.  Signals at a close are filled at the next
open.  Nothing of the trading window is known before.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

from seawall.analytics.arbitrage.bar_gaps import Series
from seawall.analytics.arbitrage.relations import Costs
from seawall.model.errors import ResearchError

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Told = Callable[[float], None]
BPS = 1e4
ENTER, STOP = 2.0, 4.0


@dataclass(frozen=True, slots=True)
class Formed:
    """A pair as its formation window shows it.

    Parameters
    ----------
    left, right : int
        Columns of the panel.
    beta, mean, sd : float
        Hedge ratio, mean and deviation of ``ln left - beta ln right``.
    half_life : float
        Bars until half of a deviation is gone.
    stat : float
        Engle-Granger statistic with one lag.
    """

    left: int
    right: int
    beta: float
    mean: float
    sd: float
    half_life: float
    stat: float


@dataclass(frozen=True, slots=True)
class PairsReport:
    """What trading cointegrated pairs brought.

    Parameters
    ----------
    venue : str
        Where.
    windows, tested : int
        Trading windows, and tests of pairs over all formation windows.
    nominal, surviving, traded : int
        Tests below 5 %, those left after the correction, and those that also come back soon
        enough.
    trades : int
        Round trips of both legs.
    gross_bps, cost_bps, net_bps : float
        Means per trade, of the notional of both legs.
    net_low, net_high : float
        95 % interval of the mean net by bootstrap over windows.
    gained, stopped : float
        Share of trades that gained, and that were stopped.
    unselected_net_bps : float
        The same rule on all pairs below 5 % without the correction: the price of searching.
    """

    venue: str
    windows: int
    tested: int
    nominal: int
    surviving: int
    traded: int
    trades: int
    gross_bps: float
    cost_bps: float
    net_bps: float
    net_low: float
    net_high: float
    gained: float
    stopped: float
    unselected_net_bps: float


def engle_granger(y: Floats, x: Floats) -> Formed | None:
    """Regress, test the residual with one lag and a constant-free regression, fit its return.

    Returns
    -------
    Formed or None
        None where a series does not move, or is the other one scaled.
    """
    dx, dy = x - x.mean(), y - y.mean()
    sxx = float(dx @ dx)
    if sxx <= 0.0:
        return None
    beta = float(dx @ dy) / sxx
    u = dy - beta * dx
    if u.std() < 1e-9:
        return None
    change, level, lag = np.diff(u)[1:], u[1:-1], np.diff(u)[:-1]
    a, b, c = float(level @ level), float(level @ lag), float(lag @ lag)
    det = a * c - b * b
    if det <= 0.0:
        return None
    p, q = float(level @ change), float(lag @ change)
    rho, gamma = (c * p - b * q) / det, (a * q - b * p) / det
    rest = change - rho * level - gamma * lag
    error = math.sqrt(float(rest @ rest) / (rest.size - 2) * c / det)
    phi = float(u[:-1] @ u[1:] / (u[:-1] @ u[:-1]))
    phi += (1.0 + 3.0 * phi) / u.size  # Kendall's correction
    half_life = -math.log(2.0) / math.log(phi) if 0.0 < phi < 1.0 else math.inf
    mean = float(y.mean() - beta * x.mean())
    return Formed(0, 0, beta, mean, float(u.std(ddof=1)), half_life, rho / error)


def surviving(p: Floats, level: float = 0.05) -> Bools:
    """Tests that survive Benjamini and Hochberg's correction (1995)."""
    order = np.argsort(p)
    passed = np.flatnonzero(p[order] <= level * np.arange(1, p.size + 1) / max(p.size, 1))
    out = np.zeros(p.size, dtype=np.bool_)
    if passed.size:
        out[order[: passed[-1] + 1]] = True
    return out


def scan_pairs(
    series: tuple[Series, ...], costs: Costs | None = None, *, formation: int = 2_160,
    trading: int = 720, told: Told | None = None,
) -> PairsReport:  # fmt: skip
    """Form and trade pairs of one venue over its whole history.

    Parameters
    ----------
    series : tuple of Series
        Bars of one length, one venue and one quote currency.
    costs : Costs, optional
        Fee per taking (10 basis points when it names none) and cost of borrowing.
    formation, trading : int
        Bars of the windows.
    told : callable, optional
        Called with the share that is done.

    Raises
    ------
    ResearchError
        When there are fewer than two coins or too few common bars, or statsmodels is absent.
    """
    costs = costs or Costs()
    ts = np.unique(np.concatenate([s.ts for s in series])) if series else np.zeros(0)
    starts = range(0, ts.size - formation - trading, trading)
    if len(series) < 2 or not len(starts):
        raise ResearchError(
            f"{len(series)} coins and {ts.size} bars make no pairs",
            mend=f"give two coins and more than {formation + trading} bars",
        )
    close, open_ = _panel(series, ts, "close"), _panel(series, ts, "open")
    good: list[list[tuple[float, float, bool]]] = []
    loose: list[float] = []
    tested = nominal = left_over = traded = 0
    for number, start in enumerate(starts):
        middle, end = start + formation, start + formation + trading
        formed, p = _form(close[start:middle])
        tested += len(formed)
        low = p < 0.05
        keep = surviving(p)
        nominal += int(low.sum())
        left_over += int(keep.sum())
        window: list[tuple[float, float, bool]] = []
        for pair, below, survives in zip(formed, low, keep, strict=True):
            if not below or pair.half_life > formation / 10:
                continue
            found = _trade(pair, close[middle:end], open_[middle:end], costs, _bar_hours(ts))
            loose += [gross - cost for gross, cost, _ in found]
            if survives:
                traded += 1
                window += found
        good.append(window)
        if told is not None:
            told((number + 1) / len(starts))
    flat = [t for w in good for t in w]
    net = np.array([g - c for g, c, _ in flat])
    low_, high_ = _interval([np.array([g - c for g, c, _ in w]) for w in good])
    return PairsReport(
        series[0].venue, len(starts), tested, nominal, left_over, traded, len(flat),
        _mean([g for g, _, _ in flat]), _mean([c for _, c, _ in flat]), _mean(net.tolist()),
        low_, high_,
        float((net > 0).mean()) if net.size else float("nan"),
        float(np.mean([s for _, _, s in flat])) if flat else float("nan"), _mean(loose),
    )  # fmt: skip


def _mean(x: list[float]) -> float:
    return float(np.mean(x)) * BPS if x else float("nan")


def _panel(series: tuple[Series, ...], ts: npt.NDArray[Any], field: str) -> Floats:
    out = np.full((ts.size, len(series)), np.nan)
    for k, one in enumerate(series):
        out[np.searchsorted(ts, one.ts), k] = getattr(one, field)
    return out


def _bar_hours(ts: npt.NDArray[Any]) -> float:
    return float(np.median(np.diff(ts))) / 3.6e12


def _form(close: Floats) -> tuple[list[Formed], Floats]:
    """Test every pair that has all bars of the window."""
    tools = _mackinnon()
    whole = np.flatnonzero(np.isfinite(close).all(axis=0) & (close > 0).all(axis=0))
    logs = np.log(close[:, whole])
    formed: list[Formed] = []
    for i in range(whole.size):
        for j in range(i + 1, whole.size):
            one = engle_granger(logs[:, i], logs[:, j])
            if one is not None and one.beta > 0.0:
                formed.append(
                    Formed(int(whole[i]), int(whole[j]), one.beta, one.mean, one.sd,
                           one.half_life, one.stat)
                )  # fmt: skip
    p = np.array([float(tools.mackinnonp(f.stat, regression="c", N=2)) for f in formed])
    return formed, p


def _mackinnon() -> Any:
    try:
        return import_module("statsmodels.tsa.adfvalues")
    except ImportError as absent:
        raise ResearchError(
            "pairs need statsmodels", where="seawall.analytics.arbitrage.pairs",
            mend="pip install 'seawall[analysis]'",
        ) from absent  # fmt: skip


def _trade(
    pair: Formed, close: Floats, open_: Floats, costs: Costs, bar_hours: float
) -> list[tuple[float, float, bool]]:
    """Trade one pair: gross and costs of each round trip, and whether it was stopped.

    Both are fractions of the notional of both legs.
    """

    def spread(x: Floats) -> Floats:
        line: Floats = np.log(x[:, pair.left]) - pair.beta * np.log(x[:, pair.right]) - pair.mean
        return line

    seen, fill = spread(close) / pair.sd, spread(open_)
    size = 1.0 + pair.beta
    fee = (10.0 if costs.taker_bps is None else costs.taker_bps) / BPS
    hourly = costs.borrow_year / 8_760.0 / 2.0  # one of the two legs is short
    out: list[tuple[float, float, bool]] = []
    side, since, tired = 0.0, 0, False
    for i in range(seen.size - 1):
        z = seen[i]
        if not (math.isfinite(z) and math.isfinite(fill[i + 1])):
            continue
        stopped = bool(side) and side * z < -STOP
        if side and (side * z >= 0.0 or stopped or i == seen.size - 2):
            gross = side * (fill[i + 1] - fill[since]) / size
            out.append((gross, 2.0 * fee + hourly * bar_hours * (i + 1 - since), stopped))
            side, tired = 0.0, stopped
        elif not side and abs(z) < ENTER:
            tired = False  # after a stop the spread must calm down first
        elif not side and not tired and abs(z) < STOP:
            side, since = (-1.0 if z > 0.0 else 1.0), i + 1
    return out


def _interval(windows: list[Floats]) -> tuple[float, float]:
    """95 % of the mean per trade when windows are drawn again; trades of one belong together."""
    full = [w for w in windows if w.size]
    if len(full) < 5:
        return float("nan"), float("nan")
    sums = np.array([w.sum() for w in full])
    sizes = np.array([w.size for w in full])
    draw = np.random.default_rng(0).integers(0, len(full), (2_000, len(full)))
    means = sums[draw].sum(axis=1) / sizes[draw].sum(axis=1) * BPS
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)

# SPDX-License-Identifier: MIT
"""From an outcome to its metrics."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from seawall.model.time import NS_PER_DAY, NS_PER_S
from seawall.research.metrics._bars import (
    DAILY_FROM_NS,
    EquityBars,
    choose_bar,
    to_bars,
)
from seawall.research.metrics._kernel import Floats, Ints
from seawall.research.metrics._metrics import Metrics
from seawall.research.metrics._series import SeriesFigures, series_figures
from seawall.research.metrics._trades import round_trips

if TYPE_CHECKING:
    from seawall.engine.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A price to compare with.

    Parameters
    ----------
    name : str
        Shown in the report.
    ts : int64 array, shape (n,)
        ns UTC, ascending.
    price : float64 array, shape (n,)
        Positive.
    """

    name: str
    ts: Ints
    price: Floats


def equity_bars(outcome: Outcome, bar: tuple[str, int] | None = None) -> EquityBars:
    """Equity of a run at the closes of its bars.

    Parameters
    ----------
    outcome : Outcome
        A run.
    bar : (str, int), optional
        Name and length in ns; chosen from the length of the run if absent.
    """
    ts = np.ascontiguousarray(outcome.equity["ts"])
    equity = np.ascontiguousarray(outcome.equity["equity"])
    return to_bars(ts, equity, outcome.initial_equity, bar or choose_bar(ts))


def performance(outcome: Outcome, benchmark: Benchmark | None = None) -> Metrics:
    """Compute every figure of a run.

    Returns are those of daily equity for runs of 30 days or more, else of the longest
    bar that gives 60 of them (``Metrics.bar`` names it).  Drawdown is taken over every
    equity sample.

    Parameters
    ----------
    outcome : Outcome
        A run.
    benchmark : Benchmark, optional
        For beta, alpha and the information ratio.

    Returns
    -------
    Metrics
        NaN with a reason where a figure is undefined.
    """
    bars = equity_bars(outcome)
    span = int(bars.ts[-1] - bars.ts[0])
    returns = bars.returns
    series = series_figures(
        returns,
        periods_per_year=bars.periods_per_year,
        benchmark=_benchmark_returns(benchmark, bars, returns.shape[0]),
        years=span / (bars.bar_ns * bars.periods_per_year),
    )
    fall, under_ns = _drawdown(outcome)
    annual = series.annual_return if span >= DAILY_FROM_NS else math.nan
    trades = round_trips(outcome)
    values: dict[str, object] = {
        "currency": outcome.currency,
        "start_ns": int(bars.ts[0]),
        "end_ns": int(bars.ts[-1]),
        "span_days": span / NS_PER_DAY,
        "bar": bars.name,
        "bars": series.periods,
        "periods_per_year": bars.periods_per_year,
        "benchmark": benchmark.name if benchmark else "",
        "initial_equity": outcome.initial_equity,
        "final_equity": float(bars.equity[-1]),
        "total_return": float(bars.equity[-1]) / outcome.initial_equity - 1.0,
        "annual_return": annual,
        "calmar": annual / -fall if fall < 0.0 else math.nan,
        "max_drawdown": fall,
        "max_drawdown_days": under_ns / NS_PER_DAY,
        **{name: getattr(series, name) for name in _FROM_SERIES},
        **_trade_figures(trades),
        **_activity(outcome),
    }
    known = Metrics(**values)  # type: ignore[arg-type]
    return Metrics(**{**values, "undefined": _reasons(known, series)})  # type: ignore[arg-type]


_FROM_SERIES = (
    "volatility", "sharpe", "sortino", "information_ratio", "beta", "alpha",
    "average_drawdown", "ulcer", "var_95", "var_99", "es_95", "es_99", "skew", "kurtosis",
)  # fmt: skip


def _benchmark_returns(benchmark: Benchmark | None, bars: EquityBars, n: int) -> Floats | None:
    """Benchmark over the bars of the run; None where it does not cover them."""
    if benchmark is None or benchmark.ts.size == 0 or benchmark.ts[0] > bars.ts[0]:
        return None
    at = np.searchsorted(benchmark.ts, bars.ts, side="right") - 1
    price = benchmark.price[at]
    return np.asarray(price[1:] / price[:-1] - 1.0, dtype=np.float64)[:n]


def _drawdown(outcome: Outcome) -> tuple[float, int]:
    """Deepest fall from a peak (negative fraction) and longest time below one, ns."""
    if outcome.equity.shape[0] == 0:
        return math.nan, 0
    ts = np.concatenate([outcome.equity["ts"][:1], outcome.equity["ts"]])
    equity = np.concatenate([[outcome.initial_equity], outcome.equity["equity"]])
    peak = np.maximum.accumulate(equity)
    fall = float(max((equity / peak - 1.0).min(), -1.0))
    below = equity < peak
    if not below.any():
        return fall, 0
    # The clock of a fall starts at the last sample that stood at the peak.
    at_peak = np.where(below, 0, np.arange(equity.shape[0]))
    since = ts[np.maximum.accumulate(at_peak)]
    # A recovery ends the fall at the sample that regains the peak.
    ended = below | np.concatenate([[False], below[:-1]])
    before = np.concatenate([since[:1], since[:-1]])
    return fall, int((ts - np.where(below, since, before))[ended].max())


def _trade_figures(trades: npt.NDArray[np.void]) -> dict[str, object]:
    known = np.isfinite(trades["net"])
    net = trades["net"][known]
    out: dict[str, object] = {"trades": int(trades.shape[0])}
    if trades.shape[0]:
        hold = (trades["exit_ts"] - trades["entry_ts"]).astype(np.float64)
        out["average_hold_s"] = float(hold.mean()) / NS_PER_S
    if net.shape[0]:
        loss = -float(net[net < 0.0].sum())
        out |= {
            "win_rate": float((net > 0.0).mean()),
            "profit_factor": float(net[net > 0.0].sum()) / loss if loss > 0.0 else math.nan,
            "average_trade": float(net.mean()),
            "best_trade": float(net.max()),
            "worst_trade": float(net.min()),
        }
    return out


def _activity(outcome: Outcome) -> dict[str, object]:
    t, e, f = outcome.totals, outcome.equity, outcome.fills
    out: dict[str, object] = {
        "fills": int(f.shape[0]),
        "orders": int(outcome.orders.shape[0]),
        "rejects": int(t.rejects),
        "liquidations": int(t.liquidations),
        "maker_share": float(f["maker"].mean()) if f.shape[0] else math.nan,
        "turnover": t.turnover,
        "fees": t.fees,
        "slippage": t.slippage,
        "interest": t.interest,
        "funding": t.funding,
    }
    dt = np.diff(e["ts"]).astype(np.float64)
    if dt.sum() > 0.0:
        equity = e["equity"]
        with np.errstate(divide="ignore", invalid="ignore"):
            load = np.where(equity > 0.0, e["gross"] / equity, np.nan)
        usable = np.isfinite(load[:-1])
        weight = dt[usable]
        out |= {
            "turnover_ratio": t.turnover / float(np.average(equity[:-1], weights=dt)),
            "exposure": float(np.average(load[:-1][usable], weights=weight)),
            "exposure_max": float(np.nanmax(load)),
            "time_in_market": float(np.average(e["gross"][:-1] > 0.0, weights=dt)),
        }
    return out


def _reasons(m: Metrics, series: SeriesFigures) -> tuple[tuple[str, str], ...]:
    """Say why each NaN is a NaN."""
    few = f"{m.bars} returns over bars of {m.bar}"
    flat = "equity did not move" if m.bars > 1 else few
    short = f"the run has {m.span_days:.1f} days; annual figures need 30"
    rival = "no benchmark" if not m.benchmark else "the benchmark does not cover the run"
    idle = "no trade was closed"
    if m.trades:
        idle = "settle currency cannot be converted"
    lossless = "no losing bar" if m.volatility > 0.0 else flat
    texts = {
        "annual_return": short,
        "calmar": short if math.isnan(m.annual_return) else "no drawdown",
        "volatility": few, "sharpe": flat, "sortino": lossless, "skew": flat, "kurtosis": flat,
        "information_ratio": rival, "beta": rival, "alpha": rival,
        "var_95": f"{few}; needs 20", "es_95": f"{few}; needs 20",
        "var_99": f"{few}; needs 100", "es_99": f"{few}; needs 100",
        "win_rate": idle, "average_trade": idle, "best_trade": idle, "worst_trade": idle,
        "average_hold_s": idle,
        "profit_factor": idle if math.isnan(m.win_rate) else "no losing trade",
        "maker_share": "no fill",
    }  # fmt: skip
    blank = "no equity over time" if series.periods == 0 else "not enough samples"
    return tuple(
        (f.name, texts.get(f.name, blank))
        for f in fields(m)
        if isinstance(v := getattr(m, f.name), float) and math.isnan(v)
    )

# SPDX-License-Identifier: MIT
"""The figures of a run, each with its unit and, where undefined, the reason."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Metrics:
    """Figures of one run; a figure that is undefined is NaN and has a reason.

    Fractions are plain (0.05 is 5 %), money is in ``currency``, annual means a year of
    365 days.

    Parameters
    ----------
    currency : str
        Report currency.
    start_ns, end_ns : int
        First and last equity sample, ns UTC.
    span_days : float
        Time between them, days.
    bar : str
        Length of the bars on which returns are measured: the horizon of VaR and ES.
    bars : int
        Number of returns.
    periods_per_year : float
        Bars in a year.
    benchmark : str
        Name of the benchmark, empty when there is none.
    initial_equity, final_equity : float
        Report currency.
    total_return, annual_return : float
        Fractions; the annual one is compound, and undefined below 30 days.
    volatility, sharpe, sortino, calmar : float
        Annual.  Sortino divides by the root mean square of negative returns over all
        bars; Calmar is the annual return over the absolute maximum drawdown.
    information_ratio, beta, alpha : float
        Against the benchmark; ratio and alpha are annual.
    max_drawdown, average_drawdown, ulcer : float
        Fractions, the first two negative; over every equity sample, the averages over
        bar closes.
    max_drawdown_days : float
        Longest time below an earlier peak, days.
    var_95, var_99, es_95, es_99 : float
        Historical loss over one bar as positive fractions.
    skew, kurtosis : float
        Of the bar returns; a normal has kurtosis 3.
    trades : int
        Round trips closed.
    win_rate, profit_factor : float
        Share of trades with a net profit; net profits over net losses.
    average_trade, best_trade, worst_trade : float
        Net of fees, without funding, report currency.
    average_hold_s : float
        Mean time from entry to exit, s.
    fills, orders, rejects, liquidations : int
        Counts.
    maker_share : float
        Share of fills that were maker.
    turnover, turnover_ratio : float
        Value traded, report currency; and as a multiple of mean equity.
    fees, slippage, interest : float
        Costs are positive, report currency.
    funding : float
        Positive when received, report currency.
    exposure, exposure_max : float
        Gross position value over equity, mean over time and greatest.
    time_in_market : float
        Share of time with a position.
    undefined : tuple of (str, str)
        Name and reason of every figure that is NaN.
    """

    currency: str
    start_ns: int = 0
    end_ns: int = 0
    span_days: float = 0.0
    bar: str = ""
    bars: int = 0
    periods_per_year: float = NAN
    benchmark: str = ""
    initial_equity: float = NAN
    final_equity: float = NAN
    total_return: float = NAN
    annual_return: float = NAN
    volatility: float = NAN
    sharpe: float = NAN
    sortino: float = NAN
    calmar: float = NAN
    information_ratio: float = NAN
    beta: float = NAN
    alpha: float = NAN
    max_drawdown: float = NAN
    average_drawdown: float = NAN
    ulcer: float = NAN
    max_drawdown_days: float = NAN
    var_95: float = NAN
    var_99: float = NAN
    es_95: float = NAN
    es_99: float = NAN
    skew: float = NAN
    kurtosis: float = NAN
    trades: int = 0
    win_rate: float = NAN
    profit_factor: float = NAN
    average_trade: float = NAN
    best_trade: float = NAN
    worst_trade: float = NAN
    average_hold_s: float = NAN
    fills: int = 0
    orders: int = 0
    rejects: int = 0
    liquidations: int = 0
    maker_share: float = NAN
    turnover: float = NAN
    turnover_ratio: float = NAN
    fees: float = NAN
    slippage: float = NAN
    interest: float = NAN
    funding: float = NAN
    exposure: float = NAN
    exposure_max: float = NAN
    time_in_market: float = NAN
    undefined: tuple[tuple[str, str], ...] = ()

    def reason(self, name: str) -> str:
        """Why a figure is NaN; empty when it is defined."""
        return dict(self.undefined).get(name, "")

    def as_dict(self) -> dict[str, object]:
        """Return all figures by name, None where undefined, reasons under ``undefined``."""
        out: dict[str, object] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, float) and not math.isfinite(value):
                value = None
            out[item.name] = value
        out["undefined"] = dict(self.undefined)
        return out

    def to_json(self, *, indent: int | None = None) -> str:
        """Return all figures as JSON; an undefined figure is null, never NaN."""
        return json.dumps(self.as_dict(), indent=indent, allow_nan=False)

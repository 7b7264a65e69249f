# SPDX-License-Identifier: MIT
"""Names, units and printing of the figures, for pages and consoles alike."""

from __future__ import annotations

import math
from dataclasses import dataclass

from seawall.research.metrics import Metrics

BLANK = "–"  # noqa: RUF001  an en dash, the printed sign of "undefined"
_MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class Figure:
    """How one metric is shown.

    Parameters
    ----------
    name : str
        Field of :class:`~seawall.research.metrics.Metrics`.
    label : str
        What a reader sees.
    kind : str
        ``percent``, ``ratio``, ``money``, ``count``, ``days``, ``seconds`` or ``times``.
    note : str
        Definition in a few words; ``{bar}`` stands for the horizon.
    """

    name: str
    label: str
    kind: str
    note: str = ""


GROUPS: tuple[tuple[str, tuple[Figure, ...]], ...] = (
    (
        "Result",
        (
            Figure("total_return", "Total return", "percent"),
            Figure("annual_return", "Annual return", "percent", "compound, 365 days"),
            Figure("final_equity", "Final equity", "money"),
            Figure("sharpe", "Sharpe ratio", "ratio", "annual, from bars of {bar}"),
            Figure("sortino", "Sortino ratio", "ratio", "annual, downside over all bars"),
            Figure("calmar", "Calmar ratio", "ratio", "annual return over max drawdown"),
        ),
    ),
    (
        "Risk",
        (
            Figure("volatility", "Volatility", "percent", "annual, from bars of {bar}"),
            Figure("max_drawdown", "Max drawdown", "percent", "over every equity sample"),
            Figure("max_drawdown_days", "Longest drawdown", "days", "peak to recovery or end"),
            Figure("var_95", "VaR 95 %", "percent", "historical loss over {bar}"),
            Figure("es_95", "ES 95 %", "percent", "mean loss beyond VaR, {bar}"),
            Figure("var_99", "VaR 99 %", "percent", "historical loss over {bar}"),
            Figure("es_99", "ES 99 %", "percent", "mean loss beyond VaR, {bar}"),
            Figure("skew", "Skewness", "ratio", "of bar returns"),
            Figure("kurtosis", "Kurtosis", "ratio", "a normal has 3"),
        ),
    ),
    (
        "Trades",
        (
            Figure("trades", "Round trips", "count", "first in, first out, closed"),
            Figure("win_rate", "Win rate", "percent", "trades with a net profit"),
            Figure("profit_factor", "Profit factor", "ratio", "net profits over net losses"),
            Figure("average_trade", "Average trade", "money", "net of fees, without funding"),
            Figure("best_trade", "Best trade", "money"),
            Figure("worst_trade", "Worst trade", "money"),
            Figure("average_hold_s", "Average hold", "seconds"),
            Figure("fills", "Fills", "count"),
            Figure("maker_share", "Maker share", "percent", "of fills"),
            Figure("rejects", "Orders rejected", "count"),
            Figure("liquidations", "Liquidations", "count"),
        ),
    ),
    (
        "Costs and activity",
        (
            Figure("turnover", "Turnover", "money", "value traded"),
            Figure("turnover_ratio", "Turnover over equity", "times"),
            Figure("fees", "Fees", "money", "positive is a cost"),
            Figure("slippage", "Slippage", "money", "taker fills against mid at sending"),
            Figure("funding", "Funding", "money", "positive when received"),
            Figure("interest", "Interest", "money", "positive is a cost"),
            Figure("exposure", "Mean exposure", "times", "gross over equity"),
            Figure("exposure_max", "Greatest exposure", "times", "gross over equity"),
            Figure("time_in_market", "Time in market", "percent"),
        ),
    ),
    (
        "Against the benchmark",
        (
            Figure("beta", "Beta", "ratio"),
            Figure("alpha", "Alpha", "percent", "annual"),
            Figure("information_ratio", "Information ratio", "ratio", "annual"),
        ),
    ),
)
"""Every figure that is shown, by heading."""

_ANNUAL = ("sharpe", "sortino", "volatility", "alpha", "information_ratio")

BY_NAME = {f.name: f for _, group in GROUPS for f in group}


SHARPE_DAYS_MIN = 30.0
"""Below this a ratio scaled up to a year is no headline; it stands in the table of all figures."""


def show(kind: str, value: float, currency: str = "") -> str:
    """Print a value with its unit; an en dash when it is undefined."""
    if not math.isfinite(value):
        return BLANK
    if kind == "count":
        text = f"{int(value):,}"
    elif kind == "percent":
        text = f"{100.0 * value:,.{_places(100.0 * value)}f} %"
    elif kind == "money":
        text = f"{_money(value)} {currency}".rstrip()
    elif kind == "days":
        text = _duration(value * 86_400.0)
    elif kind == "seconds":
        text = _duration(value)
    elif kind == "times":
        text = f"{value:,.2f} ×"  # noqa: RUF001  the multiplication sign is meant
    else:
        text = f"{value:,.2f}"
    if not text.strip("-0., %" + currency):
        text = text.lstrip("-")  # nothing is left of the minus after rounding
    return text.replace("-", _MINUS)


def show_figure(figure: Figure, metrics: Metrics) -> str:
    """Print one figure of a run."""
    return show(figure.kind, getattr(metrics, figure.name), metrics.currency)


def figure_text(name: str, metrics: Metrics) -> str:
    """Print a figure by its name; empty when it is undefined."""
    text = show_figure(BY_NAME[name], metrics)
    return "" if text == BLANK else text


def note_of(figure: Figure, metrics: Metrics) -> str:
    """Definition of a figure, or the reason why it is undefined."""
    note = metrics.reason(figure.name) or figure.note.format(bar=metrics.bar)
    if figure.name in _ANNUAL and metrics.span_days < 30.0 and not metrics.reason(figure.name):
        return f"{note}; scaled up from {show('days', metrics.span_days)}"
    return note


def _places(percent: float) -> int:
    size = abs(percent)
    return 1 if size >= 100.0 else 2 if size >= 0.1 or size == 0.0 else 4


def _money(value: float) -> str:
    size = abs(value)
    if size >= 0.1 or size < 1e-12:
        return f"{value:,.{0 if size >= 1e6 else 2}f}"
    # Small amounts of a dear currency keep three digits, without an exponent.
    return f"{value:.{2 - math.floor(math.log10(size))}f}"


def _duration(seconds: float) -> str:
    for unit, length in (("d", 86_400.0), ("h", 3_600.0), ("min", 60.0)):
        if seconds >= length:
            return f"{seconds / length:,.1f} {unit}"
    return f"{seconds:,.2f} s"

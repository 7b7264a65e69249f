# SPDX-License-Identifier: MIT
"""Pieces of the page: cards, tables and boxes as escaped HTML."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape

import numpy as np

from seawall.engine.outcome import Outcome
from seawall.model.order import OrderState, RejectReason
from seawall.model.time import format_time_ns
from seawall.research.metrics import Metrics, round_trips
from seawall.research.report._chart import Chart
from seawall.research.report._console import SHORT
from seawall.research.report._figures import (
    BLANK,
    BY_NAME,
    GROUPS,
    SHARPE_DAYS_MIN,
    Figure,
    note_of,
    show,
    show_figure,
)
from seawall.research.report._summary import Summary

CARDS = ("total_return", "sharpe", "max_drawdown", "volatility", "es_95", "win_rate", "fees")
LISTED = 50


def cards(s: Summary) -> str:
    """Draw the main figures, each with its interval or the reason for having none."""
    out = []
    for name in CARDS:
        if name == "sharpe" and s.metrics.span_days < SHARPE_DAYS_MIN:
            continue
        figure = BY_NAME[name]
        i = s.interval(name)
        below = note_of(figure, s.metrics)
        if i is not None:
            below = f"90 %: {show(figure.kind, i.low)} to {show(figure.kind, i.high)}"
            if "scaled up" in note_of(figure, s.metrics):
                below += f", scaled up from {show('days', s.metrics.span_days)}"
        elif name == "fees" and s.metrics.turnover > 0.0:
            cost = 1e4 * (s.metrics.fees + s.metrics.slippage) / s.metrics.turnover
            below = f"with slippage {cost:.2f} bp of turnover"
        elif name == "win_rate" and s.metrics.trades:
            below = f"of {s.metrics.trades:,} round trips"
        elif s.metrics.reason(name) == "" and name in ("total_return", "sharpe"):
            below = f"no interval: {s.why_no_intervals}"
        out.append(
            f'<div class="card"><dt>{escape(figure.label)}</dt>'
            f"<dd>{_cell(figure, s.metrics, 'strong')}</dd>"
            f'<dd class="sub">{escape(below)}</dd></div>'
        )
    tried = f"{s.trials.count:,} trial{'s' if s.trials.count != 1 else ''} counted"
    if math.isfinite(s.probability_positive) and s.trials.count > 1:
        tried += f"; {show('percent', s.probability_positive)} before"
    out.append(
        '<div class="card"><dt>Probability of Sharpe &gt; 0 after trials</dt>'
        f"<dd><strong>{show('percent', s.probability_deflated)}</strong></dd>"
        f'<dd class="sub">{escape(tried)}</dd></div>'
    )
    return f'<dl class="cards">{"".join(out)}</dl>'


def figure_tables(s: Summary) -> str:
    """List every figure by heading, with interval and definition."""
    out = []
    for heading, group in GROUPS:
        if heading == "Against the benchmark":
            if not s.metrics.benchmark:
                continue
            heading = f"Against {s.metrics.benchmark}"
        rows = []
        for figure in group:
            i = s.interval(figure.name)
            spread = f"{show(figure.kind, i.low)} to {show(figure.kind, i.high)}" if i else ""
            rows.append(
                f'<tr><th scope="row">{escape(figure.label)}</th>'
                f'<td class="n">{_cell(figure, s.metrics)}</td>'
                f'<td class="n dim">{escape(spread)}</td>'
                f'<td class="dim note{" why" if s.metrics.reason(figure.name) else ""}">'
                f"{escape(note_of(figure, s.metrics))}</td></tr>"
            )
        head = (
            '<tr><th>figure</th><th class="n">value</th><th class="n">90 %</th><th>note</th></tr>'
        )
        out.append(
            f'<div class="scroll"><table class="figures"><caption>{escape(heading)}</caption>'
            f"<thead>{head}</thead><tbody>{''.join(rows)}</tbody></table></div>"
        )
    return f'<div class="figure-tables">{"".join(out)}</div>'


def uncertainty(s: Summary) -> str:
    """Say how far the Sharpe ratio can be trusted, in figures."""
    m, paths = s.metrics, s.paths
    needed = f"{show('days', s.record_needed_days)} (here {show('days', m.span_days)})"
    items = [
        ("Sharpe ratio, ± standard error", f"{show('ratio', m.sharpe)} ± "
         f"{show('ratio', s.sharpe_error)}", "annual; skewness and kurtosis counted"),
        ("Probability that it exceeds 0", show("percent", s.probability_positive), "PSR"),
        ("The same after the trials", show("percent", s.probability_deflated),
         f"DSR with {s.trials.count:,} trial{'s' if s.trials.count != 1 else ''}"),
        ("Sharpe ratio of the luckiest trial", show("ratio", s.luck_sharpe),
         "expected best of as many trials without skill"),
        ("Record needed for 95 %", needed, "PSR at the ratio seen"),
    ]  # fmt: skip
    if paths is not None:
        low, high = np.quantile(paths.max_drawdown, [0.05, 0.5])
        items += [
            ("Paths that end with a loss", show("percent", float((paths.total_return < 0).mean())),
             f"{paths.total_return.size:,} resampled paths"),
            ("Max drawdown of resampled paths", f"median {show('percent', float(high))}, "
             f"worst 5 % below {show('percent', float(low))}", f"at closes of {m.bar}"),
            ("Bootstrap", f"mean block {paths.block:.1f} bars, seed {paths.seed}",
             "stationary, block length chosen from the data"),
        ]  # fmt: skip
    else:
        items.append(("Bootstrap", BLANK, s.why_no_intervals))
    rows = "".join(
        f'<tr><th scope="row">{escape(a)}<span class="dim">{escape(c)}</span></th>'
        f'<td class="n">{escape(b)}</td></tr>'
        for a, b, c in items
    )
    warning = (
        "One trial is counted. If other settings were tried, the last probabilities are too high."
        if s.trials.count == 1
        else "Trials count as independent; variants of one idea count for fewer."
    )
    return (
        f'<table class="inference"><tbody>{rows}</tbody></table><p class="dim small">{warning}</p>'
    )


def runs_table(runs: Sequence[tuple[str, Metrics]], caption: str) -> str:
    """Put runs side by side, one column each."""
    head = "".join(f'<th class="n" scope="col">{escape(name)}</th>' for name, _ in runs)
    rows = []
    for name in (*SHORT, "fills", "rejects"):
        figure = BY_NAME[name]
        cells = [show_figure(figure, m) for _, m in runs]
        if all(c == BLANK for c in cells):
            continue
        rows.append(
            f'<tr><th scope="row">{escape(figure.label)}</th>'
            + "".join(f'<td class="n">{escape(c)}</td>' for c in cells)
            + "</tr>"
        )
    return (
        f'<div class="panel scroll"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr><th>figure</th>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def trade_tables(outcome: Outcome) -> str:
    """List the first, worst and best round trips, under tabs."""
    t = round_trips(outcome)
    if t.shape[0] == 0:
        return '<div class="panel dim">No trade was closed.</div>'
    net = np.where(np.isfinite(t["net"]), t["net"], 0.0)
    order = np.argsort(net, kind="stable")
    views = (
        ("First", np.arange(min(LISTED, t.shape[0]))),
        ("Worst", order[:LISTED]),
        ("Best", order[::-1][:LISTED]),
    )
    tabs, panes = [], []
    for i, (name, rows) in enumerate(views):
        checked = " checked" if i == 0 else ""
        tabs.append(
            f'<input type="radio" name="trades" id="tab{i}"{checked}>'
            f'<label for="tab{i}">{name} {len(rows)}</label>'
        )
        panes.append(f'<div class="pane scroll">{_trade_rows(outcome, t[rows], name)}</div>')
    return f'<div class="tabs">{"".join(tabs)}{"".join(panes)}</div>'


def _trade_rows(outcome: Outcome, trades: np.ndarray, name: str) -> str:
    money = f"({escape(outcome.currency)})"
    head = "".join(
        f'<th scope="col"{c}>{label}</th>'
        for label, c in (
            ("exit (UTC)", ""), ("held", ' class="n"'), ("symbol", ""), ("side", ""),
            ("quantity", ' class="n"'), ("entry", ' class="n"'), ("exit", ' class="n"'),
            (f"net {money}", ' class="n"'), (f"fees {money}", ' class="n"'),
        )
    )  # fmt: skip
    rows = []
    for t in trades:
        values = [
            (format_time_ns(int(t["exit_ts"]))[:19].replace("T", " "), False),
            (show("seconds", float(t["exit_ts"] - t["entry_ts"]) / 1e9), True),
            (outcome.instruments[int(t["instrument"])].symbol, False),
            (("long" if t["side"] > 0 else "short") + (" †" if t["liquidation"] else ""), False),
            (f"{t['quantity']:.8g}", True),
            (f"{t['entry_price']:.8g}", True),
            (f"{t['exit_price']:.8g}", True),
            (show("money", float(t["net"])), True),
            (show("money", float(t["fees"])), True),
        ]
        cells = "".join(
            f'<td class="n">{escape(v)}</td>' if right else f"<td>{escape(v)}</td>"
            for v, right in values
        )
        rows.append(f"<tr>{cells}</tr>")
    mark = " † closed by liquidation." if trades["liquidation"].any() else ""
    caption = f"{name} round trips, first in, first out, net of fees, without funding.{mark}"
    return (
        f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def order_table(outcome: Outcome) -> str:
    """Count orders by how they ended, and rejected ones by reason."""
    o = outcome.orders
    if o.shape[0] == 0:
        return '<div class="panel dim">No order was kept.</div>'
    rows = [
        (OrderState(int(s)).name.lower(), int(n))
        for s, n in zip(*np.unique(o["state"], return_counts=True), strict=True)
    ]
    refused = o["reason"][o["state"] == OrderState.REJECTED]
    reasons = [
        (RejectReason(int(r)).name.lower().replace("_", " "), int(n))
        for r, n in zip(*np.unique(refused, return_counts=True), strict=True)
    ]
    out = _count_table("Orders by how they ended", rows)
    if reasons:
        out += _count_table("Rejected by reason", sorted(reasons, key=lambda x: -x[1]))
    else:
        out += '<p class="dim">No order was rejected.</p>'
    return f'<div class="panel stack">{out}</div>'


def _count_table(caption: str, rows: Iterable[tuple[str, int]]) -> str:
    body = "".join(
        f'<tr><th scope="row">{escape(a)}</th><td class="n">{n:,}</td></tr>' for a, n in rows
    )
    return f"<table><caption>{escape(caption)}</caption><tbody>{body}</tbody></table>"


def assumption_list(fill_model: str, assumptions: Sequence[str]) -> str:
    """List what was assumed, the fill model first."""
    items = [f"Fill model: {fill_model or 'not named'}.", *assumptions]
    return "<ul>" + "".join(f"<li>{escape(i)}</li>" for i in items) + "</ul>"


def manifest_table(manifest: Mapping[str, object]) -> str:
    """List settings, hashes and versions, nested names joined by dots."""
    rows = "".join(
        f'<tr><th scope="row">{escape(k)}</th><td class="mono">{escape(v)}</td></tr>'
        for k, v in _flat(manifest)
    )
    return f'<div class="scroll"><table class="manifest"><tbody>{rows}</tbody></table></div>'


def _flat(values: Mapping[str, object], before: str = "") -> Iterable[tuple[str, str]]:
    for key, value in values.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{name}.")
        elif isinstance(value, str):
            yield name, value
        else:
            yield name, json.dumps(value, default=str)


def chart_figure(chart: Chart) -> str:
    """Hold the place of a chart, with heading, description and caption."""
    key = escape(chart.key)
    wide = " wide" if chart.wide else ""
    choice = ""
    if len(chart.groups) > 1:
        options = "".join(f"<option>{escape(g)}</option>" for g in chart.groups)
        choice = (
            f'<label class="choice">Instrument <select data-for="{key}">{options}</select></label>'
        )
    caption = f'<p class="dim small">{escape(chart.caption)}</p>' if chart.caption else ""
    return (
        f'<figure class="panel{wide}" id="fig-{key}"><figcaption><h3>{escape(chart.title)}</h3>'
        f"{choice}</figcaption>"
        f'<div class="chart" id="chart-{key}" style="height:{chart.height}px" role="img" '
        f'aria-label="{escape(chart.alt, quote=True)}"></div>{caption}</figure>'
    )


def _cell(figure: Figure, m: Metrics, tag: str = "span") -> str:
    """Print a figure so that a program can read its exact value, too."""
    value = getattr(m, figure.name)
    exact = repr(value) if math.isfinite(value) else ""
    text = escape(show_figure(figure, m))
    return f'<{tag} data-figure="{figure.name}" data-value="{exact}">{text}</{tag}>'

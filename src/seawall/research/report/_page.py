# SPDX-License-Identifier: MIT
"""The page: one file that carries its charts, its data and its drawing program."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from seawall.model.time import format_time_ns
from seawall.research.metrics import Metrics, equity_bars, performance
from seawall.research.report import _fragments as html
from seawall.research.report._chart import Chart, NamedOutcome, PriceSeries
from seawall.research.report._equity_chart import equity_chart
from seawall.research.report._figures import show
from seawall.research.report._files import write_text
from seawall.research.report._period_charts import cost_chart, period_chart
from seawall.research.report._return_charts import distribution_chart, fan_chart, rolling_chart
from seawall.research.report._section import TableSection, section_html
from seawall.research.report._summary import Summary, summarise
from seawall.research.report._trade_chart import trade_chart

if TYPE_CHECKING:
    from seawall.engine.outcome import Outcome

DISCLAIMER = (
    "This is a simulation, not a promise. Past or simulated results say little about future "
    "ones, and no claim of profit is made."
)
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:"
)


def write_html(
    outcome: Outcome,
    path: str | os.PathLike[str],
    *,
    title: str,
    summary: Summary | None = None,
    name: str = "this run",
    band: Sequence[NamedOutcome] = (),
    comparison: Sequence[NamedOutcome] = (),
    price: PriceSeries | Sequence[PriceSeries] = (),
    assumptions: Sequence[str] = (),
    manifest: Mapping[str, object] | None = None,
    extra: Sequence[TableSection] = (),
) -> Path:
    """Write the report of a run as one self-contained HTML file.

    The file loads nothing: charts are drawn by the plotly.js that it carries, packed,
    and its content policy forbids any connection.

    Parameters
    ----------
    outcome : Outcome
        The run.
    path : path
        Where to write; folders are made.
    title : str
        Heading of the page.
    summary : Summary, optional
        From :func:`summarise`; made with one trial if absent.
    name : str
        Name of the run among others.
    band : sequence of NamedOutcome
        The same run under other fill models; drawn as a band around the equity.
    comparison : sequence of NamedOutcome
        Rivals, drawn as lines and put side by side in a table.
    price : PriceSeries or sequence of them
        For the chart of fills; without it, the fills' own prices are drawn.
    assumptions : sequence of str
        What the simulation takes for granted and what it leaves out.
    manifest : mapping
        Settings, data hashes, seed, versions; shown folded.
    extra : sequence of TableSection
        What else the caller has to say; stands behind the overview.

    Returns
    -------
    Path
        The file.
    """
    s = summary or summarise(outcome)
    prices = (price,) if isinstance(price, PriceSeries) else tuple(price)
    bars = equity_bars(outcome)
    charts = {
        c.key: c
        for c in (
            equity_chart(outcome, name, band, comparison),
            trade_chart(outcome, prices),
            fan_chart(bars, s),
            distribution_chart(bars, s.metrics),
            rolling_chart(bars, s.metrics),
            period_chart(outcome),
            cost_chart(outcome, s.metrics),
        )
        if c is not None
    }
    body = _body(
        outcome, title, s, name, band, comparison, charts, assumptions, manifest or {}, extra
    )
    page = _document(title, body, s, charts)
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_text(target, page)
    return target


def _body(
    outcome: Outcome,
    title: str,
    s: Summary,
    name: str,
    band: Sequence[NamedOutcome],
    comparison: Sequence[NamedOutcome],
    charts: Mapping[str, Chart],
    assumptions: Sequence[str],
    manifest: Mapping[str, object],
    extra: Sequence[TableSection],
) -> str:
    def draw(*keys: str) -> str:
        return "".join(html.chart_figure(charts[k]) for k in keys if k in charts)

    shapes = draw("distribution", "rolling", "periods")
    sides = _sides((name, s.metrics), comparison, band)
    facts = {"fingerprint": outcome.fingerprint, "fill_model": outcome.fill_model, **manifest}
    sections = [
        ("overview", "Overview", html.cards(s) + draw("equity")),
        *((escape(e.key, quote=True), escape(e.heading), section_html(e)) for e in extra),
        ("assumptions", "Assumptions",
         f'<div class="panel">{html.assumption_list(outcome.fill_model, assumptions)}</div>'),
        ("sides", "Comparison", f'<div class="pair">{sides}</div>' if sides else ""),
        ("fills", "Fills", draw("trades")),
        ("uncertainty", "Trials and uncertainty",
         f'<div class="pair"><div class="panel">{html.uncertainty(s)}</div>{draw("fan")}</div>'),
        ("returns", "Returns", f'<div class="pair">{shapes}</div>' if shapes else ""),
        ("costs", "Costs and orders",
         f'<div class="pair">{draw("costs")}{html.order_table(outcome)}</div>'),
        ("figures", "All figures", html.figure_tables(s)),
        ("trips", "Round trips", html.trade_tables(outcome)),
        ("manifest", "Manifest",
         f"<details><summary>Settings, data hashes and versions</summary>"
         f"{html.manifest_table(facts)}</details>"),
    ]  # fmt: skip
    kept = [(key, head, content) for key, head, content in sections if content]
    links = "".join(f'<a href="#{key}">{head}</a>' for key, head, _ in kept)
    parts = "".join(
        f'<section id="{key}" aria-labelledby="h-{key}"><h2 id="h-{key}">{head}</h2>'
        f"{content}</section>"
        for key, head, content in kept
    )
    return (
        f"<header>{_head(outcome, title, s)}</header>"
        f'<nav aria-label="Sections">{links}</nav><main>{parts}</main>'
    )


def _sides(
    this: tuple[str, Metrics], comparison: Sequence[NamedOutcome], band: Sequence[NamedOutcome]
) -> str:
    """Put rivals, and the run under other fill models, side by side with the run."""
    groups = (
        ("Runs side by side", comparison),
        ("The same run under other fill models", band),
    )
    return "".join(
        html.runs_table([this, *((r.name, performance(r.outcome)) for r in runs)], caption)
        for caption, runs in groups
        if runs
    )


def _head(outcome: Outcome, title: str, s: Summary) -> str:
    m = s.metrics
    symbols = [i.symbol for i in outcome.instruments]
    traded = ", ".join(symbols[:4]) + (f" and {len(symbols) - 4} more" if len(symbols) > 4 else "")
    begin, end = (format_time_ns(t)[:19].replace("T", " ") for t in (m.start_ns, m.end_ns))
    facts = [
        ("Period", f"{begin} to {end} UTC, {show('days', m.span_days)}"),
        ("Instruments", traded),
        ("Start", show("money", m.initial_equity, m.currency)),
        ("Fill model", outcome.fill_model or "not named"),
        ("Returns", f"{m.bars:,} bars of {m.bar}"),
        ("Fingerprint", outcome.fingerprint[:16]),
    ]
    if m.bars == 0:
        facts[0] = ("Period", "no equity samples")
    listed = "".join(f"<div><dt>{a}</dt><dd>{escape(b)}</dd></div>" for a, b in facts)
    return (
        f'<p class="brand">seawall <span>backtest report</span></p><h1>{escape(title)}</h1>'
        f'<p class="disclaimer">{DISCLAIMER}</p><dl class="facts">{listed}</dl>'
    )


def _document(title: str, body: str, s: Summary, charts: Mapping[str, Chart]) -> str:
    here = files(__package__)
    style = here.joinpath("report.css").read_text(encoding="utf-8")
    script = here.joinpath("report.js").read_text(encoding="utf-8")
    packed, version = plotly_packed()
    drawn = [
        {k: v for k, v in asdict(c).items() if k in ("key", "traces", "layout", "groups")}
        for c in charts.values()
    ]
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{escape(title)} - Seawall report</title>
<style>{style}</style>
</head>
<body>
<noscript><p class="notice">Charts need JavaScript; every figure is in the tables.</p></noscript>
<p class="notice" id="trouble" hidden></p>
{body}
<footer><p>{DISCLAIMER}</p>
<p>Charts by plotly.js {version}, MIT licence, © Plotly, Inc.</p></footer>
<script type="application/json" id="summary">{_embed(s.as_dict())}</script>
<script type="application/json" id="charts">{_embed(drawn)}</script>
<script type="text/plain" id="plotly">{packed}</script>
<script>{script}</script>
</body>
</html>
"""


def _embed(value: object) -> str:
    """JSON that cannot end its own script element."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return text.replace("</", "<\\/").replace("<!--", "<\\!--")


@cache
def plotly_packed() -> tuple[str, str]:
    """plotly.js of the installed package, as base64 of gzip, and its version."""
    raw = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    found = re.search(rb"plotly\.js v([\d.]+)", raw[:2_000])
    # A fixed time keeps the page the same for the same run.
    packed = base64.b64encode(gzip.compress(raw, compresslevel=6, mtime=0))
    return packed.decode("ascii"), found[1].decode("ascii") if found else ""

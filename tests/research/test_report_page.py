# SPDX-License-Identifier: MIT
"""The page: complete, self-contained, true to the metrics, and drawn by a real browser."""

from __future__ import annotations

import base64
import gzip
import json
import math
import os
import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.engine.outcome import EQUITY
from seawall.research.metrics import Benchmark, Metrics
from seawall.research.report import NamedOutcome, PriceSeries, summarise, write_html
from seawall.research.report._figures import BY_NAME, show_figure
from seawall.research.report._thin import thin

VOID = {"meta", "br", "input", "link", "img", "hr"}


class Page(HTMLParser):
    """Checks nesting and gathers what the tests look at."""

    def __init__(self, text):
        super().__init__()
        self.stack, self.figures, self.texts, self.raw = [], {}, [], {}
        self.loads, self.labels, self.ids = [], {}, []
        self.feed(text)
        self.close()
        assert self.stack == [], f"unclosed: {self.stack}"

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        self.loads += [a[k] for k in ("src", "href", "action", "data") if a.get(k)]
        if "id" in a:
            self.ids.append(a["id"])
        if a.get("role") == "img":
            self.labels[a["id"]] = a.get("aria-label", "")
        if tag not in VOID:
            self.stack.append((tag, a))

    def handle_endtag(self, tag):
        assert self.stack, f"stray </{tag}>"
        assert self.stack[-1][0] == tag, f"</{tag}> closes <{self.stack[-1][0]}>"
        self.stack.pop()

    def handle_data(self, data):
        tag, attrs = self.stack[-1] if self.stack else ("", {})
        if tag in ("script", "style"):
            self.raw[attrs.get("id", tag)] = data
            return
        self.texts.append(data)
        if "data-figure" in attrs:
            self.figures.setdefault(attrs["data-figure"], []).append((attrs["data-value"], data))


@pytest.fixture(scope="module")
def summary(outcome):
    b = Benchmark(
        "BTC", outcome.equity["ts"].copy(), np.linspace(100.0, 120.0, len(outcome.equity))
    )
    return summarise(outcome, benchmark=b, trials=12)


@pytest.fixture(scope="module")
def written(outcome, outcome_factory, summary, tmp_path_factory):
    f = outcome.fills[outcome.fills["instrument"] == 0]
    return write_html(
        outcome,
        tmp_path_factory.mktemp("report") / "deep" / "report.html",
        title="Quotes & <trades>",
        summary=summary,
        name="defended",
        band=[
            NamedOutcome("pessimistic", outcome_factory(seed=8)),
            NamedOutcome("optimistic", outcome_factory(seed=9)),
        ],
        comparison=[NamedOutcome("naive </script> one", outcome_factory(seed=11))],
        price=PriceSeries("BTC/USDT:USDT", f["ts"].copy(), f["px"] * 0.1),
        assumptions=["Latency is 5 ms.", "Outages are not modelled <at all>."],
        manifest={"seed": 4, "versions": {"python": "3.11"}, "data": {"a.parquet": "ab" * 32}},
    )


@pytest.fixture(scope="module")
def page(written):
    return Page(written.read_text(encoding="utf-8"))


def test_the_page_loads_nothing_from_anywhere(page, written):
    assert all(target.startswith("#") for target in page.loads)
    text = written.read_text()
    visible = text.replace(page.raw["plotly"], "")
    assert not re.search(r"https?://|@import|url\(", visible)
    assert "default-src 'none'" in text
    assert "connect-src" not in text
    assert written.stat().st_size < 5_000_000


def test_the_chart_library_is_carried_whole(page):
    program = gzip.decompress(base64.b64decode(page.raw["plotly"]))
    assert b"plotly.js v" in program[:200]
    assert b"MIT license" in program[:400]


def test_every_printed_figure_is_the_one_of_the_metrics(page, summary):
    m = summary.metrics
    assert {"total_return", "sharpe", "es_99", "beta", "profit_factor"} <= set(page.figures)
    assert set(page.figures) == set(BY_NAME)
    for name, cells in page.figures.items():
        for exact, text in cells:
            value = getattr(m, name)
            assert text == show_figure(BY_NAME[name], m)
            assert math.isnan(value) if exact == "" else float(exact) == value


def test_the_summary_is_in_the_page_for_programs(page, summary):
    assert json.loads(page.raw["summary"]) == json.loads(summary.to_json())


def test_nothing_undefined_leaks_into_the_text(outcome, short_outcome, idle_outcome, tmp_path):
    empty = replace(outcome, equity=np.zeros(0, EQUITY))
    for i, run in enumerate((outcome, short_outcome, idle_outcome, empty)):
        p = Page(write_html(run, tmp_path / f"{i}.html", title="A run").read_text())
        text = " ".join(p.texts)
        assert not re.search(r"\b(nan|inf|infinity|none|null|undefined)\b", text, re.IGNORECASE)
        json.loads(p.raw["charts"], parse_constant=lambda c: pytest.fail(f"{c} in charts"))
    idle = Page(write_html(idle_outcome, tmp_path / "idle.html", title="x").read_text())
    assert "no trade was closed" in " ".join(idle.texts)
    assert "returns" not in idle.ids  # no chart, no empty heading


def test_names_cannot_break_the_page(page, written):
    text = written.read_text()
    assert "Quotes &amp; &lt;trades&gt;" in text
    assert "<at all>" not in text
    names = {t["name"] for c in json.loads(page.raw["charts"]) for t in c["traces"] if "name" in t}
    assert "naive </script> one" in names


def test_assumptions_trials_rejections_and_manifest_are_told(page):
    text = " ".join(page.texts)
    for part in (
        "Fill model: probabilistic queue.", "Latency is 5 ms.", "DSR with 12 trials",
        "post only would take", "versions.python", "not a promise", "under other fill models",
        "stationary, block length chosen from the data",
    ):  # fmt: skip
        assert part in text, part


def test_every_chart_is_described_and_its_axes_have_titles(page):
    charts = json.loads(page.raw["charts"])
    assert {c["key"] for c in charts} == {
        "equity", "trades", "fan", "distribution", "rolling", "periods", "costs",
    }  # fmt: skip
    for chart in charts:
        assert len(page.labels[f"chart-{chart['key']}"]) > 30
        axes = [v for k, v in chart["layout"].items() if re.match(r"[xy]axis", k)]
        assert len(axes) >= 2
        assert all(a["title"]["text"] for a in axes)


def test_ids_are_unique_and_links_lead_somewhere(page):
    assert len(page.ids) == len(set(page.ids))
    assert {t[1:] for t in page.loads} <= set(page.ids)


def unpacked(trace, key):
    return np.frombuffer(base64.b64decode(trace[key]["bdata"]), dtype="<f8")


def test_the_equity_drawn_is_the_equity_of_the_run(page, outcome):
    chart = next(c for c in json.loads(page.raw["charts"]) if c["key"] == "equity")
    line = next(t for t in chart["traces"] if t["name"] == "defended")
    x, y = unpacked(line, "x"), unpacked(line, "y")
    rows = np.searchsorted(outcome.equity["ts"], (x * 1e6).round().astype(np.int64) - 1_000)
    assert y == pytest.approx(outcome.equity["equity"][rows])
    assert y.min() == outcome.equity["equity"].min()
    low = next(t for t in chart["traces"] if t["name"] == "lowest")
    assert (unpacked(low, "y") <= y + 1e-9).all()


def test_the_waterfall_adds_up(page, summary):
    chart = next(c for c in json.loads(page.raw["charts"]) if c["key"] == "costs")
    values = unpacked(chart["traces"][0], "y")
    assert values[:-1].sum() == pytest.approx(values[-1])
    assert values[-1] == pytest.approx(
        summary.metrics.final_equity - summary.metrics.initial_equity
    )


@settings(max_examples=40)
@given(st.integers(1, 20_000), st.integers(0, 5), st.booleans())
def test_thinning_keeps_ends_and_extremes(n, seed, holes):
    values = np.random.default_rng(seed).normal(size=n)
    if holes:
        values[:: max(2, n // 7)] = np.nan
    rows = thin(values, 1_000)
    assert rows[0] == 0
    assert rows[-1] == n - 1
    assert (np.diff(rows) > 0).all()
    assert rows.size <= max(1_000, 4 * 250 + 4)
    if np.isfinite(values).any():
        assert np.nanmax(values[rows]) == np.nanmax(values)
        assert np.nanmin(values[rows]) == np.nanmin(values)


def test_the_same_run_writes_the_same_page(outcome, tmp_path):
    a = write_html(outcome, tmp_path / "a.html", title="x").read_bytes()
    assert write_html(outcome, tmp_path / "b.html", title="x").read_bytes() == a


def test_metrics_of_the_page_are_frozen(summary):
    with pytest.raises(AttributeError):
        summary.metrics.sharpe = 9.0
    assert isinstance(summary.metrics, Metrics)


@pytest.mark.browser
@pytest.mark.parametrize("which", ["full", "short", "idle"])
def test_a_browser_draws_every_chart_and_reports_no_error(
    which, written, short_outcome, idle_outcome, chromium, tmp_path
):
    runs = {"short": short_outcome, "idle": idle_outcome}
    path = written
    if which != "full":
        path = write_html(runs[which], tmp_path / "r.html", title=which)
    done = subprocess.run(
        [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-sync",
            "--disable-background-networking", "--no-first-run", "--disable-component-update",
            f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr",
            "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=10000",
            "--window-size=1280,900", "--dump-dom", path.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "TZ": "UTC"},
    )  # fmt: skip
    complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert complaints == []
    charts = json.loads(Page(path.read_text()).raw["charts"])
    assert f'data-ready="{len(charts)}"' in done.stdout
    for chart in charts:
        part = done.stdout.split(f'id="chart-{chart["key"]}"', 1)[1].split("</figure>", 1)[0]
        assert "main-svg" in part, chart["key"]
    assert 'id="trouble" hidden' in done.stdout
    # The library's own button to send a chart to a server is not offered.
    assert "ToCloud" not in done.stdout.split('id="plotly"')[0].split("</head>")[1]

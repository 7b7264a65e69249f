# SPDX-License-Identifier: MIT
"""``seawall arbitrage``: what markets leave over after costs, and what rejects the rest."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seawall.cli.output import Advance, next_steps, print_json, progress, say, table
from seawall.cli.settings import resolved
from seawall.model.errors import CatalogueError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from seawall.analytics.arbitrage.bar_gaps import Gap, Series
    from seawall.analytics.arbitrage.funding_history import Carry
    from seawall.analytics.arbitrage.pairs import PairsReport
    from seawall.analytics.arbitrage.relations import Costs
    from seawall.analytics.arbitrage.scan import Finding, Report
    from seawall.data.catalogue.catalogue import Catalogue
    from seawall.data.catalogue.reading import Entry

app = typer.Typer(help="Look for arbitrage, after all costs.", no_args_is_help=True)

BOOKS = ("depth", "top", "trades")
HOURLY = "bars_1h"


@app.callback()
def _group() -> None:
    """Look for arbitrage, after all costs."""


@app.command()
def scan(
    ctx: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Recorded files or folders; the catalogue when none is given."),
    ] = None,
    simulated: Annotated[
        str, typer.Option(metavar="PRESET", help="A simulated market: small or demo.")
    ] = "",
    seed: Annotated[int, typer.Option(help="Seed of the simulated market.")] = 7,
    symbol: Annotated[str, typer.Option(help="Only these, separated by commas.")] = "",
    taker_bps: Annotated[
        float | None, typer.Option(help="Taker fee everywhere; each instrument's own without.")
    ] = None,
    transfer_bps: Annotated[float, typer.Option(help="Moving coins and money back.")] = 2.0,
    parity_bps: Annotated[float, typer.Option(help="Reserve for USD against USDT.")] = 10.0,
    financing: Annotated[float, typer.Option(help="Cost of money, fraction per year.")] = 0.05,
    hold_hours: Annotated[float, typer.Option(help="How long a position is held.")] = 24.0,
    latency_ms: Annotated[float, typer.Option(help="Until an order acts.")] = 50.0,
    min_notional: Annotated[float, typer.Option(help="Smallest trade, quote currency.")] = 100.0,
    top: Annotated[int, typer.Option(help="Opportunities to show.")] = 10,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Scan books, funding and bars for arbitrage that is left after costs.

    Books are judged at every message by what was known then, and filled after the latency;
    funding by settlement; bars at the next open.  Each moment that was no opportunity is
    counted under the first reason against it.
    """
    from seawall.analytics.arbitrage.relations import Costs

    costs = Costs(
        taker_bps=taker_bps, transfer_bps=transfer_bps, parity_bps=parity_bps,
        financing_year=financing, hold_hours=hold_hours, latency_ms=latency_ms,
        min_notional=min_notional,
    )  # fmt: skip
    wanted = {s.strip() for s in symbol.split(",") if s.strip()}
    with tempfile.TemporaryDirectory(prefix="seawall-arbitrage-") as scratch:
        found = _found(ctx, files or [], simulated, seed, wanted, costs, Path(scratch))
    if json:
        books = found.books
        print_json(
            {"costs": costs, "books": books.findings if books else [],
             "opportunities": books.opportunities if books else [], "funding": found.funding,
             "bars": found.bars, "pairs": found.pairs}
        )  # fmt: skip
        return
    _show(found, top)


@dataclass(frozen=True, slots=True)
class _Found:
    """What each scanner found."""

    books: Report | None = None
    funding: tuple[Carry, ...] = ()
    bars: tuple[Gap, ...] = ()
    pairs: tuple[PairsReport, ...] = ()


def _found(
    ctx: typer.Context, files: list[Path], simulated: str, seed: int, wanted: set[str],
    costs: Costs, scratch: Path,
) -> _Found:  # fmt: skip
    from seawall.analytics.arbitrage.scan import scan_market

    if simulated:
        from dataclasses import replace

        from seawall.data.simulated import preset, simulate

        with progress("simulating"):
            market = simulate(replace(preset(simulated), seed=seed)).to_market()
        with progress("judging every change of the books"):
            return _Found(scan_market(market, costs))
    catalogue = _opened(ctx, files, scratch)
    entries = [e for e in catalogue.list() if not wanted or e.symbol in wanted]
    if not entries:
        raise CatalogueError(
            "there is nothing to scan", mend="import data, or give files: seawall data list"
        )
    return _Found(
        _books(catalogue, entries, costs),
        _funding(catalogue, entries, costs),
        _bars(catalogue, entries, costs),
        _pairs(catalogue, entries, costs),
    )


def _opened(ctx: typer.Context, files: list[Path], scratch: Path) -> Catalogue:
    from seawall.data.catalogue.catalogue import Catalogue
    from seawall.data.importing.pipeline import import_files

    if not files:
        return Catalogue(resolved(ctx).settings.catalogue.root)
    for file in files:
        if not file.exists():
            raise SettingsError(f"there is no {file}", mend="give files that exist")
    catalogue = Catalogue(scratch)
    with progress("reading files", len(files)) as advance:
        for file in files:
            import_files(catalogue, [file])
            advance(1.0)
    return catalogue


def _books(catalogue: Catalogue, entries: list[Entry], costs: Costs) -> Report | None:
    from seawall.analytics.arbitrage.scan import scan_market
    from seawall.data.catalogue.catalogue import Select

    told = {(e.venue, e.symbol) for e in entries if e.kind in ("depth", "top")}
    if len(told) < 2:
        return None
    kinds = {p: tuple(e.kind for e in entries if (e.venue, e.symbol) == p and e.kind in BOOKS)
             for p in told}  # fmt: skip
    with progress("judging every change of the books"):
        market = catalogue.market([Select(v, s, kinds[v, s]) for v, s in sorted(told)])
        return scan_market(market, costs)


def _funding(catalogue: Catalogue, entries: list[Entry], costs: Costs) -> tuple[Carry, ...]:
    from seawall.analytics.arbitrage.funding_history import Settled, scan_funding

    histories = []
    for e in entries:
        if e.kind == "funding":
            frame = catalogue.frame(e.venue, e.symbol, e.kind).collect()
            histories.append(
                Settled(e.venue, e.symbol, frame["ts"].to_numpy(), frame["rate"].to_numpy())
            )
    if not histories:
        return ()
    with progress("judging settled funding"):
        return scan_funding(tuple(histories), costs)


def _bars(catalogue: Catalogue, entries: list[Entry], costs: Costs) -> tuple[Gap, ...]:
    from seawall.analytics.arbitrage.bar_gaps import scan_bars
    from seawall.model.errors import ResearchError

    lengths: dict[str, set[str]] = {}
    for e in entries:
        if e.kind.startswith("bars_"):
            lengths.setdefault(e.kind, set()).add(e.venue)
    shared = [k for k, venues in lengths.items() if len(venues) > 1]
    series = [
        _series(catalogue, e) for e in entries if e.kind in shared[:1] and ":" not in e.symbol
    ]
    if not series:
        return ()
    try:
        with progress("judging gaps between bars"):
            return scan_bars(tuple(series), costs)
    except ResearchError:
        return ()  # two venues, but no coin in common


def _series(catalogue: Catalogue, entry: Entry) -> Series:
    from seawall.analytics.arbitrage.bar_gaps import Series

    frame = catalogue.frame(entry.venue, entry.symbol, entry.kind).collect()
    base, quote = entry.symbol.split("/", 1)
    columns = [frame[c].to_numpy() for c in ("ts", "open", "close")]
    return Series(entry.venue, base, quote, *columns)


def _pairs(catalogue: Catalogue, entries: list[Entry], costs: Costs) -> tuple[PairsReport, ...]:
    from seawall.analytics.arbitrage.pairs import scan_pairs
    from seawall.model.errors import ResearchError

    groups: dict[tuple[str, str], list[Entry]] = {}
    for e in entries:
        if e.kind == HOURLY and ":" not in e.symbol:
            groups.setdefault((e.venue, e.symbol.split("/", 1)[1]), []).append(e)
    out = []
    for group in groups.values():
        if len(group) < 2:
            continue
        series = tuple(_series(catalogue, e) for e in group)
        try:
            with progress(f"forming and trading pairs at {group[0].venue}", 1.0) as advance:
                out.append(scan_pairs(series, costs, told=_told(advance)))
        except ResearchError as why:
            say(f"[dim]pairs at {group[0].venue}: {why.what}[/dim]")
    return tuple(out)


def _told(advance: Advance) -> Callable[[float], None]:
    done = [0.0]

    def told(share: float) -> None:
        advance(share - done[0])
        done[0] = share

    return told


def _show(found: _Found, top: int) -> None:
    books = found.books
    if books is not None:
        _show_books(books.findings, books.opportunities, top)
    if found.funding:
        _show_funding(found.funding)
    if found.bars:
        _show_bars(found.bars)
    if found.pairs:
        _show_pairs(found.pairs)
    if books is None and not (found.funding or found.bars or found.pairs):
        say("[yellow]no two series belong together[/yellow]: nothing was judged")
    say(
        "[dim]not in these figures: margin calls on the way, failing venues, rejected and "
        "partly filled orders, prices of different moments in bars[/dim]"
    )
    next_steps("seawall arbitrage scan --json", "seawall analytics run perp_bounds FILE")


def _show_books(findings: tuple[Finding, ...], opportunities: Any, top: int) -> None:
    numeric = ("moments", "best gap", "after fees", "after all", "found")
    table(
        "Books, basis points", ("relation", "legs", *numeric, "rejected by"),
        [(f.kind, f.name, f"{f.moments:,}", f"{f.best_gross_bps:.2f}",
          f"{f.best_after_fees_bps:.2f}", f"{f.best_net_bps:.2f}", len(f.opportunities),
          _why(f.counts)) for f in findings],
        numeric=numeric,
    )  # fmt: skip
    if not opportunities:
        say("no opportunity was left after costs and latency")
        return
    best = sorted(opportunities, key=lambda o: -o.profit)[:top]
    heads = ("seen ns", "way", "ms", "gap bps", "net bps", "notional", "profit", "bps")
    rows = [
        (o.ts, o.way, f"{o.duration_ms:.0f}", f"{o.gross_bps:.2f}", f"{o.net_bps:.2f}",
         f"{o.notional:,.0f}", f"{o.profit:,.2f} {o.quote}", f"{o.profit_bps:.2f}")
        for o in best
    ]  # fmt: skip
    note = "profit: after all costs, by the books that stand when the order acts"
    table(f"Opportunities, {len(best)} of {len(opportunities)}", heads, rows,
          numeric=heads[2:], note=note)  # fmt: skip


def _show_funding(found: tuple[Carry, ...]) -> None:
    numeric = ("years", "trades", "held", "gross", "costs", "net", "net/year", "worst")
    rows = [
        (c.name, f"{c.years:.2f}", c.trades, f"{c.held:.0%}", f"{c.gross_bps:.0f}",
         f"{c.costs_bps:.0f}", f"{c.net_bps:.0f}", f"{c.net_year:.2%}", f"{c.worst_bps:.0f}",
         f"{c.net_low:.1%} to {c.net_high:.1%}" if c.net_low == c.net_low else None,
         " ".join(f"{y}:{n:+.0f}" for y, n in c.net_by_year.items()))
        for c in found
    ]  # fmt: skip
    table(
        f"Funding carry, basis points of notional; {len(found)} trials", ("legs", *numeric,
        "95 %", "by year"), rows, numeric=numeric,
        note="settled rates only: no slippage, no margin calls, no parting of prices",
    )  # fmt: skip


def _show_bars(found: tuple[Gap, ...]) -> None:
    numeric = ("bars", "median", "99 %", "costs", "tried", "mean net", "gained")
    rows = [
        (g.name, f"{g.moments:,}", f"{g.median_bps:.1f}", f"{g.p99_bps:.1f}",
         f"{g.cost_bps:.1f}", g.tried, f"{g.net_bps:.1f}", f"{g.kept:.0%}" if g.tried else None,
         f"{g.net_low:.1f} to {g.net_high:.1f}" if g.net_low == g.net_low else None,
         _why(g.counts))
        for g in found
    ]  # fmt: skip
    table(
        f"Gaps between bars, basis points; {len(found)} trials", ("coin", *numeric, "95 %",
        "moments"), rows, numeric=numeric,
        note="last prints, not quotes: the spread is not paid, so what remains is too good",
    )  # fmt: skip


def _show_pairs(found: tuple[PairsReport, ...]) -> None:
    numeric = ("tests", "below 5 %", "after correction", "traded", "trades", "gross", "costs",
               "net", "gained", "stopped", "net uncorrected")  # fmt: skip
    rows = [
        (p.venue, f"{p.tested:,}", f"{p.nominal:,}", p.surviving, p.traded, f"{p.trades:,}",
         f"{p.gross_bps:.1f}", f"{p.cost_bps:.1f}", f"{p.net_bps:.1f}", f"{p.gained:.0%}",
         f"{p.stopped:.0%}", f"{p.unselected_net_bps:.1f}",
         f"{p.net_low:.1f} to {p.net_high:.1f}" if p.net_low == p.net_low else None)
        for p in found
    ]  # fmt: skip
    table(
        "Cointegrated pairs, basis points per trade of both legs", ("venue", *numeric, "95 %"),
        rows, numeric=numeric,
        note="formed on 2,160 hours, traded on the next 720, over the whole history",
    )  # fmt: skip


def _why(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {n:,}" for name, n in sorted(counts.items(), key=lambda x: -x[1]))

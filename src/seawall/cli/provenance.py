# SPDX-License-Identifier: MIT
"""``seawall provenance``: where data come from, how far each source is trusted, and why."""

from __future__ import annotations

import getpass
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seawall.cli.output import next_steps, print_json, progress, say, table
from seawall.cli.settings import settings_of

if TYPE_CHECKING:
    from seawall.admission import Admission
    from seawall.admission.audit import AuditLine
    from seawall.admission.explain import SourceReport

app = typer.Typer(help="Where data come from and how far it is trusted.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Who = Annotated[
    str, typer.Argument(metavar="SOURCE", help="venue, venue|stream, ...|feed or ...|batch.")
]
Why = Annotated[str, typer.Option("--why", help="The reason; it is kept.")]


@app.command()
def judge(
    ctx: typer.Context,
    symbols: Annotated[
        list[str], typer.Argument(metavar="VENUE:SYMBOL...", help="Series of the catalogue.")
    ],
    start: Annotated[str, typer.Option(help="First moment, ISO 8601, UTC.")] = "",
    end: Annotated[str, typer.Option(help="Moment after the last, ISO 8601, UTC.")] = "",
    json: Json = False,
) -> None:
    """Judge the sources of imported data and keep what was learned about them."""
    from seawall.admission import Admission, admit_market, store
    from seawall.admission.audit import Audit
    from seawall.data import Catalogue, Select
    from seawall.model.time import parse_time_ns

    settings = settings_of(ctx)
    root = settings.admission.root
    market = Catalogue(settings.catalogue.root).market(
        [Select(*_place(s)) for s in symbols],
        parse_time_ns(start) if start else None,
        parse_time_ns(end) if end else None,
    )
    known = (root / store.FILE).is_file()
    admission = (
        store.load(root, settings.admission)
        if known
        else Admission(settings.admission, seed=settings.run.seed)
    )
    admission.ban(Audit(root).banned())
    with progress("judging"):
        _, report = admit_market(market, admission=admission)
    store.save(admission, root)
    if json:
        print_json({"events": market.events.size, "refused": report.refused,
                    "learn": int(report.learn.sum()), "counts": report.counts,
                    "concentration": report.concentration,
                    "faults": report.concentration.faults})  # fmt: skip
        return
    say(f"{market.events.size:,} events, {report.refused:,} refused")
    for fault in report.concentration.faults:
        say(f"[yellow]not enough to learn from[/yellow]: {fault}")
    _overview(admission)
    next_steps("seawall provenance suspicious", "seawall provenance show 'SOURCE'")


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """List all judged sources with their trust."""
    admission = _load(ctx)
    if json:
        print_json({"sources": [_plain(r) for r in _reports(admission)],
                    "concentration": admission.concentration()})  # fmt: skip
        return
    _overview(admission)
    next_steps("seawall provenance show 'SOURCE'", "seawall provenance suspicious")


@app.command()
def show(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="venue|stream|feed.")],
    json: Json = False,
) -> None:
    """Say what is known of a source and why it is trusted as much as it is."""
    report = _load(ctx).explain(source)
    if json:
        print_json(_plain(report))
        return
    _tell(report)
    next_steps("seawall provenance list", f"seawall provenance ban '{report.source}' --why ...")


@app.command()
def suspicious(ctx: typer.Context, json: Json = False) -> None:
    """List sources that a person should look at, the worst first."""
    found = _load(ctx).suspicious()
    if json:
        print_json({"suspicious": found})
        return
    if not found:
        say("[green]no source is suspicious[/green]")
    else:
        rows = [(x.source, f"{x.trust:.2f}", f"{x.faulty:.2%}", "; ".join(x.reasons))
                for x in found]  # fmt: skip
        table("Suspicious sources", ("source", "trust", "refused", "why"), rows,
              numeric=("trust", "refused"))  # fmt: skip
    next_steps(f"seawall provenance show '{found[0].source if found else 'SOURCE'}'")


@app.command()
def ban(ctx: typer.Context, source: Who, why: Why, json: Json = False) -> None:
    """Refuse everything from a source, its venue or one batch from now on."""
    _act(ctx, "ban", source, why, json)


@app.command()
def unban(ctx: typer.Context, source: Who, why: Why, json: Json = False) -> None:
    """Take a ban back; both stay in the audit file."""
    _act(ctx, "unban", source, why, json)


def _act(ctx: typer.Context, act: str, source: str, why: str, json: bool) -> None:
    from seawall.admission.audit import Audit

    audit = Audit(settings_of(ctx).admission.root)
    line: AuditLine = getattr(audit, act)(source, why, ts=time.time_ns(), by=_person())
    if json:
        print_json(line)
        return
    done = "banned" if act == "ban" else "no longer banned"
    say(f"{line.pattern} is {done}: {line.why} ({audit.path})")
    next_steps("seawall provenance suspicious")


def _person() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _place(text: str) -> tuple[str, str]:
    venue, _, symbol = text.partition(":")
    if not venue or not symbol:
        raise typer.BadParameter(f"{text!r}: write VENUE:SYMBOL, as binance:BTC/USDT")
    return venue, symbol


def _load(ctx: typer.Context) -> Admission:
    from seawall.admission import store

    return store.load(Path(settings_of(ctx).admission.root))


def _reports(admission: Admission) -> list[SourceReport]:
    return [admission.explain(source) for source in admission.sources()]


def _plain(report: SourceReport) -> dict[str, Any]:
    return asdict(report) | {"faulty": report.faulty, "total": report.total}


def _overview(admission: Admission) -> None:
    rows = []
    for r in _reports(admission):
        state = "banned" if r.banned else f"suspended: {r.suspended}" if r.suspended else ""
        rows.append((r.source, r.group or "-", f"{r.trust:.2f}", f"{r.total:,}",
                     f"{r.counts['admitted']:,}", f"{r.faulty:,}", state))  # fmt: skip
    names = ("source", "compared on", "trust", "samples", "admitted", "refused", "state")
    table("Sources", names, rows, numeric=names[2:6])


def _tell(r: SourceReport) -> None:
    from seawall.model.time import format_time_ns

    facts = [
        ("trust", f"{r.trust:.3f}"),
        ("because", f"{r.agreement:.1f} epochs of agreement, {r.disagreement:.1f} against"),
        ("compared on", r.group or "nothing"),
        ("lasting difference", f"{r.basis * 1e4:+.2f} bp, scatter {r.scale * 1e4:.2f} bp"),
        ("quota", f"{r.quota} per epoch"),
        ("batches", ", ".join(r.batches) or "-"),
        ("state", f"banned by {', '.join(r.banned)}" if r.banned else r.suspended or "fine"),
        ("latest sample", format_time_ns(r.last_ts) if r.last_ts else "-"),
        *((name, f"{n:,}") for name, n in r.counts.items() if n),
    ]
    table(r.source, ("", ""), facts)
    rows = [
        (format_time_ns(h.first_ts), format_time_ns(h.last_ts), h.change.name.lower(),
         f"{h.before:.3f} -> {h.after:.3f}", h.epochs, h.agreed, h.disagreed, h.anomalies)
        for h in r.history
    ]  # fmt: skip
    names = ("from", "to", "why", "trust", "epochs", "agreed", "disagreed", "anomalies")
    table("Changes of trust", names, rows, numeric=names[4:])

# SPDX-License-Identifier: MIT
"""``seawall session``: feed a strategy message by message, keep a journal, do it again."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from seawall.cli.output import next_steps, print_json, progress, say, table
from seawall.cli.settings import resolved
from seawall.model.errors import JournalError

if TYPE_CHECKING:
    from seawall.engine.journal import Sync
    from seawall.engine.outcome import Outcome
    from seawall.engine.run import AnyStrategy
    from seawall.engine.session import Session, SessionPlan

app = typer.Typer(help="Feed a strategy message by message; replay.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
JournalFolder = Annotated[Path, typer.Argument(metavar="JOURNAL", help="Folder of a journal.")]


@app.command()
def run(
    ctx: typer.Context,
    raw: Annotated[
        list[Path], typer.Argument(help="Recordings, one instrument and connection each.")
    ],
    strategy: Annotated[str, typer.Option(help="FILE.py:NAME of a strategy.")],
    journal: Annotated[Path, typer.Option(help="Folder of the journal; made when missing.")],
    param: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE for the strategy; may be repeated.")
    ] = None,
    sync: Annotated[
        str, typer.Option(help="Ask the disk to keep: record, interval or close.")
    ] = "interval",
    measure: Annotated[
        float, typer.Option(help="Seconds on which clocks are measured; 0 takes the whole file.")
    ] = 0.0,
    admission: Annotated[
        bool, typer.Option(help="Judge the events first; the strategy sees what is admitted.")
    ] = False,
    resume: Annotated[bool, typer.Option(help="Go on with a session that was cut off.")] = False,
    json: Json = False,
) -> None:
    """Feed recorded messages one at a time, as they came, to a strategy."""
    began = time.time_ns()
    from seawall.cli.demo import say_if_uncompiled

    say_if_uncompiled()
    from seawall.admission.audit import with_bans
    from seawall.engine.journal import Journal
    from seawall.engine.session import (
        Session,
        merge_recordings,
        plan_recordings,
        resume_session,
    )

    policy = _sync_of(sync)
    _refuse_mixture(journal, resume=resume)
    if resume:
        session, book = resume_session(journal, _make, sync=policy)
        say(f"resumed behind message {session.messages}; {book.recovered_bytes} torn bytes cut off")
    else:
        settings = resolved(ctx).settings
        plan = plan_recordings(
            raw, settings.engine, strategy=strategy, parameters=param or (),
            measure_seconds=measure or None,
            admission=with_bans(settings.admission) if admission else None,
        )  # fmt: skip
        made = _make(plan)
        book = Journal(journal, run_id=uuid4().bytes, manifest_hash=plan.digest, sync=policy)
        session = Session(made, plan, book)
    done = session.messages
    with book, progress("messages", _lines(raw) - done) as advance:
        for number, (receive_ts, connection, message) in enumerate(merge_recordings(raw)):
            if number >= done:
                session.message(receive_ts, message, connection=connection)
                if number % 1_000 == 0:
                    advance(1_000)
        outcome = session.finish()
    _write_manifest(ctx, journal, session.plan, outcome, began)
    _tell_run(journal, session, outcome, (time.time_ns() - began) / 1e9, json=json)
    next_steps(f"seawall session replay {journal}", f"seawall session verify {journal}")


@app.command()
def replay(
    journal: JournalFolder,
    strategy: Annotated[
        str, typer.Option(help="Another strategy than the one the journal names.")
    ] = "",
    param: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE for that other strategy.")
    ] = None,
    json: Json = False,
) -> None:
    """Do a session again from its journal and say whether, and where, anything differs."""
    from seawall.engine.journal import inspect_journal
    from seawall.engine.session import replay_journal

    info = inspect_journal(journal)
    with progress("records", info.records) as advance:
        report = replay_journal(
            journal, lambda plan: _make(plan, strategy, param or []), advance=advance
        )
    if json:
        print_json(
            {
                "same": report.same,
                "fingerprint": report.fingerprint,
                "journalled_fingerprint": report.journalled_fingerprint,
                "difference": report.difference,
                "records": report.records,
                "messages": report.messages,
                "admission": report.decisions,
            }
        )
    elif report.same:
        end = "" if report.journalled_fingerprint else " as far as the journal goes"
        say(
            f"[green]the same[/green]{end}: "
            f"{report.messages:,} messages, {report.records:,} records"
        )
        if report.decisions:
            say(f"admission: {_told(report.decisions)}")
        say(f"fingerprint {report.fingerprint}")
    elif report.difference is not None:
        d = report.difference
        say(f"[red]different[/red] at record {d.number}, after message {d.message}")
        table("", ("", "record"), (("journal", d.journalled), ("replay", d.replayed)))
    else:
        say(f"[red]different[/red] only in equity: {report.fingerprint}")
    next_steps(f"seawall session verify {journal}")
    if not report.same:
        raise typer.Exit(JournalError.exit_code)


@app.command()
def verify(journal: JournalFolder, json: Json = False) -> None:
    """Check every record of a journal against its checksum and count what it holds."""
    from seawall.engine.journal import inspect_journal

    info = inspect_journal(journal)
    if json:
        counts = {kind.name.lower(): n for kind, n in info.counts.items()}
        print_json({"run_id": info.run_id, "manifest_hash": info.manifest_hash,
                    "segments": info.segments, "records": info.records, "counts": counts,
                    "torn_bytes": info.torn_bytes})  # fmt: skip
    else:
        rows = [(kind.name.lower(), f"{n:,}") for kind, n in sorted(info.counts.items())]
        note = f"run {info.run_id}, {info.segments} segment(s)"
        table(f"{info.records:,} whole records", ("kind", "records"), rows,
              numeric=("records",), note=note)  # fmt: skip
        if info.torn_bytes:
            say(f"{info.torn_bytes} bytes at the end belong to a record that was being written")
    next_steps(f"seawall session replay {journal}")


def _make(
    plan: SessionPlan, strategy: str = "", parameters: list[str] | None = None
) -> AnyStrategy:
    """Load the strategy that a plan names, or another one."""
    from seawall.research.plugin import load_strategy

    if strategy:
        return load_strategy(strategy, parameters or [])
    return load_strategy(plan.strategy, list(plan.parameters))


def _sync_of(text: str) -> Sync:
    from seawall.engine.journal import Sync

    try:
        return Sync(text)
    except ValueError:
        raise typer.BadParameter("write record, interval or close", param_hint="--sync") from None


def _refuse_mixture(journal: Path, *, resume: bool) -> None:
    """A journal is begun in an empty folder and gone on with only on request."""
    if not resume and any(journal.glob("segment-*.swj")):
        raise JournalError(
            "there is a journal already",
            where=str(journal),
            mend="choose another folder, or go on with it: --resume",
        )


def _lines(raw: list[Path]) -> int:
    """Lines of all recordings, for the progress bar."""
    from seawall.data.venues.binance.recording import read_chunks

    return sum(chunk.count(b"\n") for path in raw for chunk in read_chunks(path))


def _write_manifest(
    ctx: typer.Context, journal: Path, plan: SessionPlan, outcome: Outcome, began: int
) -> None:
    from seawall.model.manifest import Manifest, write_manifest
    from seawall.model.provenance import commit, host, versions

    manifest = Manifest(
        command=shlex.join(["seawall", *sys.argv[1:]]),
        seed=plan.settings.seed,
        settings={name: str(value) for name, value in resolved(ctx).flat().items()},
        data_hashes={"plan": plan.digest.hex()},
        versions=versions(),
        commit=commit(),
        created_ts=began,
        host=host(),
        fingerprint=outcome.fingerprint,
    )
    write_manifest(manifest, journal)


def _told(decisions: dict[str, int]) -> str:
    """Say what admission decided, in one line."""
    return ", ".join(f"{n:,} {name}" for name, n in decisions.items()) or "no event judged"


def _tell_run(
    journal: Path, session: Session, outcome: Outcome, seconds: float, *, json: bool
) -> None:
    """Print what a session did."""
    stats = session.stats
    messages = sum(s.messages for s in stats)
    faults: dict[str, int] = {}
    for one in stats:
        for fault, count in one.faults.items():
            faults[fault.name.lower()] = faults.get(fault.name.lower(), 0) + count
    equity = float(outcome.equity["equity"][-1]) if outcome.equity.size else outcome.initial_equity
    result = {
        "journal": str(journal),
        "fingerprint": outcome.fingerprint,
        "messages": messages,
        "faults": faults,
        "orders": int(outcome.orders.size),
        "fills": int(outcome.fills.size),
        "equity": equity,
        "currency": outcome.currency,
        "seconds": round(seconds, 3),
        "admission": session.decisions,
    }
    if json:
        print_json(result)
        return
    rows = [
        ("messages", f"{messages:,}"),
        ("faults", ", ".join(f"{n} {name}" for name, n in faults.items()) or "none"),
        *([("admission", _told(session.decisions))] if session.decisions else []),
        ("orders", f"{outcome.orders.size:,}"),
        ("fills", f"{outcome.fills.size:,}"),
        ("equity", f"{equity:,.2f} {outcome.currency}"),
        ("fill model", outcome.fill_model),
        ("fingerprint", outcome.fingerprint),
    ]
    table(f"session, done in {seconds:.1f} s", ("", ""), rows)

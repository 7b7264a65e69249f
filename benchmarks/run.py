# SPDX-License-Identifier: MIT
"""Run the workloads, ours and the peers' in turn, compare the outcomes and write the results.

    python benchmarks/run.py [--workloads W1 W4 ...] [--quick] [--peers-only]

A script that is missing or fails costs its own row only, and the row says why.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import inputs
from compare import same_outcome
from peers import read_status, venv_python
from registry import PROGRAMS, WORKLOADS, Workload, chosen, environment_of, our_script, peer_script
from targets import verdict

ROOT = Path(__file__).resolve().parent
REPOSITORY = ROOT.parent
RESULTS_DIR = ROOT / "results"
TIME_LIMIT_S = 1_800
# Small matrices and optimisers run on one thread; both sides alike.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
# Less processor than this share of the clock means that something else had the machine.
QUIET = 0.85

Json = dict[str, Any]


class ScriptFailed(Exception):
    """A benchmark script could not be run to its end; the text is the reason."""


def our_python() -> Path:
    """The project's interpreter; this one where the project has no environment of its own."""
    candidate = REPOSITORY / ".venv" / "bin" / "python"
    return candidate if candidate.exists() else Path(sys.executable)


def machine() -> Json:
    """What the timings were taken on."""
    model = platform.processor() or platform.machine()
    memory_gib: float | None = None
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
        memory_gib = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (OSError, ValueError):
        pass
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "memory_gib": memory_gib,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_average": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


def shown(path: Path) -> str:
    """A path as the repository's root sees it."""
    return str(path.relative_to(REPOSITORY)) if path.is_relative_to(REPOSITORY) else path.name


def interpreter_of(peer: str) -> Path:
    """What runs a peer's scripts; raises where the peer is not installed."""
    if peer in PROGRAMS:
        found = shutil.which(PROGRAMS[peer])
        if found is None:
            raise ScriptFailed(f"no {PROGRAMS[peer]} here")
        return Path(found)
    status = read_status(environment_of(peer))
    if status is None:
        raise ScriptFailed("environment not set up (benchmarks/peers.py setup)")
    if not status.ok:
        raise ScriptFailed(status.reason)
    if peer in status.missing:
        raise ScriptFailed(status.missing[peer])
    return venv_python(environment_of(peer))


def run_script(python: Path, script: Path, quick: bool, family: str) -> tuple[Json, str]:
    """One script's JSON line, and the command that gave it."""
    if not script.exists():
        raise ScriptFailed(f"no {shown(script)}")
    size = "quick" if quick else "full"
    outcomes = inputs.WORK_DIR / "outcomes" / size
    arguments = ["--inputs", shown(inputs.inputs_dir(quick)), "--outcomes", shown(outcomes)]
    # Not resolved: a virtual environment's interpreter is a link that must be called by its name.
    command = [str(python), shown(script), *arguments]
    env = os.environ | (ONE_THREAD if family != "W" else {})
    try:
        done = subprocess.run(
            command, cwd=REPOSITORY, env=env, capture_output=True, text=True, timeout=TIME_LIMIT_S
        )
    except subprocess.TimeoutExpired as expired:
        raise ScriptFailed(f"{shown(script)}: not done after {TIME_LIMIT_S} s") from expired
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not lines:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise ScriptFailed(f"{shown(script)}: {last[:300]}")
    return json.loads(lines[-1]), " ".join([shown(python), *command[1:]])


def measures(workload: str, ours: Json | None, theirs: Json | None) -> Iterator[tuple[Any, ...]]:
    """(unit, ours, theirs, ratio) of a pair of results: one row, or W6's three."""
    if workload == "W6":
        for unit in ("import_s", "smallest_backtest_s", "peak_mb"):
            mine = ours["outcome"].get(unit) if ours else None
            other = theirs["outcome"].get(unit) if theirs else None
            if theirs and other is None:
                continue
            yield unit, mine, other, other / mine if mine and other else None
        return
    if workload == "fills-scaling":
        mine = ours["outcome"]["growth"] if ours else None
        other = theirs["outcome"]["growth"] if theirs else None
        unit = "cost per fill, many over few"
        yield unit, mine, other, other / mine if mine and other else None
        return
    mine = ours["rate"] if ours else None
    other = theirs["rate"] if theirs else None
    unit = (theirs or ours or {}).get("unit", "")
    yield unit, mine, other, mine / other if mine and other else None


def run_pair(workload: Workload, peer: str, quick: bool, peers_only: bool) -> list[Json]:
    """Ours, then the peer's, then the rows that compare them."""
    digest = inputs.prepare(workload.input, quick)[1] if workload.input else None
    ours: Json | None = None
    theirs: Json | None = None
    reasons: list[str] = []
    commands: list[str] = []
    family = workload.family
    if not peers_only:
        try:
            ours, command = run_script(our_python(), our_script(workload), quick, family)
            commands.append(command)
        except ScriptFailed as failed:
            reasons.append(f"ours not run: {failed}")
    if peer:
        try:
            script = peer_script(workload, peer)
            theirs, command = run_script(interpreter_of(peer), script, quick, family)
            commands.append(command)
        except ScriptFailed as failed:
            reasons.append(f"peer not run: {failed}")
    for reason in reasons:
        print(f"  {workload.name} {peer}: {reason}", file=sys.stderr, flush=True)
    memory_mb = ours["max_rss_mb"] if ours else None
    answer: bool | str = "; ".join(reasons) or ("ours not run" if peer else "no package has it")
    if ours and theirs:
        folder = inputs.WORK_DIR / "outcomes" / ("quick" if quick else "full")
        answer = same_outcome(workload, peer, ours, theirs, folder)
    return [
        {
            "workload": workload.name,
            "peer": peer,
            "ours": mine,
            "theirs": other,
            "unit": unit,
            "ratio": round(ratio, 4) if ratio is not None else None,
            **asdict(verdict(workload.name, peer, unit, mine, ratio, memory_mb)),
            "same_outcome": answer,
            "note": (theirs or {}).get("note"),
            "our_note": (ours or {}).get("note"),
            "command": " && ".join(commands),
            "versions": {
                "ours": ours["version"] if ours else None,
                "theirs": theirs["version"] if theirs else None,
            },
            "quick": quick,
            "cpu_seconds": {
                "ours": ours.get("cpu_seconds") if ours else None,
                "theirs": theirs.get("cpu_seconds") if theirs else None,
            },
            "seconds": {
                "ours": ours["seconds"] if ours else None,
                "theirs": theirs["seconds"] if theirs else None,
            },
            "data_sha256": digest,
            "outcomes": {
                "ours": ours["outcome"] if ours else None,
                "theirs": theirs["outcome"] if theirs else None,
            },
            "max_rss_mb": {
                "ours": memory_mb,
                "theirs": theirs["max_rss_mb"] if theirs else None,
            },
        }
        for unit, mine, other, ratio in measures(workload.name, ours, theirs)
    ]


def number(value: float | None) -> str:
    """A figure short enough for a table."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"


def print_table(rows: list[Json]) -> None:
    """The rows as aligned text, the ratio beside what it had to reach."""
    head = ("workload", "peer", "version", "ours", "theirs", "unit", "ratio", "target", "",
            "same outcome")  # fmt: skip
    body = [
        (
            row["workload"],
            row["peer"] or "-",
            row["versions"]["theirs"] or "-",
            number(row["ours"]),
            number(row["theirs"]),
            row["unit"],
            number(row["ratio"]),
            row["target"] or "-",
            {True: "met", False: "MISSED", None: ""}[row["met"]],
            {True: "yes", False: "NO"}.get(row["same_outcome"], str(row["same_outcome"])),
        )
        for row in rows
    ]
    widths = [max(len(line[i]) for line in (head, *body)) for i in range(len(head) - 1)]
    for line in (head, *body):
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=False)]
        print("  ".join([*cells, line[-1]]))
    judged = [row["met"] for row in rows if row["met"] is not None]
    print(f"\n{sum(judged)} of {len(judged)} targets met")


def print_disturbed(rows: list[Json]) -> None:
    """Name the rows whose runs had to share the machine: their ratios are not to be quoted."""
    disturbed = sorted(
        f"{row['workload']} {row['peer']} ({side})"
        for row in rows
        for side in ("ours", "theirs")
        if row["cpu_seconds"][side] and row["cpu_seconds"][side] < QUIET * row["seconds"][side]
    )
    if disturbed:
        print(f"\ndisturbed, run again on a quiet machine: {', '.join(disturbed)}")


def write_results(rows: list[Json], host: Json, keep: bool) -> Path:
    """Put the rows in the results, in the place of older rows of the same kind.

    Quick runs and runs without ours are for looking at: they go to the work folder instead.
    """
    at = datetime.now(UTC).isoformat(timespec="seconds")
    fresh = [{**row, "at": at, "machine": host} for row in rows]
    folder = RESULTS_DIR if keep else inputs.WORK_DIR
    folder.mkdir(parents=True, exist_ok=True)
    latest = folder / "latest.json"
    if keep:
        with (folder / "history.jsonl").open("a") as history:
            history.write(json.dumps({"at": at, "machine": host, "rows": rows}) + "\n")
        if latest.exists():
            replaced = {row_key(row) for row in fresh}
            older = json.loads(latest.read_text())["rows"]
            fresh = [row for row in older if row_key(row) not in replaced] + fresh
            order = [workload.name for workload in WORKLOADS]
            fresh.sort(key=lambda row: order.index(row["workload"]))
    latest.write_text(json.dumps({"machine": host, "rows": fresh}, indent=1) + "\n")
    return latest


def row_key(row: Json) -> tuple[str, str, str]:
    """What a row is about: a newer row of the same key replaces it."""
    return row["workload"], row["peer"], row["unit"]


def main(argv: list[str] | None = None) -> int:
    """Command line entry point."""
    parser = argparse.ArgumentParser(description="Run the benchmarks against the peers.")
    parser.add_argument(
        "--workloads", nargs="*", default=[], help="row names; W1 for all of W1; W, A, R"
    )
    parser.add_argument("--quick", action="store_true", help="inputs of a twentieth of the size")
    parser.add_argument("--peers-only", action="store_true", help="leave ours out")
    args = parser.parse_args(argv)
    workloads = chosen(args.workloads)
    host = machine()
    rows: list[Json] = []
    for workload in workloads:
        for peer in workload.peers:
            print(f"{workload.name} {peer} ...", file=sys.stderr, flush=True)
            rows += run_pair(workload, peer, args.quick, args.peers_only)
    print_table(rows)
    if args.quick:
        print("quick inputs: the targets are those of the full ones")
    print_disturbed(rows)
    keep = not (args.quick or args.peers_only)
    print(f"\nwritten to {shown(write_results(rows, host, keep))}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

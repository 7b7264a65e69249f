# SPDX-License-Identifier: MIT
"""Many seeds on all cores; what is finished is on disk, and a campaign goes on from there."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from seawall.model.errors import FormatError
from seawall.research.attack.teaching import Teaching, teach
from seawall.research.attack.trial import Plan, Record, run_seed
from seawall.research.workers import Workers

Advance = Callable[[float], None]
FIRST_SEED = 10_001

_state: dict[str, Teaching] = {}


def plan_digest(plan: Plan) -> str:
    """Short digest of everything that a seed's records depend on, the code apart."""
    return hashlib.sha256(repr(plan).encode()).hexdigest()[:12]


def run_campaign(
    plan: Plan,
    seeds: Sequence[int],
    folder: Path,
    *,
    teaching: Callable[[], Teaching] | None = None,
    ablation_seeds: int = 0,
    workers: int = 0,
    advance: Advance = lambda amount: None,
) -> list[Record]:
    """Run a plan on many seeds.

    Parameters
    ----------
    plan : Plan
        Attacks and variants; variants beyond the first two are run on the first
        ``ablation_seeds`` seeds only.
    seeds : sequence of int
        Markets.
    folder : Path
        One file of records per seed; seeds whose file exists are not run again.
    teaching : callable, optional
        Gives the golden set; called only when a seed is left to run.
    ablation_seeds : int
        See ``plan``.
    workers : int
        Processes; 0 is one per core.
    advance : callable
        Called with 1 after each seed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    short = Plan(plan.doses, plan.variants[:2], plan.settings)
    plans = [plan if k < ablation_seeds else short for k in range(len(seeds))]
    jobs = [
        (seed, p, folder / f"{seed}-{plan_digest(p)}.jsonl")
        for seed, p in zip(seeds, plans, strict=True)
    ]
    open_jobs = [job for job in jobs if not job[2].exists()]
    advance(len(jobs) - len(open_jobs))
    if open_jobs:
        taught = teaching() if teaching is not None else teach(plan.settings)
        _run(open_jobs, taught, workers or os.cpu_count() or 1, advance)
    return [record for _, _, path in jobs for record in read_records(path)]


def _run(
    jobs: list[tuple[int, Plan, Path]], teaching: Teaching, workers: int, advance: Advance
) -> None:
    if workers == 1 or len(jobs) == 1:
        for seed, plan, path in jobs:
            write_records(run_seed(seed, plan, teaching), path)
            advance(1)
        return
    pool = Workers(min(workers, len(jobs)), _begin, (teaching,))
    try:
        for _ in pool.run(_seed, jobs):
            advance(1)
    finally:
        pool.close()


def _begin(teaching: Teaching) -> None:
    _state["teaching"] = teaching


def _seed(seed: int, plan: Plan, path: Path) -> None:
    write_records(run_seed(seed, plan, _state["teaching"]), path)


def write_records(records: Iterator[Record], path: Path) -> None:
    """Write a seed's records; the file appears whole or not at all."""
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as out:
        for record in records:
            out.write(json.dumps(record.as_dict()) + "\n")
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)


def read_records(path: Path) -> list[Record]:
    """Read a seed's records.

    Raises
    ------
    FormatError
        When the file is not what :func:`write_records` wrote.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        if not lines:
            raise ValueError("no record")
        return [Record(**json.loads(line)) for line in lines]
    except (ValueError, TypeError) as problem:
        raise FormatError(
            "the records of a seed cannot be read",
            where=str(path),
            mend="delete the file; the seed is then run again",
        ) from problem

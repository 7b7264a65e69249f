# SPDX-License-Identifier: MIT
"""Long runs: memory stands still, apart from what a run was asked to keep.

``make soak`` runs these; ``make test`` does not, because they take minutes.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from seawall.engine.journal import Journal, RecordType, Sync, read_journal
from seawall.engine.run import Engine
from seawall.engine.settings import EngineSettings
from seawall.model.events import Events
from seawall.model.market import Market

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from soak_objective import Watched, resident_bytes  # noqa: E402

pytestmark = pytest.mark.soak

GROWTH_MAX = 0.02
"""Share of the memory after warm-up that a run may add."""

MAKE = """
import sys
from pathlib import Path
from seawall.research.demo.run import load_files, simulated_files
folder = Path(sys.argv[1])
load_files([simulated_files(folder, 7, 60)], folder / "catalogue", None, lambda _: None)
"""
HOUR_NS = 3_600 * 10**9
CHUNK = 20_000


def report(what: str, before: int, after: int, kept: int = 0) -> float:
    """Print the figures, and give the growth beyond what was kept on purpose as a share."""
    growth = (after - before - kept) / before
    print(
        f"\n{what}: {before / 2**20:.1f} MiB after warm-up, {after / 2**20:.1f} MiB at the end"
        + (f", {kept / 2**20:.1f} MiB of it results" if kept else "")
        + f": growth {growth:+.2%}"
    )
    return growth


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Market:
    """One simulated hour, made by another process so that this one stays small."""
    from seawall.data import Catalogue
    from seawall.research.choose import tradable

    folder = tmp_path_factory.mktemp("hour")
    subprocess.run([sys.executable, "-c", MAKE, str(folder)], check=True)
    catalogue = Catalogue(folder / "catalogue")
    return catalogue.market(tradable([(e.venue, e.symbol, e.kind) for e in catalogue.list()]))


def quoter(market: Market) -> Engine:
    from seawall.research.demo.pairs import pair_for

    return Engine(market, pair_for(market).defended, EngineSettings())


def hours(market: Market, count: int) -> Iterator[Events]:
    """Yield the same hour again and again, moved in time, in chunks."""
    first = int(market.events["ts"][0])
    length = (int(market.events["ts"][-1]) - first) // HOUR_NS * HOUR_NS + HOUR_NS
    for n in range(count):
        for at in range(0, market.events.size, CHUNK):
            chunk = np.array(market.events[at : at + CHUNK])
            chunk["ts"] += n * length
            yield chunk


def test_a_day_in_chunks_holds_no_more_than_its_results(hour: Market) -> None:
    engine = quoter(hour)
    chunks_per_hour = -(-hour.events.size // CHUNK)
    before = at_warm = 0

    for n, chunk in enumerate(hours(hour, 24)):
        engine.feed(chunk)
        if n + 1 == 2 * chunks_per_hour:
            before, at_warm = resident_bytes(), engine.collector.held_bytes
    after, kept = resident_bytes(), engine.collector.held_bytes - at_warm
    outcome = engine.finish()
    assert outcome.fills.size > 1_000, "the quoter must have traded for this to mean anything"
    assert report("a day of quoting in one engine", before, after, kept) < GROWTH_MAX


def test_the_same_hour_twenty_times_leaves_nothing_behind(hour: Market) -> None:
    prints = set()
    before = 0
    for n in range(20):
        engine = quoter(hour)
        for chunk in hours(hour, 1):
            engine.feed(chunk)
        prints.add(engine.finish().fingerprint)
        del engine
        if n == 3:
            before = resident_bytes()
    assert len(prints) == 1, "the same hour must give the same run"
    assert report("an hour of quoting, 20 engines", before, resident_bytes()) < GROWTH_MAX


def test_workers_of_a_sweep_do_not_grow(tmp_path: Path) -> None:
    from seawall.research.lookahead_runs import walk_market
    from seawall.research.sweep import Sweep, parse_space
    from seawall.research.sweep.market import share_market

    market = share_market(walk_market(20_000, 3), tmp_path / "arrays")
    space = parse_space(["fast=2:26", "slow=30:53"])
    found = Sweep(
        Watched(market), space, tmp_path / "study", engine="pool", metric="sharpe", workers=2
    ).run()
    assert found.failed == 0
    assert found.evaluated == 600
    by_process: dict[float, list[float]] = {}
    for trial in found.trials:
        by_process.setdefault(trial.metrics["pid"], []).append(trial.metrics["rss"])
    for rss in by_process.values():
        tenth = len(rss) // 10
        before, after = np.median(rss[tenth : 2 * tenth]), np.median(rss[-tenth:])
        assert report(f"a worker, {len(rss)} backtests", int(before), int(after)) < GROWTH_MAX


def test_a_journal_of_two_million_records_is_written_and_read_in_little_memory(
    tmp_path: Path,
) -> None:
    payload = bytes(range(256))
    with Journal(
        tmp_path, run_id=bytes(16), manifest_hash=bytes(32), sync=Sync.INTERVAL
    ) as journal:
        for _ in range(100_000):
            journal.append(RecordType.INPUT, payload)
        before = resident_bytes()
        for _ in range(1_900_000):
            journal.append(RecordType.INPUT, payload)
        grown = report("writing 1.9 million records", before, resident_bytes())
    assert grown < GROWTH_MAX
    records = 0
    for record in read_journal(tmp_path):
        records += 1
        assert record.payload == payload
        if records == 100_000:
            before = resident_bytes()
    assert records == 2_000_000
    assert report("reading 1.9 million records", before, resident_bytes()) < GROWTH_MAX

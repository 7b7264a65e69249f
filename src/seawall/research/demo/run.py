# SPDX-License-Identifier: MIT
"""Running the demonstration: make or import a market, run both variants, report."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from seawall.data import Catalogue, ImportOptions, import_files
from seawall.engine.settings import EngineSettings
from seawall.model.manifest import Manifest, write_manifest
from seawall.model.market import Market
from seawall.research.backtest import Backtest, Result
from seawall.research.choose import tradable
from seawall.research.demo.pairs import pair_for
from seawall.research.demo.windows import SPOKEN, AttackWindow, WindowRow, section, window_rows

Say = Callable[[str], None]
SIMULATED_MINUTES = 30
ATTACKS = (("spoof", 300.0, 420.0), ("wash", 900.0, 420.0), ("withdraw", 1_440.0, 60.0))
"""Kind, start and length in seconds of what the simulated market does to us."""


@dataclass(frozen=True)
class DemoResult:
    """What the demonstration made.

    Parameters
    ----------
    naive, defended : Result
        The two runs; the defended one carries the report.
    report : Path
        HTML file.
    source : str
        What it ran on, in words.
    seconds : float
        Wall time, seconds.
    windows : tuple of WindowRow
        What each variant made while an attack ran; empty on data of one's own.
    """

    naive: Result
    defended: Result
    report: Path
    source: str
    seconds: float
    windows: tuple[WindowRow, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object of ``--json``."""
        return {
            "report": str(self.report),
            "fingerprint": self.defended.fingerprint,
            "metrics": {
                "defended": self.defended.summary.as_dict(),
                "naive": self.naive.summary.as_dict(),
            },
            "fingerprints": {
                "defended": self.defended.fingerprint,
                "naive": self.naive.fingerprint,
            },
            "source": self.source,
            "windows": [asdict(row) for row in self.windows],
            "seconds": round(self.seconds, 3),
        }


def simulated_files(
    folder: Path, seed: int, minutes: int
) -> tuple[Path, int, tuple[AttackWindow, ...]]:
    """Simulate a market under attack and write its feeds.

    Returns
    -------
    tuple
        Folder of the feeds, when they start (ns UTC), and when they lie.
    """
    from seawall.data.simulated import AttackConfig, preset, simulate

    config = replace(
        preset("demo"),
        seed=seed,
        duration_s=60.0 * minutes,
        attacks=tuple(
            AttackConfig(kind, start, length, 1.0, 1)
            for kind, start, length in ATTACKS
            if start + length <= 60.0 * minutes
        ),
    )
    market = simulate(config)
    market.write(folder)
    windows = []
    for attack in config.attacks:
        place = market.instruments[attack.book]
        start = config.start_ns + int(attack.start_s * 1e9)
        end = start + int(attack.duration_s * 1e9)
        windows.append(AttackWindow(attack.kind, f"{place.symbol}@{place.venue}", start, end))
    # What happened in truth lies beside the feeds, and is not imported.
    return folder / "feeds", config.start_ns, tuple(windows)


def simulated_note(windows: tuple[AttackWindow, ...]) -> str:
    """Say what a simulated market is and is not."""
    named = ", ".join(SPOKEN[w.kind] for w in windows)
    attacks = f"and scripted attacks ({named})" if named else "too short for a scripted attack"
    return (
        f"The market is simulated: agents, not people, {attacks}. What is earned or lost in "
        "it says nothing about a real market; the difference between the two variants is "
        "the point."
    )


def load_files(paths: list[Path], root: Path, options: ImportOptions | None, say: Say) -> Market:
    """Import files into a catalogue and make a market of what they hold.

    Raises
    ------
    DataError
        When nothing in them can be traded on.
    """
    catalogue = Catalogue(root)
    reports = import_files(catalogue, paths, options)
    series = {(s.venue, s.symbol, s.kind) for r in reports for s in r.series}
    quarantined = sum(f.count for r in reports for s in r.series for f in s.quarantined)
    say(f"imported {len(reports)} files, {len(series)} series, {quarantined} rows quarantined")
    market: Market = catalogue.market(tradable(sorted(series)))
    return market


def _manifest(
    result: Result, settings: EngineSettings, seed: int, data: list[Path] | None
) -> Manifest:
    """Say what the run was made of; the clock is the caller's business and left out."""
    from seawall.model.provenance import commit, host, versions

    files = "".join(f" --data {p}" for p in data or [])
    return Manifest(
        command=f"seawall demo --seed {seed}{files}",
        seed=seed,
        settings={"engine": repr(settings)},
        data_hashes=dict(result.market.hashes),
        versions=versions(),
        commit=commit(),
        host=host(),
        fingerprint=result.fingerprint,
    )


def run_demo(
    folder: Path,
    *,
    data: list[Path] | None = None,
    options: ImportOptions | None = None,
    seed: int = 7,
    minutes: int = SIMULATED_MINUTES,
    settings: EngineSettings | None = None,
    say: Say = lambda text: None,
) -> DemoResult:
    """Run the demonstration.

    Parameters
    ----------
    folder : Path
        Where the catalogue, the report and the files of the run go.
    data : list of Path, optional
        Files to run on; without any, a market is simulated.
    options : ImportOptions, optional
        What the files do not say.
    seed : int
        Seed of the simulated market.
    minutes : int
        Length of the simulated market, minutes.
    settings : EngineSettings, optional
        Latency, fills, account.
    say : callable
        Told about each step.
    """
    began = time.perf_counter()
    origin_ns = 0
    attacks: tuple[AttackWindow, ...] = ()
    if data:
        paths, source = data, ", ".join(p.name for p in data[:3])
    else:
        say(f"simulating {minutes} minutes of two assets on two venues, seed {seed}")
        feeds, origin_ns, attacks = simulated_files(folder / "simulated", seed, minutes)
        paths = [feeds]
        source = f"simulated market, {minutes} minutes, seed {seed}"
    market = load_files(paths, folder / "catalogue", options, say)
    pair = pair_for(market)
    used = settings or EngineSettings(seed=seed)
    size = f"{market.events.size:,} events and {market.bars.shape[1]:,} bars"
    say(f"running {size} under three fill models, twice")
    naive = Backtest(pair.naive, market, settings=used).run()
    defended = Backtest(pair.defended, market, settings=used).run()
    rows = window_rows(attacks, naive, defended, origin_ns)
    both = replace(
        defended.beside(naive.name, naive),
        extra_assumptions=() if data else (simulated_note(attacks),),
        sections=(section(rows, defended.outcome.currency),) if rows else (),
    )
    manifest = _manifest(both, used, seed, data)
    title = f"{pair.symbol or 'All'}: {source}"
    report = both.report(folder / "report.html", title=title, manifest=asdict(manifest))
    both.save(folder / "run")
    write_manifest(manifest, folder / "run" / "manifest.json")
    seconds = time.perf_counter() - began
    return DemoResult(naive, both, report, source, seconds, tuple(rows))

# SPDX-License-Identifier: MIT
"""The scorecard: how far the simulated market is like a real one, fact by fact."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

import numpy as np

from seawall.data.simulated import layout as at
from seawall.data.simulated.config import SimConfig
from seawall.data.simulated.facts.bootstrap import band
from seawall.data.simulated.facts.measures import CALIBRATED, MEASURES, Measure
from seawall.data.simulated.facts.series import Floats
from seawall.data.simulated.sim import Sim, simulate

SHORT_S = 2_100.0
"""Length of the run for the microstructure measures: six windows of 345 s."""

DRAWS = 400
_LONG = ("minutes", "funding")
Rows = dict[str, dict[str, Floats]]
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Line:
    """One measure: the simulated value, the real one, its band, and whether it fits.

    ``passed`` is None where the real side has no data or its band holds every value.
    """

    fact: int
    name: str
    simulated: float
    real: float
    low: float
    high: float
    passed: bool | None
    calibrated: bool


@dataclass(frozen=True, slots=True)
class Scorecard:
    """All measures of one configuration."""

    lines: tuple[Line, ...]
    seed: int
    duration_s: float
    reference: str

    @property
    def facts(self) -> dict[int, bool | None]:
        """Fact to pass: a fact passes when all its measures do."""
        out: dict[int, bool | None] = {}
        for line in self.lines:
            old = out.get(line.fact, True)
            out[line.fact] = None if line.passed is None or old is None else old and line.passed
        return out

    @property
    def score(self) -> float:
        """Share of the facts that pass, of those that could be judged."""
        judged = [p for p in self.facts.values() if p is not None]
        return sum(judged) / len(judged) if judged else float("nan")


def run_rows(config: SimConfig, progress: Progress | None = None) -> Rows:
    """Simulate a configuration twice, short in full and long for fills only."""

    def told(name: str) -> Callable[[float], None] | None:
        return None if progress is None else lambda share: progress(name, share)

    from seawall.data.simulated.facts.simulated import long_rows, short_rows

    brief = replace(config, duration_s=min(SHORT_S, config.duration_s), depth_interval_ms=100)
    rows = short_rows(simulate(brief, told("book and flow")))
    world = Sim(replace(config, funding_interval_s=3_600))
    market = world.run(told("returns"), keep=(at.EXEC,))
    perps = tuple(np.flatnonzero(world.world.books["perp"]).tolist())
    start = int(config.warmup_s * 1e9)
    rows.update(long_rows(market.log, market.tape, start, perps, 100_000 * 3_600 // 28_800))
    return rows


def value_of(measure: Measure, rows: Rows) -> float:
    """Median of a measure over the samples of its source; nan where there are none."""
    values = [measure.stat(x) for x in rows.get(measure.source, {}).values() if len(x)]
    good = [v for v in values if np.isfinite(v)]
    return float(np.median(good)) if good else float("nan")


def bands_of(rows: Rows, minutes: int, draws: int = DRAWS) -> dict[str, tuple[float, float, float]]:
    """Real value and band of every measure: the envelope over the recordings.

    Parameters
    ----------
    minutes : int
        Length of the simulated run whose sampling error the bands shall hold.
    """
    lengths = {"minutes": minutes, "funding": max(24, minutes // 60)}
    out = {}
    for k, measure in enumerate(MEASURES):
        lows, highs = [], []
        for x in rows.get(measure.source, {}).values():
            length = lengths.get(measure.source, len(x))
            low, high = band(x, measure.stat, measure.block, min(length, len(x)), draws, k)
            lows.append(low)
            highs.append(high)
        if lows:
            out[measure.name] = (value_of(measure, rows), min(lows), max(highs))
    return out


def reference() -> tuple[dict[str, tuple[float, float, float]], str]:
    """Return the stored bands and where they come from."""
    text = resources.files("seawall.data.simulated.facts").joinpath("reference.json").read_text()
    body = json.loads(text)
    return {k: tuple(v) for k, v in body["bands"].items()}, body["command"]


def verdict(measure: Measure, value: float, low: float, high: float) -> bool | None:
    """Whether a value lies in its band; None without a band, or with one that holds all."""
    if np.isnan(low) or np.isnan(value) or high - low >= 0.95 * measure.span:
        return None
    return bool(low <= value <= high)


def scorecard(
    config: SimConfig, real: Path | None = None, progress: Progress | None = None
) -> Scorecard:
    """Simulate and judge.

    Parameters
    ----------
    config : SimConfig
        World to judge; ``duration_s`` is that of the run for the return measures.
    real : Path, optional
        Folder of real data; without it the stored reference bands are used, which hold
        for a day of simulation.
    """
    if real is None:
        bands, name = reference()
    else:
        from seawall.data.simulated.facts.real import load_rows

        bands = bands_of(load_rows(real), int(config.duration_s // 60))
        name = str(real)
    rows = run_rows(config, progress)
    lines = []
    for measure in MEASURES:
        value = value_of(measure, rows)
        there, low, high = bands.get(measure.name, (float("nan"),) * 3)
        passed = verdict(measure, value, low, high)
        lines.append(
            Line(measure.fact, measure.name, value, there, low, high, passed,
                 measure.fact in CALIBRATED)
        )  # fmt: skip
    return Scorecard(tuple(lines), config.seed, config.duration_s, name)


def write_reference(real: Path, out: Path) -> dict[str, tuple[float, float, float]]:
    """Compute the bands for a day of simulation from real data and store them."""
    from seawall.data.simulated.facts.real import load_rows

    rows = load_rows(real)
    bands = bands_of(rows, 24 * 60)
    body = {
        "command": "seawall sim reference --real DIR",
        "sources": {source: sorted(parts) for source, parts in rows.items()},
        "draws": DRAWS,
        "bands": {k: [round(x, 6) for x in v] for k, v in bands.items()},
    }
    out.write_text(json.dumps(body, indent=1) + "\n")
    return bands

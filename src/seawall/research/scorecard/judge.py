# SPDX-License-Identifier: MIT
"""Scoring signals on the later part of the data, calibrated on the earlier one.

One moment cuts all grids: what ends before it trains, what begins an embargo after it is
judged.  Rules have no parameter that was fitted here; only the confidence is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError, SettingsError
from seawall.research.manipulation.counts import wilson
from seawall.research.scorecard.blocks import (
    correlation_interval,
    excess_low,
    ranks,
    ratio_interval,
)
from seawall.research.scorecard.card import Decay, Scorecard
from seawall.research.scorecard.outcomes import (
    Trades,
    came_true,
    forward_bps,
    trades_of,
    usual_bps,
)
from seawall.signals.calibration import Calibration, calibrate, reliability
from seawall.signals.grid import Floats, Grid, Times
from seawall.signals.kind import Kind
from seawall.signals.readings import Readings, available, read
from seawall.signals.registry import KINDS

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ScoreSettings:
    """How signals are scored.

    Parameters
    ----------
    train_share : float
        Share of all rows, by time, that trains the confidence.
    draws : int
        Resamples of an interval.
    seed : int
        Of the resamples.
    trials : int
        Configurations looked at before this run, on the same data.
    """

    train_share: float = 0.6
    draws: int = 2_000
    seed: int = 0
    trials: int = 0

    def __post_init__(self) -> None:
        if not 0.0 < self.train_share < 1.0 or self.draws < 100 or self.trials < 0:
            raise SettingsError(
                f"train_share={self.train_share}, draws={self.draws}, trials={self.trials}",
                mend="a share lies between 0 and 1, draws from 100, trials from 0",
            )


@dataclass(frozen=True, slots=True)
class Sample:
    """Readings of one grid with their outcomes."""

    readings: Readings
    train: Mask
    test: Mask
    ahead: dict[int, Floats]
    usual: Floats
    right: Mask
    known: Mask


def horizons(own: int) -> tuple[int, ...]:
    """Horizons of the decay around that of a signal, rows."""
    return tuple(sorted({max(1, own // 5), max(1, own // 2), own, 2 * own}))


def cut_of(grids: Sequence[Grid], share: float) -> int:
    """Time before which a share of all rows with a known mid lies, ns UTC."""
    known = [g.ts[np.isfinite(g["mid"])] for g in grids]
    ts = np.sort(np.concatenate(known))
    if not ts.size:
        raise ResearchError("no mid is known", mend="give quotes or bars with prices")
    return int(ts[min(int(share * ts.size), ts.size - 1)])


def score_all(
    grids: Sequence[Grid],
    settings: ScoreSettings | None = None,
    kinds: Sequence[Kind] = KINDS,
    told: Callable[[float], None] = lambda share: None,
) -> tuple[Scorecard, ...]:
    """Score every kind on whatever grids it can be read from, events and bars apart.

    Parameters
    ----------
    grids : sequence of Grid
        Of any instruments and times.
    settings : ScoreSettings, optional
        How.
    kinds : sequence of Kind
        What.
    told : callable
        Is told the share of the work that is done.

    Raises
    ------
    ResearchError
        When no kind can be read from any of the grids.
    """
    settings = settings or ScoreSettings()
    work: list[tuple[Kind, list[Grid], int]] = []
    for source in ("events", "bars"):
        mine = [g for g in grids if g.source == source]
        fits = [(kind, [g for g in mine if available(kind, g)]) for kind in kinds]
        work += [(k, fit, cut_of(mine, settings.train_share)) for k, fit in fits if fit]
    if not work:
        raise ResearchError(
            "none of the signals can be read from these data",
            mend="`seawall signals list` says what each of them needs",
        )
    trials = settings.trials + sum(
        len(horizons(kind.horizon[fit[0].source])) for kind, fit, _ in work
    )
    out = []
    for n, (kind, fit, cut) in enumerate(work):
        out.append(score(kind, fit, cut, settings, trials))
        told((n + 1) / len(work))
    return tuple(out)


def score(
    kind: Kind, grids: Sequence[Grid], cut: int, settings: ScoreSettings, trials: int
) -> Scorecard:
    """Score one kind on grids of one source, cut at one moment (ns UTC)."""
    source = grids[0].source
    own = kind.horizon[source]
    samples = [_sample(read(kind, g), cut, own) for g in grids]
    calibration, trained = _train(samples)
    hit, base, excess = _hits(samples, own, settings, trials)
    decay = tuple(_decay(samples, h, settings) for h in horizons(own))
    trades = [trades_of(s.readings, s.ahead[own], own, s.test) for s in samples]
    keys = [_blocks(t.ts, s, 2 * own) for t, s in zip(trades, samples, strict=True)]
    net, gross, cost, turnover = _net(trades, keys, settings, trials)
    spoken = [s.readings.speaks & s.test & s.known for s in samples]
    strength = np.concatenate(
        [s.readings.strength[m] for s, m in zip(samples, spoken, strict=True)]
    )
    right = np.concatenate([s.right[m] for s, m in zip(samples, spoken, strict=True)])
    return Scorecard(
        kind.name, kind.family, kind.target, source, tuple(g.instrument for g in grids),
        own * grids[0].step_ns / 1e9, trained,
        sum(int((s.readings.speaks & s.test).sum()) for s in samples),
        sum(int(s.test.sum()) for s in samples), *hit, base, excess, decay,
        next(d for d in decay if d.rows == own), reliability(calibration, strength, right),
        sum(t.gross_bps.size for t in trades), turnover, gross, cost, *net, trials,
    )  # fmt: skip


def _sample(readings: Readings, cut: int, own: int) -> Sample:
    grid = readings.grid
    # The label of a training row may reach this far, and so may what a judged row remembers.
    far = horizons(own)[-1] * grid.step_ns
    ahead = {h: forward_bps(grid, h) for h in horizons(own)}
    usual = usual_bps(grid, own)
    right, known = came_true(readings, ahead[own], usual)
    return Sample(readings, grid.ts + far < cut, grid.ts >= cut + far, ahead, usual, right, known)


def _train(samples: Sequence[Sample]) -> tuple[Calibration, int]:
    masks = [s.readings.speaks & s.train & s.known for s in samples]
    strength = np.concatenate([s.readings.strength[m] for s, m in zip(samples, masks, strict=True)])
    right = np.concatenate([s.right[m] for s, m in zip(samples, masks, strict=True)])
    if not strength.size:  # nothing was said in training: nothing is known
        return Calibration(np.ones(1), np.full(1, 0.5), 0.5, 0), 0
    return calibrate(strength, right), int(strength.size)


def _hits(
    samples: Sequence[Sample], own: int, settings: ScoreSettings, trials: int
) -> tuple[tuple[float, float, float], float, float]:
    """Hit rate with its interval, base rate, and the least that is between them."""
    parts, pairs = [], []
    keys = [_blocks(s.readings.grid.ts, s, 2 * own) for s in samples]
    for s in samples:
        judged = (s.test & s.known).astype(np.float64)
        spoke = judged * s.readings.speaks
        parts.append((spoke * s.right, spoke))
        if s.readings.kind.target == "direction":
            pairs.append((spoke * s.right, spoke, 0.5 * judged, judged))
        else:
            pairs.append((spoke * s.right, spoke, judged * s.right, judged))
    rate, low, high = ratio_interval(parts, keys, settings.draws, settings.seed)
    few = wilson(*(int(sum(p[k].sum() for p in parts)) for k in (0, 1)))
    true, rows = (float(sum(p[k].sum() for p in pairs)) for k in (2, 3))
    draws = max(settings.draws, 20 * trials)
    excess = excess_low(pairs, keys, draws, settings.seed, widened(trials))
    # Blocks alone would say that three hits of three are certain; both must be known.
    ends = np.minimum(low, few[0]), np.maximum(high, few[1])
    return (rate, float(ends[0]), float(ends[1])), true / rows if rows else float("nan"), excess


def widened(trials: int) -> float:
    """Level of an interval that holds for all of some trials at once (Bonferroni)."""
    return 1.0 - 0.05 / max(trials, 1)


def _decay(samples: Sequence[Sample], rows: int, settings: ScoreSettings) -> Decay:
    """Rank correlation within each grid, over every row that is judged, silent ones too."""
    pairs, keys = [], []
    for s in samples:
        came = s.ahead[rows]
        ok = s.test & np.isfinite(came)
        said = s.readings.strength
        if s.readings.kind.target == "direction":
            said = said * s.readings.direction
        else:
            came = np.abs(came)
        pairs.append((ranks(said[ok]), ranks(came[ok])))
        keys.append(_blocks(s.readings.grid.ts[ok], s, max(2 * rows, 10)))
    return Decay(rows, *correlation_interval(pairs, keys, settings.draws, settings.seed))


def _blocks(ts: Times, sample: Sample, rows: int) -> Times:
    """Number of the stretch of time, so many rows long, in which each moment lies."""
    return np.asarray(ts // (rows * sample.readings.grid.step_ns))


def _net(
    trades: Sequence[Trades], keys: Sequence[Times], settings: ScoreSettings, trials: int
) -> tuple[tuple[float, float, float], float, float, float]:
    nan = float("nan")
    count = sum(t.gross_bps.size for t in trades)
    if not count:
        return (nan, nan, nan), nan, nan, 0.0
    cost = [t.cost_bps for t in trades]
    parts = [(t.gross_bps - c, np.ones(c.size)) for t, c in zip(trades, cost, strict=True)]
    draws = max(settings.draws, 20 * trials)
    net = ratio_interval(parts, keys, draws, settings.seed, widened(trials))
    gross = float(np.concatenate([t.gross_bps for t in trades]).mean())
    days = sum(t.days for t in trades)
    return net, gross, float(np.concatenate(cost).mean()), 2.0 * count / days if days else nan

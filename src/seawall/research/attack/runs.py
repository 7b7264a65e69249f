# SPDX-License-Identifier: MIT
"""One run of one variant in one market, and what is measured of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from seawall.engine.run import Engine
from seawall.engine.settings import EngineSettings
from seawall.research.attack.guard import Breaker
from seawall.research.attack.learner import ModelLearner
from seawall.research.attack.quoter import ForecastQuoter, Place, View
from seawall.research.attack.settings import Defences, LabSettings
from seawall.research.attack.sight import Sight, lessons_for
from seawall.research.attack.teaching import Teaching
from seawall.robust.gate import GateEventKind, Reference

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Run:
    """What one run gave.

    Parameters
    ----------
    pnl : float
        Equity at the end less equity at the start, quote currency, after fees.
    fills : int
        Number of fills.
    aside_s : int
        Seconds spent standing aside.
    rollbacks : int
        Rollbacks and freezes of the gate.
    alarm_s : float
        First rollback, hold or freeze, seconds from the first row; not-a-number for none.
    skill : float
        Correlation of forecasts with what came, over the whole run.
    path : list of (row, location, covariance)
        The served model every thirty seconds.
    """

    pnl: float
    fills: int
    aside_s: int
    rollbacks: int
    alarm_s: float
    skill: float
    path: list[tuple[int, Floats, Floats]]


def run_variant(
    sight: Sight, defences: Defences, teaching: Teaching, settings: LabSettings,
    forged: Floats | None = None, engine: EngineSettings | None = None,
) -> Run:  # fmt: skip
    """Trade a market with one set of defences.

    Parameters
    ----------
    sight : Sight
        The market as it may be seen.
    defences : Defences
        What is up.
    teaching : Teaching
        Where learning begins.
    settings : LabSettings
        Terms and cadence.
    forged : float64 array, optional
        What an attacker adds to the lessons.
    engine : EngineSettings, optional
        Latency, fills and account; the defaults when not given.
    """
    terms = settings.terms
    samples = sight.admitted if defences.admission else sight.raw
    lessons = lessons_for(sight, defences, terms, teaching.screen, forged)
    learner = ModelLearner(
        teaching.reference, teaching.profile, defences, terms.halflife, settings.check_every,
        lessons, samples.sources,
    )  # fmt: skip
    features = samples.features[:, 0].copy()
    if defences.evidence:
        features[sight.doubt[:, 0]] = 0.0
    scale = samples.volatility[:, 0] * np.sqrt(terms.horizon)
    traded = samples.sources[0]
    tick = next(
        float(i.tick) for i in sight.market.instruments if f"{i.symbol}@{i.venue}" == traded
    )
    guard = Breaker(samples, sight.halt) if defences.breaker else None
    strategy = ForecastQuoter(
        Place(traded, tick), terms, View(samples.ts, features, scale), learner, guard
    )
    desk = Engine(sight.market, strategy, engine or EngineSettings())
    desk.feed(sight.market.events, sight.market.bars)
    outcome = desk.finish()
    return Run(
        pnl=float(outcome.equity["equity"][-1] - outcome.equity["equity"][0]),
        fills=len(outcome.fills),
        aside_s=strategy.aside,
        rollbacks=learner.model.counts.rollbacks + learner.model.counts.freezes,
        alarm_s=_first_alarm(learner, int(samples.ts[0])),
        skill=_skill(strategy.forecasts, samples.mid[:, 0], terms.horizon),
        path=learner.path,
    )


def _first_alarm(learner: ModelLearner, start_ns: int) -> float:
    stops = (GateEventKind.HOLD, GateEventKind.ROLLBACK, GateEventKind.FREEZE)
    for event in learner.model.events:
        if event.kind in stops:
            return (event.ts_ns - start_ns) / 1e9
    return float("nan")


def _skill(forecasts: Floats, mid: Floats, horizon: int) -> float:
    ahead = np.full(mid.size, np.nan)
    ahead[:-horizon] = np.log(mid[horizon:] / mid[:-horizon])
    good = np.isfinite(forecasts) & np.isfinite(ahead)
    if good.sum() < 30 or forecasts[good].std() == 0.0 or ahead[good].std() == 0.0:
        return float("nan")
    return float(np.corrcoef(forecasts[good], ahead[good])[0, 1])


def displacement(run: Run, other: Run, reference: Reference, row: int) -> float:
    """Mahalanobis distance between two runs' served locations plus the spectrum's logarithms.

    ``sqrt(D^2 + sum_j ln(g_j)^2)``, both in the metric of the reference: how far the model
    that was served at a row is from the one that the same variant served without the attack.
    """
    first, second = (_at(r, row) for r in (run, other))
    inverse = np.linalg.inv(reference.factor)
    apart = inverse @ (first[1] - second[1])
    own = [inverse @ model[2] @ inverse.T for model in (first, second)]
    half = np.linalg.inv(np.linalg.cholesky(own[1]))
    g: Any = np.linalg.eigvalsh(half @ own[0] @ half.T)
    return float(np.sqrt(apart @ apart + np.square(np.log(np.maximum(g, 1e-12))).sum()))


def _at(run: Run, row: int) -> tuple[int, Floats, Floats]:
    """Newest model of the path at a row."""
    found = run.path[0]
    for one in run.path:
        if one[0] > row:
            break
        found = one
    return found

# SPDX-License-Identifier: MIT
"""The attacker who knows the defences: it searches for what they let through and costs most.

It owns one source's lessons.  It may shift every feature by a constant, shift features
against the sign of the outcome, so that they teach the opposite, and shift the outcome; it
knows how far sources may differ and where the gate acts, and pays for every rollback that
it sets off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError
from seawall.research.attack.intervals import Interval, of_mean
from seawall.research.attack.runs import run_variant
from seawall.research.attack.sampling import FEATURES
from seawall.research.attack.settings import FULL, NAIVE, LabSettings, lab_config, sources_of
from seawall.research.attack.sight import Sight, sight_of
from seawall.research.attack.teaching import Teaching

Floats = npt.NDArray[np.float64]
Advance = Callable[[float], None]
ROLLBACK_PRICE = 5.0
"""What a rollback costs the attacker in its search, quote currency: it wants to stay unseen."""
REACH_SD = 4.0
"""Largest shift that it tries, standard deviations of the golden rows."""


@dataclass(frozen=True, slots=True)
class Poison:
    """What the attacker does to the lessons of its source.

    Parameters
    ----------
    constant : tuple of float
        Shift of every feature, standard deviations.
    against : tuple of float
        Shift of every feature against the sign of the outcome, standard deviations.
    outcome : float
        Shift of the outcome against its own sign, as a share of the tolerance.
    """

    constant: tuple[float, ...]
    against: tuple[float, ...]
    outcome: float

    def forged(
        self, sight: Sight, settings: LabSettings, teaching: Teaching, duration_s: float
    ) -> Floats:
        """What is added to the lessons, shape (n, sources, d + 1)."""
        outcomes = sight.raw.outcomes(settings.terms.horizon)
        n, many = outcomes.shape
        scale = np.sqrt(np.diag(teaching.reference.covariance))
        first = settings.terms.rows(settings.start_s)
        last = min(n, first + settings.terms.rows(duration_s))
        source = min(1, many - 1)
        out = np.zeros((n, many, scale.size))
        sign = np.sign(np.nan_to_num(outcomes[first:last, source]))
        push = np.array(self.constant) - np.multiply.outer(sign, np.array(self.against))
        out[first:last, source, :-1] = push * scale[:-1]
        out[first:last, source, -1] = -self.outcome * teaching.screen.tolerance * sign
        return out


@dataclass(frozen=True, slots=True)
class WorstFound:
    """The best attack of a search, judged on seeds that the search did not see.

    Parameters
    ----------
    poison : Poison
        What it does.
    trials, search_seeds, seeds : int
        Attacks tried, markets of the search, markets of the verdict.
    naive_change, defended_change : float
        Mean paired change of the result, quote currency.
    naive_interval, defended_interval : (float, float)
        95 % of them.
    rollbacks : float
        Of the defended variant, mean per market.
    defended_clean_pnl : float
        Mean result without the attack.
    """

    poison: Poison
    trials: int
    search_seeds: int
    seeds: int
    naive_change: float
    naive_interval: Interval
    defended_change: float
    defended_interval: Interval
    rollbacks: float
    defended_clean_pnl: float

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON object."""
        names = FEATURES
        return {
            "attack": "adaptive",
            "constant_sd": dict(zip(names, self.poison.constant, strict=True)),
            "against_outcome_sd": dict(zip(names, self.poison.against, strict=True)),
            "outcome_share_of_tolerance": self.poison.outcome,
            "trials": self.trials,
            "search_seeds": self.search_seeds,
            "seeds": self.seeds,
            "naive_change": self.naive_change,
            "naive_change_interval": self.naive_interval,
            "defended_change": self.defended_change,
            "defended_change_interval": self.defended_interval,
            "rollbacks": self.rollbacks,
            "defended_clean_pnl": self.defended_clean_pnl,
        }


def sights(seeds: Sequence[int], settings: LabSettings) -> list[Sight]:
    """Look at clean markets, which every attack of the search then reuses."""
    from seawall.data.simulated import simulate

    out = []
    for seed in seeds:
        market = simulate(lab_config(seed, settings)).to_market()
        out.append(sight_of(market, sources_of(market)))
    return out


def search(
    teaching: Teaching, settings: LabSettings, *, trials: int = 80,
    search_seeds: Sequence[int] = range(30_001, 30_005),
    seeds: Sequence[int] = range(40_001, 40_021),
    duration_s: float = 1_000.0, seed: int = 1, advance: Advance = lambda amount: None,
) -> WorstFound:  # fmt: skip
    """Search for the poison that costs the defended variant most.

    Parameters
    ----------
    teaching : Teaching
        The defences that the attacker knows.
    settings : LabSettings
        The lab.
    trials : int
        Attacks to try.
    search_seeds, seeds : sequence of int
        Markets on which it searches, and others on which the best is judged.
    duration_s : float
        Length of the attack.
    seed : int
        Of the search.
    advance : callable
        Called with 1 after each trial and each market of the verdict.

    Raises
    ------
    ResearchError
        When Optuna is not installed.
    """
    try:
        import optuna
    except ImportError as problem:
        raise ResearchError(
            "the adaptive attacker searches with Optuna, which is not installed",
            mend="pip install 'seawall[sweep]'",
        ) from problem
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    field = sights(search_seeds, settings)
    quiet = [run_variant(s, FULL, teaching, settings).pnl for s in field]

    def gain(trial: Any) -> float:
        poison = _suggest(trial)
        total = 0.0
        for sight, base in zip(field, quiet, strict=True):
            forged = poison.forged(sight, settings, teaching, duration_s)
            run = run_variant(sight, FULL, teaching, settings, forged)
            total += base - run.pnl - ROLLBACK_PRICE * run.rollbacks
        advance(1)
        return total / len(field)

    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed, multivariate=True)
    )
    # It starts from what a clever attacker would try first: teach the opposite, half as far.
    study.enqueue_trial(
        {f"constant {n}": 0.0 for n in FEATURES}
        | {f"against {n}": 2.0 for n in FEATURES} | {"outcome": 0.0}
    )  # fmt: skip
    study.optimize(gain, n_trials=trials)
    best = _suggest(optuna.trial.FixedTrial(study.best_params))
    return _verdict(best, teaching, settings, trials, len(field), seeds, duration_s, advance)


def _suggest(trial: Any) -> Poison:
    return Poison(
        tuple(trial.suggest_float(f"constant {n}", -REACH_SD, REACH_SD) for n in FEATURES),
        tuple(trial.suggest_float(f"against {n}", -REACH_SD, REACH_SD) for n in FEATURES),
        trial.suggest_float("outcome", 0.0, 1.0),
    )


def _verdict(
    poison: Poison, teaching: Teaching, settings: LabSettings, trials: int, searched: int,
    seeds: Sequence[int], duration_s: float, advance: Advance,
) -> WorstFound:  # fmt: skip
    changes: dict[str, list[float]] = {"naive": [], "defended": []}
    rollbacks, quiet = [], []
    for seed in seeds:
        (sight,) = sights([seed], settings)
        forged = poison.forged(sight, settings, teaching, duration_s)
        for name, defences in (("naive", NAIVE), ("defended", FULL)):
            clean = run_variant(sight, defences, teaching, settings)
            hit = run_variant(sight, defences, teaching, settings, forged)
            changes[name].append(hit.pnl - clean.pnl)
        rollbacks.append(hit.rollbacks)
        quiet.append(clean.pnl)
        advance(1)
    naive, defended = (np.array(changes[n]) for n in ("naive", "defended"))
    return WorstFound(
        poison, trials, searched, len(seeds), float(naive.mean()), of_mean(naive),
        float(defended.mean()), of_mean(defended), float(np.mean(rollbacks)),
        float(np.mean(quiet)),
    )  # fmt: skip

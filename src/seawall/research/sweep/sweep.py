# SPDX-License-Identifier: MIT
"""A sweep: ask, evaluate, log, tell, until there is nothing more to try."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seawall.model.errors import ResearchError
from seawall.research.sweep.executor import (
    Evaluated,
    Executor,
    available_cores,
    make_executor,
    tasks_of,
)
from seawall.research.sweep.honesty import judge
from seawall.research.sweep.objective import Objective, objective_id, plain
from seawall.research.sweep.result import SweepResult, best_of
from seawall.research.sweep.sampler import make_sampler
from seawall.research.sweep.space import Params, Space
from seawall.research.sweep.watch import Watch, watched
from seawall.research.trials import Trial, TrialLog, evaluation_key


@dataclass(frozen=True, slots=True)
class Sweep:
    """Search a space of parameters for the best value of one metric.

    Every finished trial is in the study's log before the next result is looked at.
    Running the same sweep again evaluates only what the log lacks.

    Parameters
    ----------
    objective : Objective
        What is evaluated; with ``evaluate_batch`` it is given slices of configurations.
    space : Space
        Where to search.
    out_dir : path
        The study; its log counts all trials of all sweeps that use it.
    method : str
        ``grid``, ``random`` or ``tpe``.
    n_trials : int, optional
        How many configurations; a grid takes them all.
    seed : int
        Seed of the sampler.
    engine : str
        ``pool`` (processes), ``ray`` or ``serial``.
    metric : str
        Name among the objective's metrics.
    maximize : bool
        Whether more of it is better.
    data_hash : str
        Identity of the data; taken from the objective's ``data_hash`` when empty.
    window : slice, optional
        Passed on to the objective; start and stop must be whole numbers.
    workers : int, optional
        Processes; as many as there are cores by default.
    batch : int
        Configurations that ``tpe`` asks for at once; part of the definition.
    show : bool
        Show a progress bar when standard error is a terminal.
    """

    objective: Objective
    space: Space
    out_dir: Path | str
    method: str = "grid"
    n_trials: int | None = None
    seed: int = 0
    engine: str = "pool"
    metric: str = "sharpe"
    maximize: bool = True
    data_hash: str = ""
    window: slice | None = None
    workers: int | None = None
    batch: int = 8
    show: bool = True

    @property
    def data(self) -> str:
        """Identity of the data."""
        return self.data_hash or str(getattr(self.objective, "data_hash", ""))

    def identity(self) -> str:
        """Hash of space, method, seed, objective, data, metric and window.

        The number of trials is left out: a longer run continues a shorter one.
        """
        parts = [
            self.space.describe(), self.method, self.seed, objective_id(self.objective), self.data,
            self.metric, self.maximize, self.batch if self.method == "tpe" else 0,
            _bounds(self.window),
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    def run(self, executor: Executor | None = None) -> SweepResult:
        """Evaluate what the log lacks and judge the best.

        Parameters
        ----------
        executor : Executor, optional
            Workers of the same objective that are left running, for several sweeps in a
            row; :meth:`start` makes them.

        Raises
        ------
        ResearchError
            When a worker dies or nothing can be evaluated; finished trials are kept.
        KeyboardInterrupt
            On Ctrl-C, after the workers were stopped; finished trials are kept.
        """
        sampler = make_sampler(
            self.space, self.method, self.n_trials, self.seed,
            maximize=self.maximize, batch=self.batch,
        )  # fmt: skip
        run = _Run(self, executor)
        total = self.n_trials or self.space.size
        try:
            with watched(f"sweep {self.metric}", total, show=self.show) as watch:
                while asked := sampler.ask():
                    for trial in run.finish(asked, watch):
                        sampler.tell(trial.metrics.get(self.metric, float("nan")))
        finally:
            run.close()
        if not run.trials:
            raise ResearchError("the space of the sweep is empty", mend="widen a range")
        return self.result(run.trials, run.evaluated)

    def start(self) -> Executor:
        """Start the workers; whoever starts them closes them.

        An objective with a method ``prepare`` is prepared first, in this process.
        """
        prepare = getattr(self.objective, "prepare", None)
        if callable(prepare):
            prepare()
        return make_executor(self.engine, self.objective, self.workers)

    def result(self, trials: Sequence[Trial], evaluated: int = 0) -> SweepResult:
        """Judge trials of this sweep, each configuration once."""
        unique = tuple({trial.config: trial for trial in trials}.values())
        log = TrialLog(self.out_dir)
        honesty = None
        if any(self.metric in trial.metrics for trial in unique):
            best = best_of(unique, self.metric, maximize=self.maximize)
            honesty = judge(log, best, unique)
        return SweepResult(
            self.identity(), self.space, self.metric, self.maximize, unique, honesty,
            evaluated, len(unique) - evaluated,
        )  # fmt: skip


class _Run:
    """State of one run: the log, what is in it, and the workers once they are needed."""

    def __init__(self, sweep: Sweep, executor: Executor | None) -> None:
        self.sweep = sweep
        self.log = TrialLog(sweep.out_dir)
        self.known = {trial.key: trial for trial in self.log}
        self.objective_id = objective_id(sweep.objective)
        self.identity = sweep.identity()
        self.trials: list[Trial] = []
        self.evaluated = 0
        self._workers = sweep.workers or available_cores()
        self._executor, self._ours = executor, executor is None
        self._best = ""
        self._best_value = math.nan

    def finish(self, asked: Sequence[Params], watch: Watch) -> list[Trial]:
        """Trials of all configurations asked for, in that order."""
        keys = [self._key(params) for params in asked]
        first = {key: index for index, key in reversed(list(enumerate(keys)))}
        missing = sorted(index for key, index in first.items() if key not in self.known)
        for key in first:
            self._compare(self.known.get(key))
        watch(len(asked) - len(missing), self._best)
        if missing:
            tasks = tasks_of(self.sweep.objective, asked, missing, self._workers, self.sweep.window)
            for outcomes in self._started().evaluate(tasks):
                self._keep([(asked[one.index], one) for one in outcomes])
                watch(len(outcomes), self._best)
        found = [self.known[key] for key in keys]
        self.trials.extend(found)
        return found

    def close(self) -> None:
        """Stop the workers and leave the study's table up to date."""
        if self._executor is not None and self._ours:
            self._executor.close()
        if self.known:
            self.log.write_summary()

    def _started(self) -> Executor:
        if self._executor is None:
            self._executor = self.sweep.start()
        return self._executor

    def _key(self, params: Params) -> str:
        bounds = _bounds(self.sweep.window)
        return evaluation_key(self.objective_id, self.sweep.data, params, bounds)

    def _keep(self, outcomes: Sequence[tuple[Params, Evaluated]]) -> None:
        rows = [
            (self._trial(params, one), one.result.returns if one.result else None)
            for params, one in outcomes
        ]
        for kept in self.log.append_many(rows):
            self.known[kept.key] = kept
            self.evaluated += 1
            self._compare(kept)

    def _trial(self, params: Params, outcome: Evaluated) -> Trial:
        result = outcome.result
        return Trial(
            objective=self.objective_id,
            data=self.sweep.data,
            params={name: plain(value) for name, value in params.items()},
            window=_bounds(self.sweep.window),
            sweep=self.identity,
            metrics={k: float(v) for k, v in result.metrics.items()} if result else {},
            error=outcome.error,
            fingerprint=result.fingerprint if result else "",
            seconds=outcome.seconds,
        )

    def _compare(self, trial: Trial | None) -> None:
        value = math.nan if trial is None else trial.metrics.get(self.sweep.metric, math.nan)
        better = value > self._best_value if self.sweep.maximize else value < self._best_value
        if trial is not None and not math.isnan(value) and (better or math.isnan(self._best_value)):
            words = " ".join(f"{name}={v}" for name, v in trial.params.items())
            self._best, self._best_value = f"best {value:.4g} at {words}", value


def _bounds(window: slice | None) -> tuple[int, int] | None:
    """Window as two whole numbers.

    Raises
    ------
    ResearchError
        When an end is open or there is a step: the log could not tell windows apart.
    """
    if window is None:
        return None
    if window.start is None or window.stop is None or window.step not in (None, 1):
        raise ResearchError(
            f"{window} is no window of a trial", mend="give start and stop, and no step"
        )
    return int(window.start), int(window.stop)

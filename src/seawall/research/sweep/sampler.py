# SPDX-License-Identifier: MIT
"""Which configurations a sweep tries next: all, at random, or led by the results so far.

A sampler is deterministic in its seed and in what it was told, in that order.  A sweep
that is started again therefore asks for the same configurations and finds the finished
ones in its log; that is all that resuming is.
"""

from __future__ import annotations

import math
from typing import Any, Protocol

import numpy as np

from seawall.model.errors import ResearchError, SettingsError
from seawall.research.sweep.objective import canonical
from seawall.research.sweep.space import Choice, FloatRange, IntRange, Space, Value

METHODS = ("grid", "random", "tpe")


class Sampler(Protocol):
    """Source of configurations."""

    def ask(self) -> list[dict[str, Value]]:
        """Next batch, evaluated in any order; empty when there is nothing more to try."""
        ...

    def tell(self, value: float) -> None:
        """Take the result of the oldest configuration not yet told; NaN when it failed."""
        ...


def make_sampler(
    space: Space, method: str, n_trials: int | None, seed: int, *, maximize: bool, batch: int
) -> Sampler:
    """Sampler by name.

    Raises
    ------
    SettingsError
        When the method is unknown, or the number of trials does not go with it.
    """
    if method not in METHODS:
        raise SettingsError(f"no method {method!r}", mend=f"use one of {', '.join(METHODS)}")
    if method == "grid":
        if n_trials is not None and n_trials < space.size:
            raise SettingsError(
                f"the grid has {space.size} points, which is more than {n_trials} trials",
                mend="use --method random, or a larger step",
            )
        return ListSampler(list(space.grid()))
    if n_trials is None or n_trials < 1:
        raise SettingsError(
            f"{method} needs a number of trials", mend="give n_trials (--trials), for example 100"
        )
    if method == "random":
        return ListSampler(random_points(space, n_trials, seed))
    return TpeSampler(space, n_trials, seed, maximize=maximize, batch=batch)


def random_points(space: Space, n: int, seed: int) -> list[dict[str, Value]]:
    """Draw up to ``n`` different points; fewer when the space has not that many."""
    rng = np.random.default_rng(seed)
    points: dict[str, dict[str, Value]] = {}
    misses = 0
    while len(points) < n and misses < 1000:
        point = space.draw(rng)
        before = len(points)
        points.setdefault(canonical(point), point)
        misses = 0 if len(points) > before else misses + 1
    return list(points.values())


class ListSampler:
    """A list of configurations known from the start, asked for in one batch."""

    def __init__(self, points: list[dict[str, Value]]) -> None:
        self._points = points

    def ask(self) -> list[dict[str, Value]]:
        """Return the whole list once."""
        points, self._points = self._points, []
        return points

    def tell(self, value: float) -> None:
        """Ignore the result."""


class TpeSampler:
    """Tree-structured Parzen estimator of Optuna, asked and told in batches.

    The size of a batch is part of the definition of the sweep, not of the machine: a
    batch is told whole and in order before the next is asked for, so the search does not
    depend on the number of processes or on which of them was faster.
    """

    def __init__(
        self, space: Space, n_trials: int, seed: int, *, maximize: bool, batch: int
    ) -> None:
        optuna = _optuna()
        self._distributions = {name: _distribution(axis) for name, axis in space.axes.items()}
        self._failed = optuna.trial.TrialState.FAIL
        level = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        try:
            self._study = optuna.create_study(
                direction="maximize" if maximize else "minimize",
                sampler=optuna.samplers.TPESampler(
                    seed=seed, n_startup_trials=min(10, max(1, n_trials // 2))
                ),
            )
        finally:
            optuna.logging.set_verbosity(level)
        self._left, self._batch = n_trials, batch
        self._open: list[Any] = []

    def ask(self) -> list[dict[str, Value]]:
        """Return the next batch; every result of the one before must have been told."""
        if self._open:
            raise ResearchError(f"{len(self._open)} results of the last batch were not told")
        size = min(self._batch, self._left)
        self._left -= size
        self._open = [self._study.ask(self._distributions) for _ in range(size)]
        return [dict(trial.params) for trial in self._open]

    def tell(self, value: float) -> None:
        """Teach the estimator one result."""
        trial = self._open.pop(0)
        if math.isfinite(value):
            self._study.tell(trial, value)
        else:
            self._study.tell(trial, state=self._failed)


def _distribution(axis: IntRange | FloatRange | Choice) -> Any:
    from optuna import distributions

    if isinstance(axis, Choice):
        return distributions.CategoricalDistribution(axis.values)
    top = axis.grid()[-1] if axis.step else axis.high
    if isinstance(axis, IntRange):
        return distributions.IntDistribution(axis.low, int(top), step=axis.step)
    step = axis.step or None
    return distributions.FloatDistribution(axis.low, float(top), log=axis.log, step=step)


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise SettingsError(
            "the method tpe needs Optuna", mend="pip install 'seawall[sweep]'"
        ) from None
    return optuna

# SPDX-License-Identifier: MIT
"""How a strategy fares over other histories, and over its own in another order.

Resampling the *market* and running the strategy again is the test for anything that
depends on the path: stops, sizing, liquidation.  Resampling the *returns* keeps what the
strategy did at each moment and asks only how lucky the order was.  Neither knows a day
worse than the worst one in the data: stress tests do.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError
from seawall.model.events import Bars
from seawall.research.sweep import SharedArrays, TrialResult, share_arrays
from seawall.research.sweep.executor import (
    Task,
    available_cores,
    make_executor,
)
from seawall.research.sweep.space import Params
from seawall.research.sweep.watch import watched
from seawall.research.validation.paths import choose_block, path_rows, put_together, take_apart

F64 = npt.NDArray[np.float64]
LEVELS = (0.05, 0.5, 0.95)

OnBars = Callable[[Bars], F64]
"""A strategy as a function from bars to simple returns of equity; must survive pickling."""


@dataclass(frozen=True, slots=True)
class MonteCarlo:
    """Figures of every path.

    Parameters
    ----------
    kind : str
        ``market`` or ``returns``.
    block : float
        Mean block length, periods.
    seed : int
        Seed of the paths.
    total_return, max_drawdown : float64, shape (paths,)
        Fractions, the drawdown negative.
    real_total_return, real_max_drawdown : float
        On the true history.
    failed : int
        Paths on which the strategy failed; they are not among the figures.
    error : str
        The first reason.
    """

    kind: str
    block: float
    seed: int
    total_return: F64
    max_drawdown: F64
    real_total_return: float
    real_max_drawdown: float
    failed: int = 0
    error: str = ""

    def quantiles(self) -> dict[str, tuple[float, float, float]]:
        """5, 50 and 95 % of total return and maximum drawdown."""
        return {
            name: cast(
                "tuple[float, float, float]",
                tuple(float(q) for q in np.quantile(getattr(self, name), LEVELS)),
            )
            for name in ("total_return", "max_drawdown")
        }

    def probability_of_ruin(self, loss: float = 0.5) -> float:
        """Share of paths that ever stood ``loss`` (a fraction) or more below a peak."""
        return float(np.mean(self.max_drawdown <= -loss))

    @property
    def probability_of_loss(self) -> float:
        """Share of paths that end below where they began."""
        return float(np.mean(self.total_return < 0.0))

    def rank_of_real(self) -> float:
        """Share of paths that end below the true history; near 1 means a lucky order."""
        return float(np.mean(self.total_return < self.real_total_return))


@dataclass(frozen=True)
class _OnPath:
    """One resampled market as a trial: its parameter is the number of the path."""

    run: OnBars
    bars: SharedArrays
    block: float
    seed: int
    data_hash: str = ""

    def __call__(self, params: Params, window: slice | None = None) -> TrialResult:
        path = int(params["path"])
        true = cast("Bars", self.bars["bars"])
        if path < 0:
            return TrialResult(params, path_figures(self.run(true)))
        shapes = take_apart(true)
        rows = path_rows(len(shapes.steps), self.block, self.seed, path)
        return TrialResult(params, path_figures(self.run(put_together(shapes, rows))))


def monte_carlo_market(
    run: OnBars,
    bars: Bars,
    folder: Path | str,
    *,
    n_paths: int = 1_000,
    block: float | None = None,
    holding: float = 0.0,
    seed: int = 0,
    engine: str = "pool",
    workers: int | None = None,
    show: bool = True,
) -> MonteCarlo:
    """Run a strategy over resampled markets.

    Blocks of bars are drawn for all assets together (stationary bootstrap), so that their
    dependence at a time and over the length of a block is kept.

    Parameters
    ----------
    run : callable
        ``run(bars) -> returns`` of equity per period.
    bars : int64, shape (7, n)
        True history, one or several streams at the same times.
    folder : path
        Where the bars are put for the worker processes.
    n_paths : int
        Markets.
    block : float, optional
        Mean block length in bars; :func:`~seawall.research.validation.paths.choose_block`
        by default.
    holding : float
        Typical holding time in bars; blocks are made at least ten times as long.
    seed : int
        Same seed, same markets.
    engine, workers, show
        As in :class:`~seawall.research.sweep.Sweep`.

    Raises
    ------
    ResearchError
        When the strategy fails on the true history, or on every path.
    """
    if n_paths < 1:
        raise ResearchError(f"{n_paths} paths", mend="give at least 1")
    length = choose_block(take_apart(bars), holding) if block is None else float(block)
    objective = _OnPath(run, share_arrays(folder, {"bars": bars}), length, seed)
    real = objective({"path": -1}).metrics
    tasks = [Task((k,), ({"path": k},)) for k in range(n_paths)]
    figures, error = np.full((n_paths, 2), math.nan), ""
    count = min(workers or available_cores(), n_paths)
    executor = make_executor(engine, objective, count)
    try:
        with watched("resampled markets", n_paths, show=show) as watch:
            for outcomes in executor.evaluate(tasks):
                for one in outcomes:
                    error = error or one.error
                    if one.result is not None:
                        found = one.result.metrics
                        figures[one.index] = found["total_return"], found["max_drawdown"]
                watch(len(outcomes), "")
    finally:
        executor.close()
    good = figures[~np.isnan(figures[:, 0])]
    if good.size == 0:
        raise ResearchError(f"the strategy failed on every path: {error}", mend="mend it")
    return MonteCarlo(
        "market", length, seed, good[:, 0], good[:, 1],
        real["total_return"], real["max_drawdown"], n_paths - len(good), error,
    )  # fmt: skip


def monte_carlo_returns(
    returns: npt.ArrayLike, *, n_paths: int = 1_000, block: float | None = None, seed: int = 0
) -> MonteCarlo:
    """Resample the returns that a strategy had.

    Parameters
    ----------
    returns : array_like, shape (n,)
        Simple returns per period.
    n_paths : int
        Paths.
    block : float, optional
        Mean block length in periods; chosen from the data by default.
    seed : int
        Same seed, same paths.
    """
    from seawall.research.statistics import bootstrap_paths

    paths = bootstrap_paths(returns, draws=n_paths, seed=seed, block=block)
    real = path_figures(np.asarray(returns, dtype=np.float64))
    return MonteCarlo(
        "returns", paths.block, seed, paths.total_return, paths.max_drawdown,
        real["total_return"], real["max_drawdown"],
    )  # fmt: skip


def path_figures(returns: F64) -> dict[str, float]:
    """Total return and maximum drawdown (negative) of simple returns."""
    growth = np.concatenate([[1.0], np.cumprod(1.0 + np.asarray(returns, dtype=np.float64))])
    if not np.isfinite(growth).all():
        raise ResearchError("a return is not a number", mend="mend the strategy's equity")
    peak = np.maximum.accumulate(growth)
    fall = np.divide(growth, peak, out=np.zeros_like(growth), where=peak > 0) - 1.0
    return {"total_return": float(growth[-1] - 1.0), "max_drawdown": float(fall.min())}

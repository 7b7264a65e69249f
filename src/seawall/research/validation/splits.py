# SPDX-License-Identifier: MIT
"""Ways to cut time into what a rule is fitted on and what it is judged on.

Two things leak from one side to the other.  A label at period i is made of the periods up
to ``i + purge``, so training periods whose labels reach into the test are dropped.  A
feature remembers the periods before it, so training periods up to ``embargo`` after the
test are dropped too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import comb
from typing import Protocol

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError

Index = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Fold:
    """One cut, as period numbers.

    Parameters
    ----------
    number : int
        Place among the folds.
    train, test : int64, shape (n,)
        Ascending periods.
    """

    number: int
    train: Index
    test: Index

    @property
    def train_window(self) -> slice:
        """Training periods as one slice.

        Raises
        ------
        ResearchError
            When they have a hole, as in a K-fold; a backtest runs through time in one piece.
        """
        return _as_slice(self.train, "training")

    @property
    def test_window(self) -> slice:
        """Test periods as one slice, like :attr:`train_window`."""
        return _as_slice(self.test, "test")


class Splitter(Protocol):
    """Object with ``split`` and ``count``, like those of scikit-learn."""

    def split(self, periods: int | npt.ArrayLike) -> Iterator[Fold]:
        """Cut a number of periods, or a time series of timestamps."""
        ...

    def count(self, periods: int) -> int:
        """Tell the number of folds."""
        ...


@dataclass(frozen=True, slots=True)
class WalkForward:
    """Fit on the past, judge on what follows, move on.

    Parameters
    ----------
    train, test : int
        Periods of each; ``train`` is the smallest when ``anchored``.
    step : int
        Periods between folds; 0 means ``test``, so that the tests join without overlap.
    anchored : bool
        Always train from the first period on.
    purge : int
        Periods that a label looks ahead: so many are left out before the test.
    embargo : int
        Periods that a feature looks back beyond the purge: left out before the test as
        well, since the training lies before it only.
    """

    train: int
    test: int
    step: int = 0
    anchored: bool = False
    purge: int = 0
    embargo: int = 0

    def __post_init__(self) -> None:
        _positive(train=self.train, test=self.test)
        _not_negative(step=self.step, purge=self.purge, embargo=self.embargo)

    def count(self, periods: int) -> int:
        """Tell the number of folds of ``periods``; 0 when they do not suffice for one."""
        room = periods - self.train - self._gap - self.test
        return 0 if room < 0 else room // (self.step or self.test) + 1

    def split(self, periods: int | npt.ArrayLike) -> Iterator[Fold]:
        """Cut; the last periods that do not fill a test are left.

        Raises
        ------
        ResearchError
            When there are too few periods for one fold, or timestamps go back.
        """
        n = _periods(periods)
        count = self.count(n)
        if count == 0:
            raise _too_few(n, self.train + self._gap + self.test)
        for k in range(count):
            begin = k * (self.step or self.test)
            stop = begin + self.train
            start = stop + self._gap
            train = np.arange(0 if self.anchored else begin, stop)
            yield Fold(k, train, np.arange(start, start + self.test))

    @property
    def _gap(self) -> int:
        return self.purge + self.embargo


@dataclass(frozen=True, slots=True)
class PurgedKFold:
    """Every period is tested once; training is everything else that cannot leak.

    Parameters
    ----------
    n : int
        Folds.
    purge : int
        Periods that a label looks ahead.  A training period is dropped when its label
        reaches into the test, or when it lies in the reach of a label of the test.
    embargo : int
        Periods after the test, beyond the purge, that are dropped as well.
    """

    n: int
    purge: int = 0
    embargo: int = 0

    def __post_init__(self) -> None:
        if self.n < 2:
            raise ResearchError(f"{self.n} folds", mend="give at least 2")
        _not_negative(purge=self.purge, embargo=self.embargo)

    def count(self, periods: int) -> int:
        """Tell the number of folds."""
        return self.n if periods >= self.n else 0

    def split(self, periods: int | npt.ArrayLike) -> Iterator[Fold]:
        """Cut into contiguous tests of equal length, to one period.

        Raises
        ------
        ResearchError
            When there are too few periods, or a fold would have nothing to train on.
        """
        n = _periods(periods)
        for k, group in enumerate(_groups(n, self.n)):
            yield _purged(k, n, [group], self.purge, self.embargo)


@dataclass(frozen=True, slots=True)
class CombinatorialPurged:
    """Test on every choice of k of n groups (Lopez de Prado 2018, chapter 12).

    Parameters
    ----------
    n : int
        Groups of contiguous periods.
    k : int
        Groups in the test, less than ``n``.
    purge, embargo : int
        As in :class:`PurgedKFold`.
    """

    n: int
    k: int
    purge: int = 0
    embargo: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.k < self.n:
            raise ResearchError(
                f"{self.k} of {self.n} groups cannot be tested", mend="give 1 <= k < n"
            )
        _not_negative(purge=self.purge, embargo=self.embargo)

    def count(self, periods: int) -> int:
        """Tell the number of folds, C(n, k)."""
        return comb(self.n, self.k) if periods >= self.n else 0

    @property
    def paths(self) -> int:
        """Number of whole test paths that the folds can be joined into, C(n - 1, k - 1)."""
        return comb(self.n - 1, self.k - 1)

    def split(self, periods: int | npt.ArrayLike) -> Iterator[Fold]:
        """Cut, in lexical order of the groups tested."""
        n = _periods(periods)
        groups = _groups(n, self.n)
        for number, chosen in enumerate(combinations(groups, self.k)):
            yield _purged(number, n, list(chosen), self.purge, self.embargo)

    def path_members(self) -> list[list[tuple[int, int]]]:
        """For each path and group, the fold whose test of that group belongs to it.

        Returns
        -------
        list of lists of (fold, group)
            ``paths`` lists of n pairs; every tested (fold, group) is used exactly once.
        """
        taken = [0] * self.n
        members: list[list[tuple[int, int]]] = [[] for _ in range(self.paths)]
        for fold, chosen in enumerate(combinations(range(self.n), self.k)):
            for group in chosen:
                members[taken[group]].append((fold, group))
                taken[group] += 1
        return [sorted(path, key=lambda pair: pair[1]) for path in members]

    def group_bounds(self, periods: int) -> list[tuple[int, int]]:
        """First and last-but-one period of each group."""
        return _groups(periods, self.n)


def _purged(number: int, n: int, tested: list[tuple[int, int]], purge: int, embargo: int) -> Fold:
    free = np.ones(n, dtype=bool)
    test = np.zeros(n, dtype=bool)
    for start, stop in tested:
        test[start:stop] = True
        free[max(0, start - purge) : min(n, stop + purge + embargo)] = False
    train = np.flatnonzero(free)
    if train.size == 0:
        raise ResearchError(
            f"fold {number} has nothing to train on",
            where=f"{n} periods, purge {purge}, embargo {embargo}",
            mend="use fewer folds, a smaller purge or embargo, or more data",
        )
    return Fold(number, train, np.flatnonzero(test))


def _groups(n: int, count: int) -> list[tuple[int, int]]:
    if n < count:
        raise _too_few(n, count)
    edges = [n * k // count for k in range(count + 1)]
    return list(pairwise(edges))


def _periods(periods: int | npt.ArrayLike) -> int:
    if isinstance(periods, (int, np.integer)):
        return int(periods)
    stamps = np.asarray(periods)
    if stamps.ndim != 1 or np.any(stamps[1:] < stamps[:-1]):
        raise ResearchError(
            "timestamps of a split are not one ascending series", mend="sort them by time first"
        )
    return int(stamps.size)


def _as_slice(index: Index, what: str) -> slice:
    if index.size == 0 or index[-1] - index[0] + 1 != index.size:
        raise ResearchError(
            f"the {what} periods are not one piece of time",
            mend="use WalkForward where a rule is run through time",
        )
    return slice(int(index[0]), int(index[-1]) + 1)


def _positive(**values: int) -> None:
    for name, value in values.items():
        if value < 1:
            raise ResearchError(f"{name} is {value} periods", mend="give at least 1")


def _not_negative(**values: int) -> None:
    for name, value in values.items():
        if value < 0:
            raise ResearchError(f"{name} is {value} periods", mend="give 0 or more")


def _too_few(n: int, needed: int) -> ResearchError:
    return ResearchError(
        f"{n} periods are too few for one fold", mend=f"give at least {needed}, or smaller parts"
    )

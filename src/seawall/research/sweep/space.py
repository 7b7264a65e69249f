# SPDX-License-Identifier: MIT
"""The space of parameters that a sweep searches, typed and readable from a command line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType

import numpy as np

from seawall.model.errors import SettingsError
from seawall.research.plugin import parse_value

Value = float | int | str
Params = Mapping[str, Value]
"""One configuration, by name."""


@dataclass(frozen=True, slots=True)
class IntRange:
    """Whole numbers from ``low`` to ``high``, both included, in steps of ``step``."""

    low: int
    high: int
    step: int = 1

    def __post_init__(self) -> None:
        if self.step <= 0 or self.high < self.low:
            raise SettingsError(
                f"{self.low}:{self.high}:{self.step} is an empty range",
                mend="write low:high:step with low <= high and step > 0",
            )

    def grid(self) -> tuple[int, ...]:
        """Every value, ascending."""
        return tuple(range(self.low, self.high + 1, self.step))

    def draw(self, rng: np.random.Generator) -> int:
        """One value, all equally likely."""
        return int(self.low + self.step * rng.integers(len(self.grid())))


@dataclass(frozen=True, slots=True)
class FloatRange:
    """Numbers from ``low`` to ``high``.

    Parameters
    ----------
    low, high : float
        Both ends are included.
    step : float
        Distance of grid values; 0 means that the range is continuous and a grid over it
        takes ``points`` values.
    log : bool
        Draw, and space a grid, evenly in the logarithm; needs ``low > 0`` and no step.
    points : int
        Grid values of a continuous range.
    """

    low: float
    high: float
    step: float = 0.0
    log: bool = False
    points: int = 10

    def __post_init__(self) -> None:
        finite = math.isfinite(self.low) and math.isfinite(self.high)
        if not finite or self.high < self.low or self.step < 0 or self.points < 1:
            raise SettingsError(
                f"{self.low}:{self.high} is an empty range",
                mend="give finite numbers with low <= high and step >= 0",
            )
        if self.log and (self.low <= 0 or self.step > 0):
            raise SettingsError(
                f"a logarithmic range cannot go from {self.low} with step {self.step}",
                mend="give low > 0 and no step",
            )

    def grid(self) -> tuple[float, ...]:
        """Grid values, ascending."""
        if self.step > 0:
            # The last digit of a sum of steps must not decide whether the end is included.
            count = math.floor((self.high - self.low) / self.step + 1e-9) + 1
            return tuple(float(f"{self.low + i * self.step:.12g}") for i in range(count))
        if self.low == self.high or self.points == 1:
            return (self.low,)
        space = np.geomspace if self.log else np.linspace
        return tuple(float(v) for v in space(self.low, self.high, self.points))

    def draw(self, rng: np.random.Generator) -> float:
        """One value, evenly likely (in the logarithm when ``log``)."""
        if self.step > 0:
            values = self.grid()
            return values[int(rng.integers(len(values)))]
        if self.log:
            return float(math.exp(rng.uniform(math.log(self.low), math.log(self.high))))
        return float(rng.uniform(self.low, self.high))


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values listed."""

    values: tuple[Value, ...]

    def __post_init__(self) -> None:
        if not self.values or len(set(self.values)) != len(self.values):
            raise SettingsError(
                f"a choice among {self.values} is empty or repeats itself",
                mend="list at least one value, each once",
            )

    def grid(self) -> tuple[Value, ...]:
        """Every value, as listed."""
        return self.values

    def draw(self, rng: np.random.Generator) -> Value:
        """One value, all equally likely."""
        return self.values[int(rng.integers(len(self.values)))]


Axis = IntRange | FloatRange | Choice


@dataclass(frozen=True, slots=True)
class Space:
    """Named axes.

    Parameters
    ----------
    axes : mapping of str to Axis
        Kept in the order given; it is the order of a grid, the last axis fastest.
    """

    axes: Mapping[str, Axis]

    def __post_init__(self) -> None:
        if not self.axes:
            raise SettingsError("a sweep needs at least one parameter", mend="write name=low:high")
        object.__setattr__(self, "axes", MappingProxyType(dict(self.axes)))

    def __reduce__(self) -> tuple[type[Space], tuple[dict[str, Axis]]]:
        return Space, (dict(self.axes),)  # a mapping proxy does not pickle

    @property
    def size(self) -> int:
        """Number of grid points."""
        return math.prod(len(axis.grid()) for axis in self.axes.values())

    def grid(self) -> Iterator[dict[str, Value]]:
        """Every grid point."""
        for values in product(*(axis.grid() for axis in self.axes.values())):
            yield dict(zip(self.axes, values, strict=True))

    def draw(self, rng: np.random.Generator) -> dict[str, Value]:
        """One point at random."""
        return {name: axis.draw(rng) for name, axis in self.axes.items()}

    def describe(self) -> list[list[str]]:
        """Names and axes as text, for the identity of a sweep."""
        return [[name, repr(axis)] for name, axis in self.axes.items()]


def parse_space(words: Sequence[str]) -> Space:
    """Read ``fast=5:50:5 slow=20:200:10 risk=0.1:1.0 lr=1e-4:1e-1:log kind=a,b``.

    ``low:high`` and ``low:high:step`` with whole numbers are an :class:`IntRange`, with a
    point or an exponent a :class:`FloatRange`; a comma makes a :class:`Choice`; a single
    value is fixed.

    Raises
    ------
    SettingsError
        When a word is none of these, or a name comes twice.
    """
    axes: dict[str, Axis] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not name.strip() or not text.strip():
            raise _unreadable(word)
        if name in axes:
            raise SettingsError(f"{name} is given twice", where=word, mend="give each name once")
        axes[name] = _axis(word, text.strip())
    return Space(axes)


def _axis(word: str, text: str) -> Axis:
    if ":" not in text:
        return Choice(tuple(parse_value(part.strip()) for part in text.split(",")))
    parts = [part.strip() for part in text.split(":")]
    if len(parts) not in (2, 3):
        raise _unreadable(word)
    numbers = [parse_value(part) for part in parts if part != "log"]
    if len(numbers) < 2 or any(isinstance(number, str) for number in numbers):
        raise _unreadable(word)
    if parts[-1] == "log":
        return FloatRange(float(numbers[0]), float(numbers[1]), log=True)
    if all(isinstance(number, int) for number in numbers):
        return IntRange(*(int(number) for number in numbers))
    step = float(numbers[2]) if len(numbers) == 3 else 0.0
    return FloatRange(float(numbers[0]), float(numbers[1]), step)


def _unreadable(word: str) -> SettingsError:
    return SettingsError(
        f"{word!r} is no parameter of a sweep",
        mend="write name=low:high, name=low:high:step, name=low:high:log or name=a,b,c",
    )

# SPDX-License-Identifier: MIT
"""Running a rule over a grid: readings row by row, and the signals among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError
from seawall.signals.grid import Floats, Grid, chained_hashes
from seawall.signals.kind import Kind, Reading
from seawall.signals.signal import Signal


@dataclass(frozen=True, slots=True)
class Readings:
    """What a rule said after each row of a grid.

    Parameters
    ----------
    kind : Kind
        Which rule.
    grid : Grid
        Over what.
    direction : array of int64
        -1, 0 or 1.
    strength : array
        0 where it is silent.
    parts : tuple of Reading
        The readings themselves, for their reasons.
    """

    kind: Kind
    grid: Grid
    direction: npt.NDArray[np.int64]
    strength: Floats
    parts: tuple[Reading, ...]

    @property
    def speaks(self) -> npt.NDArray[np.bool_]:
        """Rows in which there is a signal."""
        return np.asarray(self.strength > 0.0)


def available(kind: Kind, grid: Grid) -> bool:
    """Whether a grid has what a kind needs."""
    return grid.source in kind.needs and grid.has(kind.needs[grid.source])


def read(kind: Kind, grid: Grid) -> Readings:
    """Run a rule over a grid, row by row.

    Raises
    ------
    ResearchError
        When the grid lacks a column that the rule needs.
    """
    if not available(kind, grid):
        needs = kind.needs.get(grid.source)
        raise ResearchError(
            f"{kind.name} cannot be read from {grid.source} of {grid.instrument}",
            where=f"known: {', '.join(n for n in grid.columns if grid.has([n])) or 'nothing'}",
            mend=f"it needs {', '.join(needs)}" if needs else f"give {', '.join(kind.needs)}",
        )
    rule = kind.make(grid.source)
    said = tuple(rule.update(row) for row in grid.rows(kind.needs[grid.source]))
    direction = np.array([r.direction for r in said], dtype=np.int64)
    return Readings(kind, grid, direction, np.array([r.strength for r in said]), said)


def signals_of(
    readings: Readings, confidence: Callable[[Floats], Floats] | None = None
) -> tuple[Signal, ...]:
    """Make the signals of readings.

    Parameters
    ----------
    readings : Readings
        From :func:`read`.
    confidence : callable, optional
        Calibrated confidence of strengths; without one it is 0.5: nothing is known.
    """
    kind, grid = readings.kind, readings.grid
    rows = np.flatnonzero(readings.speaks)
    strength = readings.strength[rows]
    sure = np.full(rows.size, 0.5) if confidence is None else confidence(strength)
    hashes = chained_hashes(grid, kind.needs[grid.source]) if rows.size else []
    horizon = kind.horizon[grid.source] * grid.step_ns
    return tuple(
        Signal(
            grid.instrument, int(grid.ts[i]), kind.name, int(readings.direction[i]), float(s),
            float(c), horizon, kind.reason(readings.parts[i]), hashes[i],
        )
        for i, s, c in zip(rows.tolist(), strength.tolist(), sure.tolist(), strict=True)
    )  # fmt: skip

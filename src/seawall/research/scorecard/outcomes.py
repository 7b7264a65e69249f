# SPDX-License-Identifier: MIT
"""What came after each row of a grid, and the trades that would have followed a signal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.signals.grid import Floats, Grid, Times
from seawall.signals.readings import Readings

USUAL_ROWS = {"events": 60, "bars": 500}
USUAL_LEAST = 20
BPS = 1e4


def forward_bps(grid: Grid, rows: int) -> Floats:
    """Log return of the mid over the next rows, bps; unknown across a gap."""
    out = np.full(len(grid), np.nan)
    if len(grid) <= rows:
        return out
    with np.errstate(invalid="ignore", divide="ignore"):
        change = BPS * np.log(grid["mid"][rows:] / grid["mid"][:-rows])
    whole = grid.ts[rows:] - grid.ts[:-rows] <= 1.5 * rows * grid.step_ns
    out[:-rows] = np.where(whole & np.isfinite(change), change, np.nan)
    return out


def usual_bps(grid: Grid, rows: int) -> Floats:
    """Median absolute move over as many rows, of those that had ended by each row."""
    import polars as pl

    ahead = np.abs(forward_bps(grid, rows))
    ended = np.full(len(grid), np.nan)
    ended[rows:] = ahead[:-rows]
    window = max(USUAL_ROWS[grid.source], 2 * rows)
    past = pl.Series(ended).fill_nan(None).rolling_median(window, min_samples=USUAL_LEAST)
    return past.fill_null(np.nan).to_numpy()


def came_true(
    readings: Readings, forward: Floats, usual: Floats
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Whether the statement of each row came true, and where that can be told."""
    if readings.kind.target == "direction":
        # A price that stays proves nobody right.
        known = np.isfinite(forward) & (forward != 0.0) & (readings.direction != 0)
        return np.asarray(np.sign(forward) == readings.direction), known
    known = np.isfinite(forward) & np.isfinite(usual)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(forward) > usual), known


@dataclass(frozen=True, slots=True)
class Trades:
    """Trades that follow a signal, one at a time.

    Parameters
    ----------
    ts : array of int64
        When each was entered, ns UTC.
    gross_bps, cost_bps : array
        Of each: the move in the direction of the signal; half spreads and fees of both sides.
    days : float
        Time that was watched.
    """

    ts: Times
    gross_bps: Floats
    cost_bps: Floats
    days: float


def trades_of(
    readings: Readings, forward: Floats, rows: int, judged: npt.NDArray[np.bool_]
) -> Trades:
    """Follow the signals: in at the quotes of the signal, out a horizon later, no overlap.

    Delay is none, which favours the signal.
    """
    grid = readings.grid
    half = grid["half_spread_bps"]
    entered, gross, cost = [], [], []
    free = 0
    wanted = readings.speaks & (readings.direction != 0) & judged & np.isfinite(forward)
    for i in np.flatnonzero(wanted).tolist():
        if i < free:
            continue
        free = i + rows
        entered.append(i)
        gross.append(readings.direction[i] * forward[i])
        cost.append(half[i] + half[i + rows] + 2.0 * grid.fee_bps)
    days = float(np.count_nonzero(judged)) * grid.step_ns / 86_400e9
    at = np.array(entered, dtype=np.int64)
    return Trades(grid.ts[at], np.array(gross), np.array(cost), days)

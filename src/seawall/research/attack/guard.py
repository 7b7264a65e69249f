# SPDX-License-Identifier: MIT
"""When not to trade: a breaker on what the market looks like, known at each second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.research.attack.sampling import FEATURES, Samples

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
WINDOW = 10
"""Rows of a move."""
GAP = FEATURES.index("gap")


@dataclass(frozen=True, slots=True)
class BreakerSettings:
    """Limits of the breaker.

    A move that the other venues share is news, and no reason to stop; what is measured is
    the traded venue alone.

    Parameters
    ----------
    spread_multiple : float
        Spread over its own running median.
    move_sigmas : float
        Move of the traded mid within ten rows, in volatilities, shared or not: beyond this
        no news is believed.
    alone_sigmas : float
        The move within ten rows less that of the median other venue, in volatilities.
    gap_sigmas : float
        Distance of the traded mid from the other venues' usual distance, in volatilities
        of ten rows.
    restless_sigmas : float
        The move alone, when detectors see liquidity withdrawn as well.
    at_once : float
        Multiple of a limit at which one row trips; below it takes two rows of three, so that
        a venue that is a second ahead of the others is no alarm.
    hold_s : float
        Seconds that it stays open after the last reason.
    evidence : bool
        Whether evidence of withdrawn liquidity trips it too, with a smaller move.
    """

    spread_multiple: float = 80.0
    move_sigmas: float = 60.0
    alone_sigmas: float = 6.0
    gap_sigmas: float = 3.5
    restless_sigmas: float = 3.5
    at_once: float = 3.0
    hold_s: float = 30.0
    evidence: bool = True


class Breaker:
    """Stands aside while the spread, the move or the gap to other venues is abnormal.

    Parameters
    ----------
    samples : Samples
        What is seen of the market.
    suspect : bool array, shape (n,)
        Seconds in which detectors held the market to be withdrawn or ignited.
    settings : BreakerSettings, optional
        Limits.
    """

    def __init__(
        self, samples: Samples, suspect: Bools, settings: BreakerSettings | None = None
    ) -> None:
        self.settings = settings or BreakerSettings()
        step_s = float(samples.ts[1] - samples.ts[0]) * 1e-9 if samples.ts.size > 1 else 1.0
        self._hold = round(self.settings.hold_s / step_s)
        worst = strain(samples, suspect, self.settings)
        self.open = held(trips(worst, self.settings.at_once), self._hold)
        self._last_bad = -(10**9)

    def stands_aside(self, row: int, book_is_good: bool) -> bool:
        """Whether quotes are withdrawn and no new position is taken."""
        if not book_is_good:
            self._last_bad = row
        return bool(self.open[row]) or row - self._last_bad <= self._hold


def strain(samples: Samples, suspect: Bools, settings: BreakerSettings) -> Floats:
    """The most strained limit of every row, as a multiple of it; from what was known by then."""
    spread, mid = samples.spread[:, 0], np.log(samples.mid)
    before = np.concatenate([samples.volatility[:WINDOW, 0], samples.volatility[:-WINDOW, 0]])
    unit = before * np.sqrt(WINDOW)
    moves = np.zeros(mid.shape)
    moves[WINDOW:] = mid[WINDOW:] - mid[:-WINDOW]
    # One venue has nobody to confirm it: its own move stands for the move alone.
    others = np.median(moves[:, 1:], axis=1) if mid.shape[1] > 1 else np.zeros(len(mid))
    alone = np.abs(moves[:, 0] - others) / unit
    with np.errstate(invalid="ignore"):
        each = [
            spread / running_median(spread) / settings.spread_multiple,
            np.abs(moves[:, 0]) / unit / settings.move_sigmas,
            alone / settings.alone_sigmas,
            np.abs(samples.features[:, 0, GAP]) / np.sqrt(WINDOW) / settings.gap_sigmas,
        ]
    if settings.evidence:
        each.append(np.where(suspect, alone / settings.restless_sigmas, 0.0))
    worst: Floats = np.max(np.nan_to_num(np.stack(each), nan=0.0), axis=0)
    return worst


def trips(worst: Floats, at_once: float) -> Bools:
    """Rows that trip: over a limit in two rows of the last three, or far over it in one."""
    over = worst > 1.0
    last = over.astype(np.int64)
    last[1:] += over[:-1]
    last[2:] += over[:-2]
    out: Bools = (over & (last >= 2)) | (worst > at_once)
    return out


def held(trips: Bools, hold: int) -> Bools:
    """Prolong every trip by so many rows."""
    rows = np.arange(trips.size)
    last = np.maximum.accumulate(np.where(trips, rows, -(10**9)))
    out: Bools = rows - last <= hold
    return out


def running_median(values: Floats, step: float = 0.02) -> Floats:
    """Median followed by small multiplicative steps: no print moves it far.

    Each row moves it by ``step`` towards the value; the first finite value starts it.
    """
    out = np.empty(values.size)
    now = np.nan
    for i, value in enumerate(values):
        if np.isfinite(value) and value > 0:
            if not np.isfinite(now):
                now = value
            elif value != now:
                now *= 1.0 + step if value > now else 1.0 / (1.0 + step)
        out[i] = now
    return out

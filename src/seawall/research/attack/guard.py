# SPDX-License-Identifier: MIT
"""When not to trade: a breaker on what the market looks like, known at each second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.research.attack.sampling import Samples

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class BreakerSettings:
    """Limits of the breaker.

    Parameters
    ----------
    spread_multiple : float
        Spread over its own running median at which it trips.
    move_sigmas : float
        Move of the traded mid within ten seconds, in volatilities, at which it trips.
    gap_sigmas : float
        Distance of the traded mid from the other venues' usual distance, in volatilities
        of ten seconds.
    restless_sigmas : float
        The same when detectors see liquidity withdrawn as well.
    hold_s : int
        Seconds that it stays open after the last reason.
    evidence : bool
        Whether evidence of withdrawn liquidity trips it too, with a smaller move.
    """

    spread_multiple: float = 40.0
    move_sigmas: float = 12.0
    gap_sigmas: float = 4.0
    restless_sigmas: float = 8.0
    hold_s: int = 10
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
        self.open = held(reasons(samples, suspect, self.settings), self.settings.hold_s)
        self._last_bad = -(10**9)

    def stands_aside(self, row: int, book_is_good: bool) -> bool:
        """Whether quotes are withdrawn and no new position is taken."""
        if not book_is_good:
            self._last_bad = row
        return bool(self.open[row]) or row - self._last_bad <= self.settings.hold_s


def reasons(samples: Samples, suspect: Bools, settings: BreakerSettings) -> Bools:
    """Seconds in which a limit is passed; each uses what was known by then."""
    spread, mid = samples.spread[:, 0], samples.mid[:, 0]
    usual = running_median(spread)
    with np.errstate(invalid="ignore"):
        wide = spread > settings.spread_multiple * usual
    move = np.zeros(mid.size)
    move[10:] = np.log(mid[10:] / mid[:-10])
    before = np.concatenate([samples.volatility[:10, 0], samples.volatility[:-10, 0]])
    jumped = np.abs(move) > settings.move_sigmas * before * np.sqrt(10.0)
    restless = np.abs(move) > settings.restless_sigmas * before * np.sqrt(10.0)
    apart = np.abs(samples.features[:, 0, 3]) > settings.gap_sigmas * np.sqrt(10.0)
    out: Bools = wide | jumped | apart
    if settings.evidence:
        out = out | (suspect & restless)
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

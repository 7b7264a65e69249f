# SPDX-License-Identifier: MIT
"""All ten indicators of a live bar, out of one compiled call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Final

import numpy as np
import numpy.typing as npt
from numba import types

from seawall.analytics.indicators import kernels
from seawall.model.errors import DataError, SettingsError

OUTPUTS: Final = (
    "sma", "ema", "rsi", "macd", "macd_signal", "macd_histogram", "bollinger_upper",
    "bollinger_middle", "bollinger_lower", "atr", "adx", "plus", "minus", "slow_k", "slow_d",
    "obv", "cci",
)  # fmt: skip
"""Order of the values that :meth:`LiveIndicators.update` gives."""


@dataclass(frozen=True, slots=True)
class Periods:
    """Lengths of all ten, in bars.

    Parameters
    ----------
    sma, ema, rsi, macd_fast, macd_slow, macd_smooth, bollinger, atr, adx : int
        Of the indicator of that name.
    stochastic, stochastic_k, stochastic_d, cci : int
        Of the indicator of that name.
    bollinger_width : float
        Standard deviations of the bands.
    """

    sma: int = 20
    ema: int = 20
    rsi: int = 14
    macd_fast: int = 12
    macd_slow: int = 26
    macd_smooth: int = 9
    bollinger: int = 20
    bollinger_width: float = 2.0
    atr: int = 14
    adx: int = 14
    stochastic: int = 5
    stochastic_k: int = 3
    stochastic_d: int = 3
    cci: int = 20


class LiveIndicators:
    """Ten indicators that take one bar at a time; equal to the batch ones and to TA-Lib.

    Parameters
    ----------
    periods : Periods
        Lengths.
    """

    __slots__ = ("_address", "_memory", "_take", "periods", "state", "values")

    def __init__(self, periods: Periods | None = None) -> None:
        self.periods = p = periods or Periods()
        lengths = (
            p.sma, p.ema, p.rsi, p.macd_fast, p.macd_slow, p.macd_smooth, p.bollinger,
            p.bollinger_width, p.atr, p.adx, p.stochastic, p.stochastic_k, p.stochastic_d, p.cci,
        )  # fmt: skip
        whole = [n for i, n in enumerate(lengths) if i != 7]
        if min(whole) < 1 or p.macd_fast >= p.macd_slow or min(p.rsi, p.atr, p.adx) < 2:
            raise SettingsError(
                f"{p} is not in order", where="indicators",
                mend="give lengths of 1 or more (Wilder's 2), the fast mean shorter than the slow",
            )  # fmt: skip
        sizes = (
            kernels.RING + p.sma, 2, 4, 4, kernels.RING + p.bollinger, 4, kernels.RING,
            kernels.stochastic_size(p.stochastic, p.stochastic_k, p.stochastic_d), 3,
            kernels.RING + p.cci,
        )  # fmt: skip
        starts = [0, *accumulate(sizes)]
        first = kernels.VALUES + kernels.LENGTHS
        self._memory = np.zeros(kernels.HEADS + starts[-1])
        self.values, self.state = self._memory[: kernels.VALUES], self._memory[kernels.HEADS :]
        self.values[:] = np.nan
        self._memory[kernels.VALUES : first] = lengths
        self._memory[first : kernels.HEADS] = starts
        self._address = self._memory.ctypes.data
        self._take = _compiled()

    def update(
        self, high: float, low: float, close: float, volume: float
    ) -> npt.NDArray[np.float64]:
        """Take one bar and give the values in the order of :data:`OUTPUTS`.

        The array is the same one every time: copy what must last.

        Raises
        ------
        DataError
            When a number of the bar is not finite; nothing is changed then.
        """
        if not self._take(self._address, high, low, close, volume):
            raise DataError(
                f"the bar ({high}, {low}, {close}, {volume}) is not finite",
                where="indicators", mend="leave it out, or repair it, before any indicator",
            )  # fmt: skip
        return self.values

    def __getstate__(self) -> tuple[Periods, npt.NDArray[np.float64]]:
        """Give what a copy, or another process, needs: an address means nothing there."""
        return self.periods, self._memory.copy()

    def __setstate__(self, kept: tuple[Periods, npt.NDArray[np.float64]]) -> None:
        """Become the copy."""
        self.__init__(kept[0])  # type: ignore[misc]
        self._memory[:] = kept[1]


@cache
def _compiled() -> Callable[..., bool]:
    """The machine code, without the look at the types of its arguments, which are checked.

    Numbers of another kind than float are refused by it with a ``TypeError``.
    """
    kinds = (types.int64, *(types.float64,) * 4)
    kernels.live.compile(kinds)
    call: Callable[..., bool] = kernels.live.overloads[kinds].entry_point
    return call

# SPDX-License-Identifier: MIT
"""Trend following on bars: the naive variant and the defended one."""

from __future__ import annotations

import math
from collections import deque
from statistics import median

from seawall.engine.strategy import Bar, Strategy

FAST, SLOW, MEMORY = 20, 50, 50


class _State:
    """What the trend follower remembers of one instrument."""

    __slots__ = ("fast", "last", "n", "returns", "slow", "ts", "weight")

    def __init__(self) -> None:
        self.fast = self.slow = self.last = 0.0
        self.weight = 0.0
        self.n = 0
        self.ts = 0
        self.returns: deque[float] = deque(maxlen=MEMORY)


class NaiveTrend(Strategy):
    """Long while the fast average is above the slow one; sized by plain volatility.

    Believes every close: a wick, a bad print or a relisting moves its averages.

    Parameters
    ----------
    instruments : int
        Number of instruments that share the equity.
    """

    name = "trend, naive"

    def __init__(self, instruments: int) -> None:
        self.share = 1.0 / instruments
        self.states: dict[str, _State] = {}

    def accept(self, state: _State, bar: Bar) -> bool:
        """Whether the averages may learn from this bar."""
        return True

    def volatility(self, state: _State) -> float:
        """Standard deviation of recent log returns."""
        n = len(state.returns)
        mean = sum(state.returns) / n
        return math.sqrt(sum((r - mean) ** 2 for r in state.returns) / (n - 1))

    def on_bar(self, bar: Bar) -> None:
        """Learn, decide, and move towards the wanted weight."""
        state = self.states.setdefault(bar.symbol, _State())
        close = bar.close
        if close <= 0.0 or not self.accept(state, bar):
            return
        if state.n == 0:
            state.fast = state.slow = close
        else:
            state.returns.append(math.log(close / state.last))
            state.fast += (close - state.fast) * 2 / (FAST + 1)
            state.slow += (close - state.slow) * 2 / (SLOW + 1)
        state.last = close
        state.ts = bar.ts
        state.n += 1
        if state.n <= SLOW:
            return
        weight = 0.0
        if state.fast > state.slow:
            usual = max(self.volatility(state), 1e-6)
            weight = self.share * min(1.0, 0.01 / usual)
        if abs(weight - state.weight) > 0.2 * self.share or (weight == 0.0 < state.weight):
            state.weight = weight
            self.target(weight, bar.symbol)


class DefendedTrend(NaiveTrend):
    """The same follower, with a Hampel filter before and a robust scale behind.

    A return beyond eight median absolute deviations is not learned, nor traded on,
    unless the next bar confirms it; volatility is the median absolute deviation.
    """

    name = "trend, defended"

    def __init__(self, instruments: int) -> None:
        super().__init__(instruments)
        self.doubted: dict[str, float] = {}
        self.scales: dict[_State, tuple[int, float]] = {}

    def volatility(self, state: _State) -> float:
        """Median absolute deviation of recent log returns, as a standard deviation.

        Taken anew every tenth bar: a median costs a sort.
        """
        at, scale = self.scales.get(state, (-10, 0.0))
        if state.n - at >= 10:
            centre = median(state.returns)
            scale = 1.4826 * median(abs(r - centre) for r in state.returns)
            self.scales[state] = (state.n, scale)
        return scale

    def accept(self, state: _State, bar: Bar) -> bool:
        """Refuse an outlier once; take it when the market stays there."""
        if len(state.returns) < MEMORY:
            return True
        jump = abs(math.log(bar.close / state.last))
        if jump <= 8.0 * max(self.volatility(state), 1e-6):
            self.doubted.pop(bar.symbol, None)
            return True
        before = self.doubted.get(bar.symbol)
        self.doubted[bar.symbol] = bar.close
        return before is not None and abs(math.log(bar.close / before)) < jump / 2

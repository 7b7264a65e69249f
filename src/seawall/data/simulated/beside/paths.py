# SPDX-License-Identifier: MIT
"""Bars of several coins over days or years, from price paths alone: no book and no agents.

A day of the agents' market costs a minute; what needs a year of days or a dozen coins reads
these bars instead, and says so.  Log-variance is a market factor plus one of the coin, both
mean-reverting; returns are a market, a sector and an own shock, and the share of the market
rises with its variance, as in a crisis; jumps are those of all coins at once.  Turnover and
trades follow the activity of the bar with the powers that are stated.  The same settings give
the same numbers; factors and jumps are kept beside the bars as the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from seawall.model.errors import SettingsError

if TYPE_CHECKING:
    import polars as pl

YEAR_S = 365.0 * 86_400.0
DAY_S = 86_400.0
COINS = (
    "BTC/USDT", "ETH/USDT", "BNB/USDT", "SOL/USDT", "XRP/USDT", "ADA/USDT",
    "AVAX/USDT", "LINK/USDT", "LTC/USDT", "DOT/USDT", "ATOM/USDT", "UNI/USDT",
)  # fmt: skip
"""Names of the simulated coins, in order of size."""

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PathConfig:
    """How many bars of what.

    Parameters
    ----------
    bars : int
        Bars of every coin.
    bar_s : float
        Length of a bar, seconds.
    coins : int
        Number of coins, 1 to 12.
    seed : int
        Root of all randomness.
    start_ns : int
        Open of the first bar, ns UTC.
    steps : int
        Steps of the path within a bar, from which its high and low are read.
    volatility : float
        Mean volatility of the first coin, fraction per root of a year; smaller coins move more.
    market, sector : float
        Shares of the market and of one of three sectors in the variance of a return.
    crisis : float
        How much of the rest the market takes when its variance is high, 0 to 1.
    spread : tuple of float
        Standard deviations of the log-volatility of the market and of a coin.
    memory_days : tuple of float
        Their times of return to the mean, days.
    jumps_per_year : float
        Jumps of all coins at once; the size has a deviation of ``jump``.
    jump : float
        Deviation of the logarithm of a jump.
    trades_power : float
        Power of activity (volatility times turnover) in the number of trades.
    """

    bars: int
    bar_s: float = 3_600.0
    coins: int = 1
    seed: int = 7
    start_ns: int = 1_735_732_800_000_000_000
    steps: int = 24
    volatility: float = 0.5
    market: float = 0.5
    sector: float = 0.15
    crisis: float = 0.5
    spread: tuple[float, float] = (0.35, 0.25)
    memory_days: tuple[float, float] = (4.0, 2.0)
    jumps_per_year: float = 24.0
    jump: float = 0.03
    trades_power: float = 2.0 / 3.0

    def __post_init__(self) -> None:
        if self.bars < 1 or not 1 <= self.coins <= len(COINS) or self.steps < 1:
            raise SettingsError(
                f"{self.bars} bars of {self.coins} coins in {self.steps} steps",
                mend=f"give a bar or more, a step or more, and one to {len(COINS)} coins",
            )
        if not self.bar_s > 0.0:
            raise SettingsError(f"bars of {self.bar_s:g} s", mend="give seconds above 0")


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """Bars of the coins side by side, arrays of shape (bars, coins), and the truth.

    Parameters
    ----------
    config : PathConfig
        What was asked for.
    names : tuple of str
        The coins.
    ts : array of int64
        Closes of the bars, ns UTC.
    open, high, low, close : array
        Prices, USDT.
    volume, turnover, signed_volume : array
        In the coin, in USDT, and bought less sold in the coin.
    buys, sells : array
        Numbers of trades.
    daily_vol : array
        Realised deviation of the return over a day, out of the steps of the bar.
    true_vol : array
        Volatility that the path had in the bar, per root of a year.
    jumped : array of bool, one per bar
        Whether the market jumped.
    """

    config: PathConfig
    names: tuple[str, ...]
    ts: npt.NDArray[np.int64]
    open: Matrix
    high: Matrix
    low: Matrix
    close: Matrix
    volume: Matrix
    turnover: Matrix
    signed_volume: Matrix
    buys: Matrix
    sells: Matrix
    daily_vol: Matrix
    true_vol: Matrix
    jumped: npt.NDArray[np.bool_]

    def frame(self, coin: int = 0) -> pl.DataFrame:
        """Bars of one coin, one row per bar, as the analytics read them."""
        import polars as pl

        names = ("open", "high", "low", "close", "volume", "turnover", "signed_volume", "buys",
                 "sells", "daily_vol")  # fmt: skip
        columns = {n: np.ascontiguousarray(getattr(self, n)[:, coin]) for n in names}
        table = pl.DataFrame({"ts": self.ts, **columns})
        return table.with_columns((pl.col("buys") + pl.col("sells")).alias("trades"))

    def closes(self) -> pl.DataFrame:
        """One row per coin and bar: symbol, ts, close."""
        import polars as pl

        symbol = np.repeat(np.array(self.names), self.ts.size)
        return pl.DataFrame(
            {"symbol": symbol, "ts": np.tile(self.ts, len(self.names)),
             "close": self.close.T.ravel()}
        )  # fmt: skip


def paths(config: PathConfig) -> Paths:
    """Simulate the bars of a configuration."""
    rng = np.random.Generator(np.random.PCG64([config.seed, 71]))
    n, m, k = config.bars, config.steps, config.coins
    step_years = config.bar_s / m / YEAR_S
    h = _log_vols(config, rng)
    # The mean of exp(2h) is taken out, so that the mean variance is what was asked for.
    level = config.volatility * np.linspace(1.0, 2.0, k) if k > 1 else np.array([config.volatility])
    vol = level * np.exp(h[:, 1:] + h[:, :1] - sum(s * s for s in config.spread))
    shocks = _shocks(config, rng, h[:, 0])
    steps = shocks * (vol * np.sqrt(step_years))[:, None, :]
    jumped = rng.random(n) < -np.expm1(-config.jumps_per_year * config.bar_s / YEAR_S)
    at = rng.integers(0, m, n)
    size = config.jump * rng.standard_normal((n, 1)) * rng.uniform(0.6, 1.4, (n, k))
    steps[np.arange(n), at] += np.where(jumped[:, None], size, 0.0)
    flat = steps.reshape(n * m, k)
    start = 60_000.0 / 4.0 ** np.arange(k)
    walk = np.log(start) + np.concatenate((np.zeros((1, k)), np.cumsum(flat, axis=0)))
    inner = np.exp(walk[1:]).reshape(n, m, k)
    opens = np.exp(walk[:-1:m])
    ticks = 10.0 ** np.floor(np.log10(start) - 5.0)
    rounded = [np.round(x / ticks) * ticks for x in (
        opens, np.maximum(opens, inner.max(axis=1)), np.minimum(opens, inner.min(axis=1)),
        inner[:, -1])]  # fmt: skip
    realised = np.sqrt((steps**2).sum(axis=1) * DAY_S / config.bar_s)
    flow = _flow(config, rng, steps.sum(axis=1), vol, rounded[-1])
    ts = config.start_ns + np.arange(1, n + 1, dtype=np.int64) * round(config.bar_s * 1e9)
    first, high, low, last = rounded
    return Paths(
        config, COINS[:k], ts, first, high, low, last, *flow, realised, vol, jumped
    )  # fmt: skip


def _log_vols(config: PathConfig, rng: np.random.Generator) -> Matrix:
    """Log-volatility of the market (first column) and of every coin, by bar."""
    from scipy.signal import lfilter

    out = np.empty((config.bars, 1 + config.coins))
    for j in range(1 + config.coins):
        sd, memory = config.spread[min(j, 1)], config.memory_days[min(j, 1)]
        keep = float(np.exp(-config.bar_s / (DAY_S * memory)))
        noise = rng.standard_normal(config.bars) * sd * np.sqrt(1.0 - keep * keep)
        noise[0] = sd * rng.standard_normal()
        out[:, j] = lfilter([1.0], [1.0, -keep], noise)
    return out


def _shocks(config: PathConfig, rng: np.random.Generator, market_h: Matrix) -> Matrix:
    """Shocks of variance 1, shape (bars, steps, coins): market, sector and own."""
    n, m, k = config.bars, config.steps, config.coins
    extra = config.crisis * np.maximum(0.0, -np.expm1(-2.0 * market_h))
    market = config.market + (1.0 - config.market) * extra
    left = (1.0 - market) / (1.0 - config.market)
    sector = config.sector * left
    common, own = rng.standard_normal((n, m, 1)), rng.standard_normal((n, m, k))
    sectors = rng.standard_normal((n, m, 3))[:, :, np.arange(k) % 3]
    parts = [np.sqrt(x)[:, None, None] for x in (market, sector, 1.0 - market - sector)]
    return np.asarray(parts[0] * common + parts[1] * sectors + parts[2] * own)


def _flow(
    config: PathConfig, rng: np.random.Generator, move: Matrix, vol: Matrix, close: Matrix
) -> tuple[Matrix, Matrix, Matrix, Matrix, Matrix]:
    """Volume, turnover, signed volume, buys and sells of every bar."""
    bar_vol = vol * np.sqrt(config.bar_s / YEAR_S)
    usual = 40e6 * config.bar_s / DAY_S / 1.5 ** np.arange(vol.shape[1])
    heat = 0.8 * np.log(vol / np.mean(vol, axis=0)) + 0.5 * np.log1p(np.abs(move) / bar_vol)
    turnover = usual * np.exp(heat + 0.3 * rng.standard_normal(vol.shape))
    activity = vol * np.sqrt(DAY_S / YEAR_S) * turnover * DAY_S / config.bar_s
    mean = 2_000.0 * (activity / 8e5) ** config.trades_power * config.bar_s / DAY_S
    trades = rng.poisson(mean * np.exp(0.1 * rng.standard_normal(vol.shape)))
    lean = np.tanh(0.25 * move / bar_vol + 0.1 * rng.standard_normal(vol.shape))
    buys = rng.binomial(trades, 0.5 * (1.0 + lean)).astype(np.float64)
    volume = turnover / close
    return volume, turnover, volume * lean, buys, trades - buys

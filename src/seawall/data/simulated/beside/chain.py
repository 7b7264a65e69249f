# SPDX-License-Identifier: MIT
"""A chain of listed options on a simulated coin: quotes over the run, and their true surface.

A market maker prices every option off the mid of the coin's largest book and the true surface
(:mod:`seawall.data.simulated.beside.surface`) with a small error of its own, takes a spread in
volatility that widens in the wings, and rounds bids down and asks up to the tick.  A quote is
told when it changes, so the chain is a stream of events as the books are.  Premiums are
undiscounted and in the quote currency.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from seawall.data.simulated.beside.surface import TrueSurface, black
from seawall.model.errors import DataError, SettingsError

if TYPE_CHECKING:
    import polars as pl

    from seawall.data.simulated.result import SimulatedMarket

Vector = npt.NDArray[np.float64]
YEAR_S = 365.0 * 86_400.0
TICKS = 55_000.0
"""A premium's tick is at most the price of the coin over this."""

LISTED = 2.2
"""Strikes reach so many deviations from the forward at the first moment."""


@dataclass(frozen=True, slots=True)
class ChainConfig:
    """What is listed, and how it is quoted.

    Parameters
    ----------
    days : tuple of float
        Expiries, days from the start of the run.
    strikes : int
        Strikes of every expiry; each has a call and a put.
    tick : float
        Step of the premiums, quote currency; 0: the power of ten at or below a 55,000th of the
        first price.
    every_s : float
        How often the maker looks at the market, seconds.
    half_spread : float
        Half of the spread at the money, in volatility (0.005 is half a point).
    wing : float
        How much wider it is per deviation from the money.
    error : float
        Deviation of the maker's volatility from the true one.
    carry : float
        Basis of the forwards, fraction per year.
    basis_bps : float
        Deviation of a future's price from its forward, basis points.
    memory_s : float
        Half-life of the mean of the simulation's variance that options are priced off, seconds.
    kappa, rho, eta, gamma : float
        Of the true surface.
    """

    days: tuple[float, ...] = (7.0, 14.0, 30.0, 60.0, 120.0, 240.0)
    strikes: int = 15
    tick: float = 0.0
    every_s: float = 2.0
    half_spread: float = 0.006
    wing: float = 0.5
    error: float = 0.001
    carry: float = 0.04
    basis_bps: float = 0.5
    memory_s: float = 600.0
    kappa: float = 8.0
    rho: float = -0.35
    eta: float = 0.9
    gamma: float = 0.35

    def __post_init__(self) -> None:
        rising = all(a < b for a, b in zip(self.days, self.days[1:], strict=False))
        if not self.days or self.days[0] <= 0.0 or not rising or self.strikes < 1:
            raise SettingsError(
                f"{len(self.days)} expiries and {self.strikes} strikes are no chain",
                mend="give rising days above 0 and a strike or more",
            )
        if min(self.every_s, self.half_spread) <= 0.0 or min(self.tick, self.error) < 0.0:
            raise SettingsError(
                "every_s and half_spread must be above 0, tick and error not below",
                where="chain of the simulated options",
                mend="leave them as they are, or give positive numbers",
            )


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedChain:
    """Quotes in order of time, and what they were made from.

    Parameters
    ----------
    config : ChainConfig
        What was asked for.
    underlying : str
        Symbol and venue of the coin.
    quotes : polars.DataFrame
        One row per changed quote: ``ts`` (ns UTC), ``expiry`` (ns UTC), ``days`` (of the
        listing), ``strike``, ``call`` (+1, -1), ``bid``, ``bid_qty``, ``ask``, ``ask_qty``,
        ``forward``, ``spot``, ``years``, ``mark_vol`` (of the maker), ``true_vol``.
    futures : polars.DataFrame
        Mids of a dated future of every expiry at the maker's looks: ``ts``, ``days``, ``price``,
        ``spot``, ``years``.
    moments : array of int64
        When the maker looked, ns UTC.
    surfaces : tuple of TrueSurface
        The true surface at these moments.
    """

    config: ChainConfig
    underlying: str
    quotes: pl.DataFrame
    futures: pl.DataFrame
    moments: npt.NDArray[np.int64]
    surfaces: tuple[TrueSurface, ...]


def option_chain(
    market: SimulatedMarket, config: ChainConfig | None = None, *, book: int = 0
) -> SimulatedChain:
    """List options on one book of a simulated market and quote them through the run.

    Parameters
    ----------
    market : SimulatedMarket
        The run.
    config : ChainConfig, optional
        What is listed.
    book : int
        Index of the instrument that is the underlying.

    Raises
    ------
    DataError
        When the book has no quotes over one look of the maker.
    """
    config = config or ChainConfig()
    moments, spot, variance, mean = _watched(market, config, book)
    if config.tick == 0.0:
        config = replace(config, tick=float(10.0 ** np.floor(np.log10(spot[0] / TICKS + 1e-12))))
    rng = np.random.Generator(np.random.PCG64([market.config.seed, 83, book]))
    surfaces = tuple(
        TrueSurface(float(v), mean, config.kappa, config.rho, config.eta, config.gamma)
        for v in variance
    )
    listed = _listed(config, float(spot[0]), surfaces[0], int(moments[0]))
    quotes = _quotes(config, rng, moments, spot, surfaces, listed)
    futures = _futures(config, rng, moments, spot)
    one = market.instruments[book]
    name = f"{one.symbol} at {one.venue}"
    return SimulatedChain(config, name, quotes, futures, moments, surfaces)


def _watched(
    market: SimulatedMarket, config: ChainConfig, book: int
) -> tuple[npt.NDArray[np.int64], Vector, Vector, float]:
    """Moments, mids then known, true variances then, and their mean, per year."""
    top, got = market.feeds.top[book], market.feeds.top_got[book]
    sound = (top["bid"] > 0) & (top["ask"] > top["bid"])
    top, got = top[sound], got[sound]
    every = round(config.every_s * 1e9)
    if not got.size or got[-1] - got[0] < every:
        raise DataError(
            f"the quotes of book {book} span less than {config.every_s:g} s",
            mend="simulate longer, or let the maker look more often",
        )
    moments = np.arange(got[0] + every, got[-1] + 1, every, dtype=np.int64)
    at = np.searchsorted(got, moments, side="right") - 1
    tick = float(market.instruments[book].tick)
    spot = 0.5 * tick * (top["bid"][at] + top["ask"][at])
    tape = market.tape[market.tape["book"] == book]
    known = np.searchsorted(tape["ts"] + market.origin_ns, moments, side="right") - 1
    asset = market.config.assets[int(market.world.books["asset"][book])]
    # The simulation scales its shocks so that the mean of the squared factor is one.
    calm = float(np.exp(-sum(s * s for s in market.config.agents.volatility_sd)))
    vol = asset.volatility * calm * tape["vol"]
    usual = _faded(vol**2, tape["ts"] / 1e9, config.memory_s)
    return moments, np.asarray(spot), usual[np.maximum(known, 0)], asset.volatility**2


def _faded(values: Vector, time_s: Vector, half_life_s: float) -> Vector:
    """Exponentially weighted mean of what went before."""
    out = values.astype(np.float64)
    for i in range(1, out.size):
        keep = 0.5 ** ((time_s[i] - time_s[i - 1]) / half_life_s)
        out[i] = keep * out[i - 1] + (1.0 - keep) * values[i]
    return out


def _listed(config: ChainConfig, spot: float, surface: TrueSurface, now: int) -> Vector:
    """Expiry (s UTC), listed days, strike and call of every option, one row each."""
    rows = []
    for days in config.days:
        years = days * 86_400.0 / YEAR_S
        forward = spot * np.exp(config.carry * years)
        reach = LISTED * float(np.sqrt(surface.theta(years)))
        raw = forward * np.exp(np.linspace(-reach, reach, config.strikes))
        step = _round_step(float(np.diff(raw).min())) if raw.size > 1 else 1.0
        for strike in np.unique(np.round(raw / step) * step):
            for call in (1.0, -1.0):
                rows.append((now / 1e9 + days * 86_400.0, days, strike, call))
    return np.array(rows)


def _round_step(gap: float) -> float:
    """Largest of 1, 2 and 5 times a power of ten that is no more than a gap."""
    ten = float(10.0 ** np.floor(np.log10(gap)))
    return ten * max(x for x in (1.0, 2.0, 5.0) if x * ten <= gap * (1.0 + 1e-9))


def _quotes(
    config: ChainConfig, rng: np.random.Generator, moments: npt.NDArray[np.int64], spot: Vector,
    surfaces: tuple[TrueSurface, ...], listed: Vector,
) -> pl.DataFrame:  # fmt: skip
    import polars as pl

    expiry, days, strike, call = listed.T
    error = config.error * rng.standard_normal(strike.size)
    told_bid, told_ask = np.full(strike.size, -1.0), np.full(strike.size, -1.0)
    parts: list[dict[str, npt.NDArray[np.float64] | npt.NDArray[np.int64]]] = []
    for now, price, surface in zip(moments, spot, surfaces, strict=True):
        years = (expiry - now / 1e9) / YEAR_S
        forward = price * np.exp(config.carry * years)
        k = np.log(strike / forward)
        true = surface.vol(k, years)
        # The maker's error wanders, and always has the same deviation.
        error = 0.9 * error + config.error * np.sqrt(0.19) * rng.standard_normal(strike.size)
        mark = true + error
        half = config.half_spread * (1.0 + config.wing * np.abs(k) / np.sqrt(surface.theta(years)))
        low, high = (
            black(forward, strike, years, np.maximum(mark + way * half, 1e-3), call)
            for way in (-1.0, 1.0)
        )
        bid = np.floor(low / config.tick) * config.tick
        ask = np.ceil(high / config.tick) * config.tick
        new = np.flatnonzero((bid != told_bid) | (ask != told_ask))
        told_bid, told_ask = bid, ask
        size = np.round(rng.lognormal(1.0, 0.8, (2, new.size)) + 0.1, 1)
        ts = now + np.arange(new.size) * 1_000  # one after the other, a microsecond apart
        both = {"expiry": expiry * 1e9, "days": days, "strike": strike, "call": call, "bid": bid,
                "ask": ask, "forward": forward, "years": years, "mark_vol": mark,
                "true_vol": true}  # fmt: skip
        parts.append({"ts": ts, **{name: x[new] for name, x in both.items()}, "bid_qty": size[0],
                      "ask_qty": size[1], "spot": np.full(new.size, price)})  # fmt: skip
    columns = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    columns["expiry"] = columns["expiry"].astype(np.int64)
    return pl.DataFrame(columns)


def _futures(
    config: ChainConfig, rng: np.random.Generator, moments: npt.NDArray[np.int64], spot: Vector
) -> pl.DataFrame:
    import polars as pl

    n, d = moments.size, len(config.days)
    passed = (moments - moments[0]) / 1e9
    years = (np.array(config.days)[None, :] * 86_400.0 - passed[:, None]) / YEAR_S
    noise = 1e-4 * config.basis_bps * rng.standard_normal((n, d))
    price = spot[:, None] * np.exp(config.carry * years + noise)
    return pl.DataFrame({
        "ts": np.repeat(moments, d), "days": np.tile(config.days, n), "price": price.ravel(),
        "spot": np.repeat(spot, d), "years": years.ravel(),
    })  # fmt: skip

# SPDX-License-Identifier: MIT
"""A third book beside a simulated market: one coin quoted in another, as ETH in BTC.

The agents trade coins against dollars only.  This book has one maker: it follows the ratio of
the two dollar mids at the same venue with a lag, errs a little, and quotes ten levels on each
side.  So a triangle closes up to that lag and error, which is what a scanner is to find.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from seawall.model.errors import DataError
from seawall.model.events import EventFlag, EventKind, Events, Stream, empty_events
from seawall.model.instrument import Instrument, InstrumentKind
from seawall.model.market import Market

if TYPE_CHECKING:
    from seawall.data.simulated.result import SimulatedMarket

LEVELS = 10


@dataclass(frozen=True, slots=True)
class CrossConfig:
    """The maker of the cross book.

    Parameters
    ----------
    base, quote : int
        Assets of the market, by number: the first is quoted in the second.
    venue : int
        Venue whose dollar books it follows.
    every_s, lag_s : float
        How often it looks, and how old what it sees is, seconds.
    error_bps, error_s : float
        Deviation of its error, basis points, and how long an error lasts, seconds.
    tick, lot : Decimal
        Steps of price and quantity.
    size : float
        Median size of a level, base currency.
    """

    base: int = 1
    quote: int = 0
    venue: int = 0
    every_s: float = 0.25
    lag_s: float = 0.5
    error_bps: float = 2.0
    error_s: float = 5.0
    tick: Decimal = Decimal("0.000001")
    lot: Decimal = Decimal("0.001")
    size: float = 2.0


def with_cross(market: SimulatedMarket, config: CrossConfig | None = None) -> Market:
    """The events of a simulated market with those of a cross book among them.

    Raises
    ------
    DataError
        When the market lacks one of the two coins or their quotes.
    """
    config = config or CrossConfig()
    assets, whole = market.config.assets, market.to_market()
    if max(config.base, config.quote) >= len(assets) or config.base == config.quote:
        raise DataError(
            f"{len(assets)} coins make no cross of {config.base} and {config.quote}",
            mend="simulate two coins or more",
        )
    legs = [_mids(market, asset, config.venue) for asset in (config.base, config.quote)]
    cross = _instrument(market, config)
    stream = len(whole.streams)
    events = np.concatenate((whole.events, _events(market.config.seed, config, legs, stream)))
    feed = Stream(cross.venue, cross.symbol, "depth", market.fingerprint[:16])
    return replace(
        whole, instruments=(*whole.instruments, cross), streams=(*whole.streams, feed),
        events=events[np.argsort(events["ts"], kind="stable")],
    )  # fmt: skip


def _instrument(market: SimulatedMarket, config: CrossConfig) -> Instrument:
    assets = market.config.assets
    like = market.instruments[_book(market, config.base, config.venue)]
    symbol = f"{assets[config.base].base}/{assets[config.quote].base}"
    return Instrument(symbol, like.venue, InstrumentKind.SPOT, config.tick, config.lot,
                      fees=like.fees)  # fmt: skip


def _book(market: SimulatedMarket, asset: int, venue: int) -> int:
    books = market.world.books
    found = np.flatnonzero(
        (books["asset"] == asset) & (books["venue"] == venue) & (books["perp"] == 0)
    )
    if not found.size:
        raise DataError(f"venue {venue} lists no spot of coin {asset}", mend="name another")
    return int(found[0])


def _mids(
    market: SimulatedMarket, asset: int, venue: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    book = _book(market, asset, venue)
    top, got = market.feeds.top[book], market.feeds.top_got[book]
    sound = (top["bid"] > 0) & (top["ask"] > top["bid"])
    if not sound.any():
        raise DataError(f"no quotes of coin {asset}", mend="simulate longer")
    tick = float(market.instruments[book].tick)
    return got[sound], 0.5 * tick * (top["bid"][sound] + top["ask"][sound])


def _events(
    seed: int, config: CrossConfig,
    legs: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]], stream: int,
) -> Events:  # fmt: skip
    """One snapshot of ten levels a side at every look."""
    every, lag = round(config.every_s * 1e9), round(config.lag_s * 1e9)
    first, last = max(t[0] for t, _ in legs), min(t[-1] for t, _ in legs)
    now = np.arange(first + lag, last + 1, every, dtype=np.int64)
    seen = [mid[np.searchsorted(t, now - lag, side="right") - 1] for t, mid in legs]
    rng = np.random.Generator(np.random.PCG64([seed, 97]))
    tick = float(config.tick)
    fair = seen[0] / seen[1] * np.exp(1e-4 * config.error_bps * _wander(rng, now.size, config))
    bid = np.floor(fair / tick - 0.5).astype(np.int64)
    away = np.cumsum(rng.integers(1, 4, (now.size, 2, LEVELS)), axis=2) - 1
    size = rng.lognormal(np.log(config.size / float(config.lot)), 0.7, (now.size, 2, LEVELS))
    out = empty_events(now.size * 2 * LEVELS).reshape(now.size, 2, LEVELS)
    out["ts"], out["stream"], out["kind"] = now[:, None, None], stream, EventKind.SNAPSHOT
    out["px"] = np.stack((bid[:, None] - away[:, 0], bid[:, None] + 1 + away[:, 1]), axis=1)
    out["qty"] = np.maximum(1, np.round(size)).astype(np.int64)
    out["flags"][:, 0] = EventFlag.BUY
    flat: Events = out.reshape(now.size, 2 * LEVELS)
    flat["flags"][:, 0] |= np.uint8(EventFlag.FIRST)
    flat["flags"][:, -1] |= np.uint8(EventFlag.LAST)
    flat["seq"] = np.arange(1, now.size + 1)[:, None]
    return flat.reshape(-1)


def _wander(rng: np.random.Generator, n: int, config: CrossConfig) -> npt.NDArray[np.float64]:
    """The maker's error in units of its deviation: an autoregression of the first order."""
    from scipy.signal import lfilter

    keep = float(np.exp(-config.every_s / config.error_s))
    noise = rng.standard_normal(n) * np.sqrt(1.0 - keep * keep)
    noise[:1] = rng.standard_normal(noise[:1].size)
    return np.asarray(lfilter([1.0], [1.0, -keep], noise))

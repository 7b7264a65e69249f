# SPDX-License-Identifier: MIT
"""Which instruments a Binance connection carries and to which streams their events go."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from seawall.model.errors import InstrumentError
from seawall.model.events import Stream
from seawall.model.instrument import Instrument, InstrumentKind

VENUES = {
    InstrumentKind.SPOT: "binance",
    InstrumentKind.LINEAR: "binanceusdm",
    InstrumentKind.INVERSE: "binancecoinm",
}
"""ccxt's name of the Binance market for each kind of contract."""

FEED_NAMES = ("depth", "trades", "bookticker", "mark", "funding", "liquidations")
"""Feeds of one instrument, in the order of the stream numbers of :class:`Feed`."""


def power_and_multiple(step: Decimal) -> tuple[int, int]:
    """Split a step such as 0.05 into decimals and multiple: ``(2, 5)`` is 5 times 10^-2.

    Raises
    ------
    InstrumentError
        When the step needs more than 12 decimals or a multiple above 10^12.
    """
    _, digits, exponent = step.normalize().as_tuple()
    if not isinstance(exponent, int):
        raise InstrumentError(f"{step} is not a step", mend="give a finite tick and lot")
    multiple = int("".join(map(str, digits)))
    decimals = max(0, -exponent)
    multiple *= 10 ** max(0, exponent)
    if decimals > 12 or multiple > 10**12:
        raise InstrumentError(
            f"a step of {step} is too fine or too coarse", mend="give a step from 1e-12 to 1e12"
        )
    return decimals, multiple


@dataclass(frozen=True, slots=True)
class Feed:
    """One instrument of a connection.

    Parameters
    ----------
    symbol : str
        The venue's own symbol, for example ``btcusdt``; case does not matter.
    tick, lot : Decimal
        Steps of price and quantity.
    depth, trades, top, mark, funding, liquidations : int
        Stream numbers in the run's stream table; -1 for feeds nobody wants.
    """

    symbol: str
    tick: Decimal
    lot: Decimal
    depth: int = -1
    trades: int = -1
    top: int = -1
    mark: int = -1
    funding: int = -1
    liquidations: int = -1

    @property
    def scale(self) -> tuple[int, int, int, int]:
        """Decimals and multiple of the tick, then of the lot."""
        return (*power_and_multiple(self.tick), *power_and_multiple(self.lot))

    @property
    def routes(self) -> tuple[int, int, int, int, int, int]:
        """Stream numbers in the order of :data:`FEED_NAMES`."""
        return self.depth, self.trades, self.top, self.mark, self.funding, self.liquidations


@dataclass(frozen=True, slots=True)
class FeedPlan:
    """Feeds of a connection with the stream table that their numbers index."""

    feeds: tuple[Feed, ...]
    streams: tuple[Stream, ...]


def plan_feeds(
    instruments: tuple[Instrument, ...],
    *,
    symbols: tuple[str, ...] = (),
    wanted: tuple[str, ...] = FEED_NAMES,
    batch: str = "",
    clock_offset_ns: int = 0,
) -> FeedPlan:
    """Number the streams of some instruments, instrument by instrument.

    Parameters
    ----------
    instruments : tuple of Instrument
        What the connection carries.
    symbols : tuple of str, optional
        The venue's symbols; by default made from the ccxt symbols.
    wanted : tuple of str
        Feeds to number, out of :data:`FEED_NAMES`; others are ignored by the decoder.
    batch : str
        What delivers them: a file's hash, a connection id.
    clock_offset_ns : int
        Receiver clock minus venue clock, ns.
    """
    names = symbols or tuple(venue_symbol(i) for i in instruments)
    feeds: list[Feed] = []
    streams: list[Stream] = []
    for name, instrument in zip(names, instruments, strict=True):
        numbers = []
        for feed in FEED_NAMES:
            if feed in wanted:
                numbers.append(len(streams))
                streams.append(
                    Stream(instrument.venue, instrument.symbol, feed, batch, clock_offset_ns)
                )
            else:
                numbers.append(-1)
        feeds.append(Feed(name, instrument.tick, instrument.lot, *numbers))
    return FeedPlan(tuple(feeds), tuple(streams))


def venue_symbol(instrument: Instrument) -> str:
    """Binance's symbol of an instrument: ``btcusdt``, ``btcusd_perp``, ``btcusdt_261225``."""
    pair = (instrument.base + instrument.quote).lower()
    tail = instrument.symbol.split(":", 1)[-1].split("-")[1:]
    if tail:
        return f"{pair}_{tail[0]}"
    return f"{pair}_perp" if instrument.kind is InstrumentKind.INVERSE else pair

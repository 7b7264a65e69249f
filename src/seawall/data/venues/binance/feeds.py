# SPDX-License-Identifier: MIT
"""Which instruments a Binance connection carries and to which streams their events go."""

from __future__ import annotations

from collections.abc import Mapping
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

FEED_NAMES = ("depth", "trades", "top", "mark", "funding", "liquidations")
"""Feeds of one instrument by their catalogue kind, in the order of :attr:`Feed.routes`."""


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
    offsets : tuple of int
        Receiver clock minus venue clock of each feed, ns, in the same order.
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
    offsets: tuple[int, ...] = (0,) * len(FEED_NAMES)

    @property
    def scale(self) -> tuple[int, int, int, int]:
        """Decimals and multiple of the tick, then of the lot."""
        return (*power_and_multiple(self.tick), *power_and_multiple(self.lot))

    @property
    def routes(self) -> tuple[int, int, int, int, int, int]:
        """Stream numbers in the order of :data:`FEED_NAMES`."""
        return self.depth, self.trades, self.top, self.mark, self.funding, self.liquidations


def plan_streams(
    instruments: tuple[Instrument, ...],
    *,
    wanted: tuple[str, ...] = FEED_NAMES,
    batch: str = "",
    clock_offsets: Mapping[str, int] | None = None,
) -> tuple[Stream, ...]:
    """Stream table of some instruments, in the order in which a catalogue numbers them.

    Parameters
    ----------
    instruments : tuple of Instrument
        What the connection carries.
    wanted : tuple of str
        Feeds out of :data:`FEED_NAMES`.
    batch : str
        What delivers them: a file's hash, a connection id.
    clock_offsets : mapping of str to int, optional
        Receiver clock minus venue clock by feed, ns.
    """
    offsets = clock_offsets or {}
    keys = sorted((i.venue, i.symbol, feed) for i in instruments for feed in wanted)
    return tuple(Stream(*key, batch, offsets.get(key[2], 0)) for key in keys)


def feeds_of(
    instruments: tuple[Instrument, ...],
    streams: tuple[Stream, ...],
    *,
    symbols: tuple[str, ...] = (),
) -> tuple[Feed, ...]:
    """Feeds of a connection, numbered by a run's stream table and with its clock offsets.

    Parameters
    ----------
    instruments : tuple of Instrument
        What the connection carries.
    streams : tuple of Stream
        The run's stream table; feeds that it lacks are ignored by the decoder.
    symbols : tuple of str, optional
        The venue's symbols; by default made from the ccxt symbols.
    """
    numbers = {(s.venue, s.symbol, s.feed): n for n, s in enumerate(streams)}
    names = symbols or tuple(venue_symbol(i) for i in instruments)
    feeds = []
    for name, instrument in zip(names, instruments, strict=True):
        routes = [numbers.get((instrument.venue, instrument.symbol, f), -1) for f in FEED_NAMES]
        offsets = tuple(streams[n].clock_offset_ns if n >= 0 else 0 for n in routes)
        depth, trades, top, mark, funding, liquidations = routes
        steps = (instrument.tick, instrument.lot)
        feeds.append(Feed(name, *steps, depth, trades, top, mark, funding, liquidations, offsets))
    return tuple(feeds)


def venue_symbol(instrument: Instrument) -> str:
    """Binance's symbol of an instrument: ``btcusdt``, ``btcusd_perp``, ``btcusdt_261225``."""
    pair = (instrument.base + instrument.quote).lower()
    tail = instrument.symbol.split(":", 1)[-1].split("-")[1:]
    if tail:
        return f"{pair}_{tail[0]}"
    return f"{pair}_perp" if instrument.kind is InstrumentKind.INVERSE else pair

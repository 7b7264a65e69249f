# SPDX-License-Identifier: MIT
"""Signals weighted by their calibrated confidence, on bars or on events.

Every statement is taken down and compared with what came; confidence is fitted on these
outcomes only, so the strategy learns as it goes and knows nothing beforehand.  Directions are
averaged with weights ``2 confidence - 1``; warnings of large moves take the position back in
proportion to theirs.  It trades where the expected move is beyond the costs of getting in and
out, holds for the horizon and then decides anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from seawall.engine.strategy import Bar, Strategy, Tick
from seawall.model.errors import SettingsError
from seawall.model.instrument import Instrument, InstrumentKind
from seawall.research.ensemble.live import Flow
from seawall.research.ensemble.member import Member, View
from seawall.signals.grid import Row
from seawall.signals.registry import KINDS, kind_of

LIVE = frozenset(
    {"mid", "half_spread_bps", "imbalance", "spike", "count_branching", "branching", "reliable",
     "lean", "vpin", "vpin_floor", "vpin_rank", "peer_mid", "spot_mid"}
)  # fmt: skip
"""Columns that a strategy sees on events; what needs sizes of levels is for recordings."""

NO_EVENTS = ("bars", "funding", "mark")
"""Feeds that bring no quotes."""

OWN_BARS = frozenset({"mid", "high", "low", "volume"})


@dataclass(slots=True)
class Book:
    """What the ensemble remembers of one instrument."""

    instrument: Instrument
    peers: tuple[str, ...]
    spots: tuple[str, ...]
    flow: Flow = field(default_factory=Flow)
    members: tuple[Member, ...] = ()
    weight: float = 0.0
    rows: int = 0
    until: int = 0


class MultiSignalEnsemble(Strategy):
    """Weights signals by calibrated confidence.

    Parameters
    ----------
    signals : str
        Names separated by commas; empty takes all that the data allow.
    share : float
        Largest weight of an instrument, fraction of equity.
    cost_bps : float
        Expected move from which it trades, bps; negative takes twice the taker fee and the
        spread.
    least : int
        Outcomes of a signal before it is believed.
    spread_bps : float
        Spread that bars do not tell, bps.

    Raises
    ------
    SettingsError
        When a number is out of bounds.
    """

    name = "multi_signal_ensemble"

    def __init__(
        self,
        signals: str = "",
        share: float = 0.5,
        cost_bps: float = -1.0,
        least: int = 40,
        spread_bps: float = 2.0,
    ) -> None:
        if not 0.0 < share <= 1.0 or least < 1 or spread_bps < 0.0:
            raise SettingsError(
                f"share={share}, least={least}, spread_bps={spread_bps}",
                mend="share is above 0 and at most 1, least from 1, a spread not negative",
            )
        names = [n.strip() for n in signals.split(",") if n.strip()]
        self.kinds = tuple(kind_of(n) for n in names) or KINDS
        self.share, self.cost_bps, self.least = share, cost_bps, least
        self.spread_bps = spread_bps
        self.books: dict[str, Book] = {}

    # --- what wakes it -------------------------------------------------------------------

    def on_start(self) -> None:
        """Ask for a second's timer where there are events; bars need none."""
        if not all(s.feed.startswith(NO_EVENTS) for s in self._engine.streams):
            self.every("1s")

    def on_trade(self, trade: Tick) -> None:
        """Remember the flow."""
        self._book(trade.symbol).flow.trade(trade.ts, trade.quantity, trade.buy)

    def on_timer(self, ts: int) -> None:
        """Read the signals of every instrument with quotes."""
        mids = {s: self._mid(s) for s in self._names()}
        for symbol, mid in mids.items():
            if mid > 0.0:
                self._decide(symbol, "events", self._row(symbol, mid, mids))

    def on_bar(self, bar: Bar) -> None:
        """Read the signals of a bar."""
        row = {"mid": bar.close, "high": bar.high, "low": bar.low, "volume": bar.volume}
        self._decide(bar.symbol, "bars", row)

    # --- what it does --------------------------------------------------------------------

    def _decide(self, symbol: str, source: str, row: Row) -> None:
        book = self._book(symbol)
        if not book.members:
            book.members = self._members(book, source)
        book.rows += 1
        views = [v for m in book.members if (v := m.update(row)) is not None]
        half = 0.5 * self.spread_bps if source == "bars" else row["half_spread_bps"]
        cost = self.cost_bps
        if cost < 0.0:
            cost = 2e4 * float(book.instrument.fees[0].taker) + 2.0 * half
        expected, rows = combined(views)
        wanted = book.weight
        if abs(expected) > cost:
            wanted = self.share * (1.0 if expected > 0.0 else -1.0) * caution(views)
            if book.instrument.kind is InstrumentKind.SPOT:
                wanted = max(wanted, 0.0)  # spot cannot be sold short
            book.until = book.rows + rows
        elif book.rows >= book.until:
            wanted = 0.0
        if source == "events" and not self.book_is_good(symbol):
            return  # risk refuses such orders; the signals go on learning
        if abs(wanted - book.weight) > 0.2 * self.share or (wanted == 0.0 != book.weight):
            book.weight = wanted
            self.target(wanted, symbol)

    def _members(self, book: Book, source: str) -> tuple[Member, ...]:
        columns = set(OWN_BARS)
        if source == "events":
            columns = set(LIVE)
            columns -= set() if book.peers else {"peer_mid"}
            columns -= set() if book.spots else {"spot_mid"}
        return tuple(
            Member(kind, source, self.least)
            for kind in self.kinds
            if source in kind.needs and set(kind.needs[source]) <= columns
        )

    # --- what it sees --------------------------------------------------------------------

    def _names(self) -> Sequence[str]:
        return self._engine.scales.names

    def _book(self, symbol: str) -> Book:
        if symbol not in self.books:
            named = list(zip(self._names(), self._engine.instruments, strict=True))
            mine = next(i for s, i in named if s == symbol)
            same = [(s, i) for s, i in named if s != symbol and i.base == mine.base]
            same.sort(key=lambda x: (x[1].quote != mine.quote, x[1].kind, x[1].venue))
            spots = tuple(s for s, i in same if i.kind is InstrumentKind.SPOT)
            perpetual = mine.kind in (InstrumentKind.LINEAR, InstrumentKind.INVERSE)
            self.books[symbol] = Book(mine, tuple(s for s, _ in same), spots if perpetual else ())
        return self.books[symbol]

    def _mid(self, symbol: str) -> float:
        bid, ask = self.best_bid(symbol), self.best_ask(symbol)
        return 0.5 * (bid + ask) if 0.0 < bid < ask else 0.0

    def _row(self, symbol: str, mid: float, mids: dict[str, float]) -> Row:
        book = self._book(symbol)
        row = book.flow.columns()
        row["mid"] = mid
        row["half_spread_bps"] = 1e4 * (self.best_ask(symbol) - mid) / mid
        row["imbalance"] = self.imbalance(symbol)
        row["peer_mid"] = (mids[book.peers[0]] or float("nan")) if book.peers else float("nan")
        row["spot_mid"] = (mids[book.spots[0]] or float("nan")) if book.spots else float("nan")
        return row


def combined(views: Sequence[View]) -> tuple[float, int]:
    """Expected move, bps, with the sign of its direction, and the horizon it is meant for.

    A mean with weights ``2 confidence - 1``; what is right no more than half the time has
    none.
    """
    told = [(2.0 * v.confidence - 1.0, v) for v in views if v.direction and v.confidence > 0.5]
    total = sum(w for w, _ in told)
    if not total > 0.0:
        return 0.0, 0
    mean = sum(w * v.direction * v.expected_bps for w, v in told) / total
    return mean, max(told, key=lambda x: x[0])[1].rows


def caution(views: Sequence[View]) -> float:
    """Share of the position that warnings of large moves leave, 0 to 1."""
    warned = max((v.confidence for v in views if not v.direction), default=0.5)
    return 1.0 - max(0.0, 2.0 * warned - 1.0)


def multi_signal_ensemble(
    signals: str = "",
    share: float = 0.5,
    cost_bps: float = -1.0,
    least: int = 40,
    spread_bps: float = 2.0,
) -> MultiSignalEnsemble:
    """Make the ensemble; see :class:`MultiSignalEnsemble`."""
    return MultiSignalEnsemble(signals, share, cost_bps, least, spread_bps)

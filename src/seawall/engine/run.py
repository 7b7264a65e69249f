# SPDX-License-Identifier: MIT
"""The engine: feeds the kernel, calls the strategy at wakes, collects what happened.

The same object serves a backtest (one large chunk) and a session (one message at a
time); it reads no clock and no file.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from seawall.engine import layout as L
from seawall.engine.answers import Answers
from seawall.engine.collect import Collector, fill_model_name
from seawall.engine.columns import Always, Columns, LazyColumn
from seawall.engine.desk import Desk
from seawall.engine.outcome import Outcome
from seawall.engine.room import equity_rows, log_rows, price_hint
from seawall.engine.settings import EngineSettings
from seawall.engine.strategy import (
    Bar,
    CompiledStrategy,
    Metric,
    News,
    Strategy,
    TargetStrategy,
    Tick,
)
from seawall.engine.terms import Scales
from seawall.engine.world import bar_interval_ns, bits_float, build_world
from seawall.model.errors import EngineError
from seawall.model.events import BarField, Bars, EventKind, Events, empty_bars, empty_events
from seawall.model.instrument import Instrument
from seawall.model.market import Market
from seawall.model.time import NS_PER_HOUR

_RECORD = struct.Struct("<qqiIHBBI")  # one row of EVENT
_TRADE = int(EventKind.TRADE)
_METRIC = int(EventKind.METRIC)
_INFORMATION = (_METRIC, int(EventKind.NEWS))
_NO_TARGETS = np.empty(0, dtype=np.int64)
_ANSWERS = (L.WAKE_BIT_FILL, L.WAKE_BIT_ORDER)
_WAKES: dict[str, tuple[int, ...]] = {
    "bar": (L.WAKE_BIT_BAR,),
    "note": _ANSWERS,
    **{k.name.lower(): (int(k),) for k in EventKind},
}
_HOOKS = {
    "on_bar": (L.WAKE_BIT_BAR,),
    "on_trade": (int(EventKind.TRADE),),
    "on_book": (int(EventKind.DELTA), int(EventKind.SNAPSHOT), int(EventKind.TOP)),
    "on_fill": (L.WAKE_BIT_FILL,),
    "on_order": (L.WAKE_BIT_ORDER,),
    "on_metric": (int(EventKind.METRIC),),
    "on_news": (int(EventKind.NEWS),),
}

AnyStrategy = Strategy | TargetStrategy | CompiledStrategy


class Engine(Desk):
    """One run: a world, a strategy, and the columns that come out.

    Parameters
    ----------
    market : Market
        Instruments and streams; its events and bars are only looked at for scale, they
        come in through :meth:`feed`.
    strategy : Strategy, TargetStrategy or CompiledStrategy
        What trades.
    settings : EngineSettings
        Frozen settings.
    """

    def __init__(
        self, market: Market, strategy: AnyStrategy, settings: EngineSettings | None = None
    ) -> None:
        from seawall.engine.kernel import actions, advance, expand
        from seawall.engine.kernel.jit import direct

        self.settings = settings or EngineSettings()
        self.instruments: tuple[Instrument, ...] = market.instruments
        self.streams = market.streams
        self.strategy = strategy
        self._actions, self._advance, self._expand = actions, advance, expand
        bar_streams = [n for n, s in enumerate(market.streams) if s.feed.startswith("bars")]
        self._on_bars = bool(bar_streams)
        state: Sequence[int] = strategy.state if isinstance(strategy, CompiledStrategy) else ()
        self.world = build_world(
            market.instruments,
            market.streams,
            market.instrument_of_stream(),
            self.settings,
            bar_streams=bar_streams,
            price_hint=price_hint(market),
            user_words=len(state),
            equity_rows=equity_rows(market),
            log_rows=log_rows(self.settings, targets=isinstance(strategy, TargetStrategy)),
        )
        user = int(self.world[L.O_USER])
        self.world[user : user + len(state)] = state
        self.scales = Scales(market.instruments)
        self._open_desk()
        self._inst_of: list[int] = market.instrument_of_stream()
        self._news = market.news
        self._step_now = direct(advance.advance)
        self.collector = Collector(self.world, market.instruments, self.settings)
        self._bar = Bar()
        self._events, self._bars = empty_events(), empty_bars()
        self._lazy_at = -1
        self._sent, self._lent = False, []
        self._started = self._broken = False
        self._set_wakes()
        self._answers = Answers(self.world, self.scales, strategy)

    # --- feeding ---------------------------------------------------------------------------

    def feed(
        self,
        events: Events | None = None,
        bars: Bars | None = None,
        *,
        until: int = L.FAR,
    ) -> None:
        """Run over a chunk of records, ordered by receive time and later than the last.

        Raises
        ------
        EngineError
            When the chunk goes back in time.
        """
        events = empty_events() if events is None else _writable(events)
        bars = empty_bars() if bars is None else _writable(bars)
        w = self.world
        first = min(
            int(events["ts"][0]) if events.size else L.FAR,
            int(bars[BarField.TS, 0]) if bars.shape[1] else L.FAR,
        )
        if first < w[L.H_NOW]:
            raise EngineError(
                "a chunk goes back in time",
                where=f"first record at {first} ns, the engine is at {int(w[L.H_NOW])} ns",
                mend="feed records in the order in which they were received",
            )
        if self._broken:
            raise EngineError(
                "this run was cut short by an error and cannot go on",
                mend="mend what the first error says, and run again",
            )
        self._events, self._bars = events, bars
        self._records = events.view(np.uint8).data
        self.collector.bars = bars
        w[L.H_EVENT] = w[L.H_BAR] = 0
        if not self._started:
            if first == L.FAR:
                return  # nothing has happened yet
            self._broken = True  # unless the chunk is done
            self._start()
        self._broken = True
        self._run(until)
        self._broken = False
        self.collector.drain()

    def _run(self, until: int) -> None:
        if isinstance(self.strategy, Strategy):
            if self._can_be_lazy(until):
                self._run_bars_lazily(self.strategy)
            else:
                self._run_python(self.strategy, until)
        elif isinstance(self.strategy, CompiledStrategy):
            self._run_compiled(self.strategy, until)
        else:
            self._run_targets(self.strategy, until)

    def finish(self) -> Outcome:
        """End the run: drain the logs and give the outcome.

        Raises
        ------
        EngineError
            When the run was cut short by an error.
        """
        if self._broken:
            raise EngineError(
                "this run was cut short by an error and has no outcome",
                mend="mend what the first error says, and run again",
            )
        if isinstance(self.strategy, Strategy) and self._started:
            self.strategy.on_stop()
            self._take_back(self.strategy)
        # Engine, strategy and bar point at one another; let the columns go at once.
        self._records = memoryview(b"")
        self._bar, self._bars, self._events = Bar(), empty_bars(), empty_events()
        return self.collector.outcome(fill_model_name(self.settings, on_bars=self._on_bars))

    def _start(self) -> None:
        """Set the clocks just before the first record, or at the open of the first bar."""
        w = self.world
        begins = L.FAR
        if self._events.size:
            begins = int(self._events["ts"][0]) - 1
        if self._bars.shape[1]:
            stream = int(self._bars[BarField.STREAM, 0])
            close, length = (
                int(self._bars[BarField.TS, 0]),
                bar_interval_ns(self.streams[stream].feed),
            )
            begins = min(begins, close - max(length, 1))
        w[L.H_NOW] = w[L.H_VENUE_NOW] = begins
        on_events = not any(s.feed.startswith("bars") for s in self.streams)
        if on_events and self.settings.equity_every_ns:
            w[L.H_EQ_NEXT] = begins + 1 + self.settings.equity_every_ns
        if self.settings.account.spot_margin:
            w[L.H_INTEREST_NEXT] = begins + 1 + NS_PER_HOUR
        self._started = True
        if isinstance(self.strategy, CompiledStrategy) and self.strategy.timer_ns:
            self.set_timer(self.strategy.timer_ns)
        if isinstance(self.strategy, Strategy):
            self.strategy._engine = self
            self._lend(self.strategy)
            self.strategy.on_start()

    def _set_wakes(self) -> None:
        mask = 0
        if isinstance(self.strategy, CompiledStrategy):
            for name in self.strategy.wakes:
                mask |= sum(1 << bit for bit in _WAKES[name])
        elif isinstance(self.strategy, Strategy):
            for hook, bits in _HOOKS.items():
                if getattr(type(self.strategy), hook) is not getattr(Strategy, hook):
                    for bit in bits:
                        mask |= 1 << bit
        self.world[L.H_WAKE_MASK] = mask

    # --- the three forms ---------------------------------------------------------------------

    def _run_targets(self, strategy: TargetStrategy, until: int) -> None:
        targets = self._targets(strategy)
        while self._step(targets, until) == L.WAKE_DRAIN:
            self.collector.drain()

    def _targets(self, strategy: TargetStrategy) -> npt.NDArray[np.int64]:
        """Call the rule per instrument and turn quantities into lots."""
        bars = self._bars
        if len(self.instruments) == 1:
            return self._wanted_lots(strategy, bars, 0)
        out = np.full(bars.shape[1], L.HOLD, dtype=np.int64)
        inst_of = self.world[int(self.world[L.O_STREAM]) :][: len(self.streams)]
        inst = inst_of[bars[BarField.STREAM]]
        for n in range(len(self.instruments)):
            pick = np.flatnonzero(inst == n)
            out[pick] = self._wanted_lots(strategy, bars[:, pick], n)
        return out

    def _wanted_lots(self, strategy: TargetStrategy, bars: Bars, n: int) -> npt.NDArray[np.int64]:
        """Targets of one instrument in lots; raises ``EngineError`` when they make no sense."""
        wanted = np.asarray(strategy.rule(Columns(bars, self.instruments[n])), dtype=np.float64)
        if wanted.shape != bars.shape[1:]:
            raise EngineError(
                f"the rule gave {wanted.shape} targets for {bars.shape[1:]} bars",
                mend="return one target per bar; NaN leaves the position alone",
            )
        # The kernel is compiled for writable, contiguous columns.
        lots, absurd = self._expand.lots_of.now(
            np.require(wanted, requirements=("C", "W")), self.scales.lot[n]
        )
        if absurd:
            raise EngineError(
                f"the rule gave a target for {self.scales.names[n]} that is no quantity",
                mend="look for divisions by zero; NaN leaves the position alone",
            )
        column: npt.NDArray[np.int64] = lots
        return column

    def _run_compiled(self, strategy: CompiledStrategy, until: int) -> None:
        from seawall.engine.kernel.compiled import advance_with

        while True:
            reason = advance_with(
                self.world, self._events, self._bars, _NO_TARGETS, until, strategy.function
            )
            if reason != L.WAKE_DRAIN:
                return
            self.collector.drain()

    def _run_python(self, strategy: Strategy, until: int) -> None:
        if self._bars.shape[1]:
            self._load_bar_columns()
        bar, on_bar, on_timer = self._bar, strategy.on_bar, strategy.on_timer
        step, w, cells = self._step_now, self.world, self._cells
        events, bars = self._events, self._bars
        while True:
            reason = step(w, events, bars, _NO_TARGETS, until)
            if reason == L.WAKE_TIMER:
                on_timer(cells[L.H_WAKE_ARG])
            elif reason == L.WAKE_BAR:
                bar.i = cells[L.H_WAKE_ARG]
                on_bar(bar)
            elif not self._serve(reason, strategy):
                return

    def _serve(self, reason: int, strategy: Strategy) -> bool:
        """Call the hook of a wake; False at the end of the chunk."""
        if reason == L.WAKE_NOTE:
            self._answers.tell(strategy, self._cells[L.H_WAKE_ARG])
        elif reason == L.WAKE_TIMER:
            strategy.on_timer(self._cells[L.H_WAKE_ARG])
        elif reason == L.WAKE_EVENT:
            self._market_hook(strategy, self._cells[L.H_WAKE_ARG])
        elif reason == L.WAKE_DRAIN:
            self.collector.drain()
        else:
            return reason not in (L.WAKE_END, L.WAKE_UNTIL)
        return True

    def _step(self, targets: npt.NDArray[np.int64], until: int) -> int:
        reason: int = self._step_now(self.world, self._events, self._bars, targets, until)
        return reason

    # --- bars, without a kernel call where nothing can happen -----------------------------------

    def _can_be_lazy(self, until: int) -> bool:
        return (
            len(self.instruments) == 1
            and self._events.size == 0
            and self._bars.shape[1] > 0
            and until == L.FAR
            and bool(self.world[L.H_WAKE_MASK] >> L.WAKE_BIT_BAR & 1)
        )

    def _run_bars_lazily(self, strategy: Strategy) -> None:
        """Call ``on_bar`` straight from the columns; wake the kernel when it has work.

        While no order is open and no position can be liquidated, the strategy alone can
        make something happen, so the kernel catches up when it does.
        """
        self._load_bar_columns()
        w = self.world
        mask = int(w[L.H_WAKE_MASK])
        w[L.H_WAKE_MASK] = mask & ~(1 << L.WAKE_BIT_BAR)
        bar, on_bar, ts = self._bar, strategy.on_bar, self._bar._ts
        is_quiet = self._advance.is_quiet.now
        busy = not is_quiet(w)
        self._sent = False
        try:
            for i in range(len(ts)):
                if busy:
                    self._catch_up(strategy, ts[i])
                    busy = not is_quiet(w)
                self._lazy_at = bar.i = i
                on_bar(bar)
                if self._sent:
                    self._sent = False
                    busy = True
            self._catch_up(strategy, L.FAR)
        finally:
            self._lazy_at = -1
            w[L.H_WAKE_MASK] = mask

    def _catch_up(self, strategy: Strategy, until: int) -> None:
        while self._serve(self._step(_NO_TARGETS, until), strategy):
            pass

    def _sync(self) -> None:
        """Bring the kernel to the bar that the strategy sees."""
        if self._lazy_at >= 0 and self.world[L.H_BAR] <= self._lazy_at:
            assert isinstance(self.strategy, Strategy)
            self._catch_up(self.strategy, self._bar._ts[self._lazy_at])

    def _load_bar_columns(self) -> None:
        """Point the bar at the columns of the chunk; each becomes numbers when it is read."""
        bars, bar = self._bars, self._bar
        bar.i = 0
        bar._ts = bars[BarField.TS].tolist()
        inst = None
        bar._symbol = Always(self.scales.names[0])
        if len(self.instruments) > 1:
            inst_of = self.world[int(self.world[L.O_STREAM]) :][: len(self.streams)]
            inst = inst_of[bars[BarField.STREAM]]
            bar._symbol = [self.scales.names[k] for k in inst.tolist()]
        for name in ("open", "high", "low", "close", "volume"):
            setattr(bar, f"_{name}", LazyColumn(bar, name, bars, self.instruments, inst))

    # --- hooks that carry something ------------------------------------------------------------

    def _market_hook(self, strategy: Strategy, row: int) -> None:
        ts, qty, px, _, stream, kind, flags, _ = _RECORD.unpack_from(
            self._records, row * _RECORD.size
        )
        if kind in _INFORMATION:
            self._information_hook(strategy, ts, stream, kind, px, qty)
            return
        n = self._inst_of[stream]
        symbol = self.scales.names[n]
        if kind == _TRADE:
            price, quantity = self.scales.price(n, px), self.scales.quantity(n, qty)
            strategy.on_trade(Tick(ts, symbol, price, quantity, flags & 1 != 0))
        else:
            strategy.on_book(symbol)

    def _information_hook(
        self, strategy: Strategy, ts: int, stream: int, kind: int, px: int, qty: int
    ) -> None:
        """Metrics and news: what is known of the world beside prices."""
        source = self.streams[stream]
        if kind == _METRIC:
            name = source.columns[px] if px < len(source.columns) else str(px)
            strategy.on_metric(Metric(ts, source.venue, source.symbol, name, bits_float(qty)))
        else:
            fields = self._news[stream][qty]
            strategy.on_news(News(ts, source.venue, source.symbol, fields))


def _writable(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The kernel is compiled for writable, contiguous arrays; others are copied."""
    if array.flags.writeable and array.flags.c_contiguous:
        return array
    return np.array(array, order="C")

# SPDX-License-Identifier: MIT
"""Matching on bars: the open, the path through the extremes, caps and slippage."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from seawall.engine.outcome import Outcome
from seawall.engine.run import Engine
from seawall.engine.strategy import Bar, FillNote, Strategy
from seawall.model.events import EventKind, Stream, empty_bars
from seawall.model.instrument import Instrument, InstrumentKind
from seawall.model.market import Market
from seawall.model.order import OrderState, RejectReason, Side, TimeInForce

from .stage import MS, T0, coin, event, records, with_fills

MINUTE = 60_000 * MS
S, R = OrderState, RejectReason
FREE = with_fills(volume_cap=Decimal(0))

Ohlc = tuple[int, int, int, int]


def bars_of(*rows: Ohlc, volume: int = 1_000, stream: int = 0, first: int = 1) -> np.ndarray:
    """One-minute bars from (open, high, low, close)."""
    bars = empty_bars(len(rows))
    for k, row in enumerate(rows):
        bars[0, k] = T0 + (first + k) * MINUTE
        bars[1:5, k] = row
        bars[5, k] = volume
        bars[6, k] = stream
    return bars


class Script(Strategy):
    """Calls one function per bar, by number; remembers the fills."""

    def __init__(self, *acts: Any) -> None:
        self.acts, self.seen = acts, 0
        self.fills: list[FillNote] = []

    def on_bar(self, bar: Bar) -> None:
        if self.seen < len(self.acts) and self.acts[self.seen]:
            self.acts[self.seen](self)
        self.seen += 1

    def on_fill(self, fill: FillNote) -> None:
        self.fills.append(fill)


def run(
    rows: list[Ohlc], *acts: Any, settings: Any = FREE, volume: int = 1_000,
    kind: InstrumentKind = InstrumentKind.LINEAR, events: Any = None, **terms: Any,
) -> Outcome:  # fmt: skip
    """Run a script over one-minute bars of one instrument."""
    instrument = coin(kind, **terms)
    feeds = ("bars_1m",) if events is None else ("bars_1m", "status")
    market = Market((instrument,), tuple(Stream("sim", instrument.symbol, f) for f in feeds))
    engine = Engine(market, Script(*acts), settings)
    engine.feed(events, bars_of(*rows, volume=volume))
    return engine.finish()


def prices(outcome: Outcome) -> list[tuple[int, int, int]]:
    """(side, lots, price) of every fill."""
    return [(int(f["side"]), int(f["qty"]), int(f["px"])) for f in outcome.fills]


FLAT = (100, 100, 100, 100)


def test_a_market_order_is_filled_at_the_next_open_and_stamped_there() -> None:
    out = run([FLAT, (103, 110, 95, 107)], lambda s: s.buy(2))
    assert prices(out) == [(1, 2, 103)]
    assert out.fills["ts"][0] == T0 + MINUTE


def test_slippage_worsens_market_orders_and_rounds_against_us() -> None:
    slip = with_fills(FREE, slippage=Decimal("0.0101"))
    out = run([FLAT, (100, 100, 100, 100)] * 2, lambda s: s.buy(2), None, lambda s: s.sell(2),
              settings=slip)  # fmt: skip
    assert prices(out) == [(1, 2, 102), (-1, 2, 98)]


def test_the_total_of_slippage_is_quantity_times_the_way_from_the_price_at_sending() -> None:
    """From 100 at sending to 200 at the fill: 2 lots cost 200 more, not 400."""
    out = run([FLAT, (200, 200, 200, 200)], lambda s: s.buy(2))
    fill = out.fills[0]
    notional = float(fill["qty"] * fill["px"])
    assert out.totals.turnover > 0.0
    assert out.totals.slippage / out.totals.turnover == pytest.approx(200.0 / notional)


def test_a_limit_is_filled_at_its_price_only_when_the_bar_trades_through() -> None:
    touched = [FLAT, (100, 101, 95, 100), (100, 101, 94, 100)]
    out = run(touched, lambda s: s.buy(1, price=95))
    assert prices(out) == [(1, 1, 95)]
    assert out.fills["ts"][0] >= T0 + 2 * MINUTE


def test_a_touch_fills_when_the_settings_say_so() -> None:
    touch = with_fills(FREE, bar_touch=True)
    assert prices(run([FLAT, (100, 101, 95, 100)], lambda s: s.buy(1, price=95), settings=touch))
    opened_there = [FLAT, (100, 101, 99, 100), (95, 99, 95, 98)]
    assert prices(run(opened_there, lambda s: s.buy(1, price=95), settings=touch)) == [(1, 1, 95)]


def test_a_limit_that_the_open_has_passed_takes_the_open_when_new_and_its_price_when_old() -> None:
    new = run([FLAT, (90, 92, 88, 91)], lambda s: s.buy(1, price=95))
    assert prices(new) == [(1, 1, 90)]
    old = run([FLAT, (100, 101, 96, 100), (90, 92, 88, 91)], lambda s: s.buy(1, price=95))
    assert prices(old) == [(1, 1, 95)], "a resting order is filled at its own price"


def test_a_stop_that_the_open_has_jumped_over_is_filled_at_the_open() -> None:
    out = run([FLAT, FLAT, (90, 92, 88, 91)], lambda s: s.buy(1), lambda s: s.sell(1, stop=95))
    assert prices(out) == [(1, 1, 100), (-1, 1, 90)]


def test_a_stop_inside_the_bar_is_filled_at_its_trigger() -> None:
    out = run([FLAT, FLAT, (100, 102, 88, 91)], lambda s: s.buy(1), lambda s: s.sell(1, stop=95))
    assert prices(out) == [(1, 1, 100), (-1, 1, 95)]


@pytest.mark.parametrize(
    ("path", "bar", "exit_price"),
    [
        ("nearest", (100, 110, 85, 100), 108),  # 10 up is nearer than 15 down
        ("nearest", (100, 115, 90, 100), 92),
        ("adverse", (100, 110, 85, 100), 92),
        ("favourable", (100, 115, 90, 100), 108),
    ],
)
def test_the_path_decides_whether_stop_or_profit_comes_first(
    path: str, bar: Ohlc, exit_price: int
) -> None:
    def protect(s: Script) -> None:
        s.sell(1, stop=92, reduce_only=True, group=5)
        s.sell(1, price=108, reduce_only=True, group=5)

    out = run([FLAT, FLAT, bar], lambda s: s.buy(1), protect,
              settings=with_fills(FREE, bar_path=path))  # fmt: skip
    assert prices(out) == [(1, 1, 100), (-1, 1, exit_price)]
    assert sorted(out.orders["state"]) == [S.FILLED, S.FILLED, S.CANCELLED]


def test_a_bracket_can_open_and_close_within_one_bar() -> None:
    def bracket(s: Script) -> None:
        s.bracket(Side.BUY, 1, price=95, stop=90, take_profit=105)

    out = run([FLAT, (100, 101, 92, 107), FLAT], bracket)
    # Nearest extreme first: 101, then down through 95 to 92, then up through 105 to 107.
    assert prices(out) == [(1, 1, 95), (-1, 1, 105)]


def test_a_child_that_became_live_late_still_meets_the_open_of_every_bar() -> None:
    def first(s: Script) -> None:
        s.bracket(Side.BUY, 1, price=95, stop=90, take_profit=120)
        s.buy(1, price=50)  # a later number that is live before the children are

    out = run([FLAT, (100, 101, 94, 96), (80, 82, 78, 81)], first)
    assert prices(out) == [(1, 1, 95), (-1, 1, 80)]


def test_a_stop_limit_triggers_and_fills_within_its_limit() -> None:
    out = run([FLAT, (100, 110, 99, 105)], lambda s: s.buy(1, stop=104, price=106))
    assert prices(out) == [(1, 1, 104)]


def test_a_trailing_stop_follows_the_high_of_the_bar() -> None:
    out = run(
        [FLAT, (100, 120, 100, 118), (118, 119, 105, 106)],
        lambda s: (s.buy(1), s.sell(1, trail=10)),
    )
    # 120 puts the trigger at 110; nearest first: up to 119, then down through 110.
    assert prices(out) == [(1, 1, 100), (-1, 1, 110)]


def test_the_volume_cap_carries_the_remainder_over_to_later_bars() -> None:
    capped = with_fills(FREE, volume_cap=Decimal("0.1"))
    rows = [FLAT, FLAT, (101, 101, 101, 101), (102, 102, 102, 102), FLAT]
    out = run(rows, lambda s: s.buy(25), settings=capped, volume=100)
    assert prices(out) == [(1, 10, 100), (1, 10, 101), (1, 5, 102)]


def test_the_volume_cap_is_shared_by_all_orders_of_a_bar() -> None:
    capped = with_fills(FREE, volume_cap=Decimal("0.1"))
    out = run([FLAT, FLAT], lambda s: (s.buy(7), s.buy(7)), settings=capped, volume=100)
    assert prices(out) == [(1, 7, 100), (1, 3, 100)]


def test_immediate_orders_on_bars_end_with_the_first_bar() -> None:
    def three(s: Script) -> None:
        s.buy(5, price=90, tif=TimeInForce.IOC)
        s.buy(5, price=90, tif=TimeInForce.FOK)
        s.buy(5, price=110, tif=TimeInForce.FOK)
        s.buy(5, price=110, post_only=True)

    out = run([FLAT, FLAT, FLAT], three)
    assert list(out.orders["state"]) == [S.CANCELLED, S.CANCELLED, S.FILLED, S.REJECTED]


def test_a_spot_order_is_cut_to_what_the_balance_pays_at_the_open() -> None:
    out = run([FLAT, (200, 200, 200, 200)], lambda s: s.buy(9_000), kind=InstrumentKind.SPOT)
    assert prices(out) == [(1, 5_000, 200)]
    assert out.orders["reason"][0] == R.INSUFFICIENT_MARGIN


def test_reduce_only_orders_that_meet_the_same_open_close_the_position_once() -> None:
    def twice(s: Script) -> None:
        s.sell(4, price=90, reduce_only=True)
        s.sell(4, price=90, reduce_only=True)

    out = run([FLAT, FLAT, FLAT, FLAT], lambda s: s.buy(4), twice)
    assert prices(out) == [(1, 4, 100), (-1, 4, 100)]


def test_an_order_sent_inside_a_bar_waits_for_the_next_open() -> None:
    class Late(Script):
        def on_start(self) -> None:
            self.every("90s")

        def on_timer(self, ts: int) -> None:
            if not self.fills and not self.open_orders():
                self.buy(1)

    market = Market((coin(),), (Stream("sim", "BTC/USDT:USDT", "bars_1m"),))
    engine = Engine(market, Late(), FREE)
    rows = [(100 + k, 100 + k, 100 + k, 100 + k) for k in range(6)]
    engine.feed(None, bars_of(*rows))
    out = engine.finish()
    sent = int(out.orders["sent_ts"][0])
    assert sent % MINUTE != T0 % MINUTE, "the timer rang inside a bar"
    bar = (sent - T0) // MINUTE + 1  # the first bar that opened after it
    assert prices(out) == [(1, 1, 100 + bar)]
    assert out.fills["ts"][0] >= sent


def test_a_gap_through_the_liquidation_price_closes_at_the_open() -> None:
    poor = replace(FREE, account=replace(FREE.account, deposits=(("USDT", Decimal(100)),)))
    out = run([FLAT, FLAT, (60, 61, 59, 60)], lambda s: s.buy(10), settings=poor)
    assert prices(out) == [(1, 10, 100), (-1, 10, 60)]
    assert out.fills["liquidation"][-1] == 1


def test_a_liquidation_inside_a_bar_happens_at_the_first_tick_under_water() -> None:
    # 100 deposited, 10 lots at 100: equity 100 + 10 (p - 100) <= 0.005 * 10 p
    # <=> 9.95 p <= 900 <=> p <= 90.45: the first whole tick under water is 90.
    poor = replace(FREE, account=replace(FREE.account, deposits=(("USDT", Decimal(100)),)))
    out = run([FLAT, FLAT, (100, 101, 80, 85)], lambda s: s.buy(10), settings=poor)
    assert prices(out) == [(1, 10, 100), (-1, 10, 90)]


def two_coins(*first: Ohlc) -> tuple[Market, np.ndarray]:
    """Two instruments on bars: the first dies after its rows, the second goes on."""
    a = coin(symbol="DEAD/USDT:USDT")
    b = coin(symbol="LIVE/USDT:USDT")
    both: tuple[Instrument, ...] = (a, b)
    streams = [Stream("sim", i.symbol, "bars_1m") for i in both]
    market = Market(both, (*streams, Stream("sim", a.symbol, "status")))
    one = bars_of(*first)
    two = bars_of(*[FLAT] * 6, stream=1)
    merged = np.concatenate([one, two], axis=1)
    return market, np.ascontiguousarray(merged[:, np.argsort(merged[0], kind="stable")])


class Holder(Strategy):
    """Buys the coin that dies."""

    def on_start(self) -> None:
        self.done = False

    def on_bar(self, bar: Bar) -> None:
        if bar.symbol.startswith("DEAD") and not self.done:
            self.done = True
            self.buy(3, symbol=bar.symbol)
            self.buy(3, symbol=bar.symbol, price=10)


def test_a_coin_without_further_bars_keeps_its_last_price() -> None:
    market, bars = two_coins(FLAT, FLAT, (100, 100, 90, 90))
    engine = Engine(market, Holder(), FREE)
    engine.feed(None, bars)
    out = engine.finish()
    assert prices(out) == [(1, 3, 100)]
    assert out.equity["equity"][-1] == pytest.approx(1_000_000 - 30)


def test_an_order_for_a_coin_that_is_dead_is_never_filled() -> None:
    class Late(Strategy):
        def on_bar(self, bar: Bar) -> None:
            if bar.symbol.startswith("LIVE") and not self.open_orders():
                self.buy(1, symbol="DEAD/USDT:USDT")

    market, bars = two_coins()
    engine = Engine(market, Late(), FREE)
    engine.feed(None, bars)
    assert not engine.finish().fills.size


def test_a_delisting_closes_the_position_at_the_last_price_and_ends_all_orders() -> None:
    market, bars = two_coins(FLAT, FLAT, (100, 100, 90, 90))
    end = event(0, EventKind.STATUS, 9, stream=2)
    end["ts"] = T0 + 3 * MINUTE
    engine = Engine(market, Holder(), FREE)
    engine.feed(records([end]), bars)
    assert not engine.open_orders(None)
    out = engine.finish()
    assert prices(out) == [(1, 3, 100), (-1, 3, 90)]
    assert sorted(out.orders["state"]) == [S.FILLED, S.FILLED, S.CANCELLED]


def test_a_delisting_without_a_position_ends_the_orders_and_refuses_new_ones() -> None:
    market, bars = two_coins(FLAT, FLAT)

    class Buyer(Strategy):
        def on_bar(self, bar: Bar) -> None:
            self.buy(1, symbol="DEAD/USDT:USDT", price=10)

    end = event(0, EventKind.STATUS, 9, stream=2)
    end["ts"] = T0 + 2 * MINUTE
    engine = Engine(market, Buyer(), FREE)
    engine.feed(records([end]), bars)
    states = {int(o["reason"]) for o in engine.finish().orders if o["state"] == S.REJECTED}
    assert states == {R.BOOK_NOT_GOOD}


def test_funding_at_the_close_of_a_bar_is_paid_on_what_the_bar_has_filled() -> None:
    stamp = event(0, EventKind.FUNDING, 0, 1_000_000, stream=1)  # a tenth of a percent
    stamp["ts"] = T0 + 2 * MINUTE
    out = run([FLAT, (100, 100, 100, 200), FLAT], lambda s: s.buy(10), events=records([stamp]))
    assert out.totals.funding == pytest.approx(-10 * 200 * 0.001)

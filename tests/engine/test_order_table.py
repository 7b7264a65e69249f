# SPDX-License-Identifier: MIT
"""The order table walked through the engine: what can happen does, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.engine import layout as L
from seawall.model.errors import OrderError
from seawall.model.events import BookState, EventKind
from seawall.model.order import (
    TRANSITIONS,
    OrderEvent,
    OrderState,
    RejectReason,
    Side,
    TimeInForce,
)

from .stage import (
    MS,
    PLAIN,
    T0,
    Stage,
    coin,
    delta,
    event,
    snapshot,
    trade,
    with_account,
    with_fills,
    with_latency,
)

BUY = Side.BUY
S, E, R = OrderState, OrderEvent, RejectReason
BOOK = ({99: 10, 98: 20}, {101: 5, 102: 10})

NOT_SIMULATED = {
    # The simulated venue always answers, so UNKNOWN is for real venues alone.
    *(pair for pair in TRANSITIONS if pair[1] is E.LOSE or pair[0] is S.UNKNOWN),
    # Fills and cancels follow an acceptance; the engine never skips it.
    (S.PENDING, E.FILL_PART),
    (S.PENDING, E.FILL_ALL),
}


def tick(ms: float) -> np.void:
    return delta(ms, BUY, 50, int(ms) + 1)


def _accept(stage: Stage) -> None:
    stage.buy(5, price=98)


def _refuse(stage: Stage) -> None:
    stage.sell(1, reduce_only=True)


def _cancel_child(stage: Stage) -> None:
    parent = stage.buy(5, price=98)
    child = stage.sell(5, stop=90, parent=parent)
    stage.play(tick(1))
    stage.engine.cancel(child)


def _expire_on_the_way(stage: Stage) -> None:
    stage.buy(5, price=98, expire_ns=T0)


def _part(stage: Stage) -> None:
    stage.buy(5, price=100)
    stage.play(tick(1), trade(2, 100, 2, buys=False))


def _all(stage: Stage) -> None:
    stage.buy(5, price=100)
    stage.play(tick(1), trade(2, 100, 5, buys=False))


def _cancel(stage: Stage) -> None:
    order = stage.buy(5, price=98)
    stage.play(tick(1))
    stage.engine.cancel(order)


def _expire(stage: Stage) -> None:
    stage.buy(5, price=98, expire_ns=T0 + 2 * MS)
    stage.play(tick(1))


def _amend(stage: Stage) -> None:
    order = stage.buy(5, price=98)
    stage.play(tick(1))
    stage.engine.amend(order, 97.0, 0.0)


def _refuse_later(stage: Stage) -> None:
    order = stage.buy(5, price=98, post_only=True)
    stage.play(tick(1))
    stage.engine.amend(order, 101.0, 0.0)


def _part_part(stage: Stage) -> None:
    _part(stage)
    stage.play(trade(3, 100, 2, buys=False))


def _part_all(stage: Stage) -> None:
    _part(stage)
    stage.play(trade(3, 100, 3, buys=False))


def _part_cancel(stage: Stage) -> None:
    _part(stage)
    stage.engine.cancel(stage.engine.open_orders(None)[0])


def _part_expire(stage: Stage) -> None:
    stage.buy(5, price=100, expire_ns=T0 + 3 * MS)
    stage.play(tick(1), trade(2, 100, 2, buys=False))


def _part_amend(stage: Stage) -> None:
    _part(stage)
    stage.engine.amend(stage.engine.open_orders(None)[0], 0.0, 4.0)


WALKS: dict[tuple[OrderState, OrderEvent], Callable[[Stage], None]] = {
    (S.PENDING, E.ACCEPT): _accept,
    (S.PENDING, E.REJECT): _refuse,
    (S.PENDING, E.CANCEL): _cancel_child,
    (S.PENDING, E.EXPIRE): _expire_on_the_way,
    (S.WORKING, E.FILL_PART): _part,
    (S.WORKING, E.FILL_ALL): _all,
    (S.WORKING, E.CANCEL): _cancel,
    (S.WORKING, E.EXPIRE): _expire,
    (S.WORKING, E.AMEND): _amend,
    (S.WORKING, E.REJECT): _refuse_later,
    (S.PARTIAL, E.FILL_PART): _part_part,
    (S.PARTIAL, E.FILL_ALL): _part_all,
    (S.PARTIAL, E.CANCEL): _part_cancel,
    (S.PARTIAL, E.EXPIRE): _part_expire,
    (S.PARTIAL, E.AMEND): _part_amend,
}


def test_every_move_of_the_table_is_walked_or_named_as_not_simulated() -> None:
    assert set(WALKS) | NOT_SIMULATED == set(TRANSITIONS)
    assert not set(WALKS) & NOT_SIMULATED


@pytest.mark.parametrize("pair", WALKS, ids=lambda p: f"{p[0].name}-{p[1].name}")
def test_a_move_of_the_table_leads_to_the_state_it_names(
    pair: tuple[OrderState, OrderEvent],
) -> None:
    stage = Stage().play(snapshot(0, *BOOK))
    WALKS[pair](stage)
    stage.play(tick(5), tick(6))
    states = {o.state for o in stage.ended().values()}
    assert TRANSITIONS[pair] in states
    told = {note.state for note in stage.listener.notes}
    assert TRANSITIONS[pair] in told or stage.listener.fills
    assert stage.engine.world[L.H_FAULTS] == 0


ACTIONS = st.tuples(
    st.sampled_from(["buy", "sell", "cancel", "amend", "trade", "delta", "snapshot", "gap"]),
    st.integers(95, 105),
    st.integers(1, 12),
    st.sampled_from(["market", "limit", "stop", "stop_limit", "take_profit", "trail"]),
    st.sampled_from(list(TimeInForce)),
    st.booleans(),
    st.booleans(),
    st.integers(0, 2),
)


def _act(stage: Stage, ms: int, action: tuple, handles: list[int]) -> None:  # type: ignore[type-arg]
    what, px, qty, kind, tif, flag, reduce, group = action
    if what in ("buy", "sell"):
        terms: dict[str, object] = {"tif": tif, "reduce_only": reduce, "group": group}
        if tif is TimeInForce.GTD:
            terms["expire_ns"] = T0 + (ms + qty) * MS
        if kind in ("limit", "stop_limit"):
            terms |= {"price": px, "post_only": flag}
        if kind in ("stop", "stop_limit"):
            terms["stop"] = px
        if kind in ("take_profit", "trail"):
            terms[kind] = px if kind == "take_profit" else qty
        if handles and px == 100:
            terms["parent"] = handles[-1]
        handles.append(getattr(stage, what)(qty, **terms))
    elif what == "cancel" and handles:
        stage.engine.cancel(handles[qty % len(handles)])
    elif what == "amend" and handles:
        stage.engine.amend(handles[px % len(handles)], float(px) if flag else 0.0, float(qty))
    elif what == "trade":
        stage.play(trade(ms, px, qty, buys=flag))
    elif what == "delta":
        side = BUY if flag else Side.SELL
        stage.play(delta(ms, side, px if flag else px + 3, qty % 7))
    elif what == "snapshot":
        stage.play(snapshot(ms, {px - 1: qty}, {px + 1: qty}))
    elif what == "gap":
        stage.play(event(ms, EventKind.STATUS, int(BookState.GAPPED)))


def test_chance_never_leaves_the_table_and_never_loses_a_unit() -> None:
    from .stage import conserved

    @given(
        st.lists(ACTIONS, max_size=60),
        st.sampled_from(["cancel_newest", "cancel_oldest", "cancel_both"]),
        st.sampled_from([0, 2]),
    )
    def check(actions: list[tuple], mode: str, latency_ms: int) -> None:  # type: ignore[type-arg]
        settings = replace(with_latency(latency_ms, latency_ms), fills=PLAIN.fills)
        stage = Stage(settings=with_fills(settings, self_trade=mode))
        stage.play(snapshot(0, *BOOK))
        handles: list[int] = []
        for ms, action in enumerate(actions):
            _act(stage, ms + 1, action, handles)
            assert conserved(stage.ledger())
        stage.play(tick(len(actions) + 50))  # raises when the kernel counted a fault
        for order in stage.engine.open_orders(None):
            stage.engine.cancel(order)
        stage.play(tick(len(actions) + 100), tick(len(actions) + 200))
        assert not stage.engine.open_orders(None)
        for column, empty in ((L.I_PENDING, 0), (L.I_N_LIVE, 0), (L.I_STOPS, 0), (L.I_HEAD, -1)):
            assert stage.cell(column) == empty
        assert stage.cell(L.I_OWN_BID) == -L.FAR
        assert stage.cell(L.I_OWN_ASK) == L.FAR
        assert stage.engine.world[L.H_LIVE] == 0
        _check_outcome(stage, handles)

    check()


def _check_outcome(stage: Stage, handles: list[int]) -> None:
    out = stage.outcome()
    for row in out.orders:
        filled = int(out.fills["qty"][out.fills["order_id"] == row["id"]].sum())
        assert filled == row["filled"] <= row["qty"] or row["state"] == S.CANCELLED
        assert (row["state"] == S.FILLED) == (row["filled"] == row["qty"] > 0)
    assert sorted(out.orders["id"]) == list(range(1, len(out.orders) + 1))
    signed = int((out.fills["qty"] * out.fills["side"]).sum())
    assert signed == stage.position == stage.cell(L.I_POS_KNOWN)


# --- every reason to refuse -------------------------------------------------------------------


def refused(stage: Stage, number: int = 1) -> RejectReason:
    ended = stage.ended()[number]
    assert ended.state in (S.REJECTED, S.CANCELLED)
    assert ended.filled == 0
    return ended.reason


def test_an_order_below_the_lot_is_an_error_before_it_is_sent() -> None:
    stage = Stage(coin(lot="10")).play(snapshot(0, *BOOK))
    for quantity in (5.0, 15.0, 0.0, -10.0):
        with pytest.raises(OrderError, match="lot"):
            stage.buy(quantity)
    assert not stage.ended()


def test_an_order_off_the_tick_is_an_error_before_it_is_sent() -> None:
    stage = Stage(coin(tick="0.5")).play(snapshot(0, *BOOK))
    for terms in ({"price": 49.3}, {"stop": 51.1}, {"trail": 0.3}, {"price": -49.5}):
        with pytest.raises(OrderError, match="tick"):
            stage.buy(1, **terms)


def test_an_order_without_a_usable_price_is_refused_by_the_kernel_too() -> None:
    stage = Stage().play(snapshot(0, *BOOK))
    submit, w = stage.engine._actions.submit, stage.engine.world
    submit(w, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    submit(w, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    submit(w, 9, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    stage.play(tick(1))
    reasons = [stage.ended()[n].reason for n in (1, 2, 3)]
    assert reasons == [R.OFF_TICK, R.BELOW_LOT, R.UNKNOWN_INSTRUMENT]


def test_an_order_below_the_minimum_value_is_refused_with_or_without_trades() -> None:
    stage = Stage(coin(min_notional=Decimal(500))).play(snapshot(0, *BOOK))
    stage.buy(4)
    stage.buy(4, price=98)
    stage.play(tick(1))
    assert refused(stage, 1) is R.BELOW_NOTIONAL
    assert refused(stage, 2) is R.BELOW_NOTIONAL


def test_an_order_that_the_margin_cannot_carry_is_refused() -> None:
    poor = with_account(deposits=(("USDT", Decimal(100)),))
    stage = Stage(settings=poor).play(snapshot(0, *BOOK))
    stage.buy(21, price=98)  # 2,058 at a twentieth is 102.9
    stage.buy(20, price=98)
    stage.play(tick(1))
    assert refused(stage) is R.INSUFFICIENT_MARGIN
    assert stage.ended()[2].state is S.WORKING


def test_a_book_that_is_not_good_takes_only_orders_that_reduce() -> None:
    stage = Stage().play(snapshot(0, *BOOK))
    stage.buy(5)
    stage.play(tick(1), event(2, EventKind.STATUS, int(BookState.GAPPED)))
    stage.buy(1)
    stage.sell(6, price=110)
    stage.sell(5)
    stage.play(tick(3))
    assert refused(stage, 2) is R.BOOK_NOT_GOOD
    assert refused(stage, 3) is R.BOOK_NOT_GOOD
    assert stage.position == 0


def test_an_empty_book_gives_no_liquidity() -> None:
    stage = Stage().play(snapshot(0, {99: 1}, {}), trade(1, 100, 1, buys=True))
    stage.buy(1)
    stage.play(tick(2))
    assert refused(stage) is R.NO_LIQUIDITY


def test_orders_beyond_the_table_are_refused_and_logged() -> None:
    stage = Stage(settings=replace(PLAIN, orders_max=4)).play(snapshot(0, *BOOK))
    handles = [stage.buy(1, price=98) for _ in range(6)]
    stage.play(tick(1))
    assert [bool(h) for h in handles] == [True] * 4 + [False] * 2
    assert refused(stage, 5) is R.TOO_MANY_ORDERS
    assert stage.outcome().totals.rejects == 2


def test_an_order_whose_value_overflows_money_is_refused() -> None:
    stage = Stage().play(snapshot(0, *BOOK))
    stage.buy(2.0**53, price=98)
    stage.play(tick(1))
    assert refused(stage) is R.TOO_LARGE


def test_a_million_dollars_of_an_inverse_contract_are_not_too_large() -> None:
    from seawall.model.instrument import InstrumentKind

    inverse = coin(InstrumentKind.INVERSE, tick="0.5")
    rich = with_account(deposits=(("BTC", Decimal(10)),), report_currency="BTC")
    stage = Stage(inverse, settings=rich)
    stage.play(snapshot(0, {119_999: 10**7}, {120_001: 10**7}))
    stage.buy(1_000_000)
    stage.play(delta(1, BUY, 100, 1))
    assert stage.position == 1_000_000


def test_a_flood_of_refused_orders_loses_no_row_and_breaks_no_log() -> None:
    stage = Stage(coin(min_notional=Decimal(500))).play(snapshot(0, *BOOK))
    sent = 0
    for ms in range(1, 30):
        for _ in range(3_000):
            stage.buy(1, price=98)
            sent += 1
        stage.play(tick(ms))
    orders = stage.outcome().orders
    assert len(orders) == sent
    assert np.unique(orders["id"]).size == sent


def test_cancelling_again_and_again_while_the_first_is_on_its_way_does_no_harm() -> None:
    stage = Stage(settings=with_latency(1_000, 0)).play(snapshot(0, *BOOK))
    for _ in range(100):
        stage.buy(1, price=98)
    stage.play(tick(1_500))
    for ms in range(1_501, 1_701):
        stage.engine.cancel_all(None)
        stage.play(tick(ms))
    stage.play(tick(4_000))
    assert not stage.engine.open_orders(None)

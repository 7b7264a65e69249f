# SPDX-License-Identifier: MIT
"""The order table, tested whole against a drawing made independently of it."""

from __future__ import annotations

from itertools import product

import pytest

from seawall.model.errors import OrderError
from seawall.model.order import FINAL, TRANSITIONS, OrderEvent, OrderState, next_state

# Rows are states, columns events; a dot means that it cannot happen.
DRAWING = """
            ACCEPT   REJECT    FILL_PART FILL_ALL CANCEL     EXPIRE   AMEND    LOSE
PENDING     WORKING  REJECTED  PARTIAL   FILLED   CANCELLED  EXPIRED  .        UNKNOWN
WORKING     .        REJECTED  PARTIAL   FILLED   CANCELLED  EXPIRED  WORKING  UNKNOWN
PARTIAL     .        .         PARTIAL   FILLED   CANCELLED  EXPIRED  PARTIAL  UNKNOWN
FILLED      .        .         .         .        .          .        .        .
CANCELLED   .        .         .         .        .          .        .        .
REJECTED    .        .         .         .        .          .        .        .
EXPIRED     .        .         .         .        .          .        .        .
UNKNOWN     WORKING  REJECTED  PARTIAL   FILLED   CANCELLED  EXPIRED  .        .
"""


def drawn() -> dict[tuple[OrderState, OrderEvent], OrderState | None]:
    head, *rows = [line.split() for line in DRAWING.strip().splitlines()]
    return {
        (OrderState[name], OrderEvent[event]): None if cell == "." else OrderState[cell]
        for name, *cells in rows
        for event, cell in zip(head, cells, strict=True)
    }


def test_the_drawing_covers_every_state_and_event() -> None:
    assert set(drawn()) == set(product(OrderState, OrderEvent))


@pytest.mark.parametrize(("state", "event"), list(product(OrderState, OrderEvent)))
def test_an_order_moves_only_as_drawn(state: OrderState, event: OrderEvent) -> None:
    expected = drawn()[(state, event)]
    if expected is None:
        with pytest.raises(OrderError, match=f"{state.name} cannot {event.name}"):
            next_state(state, event)
    else:
        assert next_state(state, event) is expected


def test_nothing_leaves_a_final_state_and_every_other_state_can_end() -> None:
    assert not {state for state, _ in TRANSITIONS} & FINAL
    for state in set(OrderState) - FINAL:
        assert {to for (of, _), to in TRANSITIONS.items() if of is state} & FINAL


def test_every_state_is_reachable_from_pending() -> None:
    reached = {OrderState.PENDING}
    while True:
        further = reached | {to for (of, _), to in TRANSITIONS.items() if of in reached}
        if further == reached:
            break
        reached = further
    assert reached == set(OrderState)


def test_an_unknown_outcome_is_never_sent_again() -> None:
    assert OrderState.PENDING not in set(TRANSITIONS.values())

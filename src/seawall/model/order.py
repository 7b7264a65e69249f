# SPDX-License-Identifier: MIT
"""Orders and the table along which their state moves.

``TRANSITIONS`` is the specification: state x event -> state.  Whatever is not in
the table cannot happen; an unknown outcome at a venue is a state of its own, never
a reason to send the order again under a new id.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag

from seawall.model.errors import OrderError


class Side(IntEnum):
    """Side of an order; the value is the sign of the position change."""

    BUY = 1
    SELL = -1


class OrderType(IntEnum):
    """How an order waits and at which price it trades."""

    MARKET = 0
    LIMIT = 1
    STOP = 2  # market once the trigger is passed against the position
    STOP_LIMIT = 3
    TAKE_PROFIT = 4  # market once the trigger is reached in favour
    TRAILING = 5  # stop whose trigger follows the best price at a distance


class TimeInForce(IntEnum):
    """How long an order lives."""

    GTC = 0
    IOC = 1
    FOK = 2
    GTD = 3


class OrderFlag(IntFlag):
    """Restrictions on an order."""

    POST_ONLY = 1
    REDUCE_ONLY = 2


class OrderState(IntEnum):
    """Life of an order."""

    PENDING = 0  # sent, not yet at the venue
    WORKING = 1  # resting, or waiting for its trigger
    PARTIAL = 2
    FILLED = 3
    CANCELLED = 4
    REJECTED = 5
    EXPIRED = 6
    UNKNOWN = 7  # the venue did not answer; to be found out, never resent


class OrderEvent(IntEnum):
    """What can happen to an order."""

    ACCEPT = 0
    REJECT = 1
    FILL_PART = 2
    FILL_ALL = 3
    CANCEL = 4
    EXPIRE = 5
    AMEND = 6
    LOSE = 7  # no answer within the time allowed


_S, _E = OrderState, OrderEvent
TRANSITIONS: dict[tuple[OrderState, OrderEvent], OrderState] = {
    (_S.PENDING, _E.ACCEPT): _S.WORKING,
    (_S.PENDING, _E.REJECT): _S.REJECTED,
    (_S.PENDING, _E.FILL_PART): _S.PARTIAL,
    (_S.PENDING, _E.FILL_ALL): _S.FILLED,
    (_S.PENDING, _E.CANCEL): _S.CANCELLED,
    (_S.PENDING, _E.EXPIRE): _S.EXPIRED,
    (_S.PENDING, _E.LOSE): _S.UNKNOWN,
    (_S.WORKING, _E.FILL_PART): _S.PARTIAL,
    (_S.WORKING, _E.FILL_ALL): _S.FILLED,
    (_S.WORKING, _E.CANCEL): _S.CANCELLED,
    (_S.WORKING, _E.EXPIRE): _S.EXPIRED,
    (_S.WORKING, _E.AMEND): _S.WORKING,
    (_S.WORKING, _E.LOSE): _S.UNKNOWN,
    (_S.WORKING, _E.REJECT): _S.REJECTED,  # post-only found marketable when triggered
    (_S.PARTIAL, _E.FILL_PART): _S.PARTIAL,
    (_S.PARTIAL, _E.FILL_ALL): _S.FILLED,
    (_S.PARTIAL, _E.CANCEL): _S.CANCELLED,
    (_S.PARTIAL, _E.EXPIRE): _S.EXPIRED,
    (_S.PARTIAL, _E.AMEND): _S.PARTIAL,
    (_S.PARTIAL, _E.LOSE): _S.UNKNOWN,
    (_S.UNKNOWN, _E.ACCEPT): _S.WORKING,
    (_S.UNKNOWN, _E.REJECT): _S.REJECTED,
    (_S.UNKNOWN, _E.FILL_PART): _S.PARTIAL,
    (_S.UNKNOWN, _E.FILL_ALL): _S.FILLED,
    (_S.UNKNOWN, _E.CANCEL): _S.CANCELLED,
    (_S.UNKNOWN, _E.EXPIRE): _S.EXPIRED,
}
"""State and event to the next state; every pair that is absent is forbidden."""

FINAL = frozenset({_S.FILLED, _S.CANCELLED, _S.REJECTED, _S.EXPIRED})
"""States that nothing leaves."""


def next_state(state: OrderState, event: OrderEvent) -> OrderState:
    """Look the table up.

    Raises
    ------
    OrderError
        When the table has no such move.
    """
    try:
        return TRANSITIONS[(state, event)]
    except KeyError:
        raise OrderError(
            f"an order that is {state.name} cannot {event.name}",
            mend="see seawall.model.order.TRANSITIONS for what can happen",
        ) from None


class RejectReason(IntEnum):
    """Why an order was refused, by our own checks or by the simulated venue."""

    NONE = 0
    BELOW_LOT = 1
    BELOW_NOTIONAL = 2
    OFF_TICK = 3
    POST_ONLY_WOULD_TAKE = 4
    REDUCE_ONLY_WOULD_OPEN = 5
    INSUFFICIENT_MARGIN = 6
    FOK_NOT_FILLABLE = 7
    SELF_TRADE = 8
    BOOK_NOT_GOOD = 9
    UNKNOWN_INSTRUMENT = 10
    NO_LIQUIDITY = 11
    TOO_MANY_ORDERS = 12
    TOO_LARGE = 13  # value would overflow the money scale

# SPDX-License-Identifier: MIT
"""The order of depth messages: buffering, linking, gaps and recovery."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.data.venues import Count, Fault
from seawall.data.venues.binance import BinanceDecoder
from seawall.data.venues.binance import state as layout
from seawall.data.venues.binance.state import BookPhase
from seawall.model.events import BookState, EventFlag, EventKind, Events

from .decode_helpers import FEED, PlainBook, depth, snapshot

T = 1_700_000_000_000_000_000
BOOK = snapshot(100, [("10.0", "1"), ("9.9", "2")], [("10.1", "1")])


def decoder(*, cold_start: bool = False) -> BinanceDecoder:
    """Decoder of the one instrument."""
    return BinanceDecoder((FEED,), cold_start=cold_start)


def kinds(events: Events) -> list[EventKind]:
    """Kinds of the records."""
    return [EventKind(k) for k in events["kind"].tolist()]


def change(first: int, last: int, price: str = "10.0", qty: str = "5", **more: int) -> bytes:
    """Depth message that changes one bid."""
    return depth(first, last, [(price, qty)], [], **more)


def test_depth_waits_for_the_snapshot_and_follows_it_at_the_same_moment() -> None:
    one = decoder()
    assert one.decode(change(99, 100), T).size == 0
    assert one.decode(change(101, 102, qty="7"), T + 1_000).size == 0
    events = one.decode(BOOK, T + 5_000_000)
    assert kinds(events) == [EventKind.SNAPSHOT] * 3 + [EventKind.DELTA]
    assert events["ts"].tolist() == [T + 5_000_000] * 4
    assert events["flags"][0] == EventFlag.FIRST | EventFlag.BUY
    assert events["flags"][2] == EventFlag.LAST
    assert (events["qty"][3], events["seq"][3]) == (7_000, 102)
    # It was sent at T and is known to the book 5 ms later.
    assert events["lag_us"][3] == 5_000
    assert one.phase("btcusdt") is BookPhase.LIVE
    assert one.stats.counts[Count.BUFFERED] == 2


def test_a_spot_message_must_begin_right_after_the_last() -> None:
    one = decoder()
    one.decode(BOOK, T)
    assert kinds(one.decode(change(99, 103), T)) == [EventKind.DELTA]
    assert kinds(one.decode(change(104, 104), T)) == [EventKind.DELTA]
    assert one.decode(change(103, 104), T).size == 0  # older than the book
    events = one.decode(change(106, 107), T)
    assert kinds(events) == [EventKind.STATUS, EventKind.DELTA]
    assert events["px"][0] == BookState.GAPPED
    assert one.stats.faults == {Fault.SEQUENCE_GAP: 1}
    assert one.stats.accounted


def test_a_futures_message_must_name_the_last_one() -> None:
    one = decoder()
    one.decode(BOOK, T)
    assert kinds(one.decode(change(90, 120, prev=80), T)) == [EventKind.DELTA]
    assert kinds(one.decode(change(150, 160, prev=120), T)) == [EventKind.DELTA]
    assert kinds(one.decode(change(161, 170, prev=159), T)) == [EventKind.STATUS, EventKind.DELTA]
    assert one.phase("btcusdt") is BookPhase.GAPPED


def test_a_quiet_futures_symbol_links_by_the_id_before_although_the_ids_jump() -> None:
    one = decoder()
    one.decode(BOOK, T)
    # Ids are shared by all symbols: 101 to 499 belonged to others.
    assert kinds(one.decode(change(500, 510, prev=95), T)) == [EventKind.DELTA]


def test_a_first_message_beyond_the_snapshot_leaves_the_book_gapped() -> None:
    one = decoder()
    one.decode(BOOK, T)
    assert kinds(one.decode(change(105, 106), T)) == [EventKind.STATUS, EventKind.DELTA]


def test_a_snapshot_older_than_what_waits_is_refused_and_the_next_one_serves() -> None:
    one = decoder()
    one.decode(change(150, 151), T)
    assert one.decode(BOOK, T).size == 0
    assert one.stats.faults == {Fault.STALE_SNAPSHOT: 1}
    newer = snapshot(150, [("10.0", "1")], [("10.1", "1")])
    assert kinds(one.decode(newer, T)) == [EventKind.SNAPSHOT] * 2 + [EventKind.DELTA]


def test_after_a_gap_depth_is_passed_on_and_applied_again_over_the_new_snapshot() -> None:
    one = decoder()
    one.decode(BOOK, T)
    one.decode(change(110, 111, qty="3"), T)  # a gap
    later = one.decode(change(112, 113, price="9.8", qty="4"), T)
    assert kinds(later) == [EventKind.DELTA]
    events = one.decode(snapshot(111, [("10.0", "3")], [("10.1", "1")]), T + 1)
    assert kinds(events) == [EventKind.SNAPSHOT, EventKind.SNAPSHOT, EventKind.DELTA]
    assert (events["px"][2], events["qty"][2]) == (98, 4_000)
    assert one.phase("btcusdt") is BookPhase.LIVE


def test_a_snapshot_no_newer_than_a_live_book_changes_nothing() -> None:
    one = decoder()
    one.decode(BOOK, T)
    one.decode(change(101, 105), T)
    assert one.decode(snapshot(103, [("1.0", "1")], [("2.0", "1")]), T).size == 0
    assert one.stats.counts[Count.SUPERSEDED] == 1
    assert kinds(one.decode(change(106, 107), T)) == [EventKind.DELTA]


def test_an_empty_snapshot_is_refused() -> None:
    one = decoder()
    assert one.decode(snapshot(100, [], []), T).size == 0
    assert one.stats.faults == {Fault.EMPTY_SNAPSHOT: 1}


def test_a_cold_start_declares_the_book_gapped_before_its_first_change() -> None:
    one = decoder(cold_start=True)
    assert kinds(one.decode(change(5, 6), T)) == [EventKind.STATUS, EventKind.DELTA]
    assert kinds(one.decode(change(7, 8), T)) == [EventKind.DELTA]
    assert not one.stats.faults


def test_one_bad_level_refuses_the_whole_message_and_the_next_one_shows_the_gap() -> None:
    one = decoder()
    one.decode(BOOK, T)
    assert one.decode(depth(101, 102, [("10.0", "1"), ("9.95", "1")], []), T).size == 0
    assert kinds(one.decode(change(103, 104), T)) == [EventKind.STATUS, EventKind.DELTA]
    assert one.stats.faults == {Fault.OFF_TICK: 1, Fault.SEQUENCE_GAP: 1}


def test_a_lost_connection_leaves_every_live_book_gapped() -> None:
    one = decoder()
    assert one.disconnected(T).size == 0  # nothing was live yet
    one.decode(BOOK, T)
    events = one.disconnected(T + 7)
    assert kinds(events) == [EventKind.STATUS]
    assert (events["px"][0], events["ts"][0]) == (BookState.GAPPED, T + 7)
    one.decode(change(300, 301), T + 8)
    over = snapshot(300, [("10.0", "1")], [("10.1", "1")])
    assert kinds(one.decode(over, T + 9))[-1] is EventKind.DELTA


def test_more_waiting_depth_than_fits_keeps_the_newest_and_says_so() -> None:
    one = decoder()
    n = layout.PENDING_MESSAGES + 10
    for k in range(n):
        one.decode(change(200 + k, 200 + k), T + k)
    assert one.stats.faults == {Fault.BUFFER_FULL: 1}
    late = snapshot(200 + n - 3, [("10.0", "1")], [("10.1", "1")])
    assert kinds(one.decode(late, T + n)) == [EventKind.SNAPSHOT] * 2 + [EventKind.DELTA] * 2


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["send", "lose", "twice", "snapshot"]),
        st.booleans(), st.integers(1, 12), st.integers(0, 3),
    ),
    min_size=1, max_size=60,
)  # fmt: skip


@pytest.mark.parametrize("futures", [False, True])
@given(steps=STEPS)
def test_whenever_the_book_is_live_it_is_the_venues_book(
    futures: bool, steps: list[tuple[str, bool, int, int]]
) -> None:
    """A venue with lost, doubled and late messages; the truth is kept beside it."""
    one, ours, truth = decoder(), PlainBook(), ({}, {})
    last, before, late = 10, 10, 10
    truth_late: tuple[dict[int, int], dict[int, int]] = ({}, {})
    for n, (what, bid, px, qty) in enumerate(steps):
        if what == "snapshot":
            # A REST answer may be as old as one message.
            sides = truth_late if truth_late[0] or truth_late[1] else truth
            update_id = late if sides is truth_late else last
            levels = [
                [(f"{p / 10}", f"{q / 1000}") for p, q in side.items()]
                for side in (sides[1], sides[0])
            ]
            messages = [snapshot(update_id, *levels)]
        else:
            late, truth_late = last, (dict(truth[0]), dict(truth[1]))
            first, before, last = last + 1, last, last + 2
            level = [(f"{px / 10}", f"{qty / 1000}")]
            side = truth[1 if bid else 0]
            if qty:
                side[px] = qty
            else:
                side.pop(px, None)
            message = depth(
                first, last, level if bid else [], [] if bid else level,
                prev=before if futures else None,
            )  # fmt: skip
            messages = {"send": [message], "lose": [], "twice": [message, message]}[what]
        for message in messages:
            events = one.decode(message, T + n)
            rows = (events[c].tolist() for c in ("kind", "flags", "px", "qty"))
            for record in zip(*rows, strict=True):
                ours.apply(*record)
        if one.phase("btcusdt") is BookPhase.LIVE and what in {"send", "twice"}:
            assert ours.sides == truth
            assert not ours.gapped
    assert one.stats.accounted

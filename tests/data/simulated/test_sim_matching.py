# SPDX-License-Identifier: MIT
"""The venue of the simulated market: price-time priority, to the lot."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.data.simulated import layout as at

from .sim_helpers import MID, bare_venue, command, feed


def types(lines: np.ndarray) -> list[int]:
    return lines["type"].tolist()


def test_the_earlier_order_of_a_price_fills_first_and_keeps_what_is_left() -> None:
    w = bare_venue()
    lines = feed(
        w,
        command(1, -1, MID, 5, agent=2),
        command(2, -1, MID, 5, agent=3),
        command(3, 1, MID, 7, agent=4),
    )
    fills = lines[lines["type"] == at.EXEC]
    assert fills["agent"].tolist() == [2, 3]
    assert fills["qty"].tolist() == [5, 2]
    assert w.levels[0, MID - w.books[0]["base"]]["qty"] == 3


def test_a_better_price_comes_before_an_earlier_time() -> None:
    lines = feed(
        bare_venue(),
        command(1, -1, MID + 1, 5, agent=2),
        command(2, -1, MID, 5, agent=3),
        command(3, 1, MID + 1, 6, agent=4),
    )
    fills = lines[lines["type"] == at.EXEC]
    assert fills["px"].tolist() == [MID, MID + 1]


def test_a_cancel_of_an_unknown_id_is_refused_and_changes_nothing() -> None:
    w = bare_venue()
    first = feed(w, command(1, 1, MID, 5))
    again = feed(w, command(2, 0, 0, 0, id_=int(first["id"][0]) + (1 << at.SLOT_BITS)))
    assert types(again) == [at.REJECT]
    assert again["note"][0] == at.R_UNKNOWN
    assert w.books[0]["bid"] == MID


def test_nobody_cancels_the_order_of_another() -> None:
    w = bare_venue()
    first = feed(w, command(1, 1, MID, 5, agent=2))
    assert types(feed(w, command(2, 0, 0, 0, agent=3, id_=int(first["id"][0])))) == [at.REJECT]


def test_an_order_that_meets_its_owner_cancels_the_resting_one() -> None:
    w = bare_venue()
    lines = feed(w, command(1, -1, MID, 5, agent=2), command(2, 1, MID, 5, agent=2))
    assert types(lines) == [at.ADD, at.TAKE, at.CANCEL, at.REST]
    assert (w.books[0]["bid"], w.books[0]["ask"]) == (MID, w.books[0]["base"] + at.WINDOW)


@pytest.mark.parametrize(
    ("tif", "qty", "expected"),
    [
        (at.IOC, 7, [at.TAKE, at.EXEC, at.DROP]),
        (at.FOK, 7, [at.REJECT]),
        (at.FOK, 5, [at.TAKE, at.EXEC]),
        (at.POST, 1, [at.REJECT]),
        (at.MARKET, 9, [at.TAKE, at.EXEC, at.DROP]),
        (at.LIMIT, 7, [at.TAKE, at.EXEC, at.REST]),
    ],
)
def test_time_in_force_does_what_it_says(tif: int, qty: int, expected: list[int]) -> None:
    w = bare_venue()
    feed(w, command(1, -1, MID, 5, agent=2))
    assert types(feed(w, command(2, 1, MID, qty, agent=3, tif=tif))) == expected


def test_an_order_outside_the_price_band_is_refused() -> None:
    lines = feed(bare_venue(), command(1, 1, 1, 5))
    assert lines["note"].tolist() == [at.R_BAND]


class Oracle:
    """Price-time priority with dictionaries of queues, written without the kernel's tricks."""

    def __init__(self) -> None:
        self.queues: dict[int, dict[int, deque[list[int]]]] = {1: {}, -1: {}}
        self.fills: list[tuple[int, int, int, int]] = []

    def send(self, side: int, px: int, qty: int, agent: int) -> None:
        other = self.queues[-side]
        while qty and other:
            best = min(other) if side > 0 else max(other)
            if (best - px) * side > 0:
                break
            maker = other[best][0]
            if maker[0] == agent:
                other[best].popleft()
            else:
                fill = min(qty, maker[1])
                self.fills.append((best, fill, maker[0], agent))
                qty -= fill
                maker[1] -= fill
                if not maker[1]:
                    other[best].popleft()
            if not other[best]:
                del other[best]
        if qty:
            self.queues[side].setdefault(px, deque()).append([agent, qty])


ORDERS = st.lists(
    st.tuples(st.sampled_from([1, -1]), st.integers(-6, 6), st.integers(1, 9), st.integers(2, 5)),
    min_size=1,
    max_size=80,
)


@given(ORDERS)
@settings(max_examples=60)
def test_fills_equal_those_of_an_independent_book(orders: list[tuple[int, int, int, int]]) -> None:
    w, oracle = bare_venue(), Oracle()
    for side, px, qty, agent in orders:
        oracle.send(side, MID + px, qty, agent)
    rows = [command(n, s, MID + p, q, agent=a) for n, (s, p, q, a) in enumerate(orders)]
    lines = feed(w, *rows)
    fills = lines[lines["type"] == at.EXEC]
    seen = zip(fills["px"], fills["qty"], fills["agent"], fills["agent2"], strict=True)
    assert [tuple(int(x) for x in f) for f in seen] == oracle.fills
    # Never crossed, every lot accounted for, no money made.
    assert w.books[0]["bid"] < w.books[0]["ask"]
    resting = sum(q for side in oracle.queues.values() for d in side.values() for _, q in d)
    assert int(w.levels["qty"][0].sum()) == resting
    assert w.cash.sum() + w.books["fee_box"].sum() + w.books["fund"].sum() == 0
    assert (w.pos.sum(axis=0) == 0).all()

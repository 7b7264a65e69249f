# SPDX-License-Identifier: MIT
"""Round trips from fills, against a queue written with fractions."""

from __future__ import annotations

from collections import deque
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.engine.outcome import EQUITY, FILL, ORDER, Outcome, Totals
from seawall.model.instrument import perpetual, spot
from seawall.research.metrics import round_trips, trades_frame

LINEAR = perpetual("BTC/USDT:USDT", "0.5", "0.001")
INVERSE = perpetual("BTC/USD:BTC", "0.5", "1", contract_size="100")


def outcome_of(rows, instruments=(LINEAR,), currency="USDT", before=None):
    """Rows are (ts, side, px, qty, fee[, instrument])."""
    f = np.zeros(len(rows), dtype=FILL)
    held = dict(before or {})
    for i, (ts, side, px, qty, fee, *which) in enumerate(rows):
        a = which[0] if which else 0
        held[a] = held.get(a, 0) + side * qty
        f[i] = (ts, i, px, qty, fee, 0, held[a], 0, a, side, 0, 0, 0)
    return Outcome(
        instruments, currency, 1_000.0, 2, np.zeros(0, EQUITY), f, np.zeros(0, ORDER), Totals(), "x"
    )


def test_a_simple_round_trip():
    t = round_trips(outcome_of([(0, 1, 100, 10, 5), (1_000, -1, 120, 10, 7)]))
    assert t.shape == (1,)
    assert t["side"][0] == 1
    assert t["gross"][0] == pytest.approx(20 * 0.5 * 10 * 0.001)
    assert t["fees"][0] == pytest.approx(0.12)
    assert t["exit_ts"][0] - t["entry_ts"][0] == 1_000


def test_a_partial_close_takes_the_oldest_lots_and_its_share_of_their_fee():
    rows = [(0, 1, 100, 10, 10), (100, 1, 200, 10, 20), (400, -1, 300, 15, 3)]
    t = round_trips(outcome_of(rows))
    # Ten lots at 100 and five at 200: mean 133.3 ticks, mean entry time 33.3 ns.
    assert t["entry_price"][0] == pytest.approx(0.5 * 2_000 / 15)
    assert t["entry_ts"][0] == 33
    assert t["fees"][0] == pytest.approx((10 + 10 + 3) / 100)


def test_a_flip_closes_one_trade_and_opens_the_next():
    rows = [(0, 1, 100, 10, 0), (10, -1, 110, 25, 25), (20, 1, 90, 15, 0)]
    t = round_trips(outcome_of(rows))
    assert t["side"].tolist() == [1, -1]
    assert t["quantity"].tolist() == pytest.approx([0.010, 0.015])
    assert t["gross"].tolist() == pytest.approx([10 * 0.5 * 0.01, 20 * 0.5 * 0.015])
    # The flipping fill's fee is shared by quantity.
    assert t["fees"].tolist() == pytest.approx([0.10, 0.15])


def test_an_inverse_contract_earns_coins_valued_at_the_exit():
    rows = [(0, 1, 20_000, 10, 0), (10, -1, 25_000, 10, 0)]
    t = round_trips(outcome_of(rows, (INVERSE,), "USD"))
    coins = 1_000.0 * (1 / 10_000 - 1 / 12_500)
    assert t["gross"][0] == pytest.approx(coins * 12_500)
    in_coins = round_trips(outcome_of(rows, (INVERSE,), "BTC"))
    assert in_coins["gross"][0] == pytest.approx(coins)


def test_money_that_cannot_be_converted_is_not_invented():
    t = round_trips(
        outcome_of([(0, 1, 9, 1, 0), (1, -1, 9, 1, 0)], (spot("ETH/EUR", "1", "1"),), "USDT")
    )
    assert np.isnan(t["net"][0])


def test_a_position_from_before_the_run_has_no_entry_and_makes_no_trade():
    rows = [(0, -1, 100, 10, 0), (10, 1, 100, 5, 0), (20, -1, 130, 5, 0)]
    t = round_trips(outcome_of(rows, before={0: 10}))
    assert t.shape == (1,)
    assert t["fill"][0] == 2


def test_no_fills_make_no_trades():
    assert round_trips(outcome_of([])).shape == (0,)
    assert trades_frame(outcome_of([])).height == 0


def reference(rows):
    """First in, first out, in fractions: (fill, lots, sum of entry value, side)."""
    queues: dict[int, deque] = {}
    out = []
    for i, (_, side, px, qty, _fee, a) in enumerate(rows):
        queue = queues.setdefault(a, deque())
        left, closed, value = qty, 0, Fraction(0)
        while left and queue and queue[0][1] == -side:
            part = min(left, queue[0][0])
            closed, value = closed + part, value + Fraction(part * queue[0][2])
            queue[0][0] -= part
            left -= part
            if queue[0][0] == 0:
                queue.popleft()
        if closed:
            out.append((i, closed, value, -side))
        if left:
            queue.append([left, side, px])
    return out


FILLS = st.lists(
    st.tuples(
        st.just(0), st.sampled_from([-1, 1]), st.integers(1, 500), st.integers(1, 30),
        st.integers(-5, 50), st.integers(0, 1),
    ),
    max_size=60,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(FILLS)
def test_matching_agrees_with_a_queue_of_fractions(rows):
    rows = [(i, *row[1:]) for i, row in enumerate(rows)]
    t = round_trips(outcome_of(rows, (LINEAR, LINEAR)))
    expected = reference(rows)
    assert t["fill"].tolist() == [e[0] for e in expected]
    for trade, (_, lots, value, side) in zip(t, expected, strict=True):
        assert trade["side"] == side
        assert trade["quantity"] == pytest.approx(lots * 0.001)
        assert trade["entry_price"] == pytest.approx(float(value / lots) * 0.5)


@settings(max_examples=80, deadline=None)
@given(FILLS)
def test_when_flat_at_the_end_trades_add_up_to_the_cash_flow(rows):
    rows = [(i, *row[1:]) for i, row in enumerate(rows)]
    for a in (0, 1):
        held = sum(r[1] * r[3] for r in rows if r[5] == a)
        if held:
            rows.append((len(rows), -1 if held > 0 else 1, 250, abs(held), 3, a))
    t = round_trips(outcome_of(rows, (LINEAR, LINEAR)))
    cash = -sum(r[1] * r[2] * r[3] for r in rows) * 0.5 * 0.001
    fees = sum(r[4] for r in rows) / 100
    assert t["gross"].sum() == pytest.approx(cash, abs=1e-9)
    assert t["fees"].sum() == pytest.approx(fees, abs=1e-9)
    assert t["net"].sum() == pytest.approx(cash - fees, abs=1e-9)


def test_the_table_names_what_the_records_hold(outcome):
    frame = trades_frame(outcome)
    records = round_trips(outcome)
    assert frame.height == records.shape[0] > 50
    assert set(frame["side"].unique()) == {"long", "short"}
    assert frame["net"].sum() == pytest.approx(records["net"].sum())
    assert frame["hold"].min().total_seconds() >= 0
    assert set(frame["symbol"].unique()) <= {i.symbol for i in outcome.instruments}

# SPDX-License-Identifier: MIT
"""Event records and the market that carries them."""

from __future__ import annotations

import numpy as np
import pytest

from seawall.model.errors import DataError, InstrumentError
from seawall.model.events import (
    EVENT,
    BarField,
    EventFlag,
    EventKind,
    Stream,
    empty_bars,
    empty_events,
)
from seawall.model.instrument import spot
from seawall.model.market import Market

BTC = spot("BTC/USDT", "0.01", "0.00001", venue="binance")


def test_an_event_is_thirty_two_bytes_without_padding() -> None:
    assert EVENT.itemsize == 32
    assert sum(EVENT[name].itemsize for name in EVENT.names or ()) == 32
    assert all(EVENT[name].byteorder in "<|=" for name in EVENT.names or ())


def test_every_kind_and_flag_fits_its_byte() -> None:
    assert max(EventKind) < 256
    assert max(EventFlag) < 256
    assert all(flag & (flag - 1) == 0 for flag in EventFlag)


def test_empty_arrays_have_the_shape_of_full_ones() -> None:
    assert empty_events(3).dtype == EVENT
    assert empty_bars(4).shape == (len(BarField), 4)
    assert empty_bars().shape == (7, 0)


def test_the_source_id_tells_batches_apart() -> None:
    one = Stream("binance", "BTC/USDT", "trades", "a")
    assert one.source_id != Stream("binance", "BTC/USDT", "trades", "b").source_id
    assert "BTC/USDT" in one.source_id


def test_a_market_refuses_events_that_go_back_in_time_and_names_the_row() -> None:
    events = empty_events(4)
    events["ts"] = [10, 20, 19, 30]
    with pytest.raises(DataError, match="back in time") as refused:
        Market((BTC,), (), events)
    assert refused.value.where == "row 2"


def test_a_market_refuses_bars_that_go_back_in_time() -> None:
    bars = empty_bars(2)
    bars[BarField.TS] = [2, 1]
    with pytest.raises(DataError, match="bars"):
        Market((BTC,), (), bars=bars)


def test_a_market_takes_equal_times() -> None:
    events = empty_events(2)
    events["ts"] = [5, 5]
    assert Market((BTC,), (), events).events["ts"].tolist() == [5, 5]


def test_a_market_needs_an_instrument_for_every_stream() -> None:
    with pytest.raises(DataError, match="at least one"):
        Market((), ())
    streams = (Stream("binance", "BTC/USDT", "trades"), Stream("binance", "BTC/USDT", "depth"))
    assert Market((BTC,), streams).instrument_of_stream() == [0, 0]
    stray = Market((BTC,), (Stream("okx", "BTC/USDT", "trades"),))
    with pytest.raises(InstrumentError, match="BTC/USDT at okx"):
        stray.instrument_of_stream()


def test_no_event_field_loses_a_value_at_its_edges() -> None:
    event = np.zeros(1, EVENT)
    for name in EVENT.names or ():
        edge = np.iinfo(EVENT[name]).max
        event[name] = edge
        assert int(event[name][0]) == edge

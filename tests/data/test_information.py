# SPDX-License-Identifier: MIT
"""Metrics and news out of the catalogue: one event per number, at the time it was known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from seawall.data import Catalogue, Select
from seawall.data.importers.base import Batch
from seawall.engine.run import Engine
from seawall.engine.strategy import Metric, News, Strategy, Tick
from seawall.model.errors import CatalogueError
from seawall.model.events import EventKind

from .catalogue_helpers import T0, S, trades

CHAIN = pl.DataFrame({
    "ts": [T0 + S, T0 + 3 * S],
    "active": [10, 12],
    "fee_share": [0.25, None],
    "note": ["a", "b"],
})  # fmt: skip
PRESS = pl.DataFrame({"ts": [T0 + 2 * S], "title": ["A fork"], "polarity": [0.5]})


def filled(root: Path) -> Catalogue:
    catalogue = Catalogue(root)
    catalogue.add([
        Batch("sim", "BTC/USDT", "trades", trades(5)),
        Batch("chain", "BTC/USD", "metric", CHAIN),
        Batch("press", "CRYPTO/USD", "news", PRESS),
    ])  # fmt: skip
    return catalogue


ALL = [
    Select("sim", "BTC/USDT"), Select("chain", "BTC/USD", ("metric",)),
    Select("press", "CRYPTO/USD", ("news",)),
]  # fmt: skip


class Reader(Strategy):
    """Writes down what it learns, with its time in seconds."""

    def __init__(self) -> None:
        self.read: list[tuple[float, object]] = []

    def on_trade(self, trade: Tick) -> None:
        self.read.append(((trade.ts - T0) / S, "trade"))

    def on_metric(self, metric: Metric) -> None:
        self.read.append(((metric.ts - T0) / S, (metric.name, metric.value)))

    def on_news(self, news: News) -> None:
        self.read.append(((news.ts - T0) / S, news.fields))


def test_a_run_reads_metrics_and_news_between_the_trades(tmp_path: Path) -> None:
    market = filled(tmp_path).market(ALL)
    assert [i.symbol for i in market.instruments] == ["BTC/USDT"]
    reader = Reader()
    engine = Engine(market, reader)
    engine.feed(market.events, market.bars)
    known = [row for row in reader.read if row[1] != "trade"]
    assert known == [
        (1.0, ("active", 10.0)), (1.0, ("fee_share", 0.25)),
        (2.0, {"title": "A fork", "polarity": 0.5}), (3.0, ("active", 12.0)),
    ]  # fmt: skip
    assert [t for t, _ in reader.read] == sorted(t for t, _ in reader.read)
    assert sum(row[1] == "trade" for row in reader.read) == 5


def test_a_number_that_is_absent_makes_no_event_and_a_text_is_no_number(tmp_path: Path) -> None:
    market = filled(tmp_path).market(ALL)
    metric = market.events[market.events["kind"] == EventKind.METRIC]
    (stream,) = {int(n) for n in metric["stream"]}
    assert market.streams[stream].columns == ("active", "fee_share")
    assert metric["px"].tolist() == [0, 1, 0]
    assert np.ascontiguousarray(metric["qty"]).view(np.float64).tolist() == [10.0, 0.25, 12.0]


def test_a_second_market_opens_the_same_events_and_news(tmp_path: Path) -> None:
    catalogue = filled(tmp_path)
    first, second = catalogue.market(ALL), catalogue.market(ALL)
    assert np.array_equal(first.events, second.events)
    assert first.news == second.news != {}
    cut = catalogue.market(ALL, T0 + 2 * S + 1)
    assert all(len(rows) == 0 for rows in cut.news.values())


def test_information_alone_is_no_market(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no market"):
        filled(tmp_path).market(ALL[1:])

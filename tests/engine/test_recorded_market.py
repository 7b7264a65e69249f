# SPDX-License-Identifier: MIT
"""The engine on a recorded level-2 stream: what it fills, the market allows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seawall.data.catalogue.catalogue import Catalogue, Select
from seawall.data.importing.pipeline import import_file
from seawall.engine import layout as L
from seawall.engine.outcome import Outcome
from seawall.engine.run import Engine
from seawall.engine.settings import EngineSettings, FillSettings
from seawall.model.events import EventKind
from seawall.model.market import Market
from seawall.research.demo.quoter import NaiveQuoter

from .stage import conserved

NAME = "binance_usdm_btcusdt_20240808"


@pytest.fixture(scope="module")
def market(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Market:
    files = [test_data / "lob" / f"{NAME}_{kind}.parquet" for kind in ("depth", "trades")]
    missing = [f.name for f in files if not f.is_file()]
    if missing:
        pytest.skip(f"no {', '.join(missing)} in {test_data / 'lob'}")
    catalogue = Catalogue(tmp_path_factory.mktemp("recorded"))
    for file in files:
        import_file(catalogue, file)
    first = catalogue.list()[0]
    return catalogue.market([Select(first.venue, first.symbol, ("depth", "trades"))])


def run(market: Market, queue: str) -> tuple[Outcome, Engine]:
    instrument = market.instruments[0]
    quoter = NaiveQuoter(instrument.symbol, 0.01, float(instrument.tick), 0.0)
    settings = EngineSettings(fills=FillSettings(queue=queue))  # type: ignore[arg-type]
    engine = Engine(market, quoter, settings)
    engine.feed(market.events)
    return engine.finish(), engine


@pytest.fixture(scope="module")
def outcomes(market: Market) -> dict[str, tuple[Outcome, Engine]]:
    return {q: run(market, q) for q in ("pessimistic", "probabilistic", "optimistic")}


def test_a_quoter_trades_on_the_recording_without_a_fault(outcomes: Any) -> None:
    for outcome, engine in outcomes.values():
        assert outcome.fills.size > 20
        assert engine.world[L.H_FAULTS] == 0
        assert engine.world[L.H_FAR_LOST] == 0


def test_every_unit_of_cash_is_explained_at_the_end(outcomes: Any) -> None:
    for outcome, engine in outcomes.values():
        w = engine.world
        row = int(w[L.O_CCY])
        names = ("cash", "deposit", "trade", "realized", "fees", "funding", "interest")
        ledger = {name: int(w[row + k]) for k, name in enumerate(names)}
        ledger["insurance"] = int(w[row + L.C_INSURANCE])
        assert conserved(ledger)
        assert ledger["fees"] == int(outcome.fills["fee"].sum())
        assert ledger["realized"] == int(outcome.fills["realized"].sum())


def test_makers_are_filled_only_where_the_market_came_to_them(
    market: Market, outcomes: Any
) -> None:
    """A resting order is filled at its own price, and the market was there or beyond.

    Beyond means a trade at or through the price, or an opposite level displayed at or
    through it, within the second around the fill.
    """
    events = market.events
    venue = events["ts"] - 1_000 * events["lag_us"].astype(np.int64)
    for outcome, _ in outcomes.values():
        makers = outcome.fills[outcome.fills["maker"] == 1]
        assert makers.size
        orders = {int(o["id"]): o for o in outcome.orders}
        for fill in makers:
            side, px = int(fill["side"]), int(fill["px"])
            assert px == int(orders[int(fill["order_id"])]["px"])
            near = events[np.abs(venue - int(fill["ts"])) <= 1_000_000_000]
            is_trade = near["kind"] == int(EventKind.TRADE)
            is_level = (near["kind"] != int(EventKind.TRADE)) & (near["qty"] > 0)
            buy_flag = (near["flags"] & 1).astype(bool)
            opposite = buy_flag == (side < 0)
            through = side * (px - near["px"].astype(np.int64)) >= 0
            assert (through & ((is_trade & opposite) | (is_level & opposite))).any()


def test_a_fill_never_exceeds_its_order_and_no_order_fills_before_it_arrives(
    outcomes: Any,
) -> None:
    for outcome, _ in outcomes.values():
        orders = {int(o["id"]): o for o in outcome.orders}
        filled: dict[int, int] = {}
        for fill in outcome.fills:
            order = orders[int(fill["order_id"])]
            filled[int(order["id"])] = filled.get(int(order["id"]), 0) + int(fill["qty"])
            assert fill["side"] == order["side"]
            assert fill["ts"] >= order["sent_ts"] + EngineSettings().latency.entry_ns
        assert all(filled[n] == int(orders[n]["filled"]) <= orders[n]["qty"] for n in filled)


def test_the_recording_gives_the_same_run_in_pieces(market: Market, outcomes: Any) -> None:
    instrument = market.instruments[0]
    quoter = NaiveQuoter(instrument.symbol, 0.01, float(instrument.tick), 0.0)
    engine = Engine(market, quoter, replace(EngineSettings()))
    for part in np.array_split(market.events, 7):
        engine.feed(part)
    assert engine.finish().fingerprint == outcomes["probabilistic"][0].fingerprint

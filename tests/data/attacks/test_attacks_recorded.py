# SPDX-License-Identifier: MIT
"""Market attacks written into a recording: nobody reacts, and the trace is what was ordered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seawall.data.attacks import KINDS, AttackSpec, inject
from seawall.data.catalogue.catalogue import Catalogue, Select
from seawall.data.importing.pipeline import import_file
from seawall.model.events import BarField, EventFlag, EventKind
from seawall.model.market import Market

from .attack_helpers import bars_market, books, crossings, final_book, streams_of

NAME = "binance_usdm_btcusdt_20240808"
FEEDS = ("depth", "trades", "bookticker")


@pytest.fixture(scope="module")
def market(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Market:
    files = [test_data / "lob" / f"{NAME}_{kind}.parquet" for kind in FEEDS]
    missing = [f.name for f in files if not f.is_file()]
    if missing:
        pytest.skip(f"no {', '.join(missing)} in {test_data / 'lob'}")
    catalogue = Catalogue(tmp_path_factory.mktemp("recorded"))
    for file in files:
        import_file(catalogue, file)
    first = catalogue.list()[0]
    return catalogue.market([Select(first.venue, first.symbol, ("depth", "trades", "top"))])


@pytest.mark.parametrize("name", [n for n, k in KINDS.items() if k.on_recordings])
def test_every_attack_leaves_a_real_book_uncrossed_and_as_it_was(market: Market, name: str) -> None:
    params = {"slow_drift": (("day_s", 60.0),)}.get(name, ())
    made, labels = inject(market, AttackSpec(name, 20.0, 10.0, params=params), 2)
    assert labels.forged.any()
    depth = streams_of(market, 0, "depth")[0]
    start, after = labels.start_ns - 1, labels.end_ns + 6_000_000_000
    assert crossings(made, depth, start, after) == 0
    assert final_book(made, depth, after) == final_book(market, depth, after)


def test_washed_prints_are_their_share_of_the_volume(market: Market) -> None:
    made, labels = inject(market, AttackSpec("wash_trading", 60.0, 120.0, 0.2), 2)
    e = made.events
    here = (e["kind"] == EventKind.TRADE) & labels.inside(e["ts"].astype(np.int64))
    share = e["qty"][here & labels.forged].sum() / e["qty"][here].sum()
    assert share == pytest.approx(0.2, rel=1e-3)
    assert labels.realised == pytest.approx(share)
    buys = e["flags"][labels.forged] & EventFlag.BUY != 0
    assert buys.mean() == pytest.approx(0.9, abs=0.05)
    trades = e[e["stream"] == streams_of(market, 0, "trades")[0]]
    assert (np.diff(trades["seq"].astype(np.int64)) > 0).all()
    # A washed print is at a price at which somebody really traded just before.
    genuine = e[here & ~labels.forged]
    assert set(e["px"][labels.forged]) <= set(genuine["px"])


def test_a_spoofed_order_adds_its_size_to_one_level_and_takes_it_away(market: Market) -> None:
    made, labels = inject(market, AttackSpec("spoofing", 10.0, 20.0, 8.0), 2)
    depth = streams_of(market, 0, "depth")[0]
    assert len(labels.windows) >= 3
    assert set(labels.directions.tolist()) == {1, -1}
    for (start, end), side in zip(labels.windows[:2].tolist(), labels.directions[:2], strict=True):
        before, after = final_book(market, depth, start), final_book(made, depth, start)
        bid = bool(side > 0)
        grown = {p: q - before[bid].get(p, 0) for p, q in after[bid].items()}
        shown = {p: q for p, q in grown.items() if q}
        assert len(shown) == 1
        assert after[not bid] == before[not bid]
        price, quantity = next(iter(shown.items()))
        near = sorted(before[True])[-10:] + sorted(before[False])[:10]
        mean = np.mean([before[True].get(p, before[False].get(p)) for p in near])
        assert quantity == pytest.approx(8.0 * mean, rel=0.01)
        touch = max(before[True]) if bid else min(before[False])
        assert (touch - price) * side >= 1
        assert final_book(made, depth, end) == final_book(market, depth, end)


def test_layers_stand_on_neighbouring_levels(market: Market) -> None:
    made, labels = inject(market, AttackSpec("layering", 10.0, 10.0), 2)
    depth = streams_of(market, 0, "depth")[0]
    start = int(labels.windows[0, 0])
    before, after = final_book(market, depth, start), final_book(made, depth, start)
    side = bool(labels.directions[0] > 0)
    grown = sorted(p for p, q in after[side].items() if q != before[side].get(p, 0))
    assert len(grown) == 5
    assert grown[-1] - grown[0] == 4


def test_stuffed_messages_come_at_their_rate_and_live_for_milliseconds(market: Market) -> None:
    made, labels = inject(market, AttackSpec("quote_stuffing", 10.0, 10.0, 300.0), 2)
    assert labels.realised == pytest.approx(300.0, rel=0.2)
    added = len(made.events) - len(market.events)
    assert added == pytest.approx(300.0 * 10.0, rel=0.2)


def test_a_flash_crash_thins_the_book_and_gaps_the_touch(market: Market) -> None:
    made, labels = inject(market, AttackSpec("flash_crash", 10.0, 10.0, 0.03), 2)
    depth = streams_of(market, 0, "depth")[0]
    middle = labels.start_ns + 3_500_000_000
    before, after = final_book(market, depth, middle), final_book(made, depth, middle)
    assert max(after[True]) / max(before[True]) == pytest.approx(0.97, abs=1e-3)
    assert sum(after[True].values()) == pytest.approx(0.1 * sum(before[True].values()), rel=0.2)
    prints = made.events[labels.forged & (made.events["kind"] == EventKind.TRADE)]
    start = final_book(market, depth, labels.start_ns)
    assert prints["px"].min() / max(start[True]) == pytest.approx(0.97, abs=3e-3)
    end = labels.end_ns
    assert final_book(made, depth, end) == final_book(market, depth, end)


def test_best_prices_and_book_agree_during_a_pump(market: Market) -> None:
    made, labels = inject(market, AttackSpec("pump_and_dump", 10.0, 10.0, 0.05), 2)
    depth = streams_of(market, 0, "depth")[0]
    top = made.events[labels.forged & (made.events["kind"] == EventKind.TOP)]
    tops = top[top["flags"] & EventFlag.BUY != 0]
    best = [(ts, max(book[True])) for ts, book in books(made, depth, labels.end_ns) if book[True]]
    times = np.array([t for t, _ in best])
    near = np.searchsorted(times, tops["ts"], "right") - 1
    prices = np.array([p for _, p in best])[near]
    assert np.abs(prices / tops["px"] - 1.0).max() < 2e-3
    assert tops["px"].max() / tops["px"].min() > 1.04


def test_pumped_bars_rise_and_fall_back_with_swollen_volume(market: Market) -> None:
    bars = bars_market(market.instruments[0])
    hour = 3_600.0
    made, labels = inject(bars, AttackSpec("pump_and_dump", 100 * hour, 20 * hour, 0.1), 1)
    ratio = made.bars[BarField.CLOSE] / bars.bars[BarField.CLOSE]
    assert ratio.max() == pytest.approx(1.1, rel=1e-4)
    assert ratio[125:] == pytest.approx(1.0)
    b = made.bars
    assert (b[BarField.HIGH] >= np.maximum(b[BarField.OPEN], b[BarField.CLOSE])).all()
    assert (b[BarField.LOW] <= np.minimum(b[BarField.OPEN], b[BarField.CLOSE])).all()
    swollen = b[BarField.VOLUME] / bars.bars[BarField.VOLUME]
    assert swollen.max() == pytest.approx(10.0, rel=1e-3)
    assert labels.forged_bars.sum() <= 21


def test_washed_bars_carry_their_share_of_volume_and_true_prices(market: Market) -> None:
    bars = bars_market(market.instruments[0])
    made, labels = inject(bars, AttackSpec("wash_trading", 360_000.0, 360_000.0, 0.4), 1)
    k = labels.forged_bars
    more = made.bars[BarField.VOLUME][k] - bars.bars[BarField.VOLUME][k]
    assert more.sum() / made.bars[BarField.VOLUME][k].sum() == pytest.approx(0.4, rel=1e-3)
    assert (made.bars[: BarField.VOLUME] == bars.bars[: BarField.VOLUME]).all()

# SPDX-License-Identifier: MIT
"""Real recordings, live decoding and import side by side: the same run."""

from __future__ import annotations

from pathlib import Path

import pytest

from seawall.data.catalogue.catalogue import Catalogue, Select
from seawall.data.importing.pipeline import import_files
from seawall.data.venues.binance import read_messages
from seawall.engine.journal import Journal
from seawall.engine.run import Engine
from seawall.engine.session import (
    Session,
    merge_recordings,
    plan_for_market,
    plan_recordings,
    replay_journal,
)
from seawall.engine.settings import EngineSettings

from .session_helpers import PLACE, Quoter, quoter


@pytest.mark.parametrize(
    ("name", "venue", "symbol"),
    [("binance_usdm_btcusdt_20230404", "binanceusdm", "BTC/USDT:USDT"),
     ("binance_spot_ethusdt_20240808", "binance", "ETH/USDT")],
)  # fmt: skip
def test_a_raw_stream_message_by_message_is_the_backtest_over_the_imported_files(
    test_data: Path, tmp_path: Path, name: str, venue: str, symbol: str
) -> None:
    catalogue = Catalogue(tmp_path / "catalogue")
    files = [test_data / "lob" / f"{name}_{k}.parquet" for k in ("depth", "trades", "bookticker")]
    mark = test_data / "lob" / f"{name}_markprice.parquet"
    import_files(catalogue, [*files, *([mark] if mark.is_file() else [])])
    market = catalogue.market([Select(venue, symbol)])
    settings = EngineSettings()
    backtest = Engine(market, Quoter(), settings)
    backtest.feed(market.events)
    whole = backtest.finish()

    plan = plan_for_market(market, settings, strategy=PLACE)
    raw = test_data / "lob" / "raw" / f"{name}.raw.gz"
    with Journal(tmp_path / "journal", manifest_hash=plan.digest) as journal:
        session = Session(Quoter(), plan, journal)
        for receive_ts, message in read_messages(raw):
            session.message(receive_ts, message)
        live = session.finish()

    assert live.orders.size > 500
    assert live.orders.tobytes() == whole.orders.tobytes()
    assert live.fills.tobytes() == whole.fills.tobytes()
    assert live.fingerprint == whole.fingerprint
    replayed = replay_journal(tmp_path / "journal", quoter)
    assert replayed.same
    assert replayed.fingerprint == whole.fingerprint


def test_spot_and_perpetual_run_on_one_clock_over_two_connections(
    test_data: Path, tmp_path: Path
) -> None:
    raw = test_data / "lob" / "raw"
    paths = [raw / f"binance_{m}_20240808.raw.gz" for m in ("spot_btcusdt", "cm_btcusd_perp")]
    plan = plan_recordings(paths, measure_seconds=30.0)
    assert [i.venue for i in plan.instruments] == ["binance", "binancecoinm"]
    with Journal(tmp_path) as journal:
        session = Session(_Watcher(), plan, journal)
        for n, (receive_ts, connection, message) in enumerate(merge_recordings(paths)):
            session.message(receive_ts, message, connection=connection)
            if n > 5_000:
                break
        outcome = session.finish()
    assert all(stats.accounted and stats.messages > 500 for stats in session.stats)
    assert outcome.fingerprint == replay_journal(tmp_path, lambda _: _Watcher()).fingerprint


class _Watcher(Quoter):
    """Sees both books and sends nothing."""

    def on_timer(self, ts: int) -> None:
        for symbol in ("BTC/USDT", "BTC/USD:BTC"):
            assert self.best_bid(symbol) >= 0

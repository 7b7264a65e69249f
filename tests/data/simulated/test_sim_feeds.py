# SPDX-License-Identifier: MIT
"""What reaches us of a simulated market: books that can be rebuilt, faults, files, events."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from seawall.data.importers.base import ImportOptions
from seawall.data.simulated import layout as at
from seawall.data.simulated.config import FaultConfig
from seawall.data.simulated.importer import SimulatedImporter
from seawall.data.simulated.result import SimulatedMarket
from seawall.data.simulated.sim import simulate
from seawall.model.errors import FormatError
from seawall.model.events import BookState, EventFlag, EventKind

from .sim_helpers import small


@pytest.fixture(scope="module")
def clean() -> SimulatedMarket:
    return simulate(small(seed=11))


@pytest.fixture(scope="module")
def faulty() -> SimulatedMarket:
    faults = FaultConfig(
        gaps=2, duplicates=2, reorders=2, stales=2, length_s=3.0, clock_offset_ms=(-30.0, 5.0)
    )
    return simulate(small(seed=11, faults=faults, snapshot_every_s=20.0))


def rebuild(rows: np.ndarray) -> dict[tuple[int, int], int]:
    book: dict[tuple[int, int], int] = {}
    message = rows["seq"] * 2 + rows["snapshot"]
    for n, row in enumerate(rows):
        if row["snapshot"] and (n == 0 or message[n] != message[n - 1]):
            book.clear()
        key = (int(row["side"]), int(row["px"]))
        if row["qty"]:
            book[key] = int(row["qty"])
        else:
            book.pop(key, None)
    return book


@pytest.mark.parametrize("interval_ms", [100, 0])
def test_a_book_rebuilt_from_depth_messages_is_the_venue_s_book(interval_ms: int) -> None:
    market = simulate(small(seed=11, duration_s=20.0, depth_interval_ms=interval_ms))
    for b in range(market.config.books):
        rows = market.feeds.depth[b]
        # The last window may not be told yet: replay the order log up to the last message.
        upto = market.log[: int(rows["seq"].max())]
        upto = upto[upto["book"] == b]
        truth: dict[tuple[int, int], int] = {}
        for line in upto:
            sign = {at.ADD: 1, at.REST: 1, at.CANCEL: -1, at.EXEC: -1}.get(int(line["type"]), 0)
            side = int(line["side"]) * (-1 if line["type"] == at.EXEC else 1)
            key = (side, int(line["px"]))
            truth[key] = truth.get(key, 0) + sign * int(line["qty"])
        assert rebuild(rows) == {k: v for k, v in truth.items() if v}


def test_depth_messages_are_chained_without_a_gap(clean: SimulatedMarket) -> None:
    assert not any(gap.any() for gap in clean.feeds.depth_gap)
    for rows in clean.feeds.depth:
        new = np.flatnonzero(np.diff(rows["seq"], prepend=-1))
        moves = rows[new]
        moves = moves[moves["snapshot"] == 0]
        assert (moves["before"][1:] == moves["seq"][:-1]).all()


def test_receive_times_never_go_back_and_never_precede_the_venue(clean: SimulatedMarket) -> None:
    events = clean.to_market().events
    assert (np.diff(events["ts"]) >= 0).all()
    trades = events[events["kind"] == EventKind.TRADE]
    assert trades["lag_us"].min() >= 8_000


def test_the_market_has_every_trade_once(clean: SimulatedMarket) -> None:
    market = clean.to_market()
    trades = market.events[market.events["kind"] == EventKind.TRADE]
    start = int(clean.config.warmup_s * 1e9)
    fills = clean.log[(clean.log["type"] == at.EXEC) & (clean.log["ts"] > start)]
    assert len(trades) == len(fills)
    assert int(trades["qty"].sum()) == int(fills["qty"].sum())


def test_snapshots_clear_and_messages_end(clean: SimulatedMarket) -> None:
    events = clean.to_market().events
    first = events[events["flags"] & EventFlag.FIRST != 0]
    assert (first["kind"] == EventKind.SNAPSHOT).all()
    assert len(first) == clean.config.books


def test_a_lost_message_is_declared_and_healed_by_a_snapshot(faulty: SimulatedMarket) -> None:
    market = faulty.to_market()
    gaps = [f for f in faulty.faults if f.kind == "gap"]
    for fault in gaps:
        depth = [s.feed == "depth" for s in market.streams]
        place = faulty.instruments[fault.book]
        number = next(
            n for n, s in enumerate(market.streams)
            if depth[n] and (s.venue, s.symbol) == (place.venue, place.symbol)
        )  # fmt: skip
        mine = market.events[market.events["stream"] == number]
        status = mine[mine["kind"] == EventKind.STATUS]
        bad = status[status["px"] == BookState.GAPPED]
        after = mine[(mine["flags"] & EventFlag.FIRST != 0) & (mine["ts"] > bad["ts"][0])]
        assert len(bad) >= 1
        assert len(after) >= 1


def test_faults_show_in_the_frames_as_a_recorder_would_see_them(faulty: SimulatedMarket) -> None:
    frames = faulty.frames()
    kinds = {f.kind for f in faulty.faults}
    assert kinds == {"gap", "duplicate", "reorder", "stale"}
    for fault in faulty.faults:
        moves = frames[fault.book, "depth"].filter(~pl.col("is_snapshot"))
        heads = moves.unique("seq", maintain_order=True) if fault.kind != "duplicate" else moves
        seq = heads["seq"].to_numpy()
        if fault.kind == "reorder":
            assert (np.diff(seq) < 0).any()
        elif fault.kind == "duplicate":
            assert moves.select(pl.struct("seq", "price", "is_bid").is_duplicated().any()).item()
        elif fault.kind == "stale":
            late = heads.select(pl.col("ts").diff().max()).item()
            assert late > 2_000_000_000
    lag = frames[0, "trades"].select((pl.col("ts") - pl.col("venue_ts")).min()).item()
    assert lag > 30_000_000  # the venue's clock is 30 ms behind ours
    assert frames[0, "depth"]["ts"].is_sorted()


def test_files_come_back_through_the_importer_as_they_were(
    clean: SimulatedMarket, tmp_path: Path
) -> None:
    clean.write(tmp_path)
    importer, options = SimulatedImporter(), ImportOptions()
    paths = sorted((tmp_path / "feeds").glob("*.parquet"))
    assert all(importer.recognises(p) for p in paths)
    seen = set()
    for path in paths:
        batches = list(importer.read(path, options))
        frame = pl.concat([b.frame for b in batches]).drop("_row")
        b = next(
            n for n, i in enumerate(clean.instruments)
            if (i.venue, i.symbol) == (batches[0].venue, batches[0].symbol)
        )  # fmt: skip
        assert frame.equals(clean.frames()[b, batches[0].kind].select(frame.columns))
        assert importer.instruments(path, options) == [clean.instruments[b]]
        seen.add((b, batches[0].kind))
    wanted = {k for k, f in clean.frames().items() if len(f)}
    assert seen == wanted


def test_a_foreign_file_is_not_recognised_and_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pl.DataFrame({"ts": [1]}).write_parquet(path)
    importer = SimulatedImporter()
    assert not importer.recognises(path)
    with pytest.raises(FormatError, match="not a file of the simulated market"):
        importer.instruments(path, ImportOptions())


def test_truth_stands_beside_the_feeds_and_not_in_them(
    clean: SimulatedMarket, tmp_path: Path
) -> None:
    clean.write(tmp_path)
    names = {p.name for p in (tmp_path / "truth").iterdir()}
    assert names == {"labels.parquet", "orders.parquet", "agents.parquet", "value.parquet"}
    for path in (tmp_path / "feeds").iterdir():
        assert not {"agent", "group", "value"} & set(pl.read_parquet_schema(path)) - {"value"}


def test_a_disk_that_is_full_leaves_an_error_not_a_silent_half(
    clean: SimulatedMarket, tmp_path: Path
) -> None:
    target = tmp_path / "file"
    target.write_text("in the way")
    with pytest.raises(OSError, match="file"):
        clean.write(target)


def test_the_value_makers_chase_is_near_the_price(clean: SimulatedMarket, tmp_path: Path) -> None:
    from seawall.data.simulated.write import value

    truth = value(clean).filter(pl.col("asset") == "BTC")["value"].to_numpy()
    price = clean.frames()[1, "mark"]["mark_price"].to_numpy()
    n = min(len(truth), len(price))
    assert np.abs(truth[:n] / price[:n] - 1.0).max() < 0.003


def test_labels_name_every_planned_fault(faulty: SimulatedMarket) -> None:
    labels = faulty.labels().filter(pl.col("label") == "fault")
    assert sorted(labels["detail"]) == sorted(f.kind for f in faulty.faults)


def test_no_message_arrives_before_it_was_sent(faulty: SimulatedMarket) -> None:
    for b in range(faulty.config.books):
        sent = faulty.feeds.depth[b]["ts"] + faulty.origin_ns
        assert (faulty.feeds.depth_got[b] - sent).min() >= 8_000_000


def test_the_way_over_files_and_the_catalogue_gives_the_same_events(tmp_path: Path) -> None:
    from seawall.data import Catalogue, Select, importers
    from seawall.data.importing.pipeline import expand, import_file

    if not any("simulated" in entry for entry in importers.IMPORTERS):
        pytest.skip("the simulated importer is not registered")
    market = simulate(small(seed=5, duration_s=30.0))
    market.write(tmp_path / "out")
    catalogue = Catalogue(tmp_path / "catalogue")
    for path in expand([tmp_path / "out" / "feeds"]):
        import_file(catalogue, path, ImportOptions())
    far = catalogue.market([Select(i.venue, i.symbol) for i in market.instruments])
    near = market.to_market()
    for kind in EventKind:
        a, b = (m.events[m.events["kind"] == kind] for m in (far, near))
        for field in ("ts", "px", "qty", "flags", "seq"):
            assert np.sort(a[field]).tolist() == np.sort(b[field]).tolist(), (kind.name, field)


def test_a_market_of_one_venue_without_perpetuals_works() -> None:
    config = replace(small(duration_s=5.0), venues=1, perpetuals=False)
    market = simulate(config)
    assert {i.kind.name for i in market.instruments} == {"SPOT"}
    assert len(market.to_market().events) > 100

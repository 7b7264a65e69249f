# SPDX-License-Identifier: MIT
"""Bad input: each fault is named, placed and either refused whole or quarantined by row."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import polars as pl
import pytest

from seawall.data import Catalogue, Select
from seawall.data.importers.base import Batch
from seawall.model.errors import CatalogueError, FormatError

from .catalogue_helpers import T0, S, bars, depth, imported, stored, trades, write_csv

TRADES = ["--kind", "trades"]


def quarantined(root: Path) -> pl.DataFrame:
    return pl.concat(
        [pl.read_parquet(p) for p in sorted((root / "quarantine").rglob("*.parquet"))],
        how="diagonal_relaxed",
    )


def csv_of(frame: pl.DataFrame) -> bytes:
    return frame.write_csv().encode()


def test_a_truncated_zip_is_refused_with_its_name(tmp_path: Path) -> None:
    whole = tmp_path / "binance_BTCUSDT_trades.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", csv_of(trades(500)))
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole.read_bytes()[:-30])
    with pytest.raises(FormatError, match="cut short or corrupted") as caught:
        imported(tmp_path / "c", cut)
    assert "cut.zip" in caught.value.where
    assert caught.value.mend
    assert Catalogue(tmp_path / "c").list() == ()


def test_a_zip_with_a_flipped_bit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "BTCUSDT.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.csv", csv_of(trades(500)))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(FormatError, match="corrupted"):
        imported(tmp_path / "c", path)


@pytest.mark.parametrize("cut", [20, 4000])
def test_a_truncated_parquet_is_refused_with_its_name(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "BTCUSDT.parquet"
    trades(2000).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(FormatError, match="cut short, corrupted") as caught:
        imported(tmp_path / "c", path)
    assert "BTCUSDT.parquet" in caught.value.where


def test_a_truncated_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "BTCUSDT.csv.gz"
    path.write_bytes(gzip.compress(csv_of(trades(5000)))[:-20])
    with pytest.raises(FormatError, match="cut short"):
        imported(tmp_path / "c", path)


def test_wrong_column_names_are_listed(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", "when,px,size\n1,2,3")
    with pytest.raises(FormatError, match="when, px, size") as caught:
        imported(tmp_path / "c", path)
    assert "--map" in caught.value.mend
    with pytest.raises(FormatError, match="no column 'prize'"):
        imported(tmp_path / "c", path, kind="trades", symbol="A/B", columns={"price": "prize"})
    with pytest.raises(FormatError, match="need a column 'qty'"):
        imported(tmp_path / "c", path, kind="trades", symbol="A/B",
                 columns={"ts": "when", "price": "px"})  # fmt: skip


@pytest.mark.parametrize("name", ["e.csv", "e.parquet", "e.json", "e.zip", "e.csv.gz"])
def test_an_empty_file_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.touch()
    with pytest.raises(FormatError, match="empty"):
        imported(tmp_path / "c", path)


def test_a_header_without_rows_is_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "BTCUSDT.csv", "ts,price,qty,taker_buy")
    with pytest.raises(FormatError, match="no rows"):
        imported(tmp_path / "c", path)


def test_mixed_time_units_are_read_row_by_row_and_reported(tmp_path: Path) -> None:
    seconds = T0 // S
    path = write_csv(
        tmp_path / "BTCUSDT.csv",
        f"""ts,price,qty,taker_buy
        {seconds},10,1,true
        {(seconds + 1) * 1000},10,1,true
        {(seconds + 2) * 1_000_000},10,1,true
        {(seconds + 3) * S},10,1,true
        17,10,1,true""",
    )
    catalogue, report = imported(tmp_path / "c", path)
    times = catalogue.frame("unknown", "BTC/USDT", "trades").collect()["ts"].to_list()
    assert times == [T0 + i * S for i in range(4)]
    assert any("mixed time units" in note and "1 rows in us" in note for note in report.notes)
    assert report.quarantined == {"no time": 1}


def test_time_going_backwards_is_sorted_and_reported_with_its_row(tmp_path: Path) -> None:
    frame = trades(6)
    frame = frame.with_columns(ts=pl.Series([T0, T0 + 3 * S, T0 + S, T0 + 2 * S, T0 + 4 * S, T0]))
    catalogue, report = stored(tmp_path, frame)
    (series,) = report.series
    assert report.flagged["time going backwards (sorted)"] == 3
    assert series.flagged[0].examples[0].startswith("row 2:")
    kept = catalogue.frame("sim", "BTC/USDT", "trades").collect()
    assert kept["ts"].is_sorted()
    assert kept["seq"].to_list() == [1, 6, 3, 4, 2, 5]  # equal times keep the source's order


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("price", float("nan"), "not a number or infinite"),
        ("price", float("inf"), "not a number or infinite"),
        ("qty", float("-inf"), "not a number or infinite"),
        ("price", None, "not a number or infinite"),
        ("price", 0.0, "price at or below zero"),
        ("price", -1.0, "price at or below zero"),
        ("qty", -0.5, "negative size"),
        ("ts", None, "no time"),
        ("ts", 5, "time outside 2000 to 2100"),
    ],
)
def test_impossible_trades_go_to_the_quarantine(
    tmp_path: Path, column: str, value: float | None, reason: str
) -> None:
    frame = trades(5)
    cells = frame[column].to_list()
    cells[3] = value
    frame = frame.with_columns(pl.Series(column, cells, frame[column].dtype))
    catalogue, report = stored(tmp_path, frame)
    assert report.quarantined == {reason: 1}
    assert (report.rows_in, report.rows_kept) == (5, 4)
    assert catalogue.frame("sim", "BTC/USDT", "trades").collect()["seq"].to_list() == [1, 2, 3, 5]
    refused = quarantined(tmp_path)
    assert refused["reason"].to_list() == [reason]
    assert refused["_row"].to_list() == [3]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"high": 1.0}, "high below low"),
        ({"low": -1.0}, "price at or below zero"),
        ({"volume": -1.0}, "negative volume"),
        ({"close": float("nan")}, "not a number or infinite"),
    ],
)
def test_impossible_bars_go_to_the_quarantine(
    tmp_path: Path, cells: dict[str, float], reason: str
) -> None:
    frame = bars([10.0, 11.0, 12.0])
    columns = [
        pl.when(pl.int_range(3) == 1).then(v).otherwise(pl.col(k)).alias(k)
        for k, v in cells.items()
    ]
    _, report = stored(tmp_path, frame.with_columns(columns), "bars_1h")
    assert report.quarantined == {reason: 1}


def test_a_close_outside_the_range_is_flagged_and_kept(tmp_path: Path) -> None:
    frame = bars([10.0, 11.0, 12.0]).with_columns(high=pl.Series([10.1, 10.9, 12.1]))
    _, report = stored(tmp_path, frame, "bars_1h")
    assert report.rows_kept == 3
    assert report.flagged == {"open or close outside high and low": 1}


def test_duplicate_trade_ids_are_quarantined_and_idless_twins_are_not(tmp_path: Path) -> None:
    frame = trades(4, seq=[1, 2, 2, 3])
    _, report = stored(tmp_path / "ids", frame)
    assert report.quarantined == {"duplicate trade id": 1}
    twins = trades(3, step=0, seq=[-1, -1, -1])
    _, report = stored(tmp_path / "none", twins)
    assert report.rows_kept == 3


def test_a_crossed_top_and_a_crossed_book_are_flagged(tmp_path: Path) -> None:
    top = pl.DataFrame({
        "ts": [T0, T0 + S], "seq": [1, 2], "bid_price": [10.0, 10.2], "bid_qty": [1.0, 1.0],
        "ask_price": [10.1, 10.1], "ask_qty": [1.0, 1.0],
    })  # fmt: skip
    _, report = stored(tmp_path / "top", top, "top")
    assert report.flagged == {"crossed book": 1}
    snapshot = depth([(0, 1, 1, -1, True, True, 10.0, 1.0), (0, 1, 1, -1, True, False, 9.9, 1.0)])
    _, report = stored(tmp_path / "depth", snapshot, "depth")
    assert report.flagged == {"crossed book": 1}
    assert report.rows_kept == 2
    deltas = depth([
        (0, 1, 1, -1, True, True, 10.0, 1.0), (0, 1, 1, -1, True, False, 10.5, 1.0),
        (1, 2, 2, 1, False, True, 10.5, 1.0),  # bid where the ask stands
        (2, 3, 3, 2, False, False, 10.5, 0.0), (2, 3, 3, 2, False, False, 11.0, 1.0),  # gone
        (3, 4, 4, 3, False, False, 10.2, 1.0),  # ask below the bid
        (4, 5, 5, -1, True, True, 10.0, 1.0),  # a new snapshot without asks
    ])  # fmt: skip
    _, report = stored(tmp_path / "deltas", deltas, "depth")
    assert report.flagged == {"crossed book": 2}


def test_a_sequence_gap_is_reported_with_its_numbers(tmp_path: Path) -> None:
    rows = depth([
        (0, 1, 10, -1, True, True, 10.0, 1.0),
        (1, 11, 12, 10, False, True, 10.0, 2.0),
        (2, 15, 16, 14, False, True, 10.0, 3.0),
    ])  # fmt: skip
    _, report = stored(tmp_path, rows, "depth")
    assert report.gaps == {"gaps in sequence": 1}
    assert report.series[0].gaps[0].examples[0].startswith("after 12 comes 16")


def test_cells_that_are_no_numbers_and_ragged_lines_are_quarantined_by_row(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "BTCUSDT.csv",
        f"""ts,price,qty,taker_buy
        {T0},10,1,true
        {T0 + S},ten,1,true
        {T0 + 2 * S},10
        {T0 + 3 * S},10,1,true,extra
        {T0 + 4 * S},11,1,false""",
    )
    _, report = imported(tmp_path / "c", path)
    assert (report.rows_in, report.rows_kept) == (5, 2)
    assert report.quarantined == {
        "2 cells instead of 4": 1, "5 cells instead of 4": 1, "not a number or infinite": 1,
    }  # fmt: skip
    assert sorted(quarantined(tmp_path / "c")["row"].drop_nulls().to_list()) == [2, 3]


def test_an_unknown_instrument_is_named_with_the_nearest(tmp_path: Path) -> None:
    catalogue, _ = stored(tmp_path, trades())
    with pytest.raises(CatalogueError, match="unknown instrument BTC/USD at sim") as caught:
        catalogue.frame("sim", "BTC/USD", "trades")
    assert "sim BTC/USDT" in caught.value.mend
    with pytest.raises(CatalogueError, match="unknown instrument"):
        catalogue.market([Select("sim", "ETH/USDT")])
    with pytest.raises(CatalogueError, match="unknown instrument"):
        catalogue.instrument("sim", "ETH/USDT")


@pytest.mark.parametrize("symbol", ["../../etc/passwd", "A/../B", "A B/C", ""])
def test_a_symbol_cannot_leave_the_catalogue(tmp_path: Path, symbol: str) -> None:
    catalogue = Catalogue(tmp_path / "c")
    with pytest.raises(Exception, match=r"cannot be a symbol|not a ccxt symbol"):
        catalogue.add([Batch("sim", symbol, "trades", trades())])
    assert catalogue.list() == ()
    assert [p.name for p in tmp_path.iterdir()] == ["c"]

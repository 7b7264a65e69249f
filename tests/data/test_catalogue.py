# SPDX-License-Identifier: MIT
"""The catalogue lists, scans, queries, describes and exports what was imported."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from seawall.data import Catalogue, QualityReport, Select
from seawall.data.catalogue.export import HFT_EVENT, export
from seawall.data.catalogue.instruments import describe
from seawall.data.catalogue.layout import period_of
from seawall.data.importers.base import Batch
from seawall.model.errors import CatalogueError
from seawall.model.instrument import InstrumentKind, spot
from seawall.model.time import NS_PER_DAY, parse_time_ns

from .catalogue_helpers import T0, S, bars, depth, stored, trades

KEY = ("sim", "BTC/USDT", "trades")


def test_an_absent_catalogue_is_empty_and_reading_makes_nothing(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "none")
    assert catalogue.list() == ()
    assert catalogue.instruments() == ()
    with pytest.raises(CatalogueError, match="catalogue is empty"):
        catalogue.entry(*KEY)
    assert not (tmp_path / "none").exists()


def test_rows_come_back_in_the_range_and_in_order(tmp_path: Path) -> None:
    catalogue, _ = stored(tmp_path, trades(4 * 24, step=NS_PER_DAY // 24))
    assert len(catalogue.list()[0].parts) == 5  # one file per day touched
    rows = catalogue.frame(*KEY, T0 + NS_PER_DAY, T0 + 2 * NS_PER_DAY).collect()
    assert rows["seq"].to_list() == list(range(25, 49))
    assert catalogue.frame(*KEY).collect()["ts"].is_sorted()
    assert catalogue.frame(*KEY, T0 + 99 * NS_PER_DAY).collect().is_empty()
    assert len(catalogue.frame(*KEY, None, T0 + 1).collect()) == 1


def test_sql_sees_every_kind_with_venue_and_symbol(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    for symbol in ("BTC/USDT", "ETH/USDT"):
        catalogue.add([Batch("sim", symbol, "trades", trades(3)),
                       Batch("sim", symbol, "bars_1h", bars([1.0, 2.0]))])  # fmt: skip
    counts = catalogue.sql("select symbol, count(*) as n from trades group by 1 order by 1")
    assert counts.rows() == [("BTC/USDT", 3), ("ETH/USDT", 3)]
    joined = catalogue.sql(
        "select count(*) from bars_1h b join trades t on b.symbol = t.symbol and b.ts = t.ts"
    )
    assert joined.item() == 2
    with pytest.raises(CatalogueError, match="the query fails") as caught:
        catalogue.sql("select * from depth")
    assert "bars_1h, trades" in caught.value.mend


def test_the_report_survives_json_and_show_repeats_it(tmp_path: Path) -> None:
    catalogue, report = stored(tmp_path, trades(6, qty=[1.0, -1.0, 1.0, 1.0, 0.0, 1.0]))
    assert QualityReport.from_json(report.to_json()) == report
    detail = catalogue.show(*KEY)
    assert detail.reports == report.series
    assert (detail.entry.rows, detail.inferred) == (5, True)
    assert report.flagged == {"zero size": 1}
    assert report.rows_in == report.rows_kept + report.rows_quarantined


def test_finer_data_make_inferred_steps_finer_and_known_steps_stay(tmp_path: Path) -> None:
    catalogue, _ = stored(tmp_path, trades(3, step=S))
    assert catalogue.instrument("sim", "BTC/USDT").tick == Decimal("0.1")
    later = trades(3, start=T0 + NS_PER_DAY, seq=[7, 8, 9]).with_columns(pl.col("price") + 0.005)
    catalogue.add([Batch("sim", "BTC/USDT", "trades", later)])
    assert catalogue.instrument("sim", "BTC/USDT").tick == Decimal("0.001")
    catalogue.put_instrument(spot("BTC/USDT", "0.5", "0.1", venue="sim"))
    finer = trades(3, start=T0 + 3 * NS_PER_DAY, seq=[17, 18, 19])
    catalogue.add([Batch("sim", "BTC/USDT", "trades", finer.with_columns(pl.col("price") + 1e-4))])
    assert catalogue.instrument("sim", "BTC/USDT").tick == Decimal("0.5")


@pytest.mark.parametrize(
    ("symbol", "kind"),
    [
        ("BTC/USDT", InstrumentKind.SPOT),
        ("BTC/USDT:USDT", InstrumentKind.LINEAR),
        ("BTC/USD:BTC", InstrumentKind.INVERSE),
        ("BTC/USDT:USDT-261225", InstrumentKind.FUTURE),
        ("BTC/USD:BTC-261225-100000-P", InstrumentKind.OPTION),
    ],
)
def test_the_symbol_tells_the_kind_of_contract(symbol: str, kind: InstrumentKind) -> None:
    made = describe("sim", symbol, Decimal(1), Decimal(1))
    assert made.kind == kind
    if kind >= InstrumentKind.FUTURE:
        assert made.expiry_ns == parse_time_ns("2026-12-25T08:00:00")
    if kind == InstrumentKind.OPTION:
        assert (made.strike, made.is_call) == (Decimal(100_000), False)


def test_thin_series_are_few_files(tmp_path: Path) -> None:
    assert [period_of(k) for k in ("trades", "bars_1s", "bars_1m", "bars_1h", "bars_1d")] == [
        "1d", "1d", "1mo", "1y", "10y",
    ]  # fmt: skip
    years = bars([1.0 + i for i in range(900)], start=parse_time_ns("2019-06-01"), step=NS_PER_DAY)
    catalogue, _ = stored(tmp_path, years, "bars_1d")
    dates = [p.path.split("date=")[1][:10] for p in catalogue.list()[0].parts]
    assert dates == ["2010-01-01", "2020-01-01"]
    assert catalogue.frame("sim", "BTC/USDT", "bars_1d").collect().equals(years)


def test_free_kinds_keep_their_own_columns(tmp_path: Path) -> None:
    chain = pl.DataFrame({"ts": [T0], "strike": [100.0], "iv": [0.5], "name": ["x"]})
    catalogue, _ = stored(tmp_path, chain, "options")
    assert catalogue.frame("sim", "BTC/USDT", "options").collect().equals(chain)


def test_layouts_with_other_columns_share_a_free_series(tmp_path: Path) -> None:
    first = pl.DataFrame({"ts": [T0, T0 + S], "oi": [1.0, 2.0]})
    other = pl.DataFrame({"ts": [T0, T0 + S], "cvd": [5.0, 6.0]})
    catalogue, _ = stored(tmp_path, first, "metric")
    assert stored(tmp_path, other, "metric")[1].rows_kept == 2
    rows = catalogue.frame("sim", "BTC/USDT", "metric").collect()
    assert rows.sort("ts", "oi").to_dict(as_series=False) == {
        "ts": [T0, T0, T0 + S, T0 + S],
        "oi": [None, 1.0, None, 2.0],
        "cvd": [5.0, None, 6.0, None],
    }
    found = catalogue.sql("select sum(oi) as oi, sum(cvd) as cvd from metric")
    assert found.rows() == [(3.0, 11.0)]


def test_free_rows_that_say_nothing_new_are_not_stored_twice(tmp_path: Path) -> None:
    whole = pl.DataFrame({"ts": [T0, T0 + S], "oi": [1.0, 2.5], "name": ["a", "b"]})
    stored(tmp_path, whole, "metric")
    part = pl.DataFrame({"ts": [T0, T0 + S, T0 + 2 * S], "oi": [1, 2, 3]})  # whole numbers now
    _, report = stored(tmp_path, part, "metric")
    assert report.quarantined == {"already in the catalogue": 1}
    words = pl.DataFrame({"ts": [T0], "oi": ["1.0"]})
    catalogue, report = stored(tmp_path, words, "metric")
    assert report.rows_kept == 1
    assert catalogue.frame("sim", "BTC/USDT", "metric").collect().height == 5


def test_export_to_csv_and_parquet_gives_the_rows_back(tmp_path: Path) -> None:
    catalogue, _ = stored(tmp_path / "c", trades(10))
    assert export(catalogue, KEY, tmp_path / "x.parquet", T0 + 2 * S, T0 + 5 * S) == 3
    assert pl.read_parquet(tmp_path / "x.parquet").equals(trades(10)[2:5])
    assert export(catalogue, KEY, tmp_path / "x.csv") == 10
    assert pl.read_csv(tmp_path / "x.csv").equals(trades(10))
    with pytest.raises(CatalogueError, match="no format"):
        export(catalogue, KEY, tmp_path / "x.xlsx")


def test_export_to_hftbacktest_marks_sides_snapshots_and_clearings(tmp_path: Path) -> None:
    rows = depth([
        (0, 1, 1, -1, True, True, 10.0, 1.0),
        (0, 1, 1, -1, True, False, 10.5, 2.0),
        (1, 2, 2, 1, False, True, 10.0, 0.0),
    ])  # fmt: skip
    catalogue, _ = stored(tmp_path / "c", rows, "depth")
    export(catalogue, ("sim", "BTC/USDT", "depth"), tmp_path / "d.npz")
    with np.load(tmp_path / "d.npz") as file:
        data = file["data"]
    assert data.dtype == HFT_EVENT
    both, buy, sell = 0xC0000000, 1 << 29, 1 << 28
    assert data["ev"].tolist() == [
        both | 3, both | buy | 4, both | sell | 4, both | buy | 1,
    ]  # fmt: skip
    assert data["px"].tolist() == [0.0, 10.0, 10.5, 10.0]
    catalogue, _ = stored(tmp_path / "t", trades(3))
    export(catalogue, KEY, tmp_path / "t.npz")
    with np.load(tmp_path / "t.npz") as file:
        data = file["data"]
    assert data["ev"].tolist() == [both | buy | 2, both | sell | 2, both | buy | 2]
    assert (data["local_ts"] - data["exch_ts"]).tolist() == [5_000_000] * 3
    with pytest.raises(CatalogueError, match="no form"):
        export(stored(tmp_path / "b", bars([1.0, 2.0]), "bars_1h")[0],
               ("sim", "BTC/USDT", "bars_1h"), tmp_path / "b.npz")  # fmt: skip


def test_an_instrument_with_other_fees_can_be_put(tmp_path: Path) -> None:
    catalogue, _ = stored(tmp_path, trades(3))
    mine = replace(catalogue.instrument("sim", "BTC/USDT"), min_notional=Decimal(10))
    catalogue.put_instrument(mine)
    assert Catalogue(tmp_path).instrument("sim", "BTC/USDT") == mine
    assert catalogue.market([Select("sim", "BTC/USDT")]).instruments == (mine,)


def test_a_broken_record_is_named(tmp_path: Path) -> None:
    catalogue, report = stored(tmp_path, trades(3))
    (tmp_path / "imports" / f"{report.batch}.json").write_text("{")
    with pytest.raises(CatalogueError, match="cannot be read") as caught:
        catalogue.list()
    assert report.batch in caught.value.where

# SPDX-License-Identifier: MIT
"""Pictures show recorded data, name their axes, and need nothing but the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from seawall.analytics.plot.files import Tables, role_of, tables_of
from seawall.analytics.plot.gallery import PICTURES, picture
from seawall.analytics.plot.page import write_html, write_png
from seawall.analytics.plot.picture import MOST_POINTS, Picture, log_ticks, thin
from seawall.model.errors import FormatError, ResearchError

DAY = "lob/binance_usdm_btcusdt_20240808_"
PUMP = "manipulation/pump_trades_binance_BRD_2018-11-13T1700.parquet"
FILES = {
    "liquidity": (f"{DAY}lob10_100ms.parquet", f"{DAY}trades.parquet"),
    "ofi": (f"{DAY}bookticker.parquet",), "profile": (f"{DAY}trades.parquet",),
    "vpin": (PUMP,), "hawkes": (PUMP,), "temperature": (f"{DAY}lob10_100ms.parquet",),
    "surface": ("options/deribit_btc_chain_hourly_2026-01-23.parquet",),
    "smiles": ("options/deribit_eth_chain_2024-01-08.parquet",),
    "densities": ("options/deribit_btc_chain_hourly_2026-01-23.parquet",),
    "regimes": ("ohlcv/binance_btcusdt_1h_2017-08_2023-06.parquet",),
    "network": ("ohlcv/binance_spot_usdt_1h_2021-04_2023-06.parquet",),
}  # fmt: skip


def drawn(one: Picture, test_data: Path) -> Any:
    paths = [test_data / name for name in FILES[one.name]]
    if lost := [p for p in paths if not p.is_file()]:
        pytest.skip(f"no {lost[0]}")
    return one.draw(tables_of(paths, one.needs, one.name))


@pytest.mark.parametrize("one", PICTURES, ids=lambda p: p.name)
def test_it_is_drawn_from_recorded_data_with_a_title_and_points(
    test_data: Path, one: Picture
) -> None:
    figure = drawn(one, test_data)
    assert len(figure.layout.title.text) > 10
    shown = 0
    for trace in figure.data:
        values = np.asarray(trace.z if trace.type in ("heatmap", "contour") else trace.y, float)
        shown += int(np.isfinite(values).sum())
    assert 40 < shown < 60 * MOST_POINTS
    if one.name not in ("network", "smiles"):
        axes = [v for k, v in figure.layout.to_plotly_json().items() if k.startswith(("xa", "ya"))]
        assert sum(bool(a.get("title", {}).get("text")) for a in axes) >= 1


def test_both_networks_are_drawn_to_one_scale(test_data: Path) -> None:
    figure = drawn(picture("network"), test_data)
    assert figure.layout.xaxis.range == figure.layout.xaxis2.range
    assert figure.layout.yaxis.range == figure.layout.yaxis2.range


def test_every_instrument_of_a_small_network_is_named() -> None:
    rng = np.random.default_rng(2)
    common = rng.normal(0.0, 0.01, (1_200, 1))
    moves = common + rng.normal(0.0, 0.01, (1_200, 9))
    close, names = 100.0 * np.exp(np.cumsum(moves, axis=0)), [f"C{i}USDT" for i in range(9)]
    ts = np.arange(1_200) * 3_600 * 10**9
    panel = pl.DataFrame({"symbol": np.repeat(names, 1_200), "ts": np.tile(ts, 9),
                          "close": close.T.ravel()})  # fmt: skip
    figure = picture("network").draw(Tables({"panel": panel}, {"panel": "made up"}))
    nodes = [t for t in figure.data if t.text is not None]
    assert len(nodes) == 2
    for trace in nodes:
        assert sorted(trace.text) == [f"C{i}" for i in range(9)]


def test_prints_of_one_order_are_one_arrival_on_a_clock(test_data: Path) -> None:
    figure = drawn(picture("hawkes"), test_data)
    first = np.datetime64("2018-11-01")
    for trace in figure.data:
        x = np.asarray(trace.x, dtype="datetime64[ms]")
        assert (x > first).all()
        assert (np.diff(x) >= np.timedelta64(0)).all()
    assert "1 ms are one arrival" in figure.layout.title.text


def test_vpin_is_drawn_with_its_floor_below_it(test_data: Path) -> None:
    figure = drawn(picture("vpin"), test_data)
    lines = {t.name: np.asarray(t.y, dtype=float) for t in figure.data}
    assert (lines["VPIN"] > lines["noise floor"]).mean() > 0.9


def test_tables_are_told_apart_and_what_is_missing_is_named(tmp_path: Path) -> None:
    bars = pl.DataFrame({"date": [1, 2], "open": [1.0, 1.0], "close": [1.0, 2.0]})
    assert role_of(bars) == "bars"
    assert role_of(bars.with_columns(ticker=pl.Series(["A", "B"]))) == "panel"
    assert role_of(pl.DataFrame({"price": [1.0], "qty": [1.0]})) == "trades"
    assert role_of(pl.DataFrame({"x": [1.0]})) == ""
    file = tmp_path / "bars.parquet"
    bars.write_parquet(file)
    with pytest.raises(FormatError, match="vpin needs trades"):
        tables_of([file], ("trades",), "vpin")
    with pytest.raises(FormatError, match="another table"):
        tables_of([file, file], ("bars",), "regimes")
    with pytest.raises(ResearchError, match="no picture"):
        picture("vpinn")


def test_the_page_needs_nothing_else_and_can_be_photographed(tmp_path: Path, chromium: str) -> None:
    import plotly.graph_objects as go

    figure = go.Figure(go.Scatter(x=[1, 2], y=[3, 4])).update_layout(width=400, height=300)
    page = write_html(figure, tmp_path / "deep" / "one.html")
    text = page.read_text(encoding="utf-8")
    assert "<script src=" not in text
    assert len(text) > 1_000_000
    assert write_png(page, figure).read_bytes()[:4] == b"\x89PNG"


def test_a_machine_without_a_browser_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ResearchError, match="no browser"):
        write_png(tmp_path / "one.html", None)


def test_the_command_lists_pictures_and_writes_one(test_data: Path, tmp_path: Path) -> None:
    from click.testing import CliRunner
    from typer.main import get_command

    from seawall.cli.app import app

    whole: Any = get_command(app)
    answer = CliRunner().invoke(whole, ["analytics", "plot", "list", "--json"])
    assert [p["name"] for p in json.loads(answer.stdout)] == [p.name for p in PICTURES]
    file = test_data / FILES["profile"][0]
    if not file.is_file():
        pytest.skip(f"no {file}")
    words = ["analytics", "plot", "profile", str(file), "--out", str(tmp_path), "--json"]
    answer = CliRunner().invoke(whole, words)
    assert answer.exit_code == 0
    assert Path(json.loads(answer.stdout)["page"]).stat().st_size > 1_000_000


def test_lines_are_thinned_to_their_last_point_and_ticks_written_out() -> None:
    at = thin(100_001)
    assert at.size <= MOST_POINTS + 1
    assert at[-1] == 100_000
    assert thin(3).tolist() == [0, 1, 2]
    assert log_ticks([12.0, 480.0])["ticktext"] == ["10", "20", "50", "100", "200", "500"]
    assert log_ticks([]) == {}

# SPDX-License-Identifier: MIT
"""Analytics over recorded markets, through the command line as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.main import get_command

from seawall.analytics.registry import ANALYTICS, analytic
from seawall.analytics.spec import run
from seawall.analytics.tables import columns_of, join_mid, read_table
from seawall.cli.app import app

DAY = "binance_usdm_btcusdt_20240719"


def command(*words: str) -> tuple[int, str]:
    from click.testing import CliRunner as Runner

    answer = Runner().invoke(get_command(app), list(words))
    return answer.exit_code, answer.stdout


def file(test_data: Path, kind: str) -> Path:
    path = test_data / "lob" / f"{DAY}_{kind}.parquet"
    if not path.is_file():
        pytest.skip(f"no {path}")
    return path


def test_the_list_is_one_json_array_of_every_analytic() -> None:
    code, out = command("analytics", "list", "--json")
    rows = json.loads(out)
    assert code == 0
    assert [r["name"] for r in rows] == [a.name for a in ANALYTICS]
    assert set(rows[0]) == {"name", "group", "inputs", "cost_ns_per_update", "source"}
    assert all(r["source"] for r in rows)
    for row, one in zip(rows, ANALYTICS, strict=True):
        assert (row["cost_ns_per_update"] is not None) == (one.batch is not None), row["name"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("quoted_spread", "bookticker"), ("queue_imbalance", "bookticker"),
     ("weighted_mid", "bookticker"), ("ofi", "bookticker"), ("depth", "lob10_100ms"),
     ("slope", "lob10_100ms"), ("mlofi", "lob10_100ms"), ("tick_rule", "trades"),
     ("vwap", "trades"), ("twap", "trades")],
)  # fmt: skip
def test_it_runs_by_name_on_a_recorded_session(test_data: Path, name: str, kind: str) -> None:
    code, out = command("analytics", "run", name, str(file(test_data, kind)), "--json")
    assert code == 0
    for one in json.loads(out)["outputs"]:
        assert one["undefined"] < one["rows"] / 2, one["output"]


@pytest.mark.parametrize("name", ["lee_ready", "effective_spread", "vpin"])
def test_it_runs_on_trades_joined_with_quotes(test_data: Path, name: str, tmp_path: Path) -> None:
    words = ["analytics", "run", name, str(file(test_data, "trades")),
             "--quotes", str(file(test_data, "bookticker")), "--out", str(tmp_path / "v.parquet"),
             "--json"]  # fmt: skip
    if name == "vpin":
        words += ["--param", "bucket=5"]
    code, out = command(*words)
    assert code == 0
    assert json.loads(out)["outputs"][0]["undefined"] < 5_000
    assert len(read_table(tmp_path / "v.parquet")) == json.loads(out)["outputs"][0]["rows"]


def test_a_missing_column_is_named_with_how_to_give_it(test_data: Path) -> None:
    one = analytic("lee_ready")
    table = read_table(file(test_data, "trades"))
    with pytest.raises(Exception, match="'mid'") as refused:
        columns_of(one, table)
    assert "--quotes" in refused.value.mend  # type: ignore[attr-defined]


def trades_and_quotes(test_data: Path) -> Any:
    trades, quotes = (read_table(file(test_data, k)) for k in ("trades", "bookticker"))
    return join_mid(trades, quotes)


def test_lee_ready_finds_most_of_the_recorded_sides(test_data: Path) -> None:
    table = trades_and_quotes(test_data)
    got = run(analytic("lee_ready"), columns_of(analytic("lee_ready"), table))["sign"]
    side = columns_of(analytic("vpin"), table)["side"]
    known = np.isfinite(got) & (got != 0)
    assert known.mean() > 0.95
    assert (got[known] == side[known]).mean() > 0.8


def test_order_flow_explains_the_mid_of_the_same_second(test_data: Path) -> None:
    """The sign of the relation is the claim of Cont, Kukanov and Stoikov."""
    quotes = columns_of(analytic("ofi"), table := read_table(file(test_data, "bookticker")))
    flow = run(analytic("ofi"), quotes)["e"]
    mid = (quotes["bid_px"] + quotes["ask_px"]) / 2
    ts = table["local_ts_ns"].to_numpy()
    cut = np.searchsorted(ts, np.arange(ts[0], ts[-1], 10**9))[1:]
    sums = np.add.reduceat(np.nan_to_num(flow), cut)[:-1]
    kyle = run(
        analytic("kyle_lambda"),
        {"mid": mid[cut - 1], "signed_volume": np.concatenate(([0.0], sums))},
    )
    assert kyle["lambda"][-1] > 0.0
    assert kyle["t"][-1] > 5.0
    assert kyle["r2"][-1] > 0.1

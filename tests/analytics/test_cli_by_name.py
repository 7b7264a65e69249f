# SPDX-License-Identifier: MIT
"""Every analytic by name through the command line on recorded data, and what it reads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.main import get_command

from seawall.analytics.from_market import BAR_INPUTS
from seawall.analytics.registry import ANALYTICS, analytic
from seawall.analytics.spec import Analytic
from seawall.analytics.tables import columns_of, stamps
from seawall.cli.app import app

DAY = "binance_usdm_btcusdt_20240808"
CHAIN = {"option_price", "forward", "strike", "vol"}
PERP, SPOT, OTHER = "BTC/USDT:USDT", "BTC/USDT", "ETH/USDT:USDT"
NOT_RECORDED = ("triangle_edge",)
"""Three books of one venue that close a triangle were recorded nowhere."""

PARAMS: dict[str, dict[str, float]] = {
    "vpin": {"bucket": 5}, "vpin_rank": {"bucket": 5}, "crash_alert": {"slow": 60},
    "liquidity_alert": {"slow": 60}, "temperature_entropy": {"window": 2, "history": 30},
    "integrated_ofi_fit": {"seconds": 2}, "mst": {"samples": 20},
    "tail_dependence": {"samples": 20},
    "hmm_states": {"most": 2, "starts": 1}, "hmm_fit": {"starts": 1},
    "early_warning_trends": {"samples": 20}, "power_law": {"samples": 20},
    "percolation": {"samples": 5},
    "book_temperature": {"min_r2": 0, "min_bins": 3, "bin_bps": 0.05},
    "book_kinetics": {"window": 2}, "book_kinetics_l2": {"window": 2},
    "pump_rush": {"chunk": 5, "window": 10},
}  # fmt: skip
ONE_EXPIRY = ("sabr_fit", "svi_fit", "risk_neutral_density")
MOSTLY_UNDEFINED = ("roll_spread",)  # price changes in runs of prints go together


def command(*words: object) -> tuple[int, str, str]:
    from click.testing import CliRunner

    whole: Any = get_command(app)
    answer = CliRunner().invoke(whole, [str(w) for w in words])
    return answer.exit_code, answer.stdout, answer.stderr


@dataclass(frozen=True)
class Files:
    """Where the recorded data lies for this test."""

    lob: Path
    catalogue: Path
    bars: Path
    panel: Path
    chain: Path
    several: Path
    future: Path
    markets: Path


def imported(own: Path, name: str, recorded: list[Path]) -> Path:
    from seawall.data.catalogue.catalogue import Catalogue
    from seawall.data.importing.pipeline import import_files

    import_files(Catalogue(own / name), recorded)
    return own / name


def markets_of(lob: Path, own: Path) -> Path:
    """Volatility, turnover and trades of every recording as of a whole day, a row each."""
    rows = []
    for file in sorted(lob.glob("binance_[su]*_trades.parquet")):
        table = pl.read_parquet(file)
        price, ts = table["price"].to_numpy(), table["local_ts_ns"].to_numpy()
        days = float(ts.max() - ts.min()) / 86_400e9
        seconds = table.group_by((pl.col("local_ts_ns") // 10**9).alias("s")).agg(
            pl.col("price").last()).sort("s")  # fmt: skip
        moves = np.diff(np.log(seconds["price"].to_numpy()))
        rows.append({"daily_vol": float(np.sqrt((moves**2).sum() / days)),
                     "turnover": float((price * table["qty"].to_numpy()).sum() / days),
                     "trades": table.height / days})  # fmt: skip
    pl.DataFrame(rows).write_parquet(own / "markets.parquet")
    return own / "markets.parquet"


def future_of(chain: Path, own: Path) -> Path:
    """Futures of the expiries of a chain beside their index."""
    table = pl.read_parquet(chain)
    now = pl.from_epoch(pl.col("creation_timestamp"), "ms")
    expiry = pl.col("expire_date").str.to_date("%d%b%y").cast(pl.Datetime("ms")).dt.offset_by("8h")
    rows = table.group_by("expire_date").first().select(
        pl.col("underlying_price").alias("perp_px"),
        pl.col("estimated_delivery_price").alias("spot_px"),
        ((expiry - now).dt.total_seconds() / (365 * 86_400)).alias("years"),
    ).sort("years")  # fmt: skip
    rows.write_parquet(own / "future.parquet")
    return own / "future.parquet"


@pytest.fixture(scope="module")
def files(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Files:
    own = tmp_path_factory.mktemp("by_name")
    lob = test_data / "lob"
    kinds = ("depth", "bookticker", "trades")
    days = [lob / f"{DAY}_{kind}.parquet" for kind in kinds]
    others = ("binance_spot_btcusdt_20240808", "binance_usdm_ethusdt_20240808")
    both = [lob / f"{name}_{kind}.parquet" for name in others for kind in kinds]
    hours = test_data / "ohlcv" / "binance_btcusdt_1h_2017-08_2023-06.parquet"
    many = test_data / "ohlcv" / "binance_spot_usdt_1h_2021-04_2023-06.parquet"
    chain = test_data / "options" / "deribit_eth_chain_2024-01-08.parquet"
    for file in (*days, *both, hours, many, chain):
        if not file.is_file():
            pytest.skip(f"no {file}")
    pl.read_parquet(hours).tail(2_500).write_parquet(own / "bars.parquet")
    table = pl.read_parquet(many)
    names = ["BTCUSDT", "ETHUSDT", "BNBUSDT", "ADAUSDT", "XRPUSDT", "LTCUSDT", "LINKUSDT",
             "SOLUSDT"]  # fmt: skip
    since = table["date"].max() - pl.duration(hours=1_500)
    few = table.filter(pl.col("ticker").is_in(names) & (pl.col("date") > since))
    few.write_parquet(own / "panel.parquet")
    return Files(
        lob, imported(own, "catalogue", days), own / "bars.parquet", own / "panel.parquet", chain,
        imported(own, "several", [*days, *both]), future_of(chain, own), markets_of(lob, own),
    )  # fmt: skip


def source(one: Analytic, files: Files) -> list[object]:
    """Words that name the recorded data which an analytic reads."""
    wanted = set(one.inputs)
    quotes = ["--quotes", files.lob / f"{DAY}_bookticker.parquet"]
    if "returns" in wanted:
        return [files.panel]
    if "daily_vol" in wanted:
        return [files.markets]
    if {"perp_px", "years"} <= wanted:
        return [files.future]
    if {"perp_px", "left_px", "bid_pxs_2", "mids"} & wanted:
        pair = (PERP, OTHER) if "left_px" in wanted else (PERP, SPOT)
        return ["--catalogue", files.several, "--symbol", ",".join(pair)]
    if CHAIN & wanted:
        return [files.chain, *(["--expiry", 46] if one.name in ONE_EXPIRY else [])]
    if {"duration", "order_px"} & wanted:
        return ["--catalogue", files.catalogue]
    if "buys" in wanted:
        return [files.lob / f"{DAY}_trades.parquet", "--bars", 1]
    if "signed_volume" in wanted:
        return [files.lob / f"{DAY}_trades.parquet", *quotes, "--bars", 1]
    if BAR_INPUTS & wanted:
        return [files.bars]
    book = any(n.startswith(("bid_", "ask_")) for n in wanted)
    if (book and {"qty", "price"} & wanted) or {"changes", "sent"} & wanted:
        return ["--catalogue", files.catalogue]
    if any(n.endswith("_pxs") for n in wanted):
        return [files.lob / f"{DAY}_lob10_100ms.parquet"]
    if book:
        return [files.lob / f"{DAY}_bookticker.parquet"]
    return [files.lob / f"{DAY}_trades.parquet", *(quotes if "mid" in wanted else [])]


def words_of(one: Analytic) -> list[object]:
    given = PARAMS.get(one.name, {})
    return [w for k, v in given.items() for w in ("--param", f"{k}={v}")]


READABLE = [a for a in ANALYTICS if a.name not in NOT_RECORDED]


@pytest.mark.parametrize("one", READABLE, ids=lambda a: a.name)
def test_it_runs_by_name_on_recorded_data(files: Files, one: Analytic) -> None:
    code, out, err = command(
        "analytics", "run", one.name, *source(one, files), *words_of(one), "--json"
    )
    assert code == 0, err
    got = json.loads(out)
    assert got["name"] == one.name
    if one.fit is not None:
        assert len(got) > 1
        return
    for output in got["outputs"]:
        assert output["rows"] > 0
        if one.name not in MOSTLY_UNDEFINED:
            assert output["undefined"] < output["rows"], output["output"]


@pytest.fixture(scope="module")
def simulated() -> Any:
    from seawall.data.simulated.config import SimConfig
    from seawall.data.simulated.sim import Sim

    return Sim(SimConfig(duration_s=20.0, seed=7)).run().to_market()


def test_every_instrument_of_a_stream_is_in_its_panel(simulated: Any) -> None:
    from seawall.analytics.from_markets import panel_table

    table = panel_table(simulated, 1.0)
    assert table["symbol"].n_unique() == len(simulated.instruments)


def test_sides_are_numbers_or_words() -> None:
    kinds = analytic("hawkes_many_fit")
    for side in ([1.0, -1.0], ["Buy", "sell"]):
        table = pl.DataFrame({"ts": [1, 2], "side": side})
        assert columns_of(kinds, table)["kind"].tolist() == [0.0, 1.0]


def test_a_simulated_market_is_streamed_by_name_and_says_what_it_was() -> None:
    code, out, err = command("analytics", "run", "ofi", "--simulated", 5, "--seed", 3, "--json")
    assert code == 0, err
    assert "simulated 5 s, seed 3" in json.loads(out)["source"]


def test_two_sources_or_none_are_refused(tmp_path: Path) -> None:
    for words in ([], ["--simulated", "5", "--catalogue", str(tmp_path)]):
        code, _, err = command("analytics", "run", "ofi", *words)
        assert code != 0
        assert "one source" in err


def test_instruments_of_a_panel_are_named_and_long_arrays_summed_up(files: Files) -> None:
    code, out, _ = command("analytics", "run", "mst", files.panel, "--param", "samples=5", "--json")
    got = json.loads(out)
    assert code == 0
    assert got["centre"].endswith("USDT")
    assert all(" - " in link for link in got["edges"]["named"])
    code, out, _ = command("analytics", "run", "rmt", files.panel)
    assert code == 0
    assert "8 x 8 numbers" in out


def test_bars_made_of_trades_keep_their_volume_and_sides() -> None:
    from seawall.analytics.from_market import bars_of

    second = 10**9
    trades = pl.DataFrame({"ts": [1, 2, second + 1], "price": [10.0, 12.0, 11.0],
                           "qty": [1.0, 2.0, 4.0], "side": [1.0, -1.0, -1.0]})  # fmt: skip
    bars = bars_of(trades, 1.0)
    assert bars["ts"].to_list() == [second, 2 * second]
    assert bars["high"].to_list() == [12.0, 11.0]
    assert bars["volume"].to_list() == [3.0, 4.0]
    assert bars["turnover"].to_list() == [34.0, 44.0]
    assert bars["signed_volume"].to_list() == [-1.0, -4.0]


@pytest.mark.parametrize("unit", [10**9, 10**6, 10**3, 1])
def test_whole_times_are_read_in_the_unit_of_their_size(unit: int) -> None:
    at = 1_700_000_000 * 10**9
    assert stamps(pl.DataFrame({"timestamp": [at // unit]})).tolist() == [at]

# SPDX-License-Identifier: MIT
"""``seawall data`` as a user meets it."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from seawall.cli.app import app

from .catalogue_helpers import T0, S, write_csv
from .venue_server import Site, serving


@pytest.fixture
def seawall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()

    def run(*words: object) -> Result:
        return runner.invoke(app, ["--set", "catalogue.root=c", "data", *map(str, words)])

    return run


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    lines = [f"{T0 + i * S},{100 + i % 5},1.5,{i % 2}" for i in range(20)]
    text = "\n".join(["ts,price,qty,taker_buy", *lines, f"{T0},-1,1,1"])
    return write_csv(tmp_path / "binance_BTCUSDT.csv", text)


def last_json(result: Result) -> dict[str, object]:
    made: dict[str, object] = json.loads(result.stdout.strip().splitlines()[-1])
    return made


def test_import_list_show_check_export_end_with_the_next_command(seawall, csv: Path) -> None:
    result = seawall("import", csv)
    assert result.exit_code == 0, result.output
    assert "1 price at or below zero" in result.stdout
    assert "next: seawall data show binance BTC/USDT trades" in result.stderr
    result = seawall("list")
    assert "BTC/USDT" in result.stdout
    assert "next:" in result.stderr
    result = seawall("show", "binance", "BTC/USDT")
    assert "2023-11-14T22:13:20Z" in result.stdout
    result = seawall("check", "--symbol", "BTC")
    assert result.exit_code == 0
    assert "price at or below zero" in result.stdout
    result = seawall("export", "binance", "BTC/USDT", "trades", "--to", "x.csv")
    assert Path("x.csv").read_text().count("\n") == 21
    assert "next:" in result.stderr


def test_json_is_one_object_last(seawall, csv: Path) -> None:
    out = last_json(seawall("import", csv, "--json"))
    (report,) = out["reports"]
    assert (report["rows_in"], report["rows_kept"]) == (21, 20)
    assert report["series"][0]["quarantined"][0]["name"] == "price at or below zero"
    assert last_json(seawall("list", "--json"))["series"][0]["rows"] == 20
    shown = last_json(seawall("show", "binance", "BTC/USDT", "--json"))
    assert shown["series"][0]["instrument"]["tick"] == "1"
    assert last_json(seawall("check", "--json"))["damaged"] == []
    words = ("export", "binance", "BTC/USDT", "trades", "--to", "x.npz", "--json")
    exported = last_json(seawall(*words))
    assert exported["rows"] == 20


def test_one_bad_file_of_many_is_named_and_the_others_are_stored(
    seawall, csv: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 nothing PAR1")
    result = seawall("import", csv, tmp_path / "broken.parquet")
    assert result.exit_code == 3
    assert "broken.parquet" in result.stderr
    assert last_json(seawall("list", "--json"))["series"][0]["rows"] == 20


def test_a_mapping_is_given_on_the_command_line(seawall, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", f"t,p,q,s\n{T0},10,1,buy")
    result = seawall(
        "import", path, "--venue", "okx", "--symbol", "A/B", "--kind", "trades", "--map", "ts=t",
        "--map", "price=p", "--map", "qty=q", "--map", "taker_buy=s", "--json",
    )  # fmt: skip
    assert last_json(result)["reports"][0]["rows_kept"] == 1
    result = seawall("import", path, "--map", "nonsense")
    assert result.exit_code == 2
    assert "maps nothing" in result.stderr


def test_errors_say_what_where_and_mend_without_a_traceback(seawall, tmp_path: Path) -> None:
    result = seawall("import", tmp_path / "no-such-file")
    assert result.exit_code == 3
    assert "no such file" in result.stderr
    assert "Traceback" not in result.output
    result = seawall("show", "binance", "BTC/USDT")
    assert result.exit_code == 3
    assert "import first" in result.stderr


def test_a_damaged_file_fails_the_check(seawall, csv: Path, tmp_path: Path) -> None:
    seawall("import", csv)
    (part,) = (tmp_path / "c" / "data").rglob("*.parquet")
    part.write_bytes(part.read_bytes()[:-1] + b"?")
    result = seawall("check")
    assert result.exit_code == 3
    assert "not as they were written" in result.stderr


def test_download_fetches_from_the_archive_and_imports(seawall, tmp_path: Path) -> None:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        rows = [
            f"{open_ms},1,2,0.5,1.5,3,{open_ms + 59_999},4,5,6,7,0"
            for open_ms in range(1_704_067_200_000, 1_704_153_600_000, 60_000)
        ]
        archive.writestr("BTCUSDT-1m-2024-01-01.csv", "\n".join(rows))
    path = "/data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2024-01-01.zip"
    digest = hashlib.sha256(body.getvalue()).hexdigest()
    site = Site(files={path: body.getvalue(), path + ".CHECKSUM": f"{digest}  x".encode()})
    with serving(site):
        result = seawall(
            "download", "binance", "BTC/USDT", "bars_1m", "--start", "2024-01-01", "--end",
            "2024-01-02", "--url", site.url, "--rate", "1000", "--json",
        )  # fmt: skip
    assert result.exit_code == 0, result.output
    (report,) = last_json(result)["reports"]
    assert (report["importer"], report["rows_kept"]) == ("binance-archive", 1440)
    (series,) = last_json(seawall("list", "--json"))["series"]
    assert (series["kind"], series["first_ns"]) == ("bars_1m", 1_704_067_260_000_000_000)


def test_the_data_room_loads_nothing_heavy_before_it_is_used() -> None:
    code = (
        "import sys, seawall.data\n"
        "bad = {'polars', 'duckdb', 'numba', 'ccxt', 'pyarrow', 'numpy'} & set(sys.modules)\n"
        "assert not bad, bad\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

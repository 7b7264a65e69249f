# SPDX-License-Identifier: MIT
"""What commands print goes where a person and a program look for it."""

from __future__ import annotations

import json
import math
import os
import pty
import sys
from pathlib import Path

import pytest

from seawall.cli.output import next_steps, print_json, progress, say, table
from seawall.model.order import Side


def test_a_table_goes_to_standard_output_with_dashes_for_what_is_unknown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    table(
        "Fills", ["side", "price"], [("buy", 1.5), ("sell", None)], numeric=["price"], note="2 rows"
    )
    out, err = capsys.readouterr()
    assert err == ""
    rows = [line.split() for line in out.splitlines() if line.strip()]
    assert ["buy", "1.5"] in rows
    assert ["sell", "-"] in rows
    assert out.splitlines()[0].startswith("Fills")
    assert "2 rows" in out


def test_cells_are_text_and_never_markup(capsys: pytest.CaptureFixture[str]) -> None:
    table("T", ["a"], [("[red]x[/red] [1]",)])
    assert "[red]x[/red] [1]" in capsys.readouterr().out


def test_the_next_command_and_remarks_leave_standard_output_clean(
    capsys: pytest.CaptureFixture[str],
) -> None:
    next_steps("seawall demo", "seawall doctor")
    say("compiled once, then cached")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "next: seawall demo",
        "  or: seawall doctor",
        "compiled once, then cached",
    ]


def test_json_is_one_line_that_any_reader_takes(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"report": Path("r.html"), "side": Side.BUY, "sharpe": math.nan})
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert json.loads(out) == {"report": "r.html", "side": "buy", "sharpe": None}


def test_progress_is_silent_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("importing", total=3) as advance:
        for _ in range(3):
            advance(1)
    assert capsys.readouterr() == ("", "")


def test_progress_is_shown_on_a_terminal() -> None:
    code = (
        "from seawall.cli.output import progress\n"
        "import time\n"
        "with progress('importing', total=2) as advance:\n"
        "    advance(1); time.sleep(0.3); advance(1)\n"
    )
    child, end = pty.fork()
    if child == 0:  # pragma: no cover
        os.execv(sys.executable, [sys.executable, "-c", code])
    shown = b""
    while True:
        try:
            part = os.read(end, 4096)
        except OSError:  # the terminal of a process that has ended
            break
        if not part:
            break
        shown += part
    os.close(end)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert b"importing" in shown
    assert b"50%" in shown

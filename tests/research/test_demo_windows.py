# SPDX-License-Identifier: MIT
"""What the demonstration says about each attack, and what it does not claim."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from seawall.cli.app import app
from seawall.engine.outcome import EQUITY, FILL, Outcome
from seawall.engine.settings import EngineSettings
from seawall.model.errors import ResearchError
from seawall.research.backtest import Result
from seawall.research.demo import run
from seawall.research.demo.windows import (
    ONE_SEED,
    OUTSIDE,
    WHOLE,
    AttackWindow,
    cells,
    equity_at,
    pnl_within,
    section,
    window_rows,
)
from seawall.research.report import summarise

SECOND = 10**9
ORIGIN = 1_735_732_800 * SECOND
Make = Callable[..., Outcome]


def logged(base: Outcome, equity: list[float], fills_s: tuple[float, ...] = ()) -> Outcome:
    """One equity sample a second from the first second on, and fills at given seconds."""
    e = np.zeros(len(equity), dtype=EQUITY)
    e["ts"] = ORIGIN + SECOND * np.arange(1, len(equity) + 1)
    e["equity"] = equity
    f = np.zeros(len(fills_s), dtype=FILL)
    f["ts"] = [ORIGIN + int(s * SECOND) for s in fills_s]
    return replace(base, equity=e, fills=f, initial_equity=100.0)


def result(outcome: Outcome, band: tuple[Outcome, ...] = ()) -> Result:
    named = tuple(zip(("pessimistic", "optimistic"), band, strict=False))
    market = None  # the table reads equity and fills alone
    return Result("q", outcome, named, summarise(outcome, bootstrap=0), market, EngineSettings())


def window(start_s: float, end_s: float, kind: str = "wash") -> AttackWindow:
    return AttackWindow(
        kind, "BTC/USDT@simex", ORIGIN + int(start_s * SECOND), ORIGIN + int(end_s * SECOND)
    )


def test_equity_between_samples_is_that_of_the_sample_before(idle_outcome: Outcome) -> None:
    log = logged(idle_outcome, [101.0, 103.0, 99.0])
    times = [ORIGIN, ORIGIN + SECOND, ORIGIN + SECOND * 5 // 2, ORIGIN + 9 * SECOND]
    assert equity_at(log, times).tolist() == [100.0, 101.0, 103.0, 99.0]
    assert equity_at(logged(idle_outcome, []), times[:2]).tolist() == [100.0, 100.0]


def test_a_window_holds_its_start_and_not_its_end(idle_outcome: Outcome) -> None:
    log = logged(idle_outcome, [101.0, 103.0, 99.0, 90.0], fills_s=(1.0, 2.0, 3.0))
    row, *_ = window_rows([window(1, 3)], result(log), result(log), ORIGIN)
    assert row.naive.pnl == 99.0 - 101.0
    assert row.naive.fills == 2
    assert (row.start_s, row.duration_s) == (1.0, 2.0)


def test_each_variant_is_read_from_its_own_log_and_its_own_fill_models(
    idle_outcome: Outcome,
) -> None:
    calm = logged(idle_outcome, [100.0, 100.0, 99.0, 99.0])
    burnt = logged(idle_outcome, [100.0, 100.0, 40.0, 30.0], fills_s=(2.5,))
    worse = logged(idle_outcome, [100.0, 100.0, 39.0, 39.0])
    row, *_ = window_rows([window(2, 3)], result(burnt, (worse, burnt)), result(calm), ORIGIN)
    assert (row.naive.pnl, row.defended.pnl) == (-60.0, -1.0)
    assert row.naive.pnl_band == (-61.0, -60.0)
    assert (row.naive.fills, row.defended.fills) == (1, 0)
    written = cells(row)
    assert written[0] == "wash trading"
    assert written[1] == "00:02 … 00:03"
    assert written[2] == "−1.00"  # noqa: RUF001  the minus sign is meant
    assert written[3] == "−60.00 [−61.00 … −60.00]"  # noqa: RUF001
    assert cells(row, band=False)[3] == "−60.00"  # noqa: RUF001


@given(
    steps=st.lists(st.floats(-50, 50), min_size=8, max_size=40),
    cuts=st.lists(st.integers(0, 45), min_size=4, max_size=4, unique=True),
)
def test_attacks_and_the_rest_add_up_to_the_whole_run(
    outcome_factory: Make, steps: list[float], cuts: list[int]
) -> None:
    base = outcome_factory(fills=0, rejects=0, samples=50)
    log = logged(base, (100 + np.cumsum(steps)).tolist(), fills_s=(0.5, 2.5, 7.0))
    a, b, c, d = sorted(cuts)
    *attacks, outside, whole = window_rows(
        [window(c, d), window(a, b)], result(log), result(log), ORIGIN
    )
    assert [r.start_s for r in attacks] == [a, c]
    assert (outside.label, whole.label) == (OUTSIDE, WHOLE)
    parts = [*attacks, outside]
    assert whole.naive.pnl == pytest.approx(log.equity["equity"][-1] - 100.0, abs=1e-9)
    assert sum(r.naive.pnl for r in parts) == pytest.approx(whole.naive.pnl, abs=1e-9)
    assert sum(r.naive.fills for r in parts) == whole.naive.fills == 3


def test_a_window_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ResearchError, match="ends before it starts"):
        window(3, 3)


def test_no_attack_makes_no_table(idle_outcome: Outcome) -> None:
    log = result(logged(idle_outcome, [100.0]))
    assert window_rows([], log, log, ORIGIN) == []


def test_the_section_says_that_it_is_one_seed_and_what_measures(idle_outcome: Outcome) -> None:
    log = result(logged(idle_outcome, [100.0, 90.0, 80.0]))
    said = section(window_rows([window(1, 2)], log, log, ORIGIN), "USDT")
    assert any(ONE_SEED in s and "seawall attack report --seeds 20" in s for s in said.sentences)
    assert pnl_within(log.outcome, ORIGIN, ORIGIN + 2 * SECOND) == -10.0
    assert {len(row) for row in said.rows} == {len(said.columns)}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, Path]:
    """Run the command on a minute with one attack; standard output, error and the folder."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "ATTACKS", (("withdraw", 20.0, 20.0), ("wash", 50.0, 60.0)))
        patch.setenv("COLUMNS", "140")
        patch.chdir(folder)
        answer = CliRunner().invoke(app, ["demo", "--minutes", "1", "--out", "out"])
    assert answer.exit_code == 0, (answer.output, answer.exception)
    return answer.stdout, answer.stderr, folder / "out"


def test_the_command_prints_the_attacks_that_ran_and_names_the_measurement(
    shown: tuple[str, str, Path],
) -> None:
    out, err, _ = shown
    told = " ".join(out.split())
    assert "BTC/USDT:USDT@simex was attacked" in told
    assert "00:20 … 00:40" in told
    assert "one seed and no estimate" in told
    assert "wash trading" not in told, "an attack that does not fit does not run"
    assert "seawall attack report --seeds 20" in err


def test_the_report_carries_the_same_rows(shown: tuple[str, str, Path]) -> None:
    page = (shown[2] / "report.html").read_text()
    assert 'href="#attacks"' in page
    assert "00:20 … 00:40" in page
    assert "one seed and no estimate" in page
    assert "scripted attacks (liquidity withdrawal)" in page


def test_rows_of_the_json_add_up_to_the_figures_beside_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "ATTACKS", (("spoof", 10.0, 20.0),))
    words = ["demo", "--minutes", "1", "--out", str(tmp_path / "out"), "--json"]
    told = json.loads(CliRunner().invoke(app, words).stdout.splitlines()[-1])
    spoof, outside, whole = told["windows"]
    assert (spoof["label"], spoof["start_s"], spoof["duration_s"]) == ("spoof", 10.0, 20.0)
    assert outside["start_s"] is None
    for variant in ("naive", "defended"):
        figures = told["metrics"][variant]["metrics"]
        made = figures["final_equity"] - figures["initial_equity"]
        assert math.isclose(whole[variant]["pnl"], made, abs_tol=1e-6)
        parts = spoof[variant]["pnl"] + outside[variant]["pnl"]
        assert math.isclose(parts, made, abs_tol=1e-6)
        assert spoof[variant]["fills"] + outside[variant]["fills"] == figures["fills"]


def test_a_market_too_short_for_an_attack_claims_none() -> None:
    assert "too short for a scripted attack" in run.simulated_note(())
    both = run.simulated_note((window(1, 2, "spoof"), window(3, 4, "wash")))
    assert "scripted attacks (spoofing, wash trading)" in both

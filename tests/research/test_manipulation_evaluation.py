# SPDX-License-Identifier: MIT
"""Judging the detectors: counts, splits without leakage, and recorded pumps."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import binomtest, poisson

from seawall.analytics.manipulation.scores import DETECTORS
from seawall.model.errors import DataError, ResearchError
from seawall.research.manipulation import (
    PUBLISHED,
    Counts,
    evaluate_pumps,
    evaluate_simulated,
    false_alarms,
)
from seawall.research.manipulation.counts import rate_95, wilson
from seawall.research.manipulation.events import FEATURES, Event, load_events, load_natural
from seawall.research.manipulation.logistic import fit, squash
from seawall.research.manipulation.pumps import alarms_of, judge
from seawall.research.manipulation.simulated import TARGETS, run_trial

NS = 10**9


def test_precision_recall_and_f1_are_those_of_the_book() -> None:
    total = Counts(3, 1, 4, 2, (5.0, 1.0, 9.0)) + Counts(1, 0, 1, 0, (3.0,))
    assert total.recall == pytest.approx(4 / 5)
    assert total.precision == pytest.approx(5 / 7)
    assert total.f1 == pytest.approx(2 * (5 / 7) * 0.8 / (5 / 7 + 0.8))
    assert total.latency_s == 4.0
    nothing = Counts(0, 2, 0, 0)
    assert nothing.f1 == 0.0
    assert np.isnan(nothing.precision)
    assert np.isnan(nothing.latency_s)


@pytest.mark.parametrize(("hits", "trials"), [(0, 5), (4, 5), (5, 5), (17, 24)])
def test_intervals_of_shares_are_wilsons(hits: int, trials: int) -> None:
    want = binomtest(hits, trials).proportion_ci(method="wilson")
    assert wilson(hits, trials) == pytest.approx((want.low, want.high), abs=1e-12)


def test_intervals_of_rates_leave_a_fortieth_on_each_side() -> None:
    low, high = rate_95(3, 2.0)
    assert poisson.sf(2, 2.0 * low) == pytest.approx(0.025)
    assert poisson.cdf(3, 2.0 * high) == pytest.approx(0.025)
    assert rate_95(0, 2.0)[0] == 0.0


def test_the_logistic_model_is_the_penalised_optimum() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 3))
    y = rng.random(300) < 1 / (1 + np.exp(-(x @ [1.0, -2.0, 0.0] - 1.0)))
    model = fit(x, y, ridge=2.0)
    z = np.column_stack(((squash(x) - model.centre) / model.scale, np.ones(300)))

    def loss(w: np.ndarray) -> float:
        line = z @ w
        return float(np.logaddexp(0, line).sum() - line[y].sum() + (w[:-1] ** 2).sum())

    best = minimize(loss, np.zeros(4), method="BFGS", options={"gtol": 1e-9})
    assert loss(model.weights) == pytest.approx(best.fun, abs=1e-8)
    np.testing.assert_allclose(model.weights, best.x, atol=1e-4)
    with pytest.raises(ResearchError, match="class"):
        fit(x, np.zeros(300, bool))


def event(score_at: dict[int, float], announced_s: int = 5_000) -> Event:
    ts = np.arange(10_000, dtype=np.int64) * NS
    score = np.zeros(ts.size)
    for second, value in score_at.items():
        score[second] = value
    features = np.zeros((ts.size, len(FEATURES)))
    return Event("COIN", announced_s * NS, ts, features, score, np.ones(ts.size, bool),
                 ts[:1], np.zeros((1, 2)))  # fmt: skip


def test_an_alarm_counts_once_in_half_an_hour_and_is_right_near_its_label() -> None:
    seen = event({100: 0.9, 1_000: 0.9, 5_020: 0.9, 5_030: 0.8})
    assert (alarms_of(seen, seen.score, 0.5) // NS).tolist() == [100, 5_020]
    got = judge(seen, seen.score, 0.5)
    assert (got.found, got.right, got.wrong) == (1, 1, 1)
    assert got.latencies_s == (20.0,)
    missed = judge(event({5_400: 0.9}), event({5_400: 0.9}).score, 0.5)
    assert (missed.found, missed.missed, missed.wrong) == (0, 1, 1)


def test_no_seed_both_chooses_and_reports() -> None:
    with pytest.raises(ValueError, match="both"):
        evaluate_simulated((1, 2), (2, 3))


def test_every_detector_has_attacks_to_be_judged_on() -> None:
    assert {d.name for d in DETECTORS} == set(TARGETS)


def test_the_same_seed_gives_the_same_evidence_and_another_attack_does_not() -> None:
    one, again, clean = run_trial("wash", 3), run_trial("wash", 3), run_trial("", 3)
    for a, b in zip(one.evidence, again.evidence, strict=True):
        assert np.array_equal(a.score, b.score, equal_nan=True)
    before = one.evidence[0].ts < one.start_ns
    assert np.array_equal(
        one.evidence[0].score[before], clean.evidence[0].score[before], equal_nan=True
    )
    assert not np.array_equal(one.evidence[0].score, clean.evidence[0].score, equal_nan=True)


def test_a_quiet_market_is_watched_for_as_long_as_it_lasts() -> None:
    from dataclasses import replace

    from seawall.data.simulated import simulate
    from seawall.data.simulated.config import BTC, preset

    config = replace(preset("small"), duration_s=60.0, venues=1, assets=(BTC,))
    quiet = false_alarms(simulate(config).to_market())
    assert {q.detector for q in quiet} == {d.name for d in DETECTORS}
    wash = next(q for q in quiet if q.detector == "wash")
    assert wash.hours == pytest.approx(2 * 41 / 3_600, rel=0.1)  # two books less the warm-up
    assert wash.low <= wash.alarms / wash.hours <= wash.high


def test_published_figures_add_up() -> None:
    for p in PUBLISHED:
        f1 = 2 * p.precision * p.recall / (p.precision + p.recall)
        # Means over folds do not add up exactly.
        assert p.f1 == pytest.approx(f1, abs=1.0)


def test_a_folder_without_pumps_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no trades"):
        evaluate_pumps(tmp_path)


@pytest.fixture(scope="module")
def pumps(test_data: Path) -> Path:
    folder = test_data / "manipulation"
    if not list(folder.glob("pump_trades_*.parquet")):
        pytest.skip(f"no trades around labelled pumps in {folder}")
    return folder


def test_recorded_pumps_are_found_by_the_published_threshold(pumps: Path) -> None:
    report = evaluate_pumps(pumps)
    rule = report.splits[0]
    assert len(report.events) == 5
    assert rule.counts.found == 4
    assert rule.counts.wrong == 2
    assert rule.missed == ("BRD 2018-12-22T17:00",)
    assert all(0.0 < late < 25.0 for late in rule.counts.latencies_s)
    assert rule.per_month < 1.0
    hourly = report.splits[1]
    assert hourly.counts.recall == 1.0
    assert hourly.counts.precision < 0.2  # as published for the same kind of rule: 0.16


def test_no_coin_stands_on_both_sides_and_the_future_teaches_nothing(
    pumps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from seawall.research.manipulation import pumps as module

    sides: list[tuple[set[str], set[str], bool]] = []
    real = module._learned

    def spy(protocol: str, given: list, *rest: object) -> object:
        for train, test in given:
            before = max(e.announced_ns for e in train) < min(e.announced_ns for e in test)
            sides.append(({e.coin for e in train}, {e.coin for e in test}, before))
            assert not {e.coin for e in train} & {e.coin for e in test}
            assert before or "forward" not in protocol
        return real(protocol, given[:1], *rest)

    monkeypatch.setattr(module, "_learned", spy)
    evaluate_pumps(pumps)
    assert len(sides) >= 8


def test_natural_moves_are_parted_by_time(pumps: Path) -> None:
    natural = load_natural(pumps)
    assert natural is not None
    early, late = natural.part(first=True), natural.part(first=False)
    assert early.move.max() < late.move.min()
    assert early.moves + late.moves == natural.moves
    assert load_natural(pumps, chunk_s=7.0) is None


def test_features_of_a_recording_know_nothing_of_the_future(pumps: Path, tmp_path: Path) -> None:
    import polars as pl

    (path, *_) = sorted(pumps.glob("pump_trades_binance_DLT*.parquet"))
    table = pl.read_parquet(path).sort("timestamp", maintain_order=True)
    table.head(20_000).write_parquet(tmp_path / path.name)
    (part,) = load_events(tmp_path)
    whole = next(e for e in load_events(pumps) if e.name == part.name)
    assert np.array_equal(part.features, whole.features[:20_000], equal_nan=True)


def run_cli(*words: str) -> dict[str, object]:
    from typer.testing import CliRunner

    from seawall.cli.app import app

    answer = CliRunner().invoke(app, list(words))
    assert answer.exit_code == 0, answer.output
    value: dict[str, object] = json.loads(answer.stdout.splitlines()[-1])
    return value


def test_the_command_prints_figures_beside_published_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEAWALL_TEST_DATA", raising=False)
    got = run_cli("manipulation", "evaluate", "--seeds", "0", "--json")
    assert got["simulated"] is None
    assert got["pumps"] is None
    assert len(got["published"]) == len(PUBLISHED)  # type: ignore[arg-type]


def test_the_scan_of_simulated_files_says_why(tmp_path: Path) -> None:
    from dataclasses import replace

    from seawall.data.simulated import simulate
    from seawall.data.simulated.config import BTC, AttackConfig, preset

    config = replace(
        preset("small"), duration_s=130.0, venues=1, assets=(BTC,), seed=5,
        attacks=(AttackConfig("wash", 80.0, 30.0, 1.0, 1),),
    )  # fmt: skip
    out = simulate(config).write(tmp_path / "sim") / "feeds"
    got = run_cli("manipulation", "scan", str(out), "--detector", "wash", "--json")
    assert len(got["scans"]) == 2  # type: ignore[arg-type]
    (alarm, *_) = got["alarms"]  # type: ignore[misc]
    assert alarm["symbol"] == "BTC/USDT:USDT"
    assert "prints" in alarm["reason"]
    assert alarm["score"] >= 0.25
    gaps = run_cli("arbitrage", "scan", str(out), "--json")
    assert gaps["opportunities"] == []
    assert len(gaps["books"]) == 1  # type: ignore[arg-type]

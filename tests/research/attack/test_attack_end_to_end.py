# SPDX-License-Identifier: MIT
"""The whole lab on a small scale: from a market to the figures, the attacker and the page."""

from __future__ import annotations

import builtins
import json
import re
from pathlib import Path

import numpy as np
import pytest

from seawall.model.errors import ResearchError
from seawall.research.attack import adaptive, lab
from seawall.research.attack.adaptive import REACH_SD, Poison, WorstFound, search
from seawall.research.attack.attacks import ATTACKS, Dose
from seawall.research.attack.lab import LabReport, make_report, save_report
from seawall.research.attack.page import write_page
from seawall.research.attack.quiet import Quiet
from seawall.research.attack.runs import Run, run_variant
from seawall.research.attack.sampling import FEATURES
from seawall.research.attack.settings import DEFENCES, FULL, NAIVE, Defences, LabSettings
from seawall.research.attack.sight import Sight
from seawall.research.attack.summary import AttackRow, Worth, summarise
from seawall.research.attack.teaching import COLUMNS, Teaching
from seawall.research.attack.trial import Record

Campaign = tuple[list[Record], Path]


def test_a_campaign_holds_every_seed_attack_and_variant_once(campaign: Campaign) -> None:
    records, _ = campaign
    keys = [(r.seed, r.attack, r.variant) for r in records]
    assert len(keys) == len(set(keys)) == 3 * 4 + 3 * 2
    for r in records:
        assert np.isfinite(r.pnl)
        assert r.displacement == 0.0 if r.attack == "clean" else r.displacement > 0.0


def test_the_rows_of_a_campaign_carry_the_promised_keys(campaign: Campaign) -> None:
    rows = [r.as_dict() for r in summarise(campaign[0])]
    assert [r["attack"] for r in rows] == ["data_poisoning", "wash_trading"]
    for row in rows:
        assert {
            "attack", "impact_removed", "interval", "naive_pnl", "defended_pnl", "clean_cost",
            "clean_cost_interval", "alarm_recall", "alarm_precision", "alarm_latency_s",
            "recovery_s", "rollbacks", "ablation", "target", "displacement_removed",
        } <= set(row)  # fmt: skip
        assert row["seeds"] == 2
        assert set(row["ablation"]) == {"admission", "gate"}
        json.dumps(row, allow_nan=False)


def test_poison_moves_the_naive_model_more_than_the_defended_one(campaign: Campaign) -> None:
    moved = {
        (r.seed, r.variant): r.displacement for r in campaign[0] if r.attack == "data_poisoning"
    }
    for seed in {s for s, _ in moved}:
        assert moved[seed, "naive"] > 2.0 * moved[seed, "defended"]
    first = min(s for s, _ in moved)
    assert moved[first, "without admission"] > moved[first, "defended"], "admission did it"
    (poison, _) = summarise(campaign[0])
    assert poison.displacement_removed > 0.5
    assert poison.alarm_recall == 1.0


def test_the_golden_set_is_clean_markets_that_no_campaign_trades(
    teaching: Teaching, tiny: LabSettings, campaign: Campaign
) -> None:
    golden = teaching.golden
    assert [w.name for w in golden.windows] == [f"seed {s}" for s in tiny.golden_seeds]
    assert golden.names == COLUMNS
    assert not {r.seed for r in campaign[0]} & set(tiny.golden_seeds)
    # The features foretell what is called their outcome: there is something to learn.
    cov = teaching.reference.covariance
    beta = np.linalg.solve(cov[:-1, :-1], cov[:-1, -1])
    share = beta @ cov[:-1, -1] / cov[-1, -1]
    assert 0.05 < share < 0.9
    assert 0.0 < teaching.screen.tolerance < 5.0


def test_golden_markets_taught_twice_teach_the_same(tiny: LabSettings, teaching: Teaching) -> None:
    from seawall.research.attack.teaching import teach

    told: list[float] = []
    again = teach(tiny, told.append)
    assert again.golden.digest == teaching.golden.digest
    assert again.screen.tolerance == teaching.screen.tolerance
    assert again.profile == teaching.profile
    assert sum(told) == len(tiny.golden_seeds)


def test_a_poison_keeps_to_its_source_time_and_direction(
    sight: Sight, tiny: LabSettings, teaching: Teaching
) -> None:
    poison = Poison((1.0, 0.0, 0.0, 0.0, 0.0), (0.0, 2.0, 0.0, 0.0, 0.0), 0.5)
    forged = poison.forged(sight, tiny, teaching, 30.0)
    assert not forged[:, [0, 2]].any()
    touched = np.flatnonzero(np.abs(forged).sum(axis=(1, 2)))
    assert (touched[0], touched[-1]) == (150, 179)
    sd = np.sqrt(np.diag(teaching.reference.covariance))
    outcome = sight.raw.outcomes(tiny.terms.horizon)[150:180, 1]
    np.testing.assert_allclose(forged[150:180, 1, 0], sd[0])
    np.testing.assert_allclose(forged[150:180, 1, 1], -2.0 * np.sign(outcome) * sd[1])
    np.testing.assert_allclose(
        forged[150:180, 1, 5], -0.5 * teaching.screen.tolerance * np.sign(outcome)
    )
    assert not forged[150:180, 1, 2:5].any()


@pytest.fixture(scope="module")
def worst(teaching: Teaching, tiny: LabSettings) -> WorstFound:
    return search(
        teaching, tiny, trials=3, search_seeds=(30_001,), seeds=(40_001, 40_002),
        duration_s=60.0,
    )  # fmt: skip


def test_the_adaptive_attacker_reports_the_worst_that_it_found(worst: WorstFound) -> None:
    told = json.loads(json.dumps(worst.as_dict()))
    assert set(told) == {
        "attack", "constant_sd", "against_outcome_sd", "outcome_share_of_tolerance", "trials",
        "search_seeds", "seeds", "naive_change", "naive_change_interval", "defended_change",
        "defended_change_interval", "rollbacks", "defended_clean_pnl",
    }  # fmt: skip
    assert told["attack"] == "adaptive"
    assert (told["trials"], told["search_seeds"], told["seeds"]) == (3, 1, 2)
    for name in ("constant_sd", "against_outcome_sd"):
        assert list(told[name]) == list(FEATURES)
        assert all(abs(v) <= REACH_SD for v in told[name].values())
    assert 0.0 <= told["outcome_share_of_tolerance"] <= 1.0
    low, high = worst.defended_interval
    assert low <= worst.defended_change <= high


def test_the_same_search_finds_the_same(
    worst: WorstFound, teaching: Teaching, tiny: LabSettings
) -> None:
    told: list[float] = []
    again = search(
        teaching, tiny, trials=3, search_seeds=(30_001,), seeds=(40_001, 40_002),
        duration_s=60.0, advance=told.append,
    )  # fmt: skip
    assert again == worst
    assert sum(told) == 3 + 2


def test_the_attacker_wants_the_defended_to_lose_and_not_to_be_seen(
    sight: Sight, teaching: Teaching, tiny: LabSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[tuple[float, np.ndarray]] = []

    def imagined(sight: Sight, defences: Defences, *rest: object) -> Run:
        """Loses by a poison of the flow; notices one of the depth."""
        forged = rest[2] if len(rest) > 2 else None
        if forged is None:
            return Run(10.0, 0, 0, 0, float("nan"), 0.0, [])
        lost, seen = (float(np.abs(forged[:, :, k]).max()) for k in (0, 1))
        run = Run(10.0 - lost, 0, 0, round(seen), float("nan"), 0.0, [])
        tried.append((10.0 - run.pnl - adaptive.ROLLBACK_PRICE * run.rollbacks, forged))
        return run

    monkeypatch.setattr(adaptive, "run_variant", imagined)
    monkeypatch.setattr(adaptive, "sights", lambda seeds, settings: [sight] * len(seeds))
    found = search(teaching, tiny, trials=12, search_seeds=(1,), seeds=(2, 3), duration_s=60.0)
    gains = [gain for gain, _ in tried[:12]]
    assert len(set(gains)) > 6
    best = tried[int(np.argmax(gains))][1]
    np.testing.assert_array_equal(found.poison.forged(sight, tiny, teaching, 60.0), best)
    assert found.defended_change == pytest.approx(-float(np.abs(best[:, :, 0]).max()))
    assert found.defended_clean_pnl == 10.0


def test_a_search_without_optuna_names_the_extra(
    teaching: Teaching, tiny: LabSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object) -> object:
        if name == "optuna":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ResearchError) as told:
        search(teaching, tiny, trials=1)
    assert "seawall[sweep]" in str(told.value.mend)


def test_forecasts_of_the_learner_are_worth_something_in_a_clean_market(
    sight: Sight, teaching: Teaching, tiny: LabSettings
) -> None:
    for defences in (NAIVE, FULL):
        run = run_variant(sight, defences, teaching, tiny)
        assert run.skill > 0.1, "an attack on a model that knows nothing shows nothing"
        assert [row for row, _, _ in run.path] == [120, 150, 180, 210]


@pytest.fixture
def report(
    tiny: LabSettings, teaching: Teaching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> LabReport:
    monkeypatch.setattr(lab, "teach", lambda settings: teaching)
    said: list[str] = []
    made = make_report(
        2, tmp_path, attacks=["spoofing", "data_poisoning"], ablation_seeds=1, dose_seeds=0,
        trials=0, workers=1, command="seawall attack report", settings=tiny, say=said.append,
    )  # fmt: skip
    assert len(said) == 1, "the golden set is made once"
    return made


def test_a_report_made_twice_is_the_same_and_is_kept_as_json(
    report: LabReport, tiny: LabSettings, tmp_path: Path
) -> None:
    assert [r.attack for r in report.rows] == ["spoofing", "data_poisoning"]
    assert set(report.rows[0].ablation) == set(DEFENCES) == set(report.clean)
    path = save_report(report, tmp_path)
    first = path.read_bytes()
    again = make_report(
        2, tmp_path, attacks=["spoofing", "data_poisoning"], ablation_seeds=1, dose_seeds=0,
        trials=0, workers=1, command="seawall attack report", settings=tiny,
    )  # fmt: skip
    assert save_report(again, tmp_path).read_bytes() == first
    kept = json.loads(first)
    assert set(kept) == {
        "rows", "recorded", "doses", "clean", "quiet", "adaptive", "command",
    }  # fmt: skip
    assert kept["quiet"]["markets"] == 2
    assert kept["adaptive"] is None
    assert not list(tmp_path.glob("*.part"))


QUIET = Quiet(2, 0.04, 15.0, 14.7, 0.02, (-0.01, 0.05), 0, 0.0, (0.0, 90.0))


def row_of(attack: str, intensity: float = 1.0, **more: object) -> AttackRow:
    nan = float("nan")
    span = (-2.0, -0.5)
    given = {
        "attack": attack, "intensity": intensity, "duration_s": 60.0, "seeds": 2,
        "impact_removed": 0.9, "interval": (0.8, 1.0), "impact_measure": "pnl",
        "naive_pnl": 1.0, "defended_pnl": 2.0,
        "naive_clean_pnl": 3.0, "defended_clean_pnl": 3.0, "naive_change": -1.0,
        "naive_change_interval": span, "defended_change": -0.1,
        "defended_change_interval": (-0.2, 0.0), "clean_cost": 0.01,
        "clean_cost_interval": (0.0, 0.02), "naive_displacement": 1.0,
        "defended_displacement": 0.1, "naive_floor": 0.0, "defended_floor": 0.0,
        "displacement_removed": 0.9,
        "displacement_interval": (0.8, 1.0), "alarm_recall": 1.0, "alarm_precision": nan,
        "alarm_latency_s": nan, "recovery_s": nan, "rollbacks": 0.0,
    }  # fmt: skip
    return AttackRow(**(given | more))


@pytest.fixture
def full(worst: WorstFound) -> LabReport:
    """A report of every attack, with all its parts."""
    worth = {"admission": Worth(2.0, (1.0, 3.0)), "gate": Worth(0.1, (-0.4, 0.6))}
    return LabReport(
        [row_of(name, ablation=worth) for name in ATTACKS],
        [row_of("spoofing", x) for x in (5.0, 10.0)], QUIET, worth, worst, LabSettings(),
        "seawall attack report --attacks '<b>'", [row_of("wash_trading")],
    )  # fmt: skip


def test_the_page_holds_every_attack_and_needs_no_network(full: LabReport, tmp_path: Path) -> None:
    page = write_page(full, tmp_path / "new")
    text = page.read_text(encoding="utf-8")
    assert page == tmp_path / "new" / "attack.html"
    assert list(page.parent.iterdir()) == [page]
    for name in ATTACKS:
        assert f"<td>{name}</td>" in text
    shown = re.sub(r"(<script[^>]*>).*?</script>", r"\1", text, flags=re.DOTALL)
    assert "&lt;b&gt;" in shown
    assert not re.search(r"<b>|\bsrc=|\bhref=|@import|https?://", shown)
    for words in ("written into", "knows the defences", "Dose and response", "0.1?"):
        assert words in text
    for k in range(3):
        assert f'id="plot{k}"' in text


def test_a_page_without_ablation_doses_or_attacker_leaves_them_out(
    tmp_path: Path, full: LabReport
) -> None:
    bare = LabReport([row_of("spoofing"), row_of("<i>")], [], QUIET, {}, None, LabSettings(), "x")
    text = write_page(bare, tmp_path).read_text(encoding="utf-8")
    assert "<td>spoofing</td>" in text
    assert "<td>&lt;i&gt;</td>" in text
    assert 'id="plot1"' not in text
    assert "knows the defences" not in text
    assert "nan" not in re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)


def test_a_dose_that_is_not_given_is_the_attacks_default() -> None:
    assert Dose("spoofing", 3.0, 9.0).strength == 3.0
    assert Dose("spoofing", 3.0, 9.0).length_s == 9.0
    assert Dose("spoofing").strength == ATTACKS["spoofing"].intensity

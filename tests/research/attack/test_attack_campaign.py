# SPDX-License-Identifier: MIT
"""Campaigns: whole files or none, resumed where they stopped, the same however they are run."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from seawall.model.errors import FormatError, SettingsError
from seawall.research.attack import campaign as module
from seawall.research.attack.attacks import Dose
from seawall.research.attack.campaign import (
    plan_digest,
    read_records,
    run_campaign,
    write_records,
)
from seawall.research.attack.lab import DOSES, default_doses, dose_response, run_attacks
from seawall.research.attack.settings import LabSettings, Terms
from seawall.research.attack.teaching import Teaching
from seawall.research.attack.trial import Plan, Record

Make = Callable[..., Record]
Campaign = tuple[list[Record], Path]


def never() -> Teaching:
    raise AssertionError("the golden set was asked for")


def equal(first: list[Record], second: list[Record]) -> bool:
    """Equality in which a missing number equals a missing number."""
    return json.dumps([r.as_dict() for r in first]) == json.dumps([r.as_dict() for r in second])


def test_records_come_back_as_they_were_written(tmp_path: Path, record: Make) -> None:
    records = [record(k, pnl=math.pi * k, recovery_s=float("nan")) for k in range(5)]
    records.append(record(9, "clean", "without gate", 1e-300, alarm_recall=1.0))
    path = tmp_path / "9-abc.jsonl"
    write_records(iter(records), path)
    assert equal(read_records(path), records)
    assert [p.name for p in tmp_path.iterdir()] == ["9-abc.jsonl"]


@pytest.mark.parametrize("damage", ["cut", "empty", "other", "binary"])
def test_a_damaged_file_is_named_with_its_mend(tmp_path: Path, record: Make, damage: str) -> None:
    path = tmp_path / "7-abc.jsonl"
    write_records(iter([record(k) for k in range(3)]), path)
    whole = path.read_bytes()
    broken = {
        "cut": whole[: len(whole) - 30], "empty": b"", "other": b'{"seed": 1}\n',
        "binary": b"\xff\xfe\x00" + whole,
    }  # fmt: skip
    path.write_bytes(broken[damage])
    with pytest.raises(FormatError) as told:
        read_records(path)
    assert told.value.where == str(path)
    assert "delete the file" in str(told.value.mend)


def test_a_write_that_is_stopped_leaves_no_file_that_counts(tmp_path: Path, record: Make) -> None:
    def stopped() -> Iterator[Record]:
        yield record(1)
        raise KeyboardInterrupt

    path = tmp_path / "1-abc.jsonl"
    with pytest.raises(KeyboardInterrupt):
        write_records(stopped(), path)
    assert not path.exists()
    write_records(iter([record(2)]), path)
    assert [r.seed for r in read_records(path)] == [2]
    assert list(tmp_path.iterdir()) == [path], "what the stopped one left is gone"


def plan_like(campaign: Campaign, tiny: LabSettings) -> Plan:
    attacks = dict.fromkeys((r.attack, r.intensity) for r in campaign[0] if r.attack != "clean")
    variants = tuple(dict.fromkeys(r.variant for r in campaign[0]))
    return Plan(tuple(Dose(a, i, 60.0) for a, i in attacks), variants, tiny)


def test_a_finished_campaign_is_read_and_not_run_again(
    campaign: Campaign, tiny: LabSettings
) -> None:
    records, folder = campaign
    plan, told = plan_like(campaign, tiny), []
    seeds = sorted({r.seed for r in records})
    again = run_campaign(plan, seeds, folder, teaching=never, ablation_seeds=1, advance=told.append)
    assert equal(again, records)
    assert sum(told) == len(seeds)


def test_a_stopped_campaign_runs_only_what_is_left_and_ends_alike(
    campaign: Campaign, tiny: LabSettings, teaching: Teaching, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    records, folder = campaign
    whole = shutil.copytree(folder, tmp_path / "c")
    seeds = sorted({r.seed for r in records})
    (lost,) = whole.glob(f"{seeds[1]}-*.jsonl")
    before = lost.read_bytes()
    lost.rename(lost.with_suffix(".part"))  # as a killed run leaves it
    ran: list[int] = []
    real = module.run_seed

    def noted(seed: int, plan: Plan, teaching: Teaching) -> Iterator[Record]:
        ran.append(seed)
        return real(seed, plan, teaching)

    monkeypatch.setattr(module, "run_seed", noted)
    again = run_campaign(
        plan_like(campaign, tiny), seeds, whole, teaching=lambda: teaching, ablation_seeds=1,
        workers=1,
    )  # fmt: skip
    assert ran == [seeds[1]]
    assert equal(again, records)
    assert lost.read_bytes() == before
    assert not list(whole.glob("*.part"))


def test_ablation_runs_on_the_first_seeds_only(campaign: Campaign) -> None:
    records, _ = campaign
    seeds = sorted({r.seed for r in records})
    variants = {s: {r.variant for r in records if r.seed == s} for s in seeds}
    assert variants[seeds[0]] == {"naive", "defended", "without admission", "without gate"}
    assert variants[seeds[1]] == {"naive", "defended"}


def test_another_plan_is_another_file() -> None:
    base = Plan((Dose("spoofing"),), ("naive", "defended"), LabSettings())
    others = [
        replace(base, doses=(Dose("spoofing", 11.0),)),
        replace(base, doses=(Dose("spoofing", 0.0, 90.0),)),
        replace(base, variants=("naive",)),
        replace(base, settings=LabSettings(check_every=61)),
        replace(base, settings=LabSettings(terms=Terms(quantity=51.0))),
        replace(base, settings=LabSettings(golden_seeds=(1, 2, 3))),
    ]
    digests = {plan_digest(p) for p in (base, *others)}
    assert len(digests) == 1 + len(others)
    assert plan_digest(replace(base)) == plan_digest(base)


def test_an_unknown_attack_is_refused_before_anything_runs(tmp_path: Path) -> None:
    folder = tmp_path / "none"
    with pytest.raises(SettingsError, match="no attack 'rumour'"):
        run_attacks([Dose("spoofing"), Dose("rumour")], 3, folder, teaching=never)
    assert not folder.exists()


def test_the_doses_of_a_report_are_attacks_of_the_lab() -> None:
    names = [d.attack for d in default_doses()]
    assert len(names) == len(set(names)) >= 15
    assert {d.attack for d in dose_response()} == set(DOSES)
    assert dose_response(["momentum_ignition"]) == []
    some = dose_response(["spoofing"])
    assert [d.strength for d in some] == list(DOSES["spoofing"])
    with pytest.raises(SettingsError, match="no attack 'rumour'"):
        default_doses(["rumour"])


def test_two_processes_write_the_bytes_of_one(
    campaign: Campaign, tiny: LabSettings, teaching: Teaching, tmp_path: Path
) -> None:
    records, folder = campaign
    seeds = sorted({r.seed for r in records})
    told: list[float] = []
    again = run_campaign(
        plan_like(campaign, tiny), seeds, tmp_path, teaching=lambda: teaching, ablation_seeds=1,
        workers=2, advance=told.append,
    )  # fmt: skip
    assert equal(again, records)
    assert sum(told) == 2
    for path in folder.glob("*.jsonl"):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()

# SPDX-License-Identifier: MIT
"""One run of one variant: every defence reaches the strategy that it is meant for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from seawall.research.attack.attacks import Dose, forge_lessons
from seawall.research.attack.runs import Run, displacement, run_variant
from seawall.research.attack.sampling import FEATURES
from seawall.research.attack.settings import NAIVE, Defences, LabSettings
from seawall.research.attack.sight import Sight
from seawall.research.attack.teaching import Teaching

ONLY = {
    n: replace(NAIVE, **{n: True}) for n in ("admission", "clipping", "gate", "evidence", "breaker")
}


@pytest.fixture(scope="module")
def clean(sight: Sight, teaching: Teaching, tiny: LabSettings) -> Run:
    return run_variant(sight, NAIVE, teaching, tiny)


def alike(first: Run, second: Run) -> bool:
    return (
        (first.pnl, first.fills, first.skill) == (second.pnl, second.fills, second.skill)
        and all(np.array_equal(a[1], b[1]) for a, b in zip(first.path, second.path, strict=True))
    )  # fmt: skip


def test_a_run_is_the_same_every_time(
    sight: Sight, teaching: Teaching, tiny: LabSettings, clean: Run
) -> None:
    assert alike(run_variant(sight, NAIVE, teaching, tiny), clean)
    assert clean.fills > 0


def poison(sight: Sight, teaching: Teaching, tiny: LabSettings, sd: float) -> np.ndarray:
    shape = (*sight.raw.features.shape[:2], 6)
    forged = forge_lessons(Dose("data_poisoning", sd, 80.0), shape, tiny, teaching)
    assert forged is not None
    return forged


def test_a_gate_alone_rolls_poison_back_and_without_one_nothing_does(
    sight: Sight, teaching: Teaching, tiny: LabSettings
) -> None:
    quick = replace(tiny, check_every=15)
    forged = poison(sight, teaching, tiny, 60.0)
    gated = run_variant(sight, ONLY["gate"], teaching, quick, forged)
    assert gated.rollbacks >= 1
    assert 150.0 <= gated.alarm_s < 230.0
    naive = run_variant(sight, NAIVE, teaching, quick, forged)
    assert naive.rollbacks == 0
    assert np.isnan(naive.alarm_s)
    apart = [displacement(r, run_variant(sight, d, teaching, quick), teaching.reference, 225)
             for r, d in ((gated, ONLY["gate"]), (naive, NAIVE))]  # fmt: skip
    assert apart[0] < 0.5 * apart[1]


@pytest.mark.parametrize("name", ["admission", "clipping"])
def test_admission_alone_and_clipping_alone_keep_the_model_nearer(
    sight: Sight, teaching: Teaching, tiny: LabSettings, clean: Run, name: str
) -> None:
    forged = poison(sight, teaching, tiny, 8.0)
    hit = run_variant(sight, NAIVE, teaching, tiny, forged)
    naive = displacement(hit, clean, teaching.reference, 225)
    own = [run_variant(sight, ONLY[name], teaching, tiny, f) for f in (None, forged)]
    assert displacement(own[1], own[0], teaching.reference, 225) < 0.7 * naive


def test_the_breaker_alone_makes_the_strategy_stand_aside(
    sight: Sight, teaching: Teaching, tiny: LabSettings
) -> None:
    spread = sight.raw.spread.copy()
    spread[160:165, 0] *= 1_000.0
    wide = replace(sight, raw=replace(sight.raw, spread=spread))
    quiet = run_variant(sight, ONLY["breaker"], teaching, tiny)
    stopped = run_variant(wide, ONLY["breaker"], teaching, tiny)
    assert stopped.aside_s - quiet.aside_s == 35, "five seconds, and thirty that it holds"
    assert run_variant(wide, NAIVE, teaching, tiny).aside_s == 0


def test_evidence_alone_takes_doubted_features_out_of_the_forecast(
    sight: Sight, teaching: Teaching, tiny: LabSettings, clean: Run
) -> None:
    features = sight.raw.features.copy()
    lied = FEATURES.index("depth")
    features[150:, 0, lied] += 50.0
    doubt = np.zeros_like(sight.doubt)
    doubt[150:, 0, lied] = True
    told = replace(sight, raw=replace(sight.raw, features=features), doubt=doubt)
    calm = replace(sight, doubt=doubt)
    naive = run_variant(told, NAIVE, teaching, tiny)
    assert naive.fills != clean.fills or naive.pnl != clean.pnl, "the lie reaches the naive one"
    heard = run_variant(told, ONLY["evidence"], teaching, tiny)
    assert alike(heard, run_variant(calm, ONLY["evidence"], teaching, tiny)), "and not this one"


def test_admission_trades_on_what_was_admitted(
    sight: Sight, teaching: Teaching, tiny: LabSettings
) -> None:
    other = replace(sight.admitted, features=-sight.admitted.features)
    turned = replace(sight, admitted=other)
    admits: Defences = ONLY["admission"]
    assert alike(*(run_variant(s, NAIVE, teaching, tiny) for s in (sight, turned)))
    skills = [run_variant(s, admits, teaching, tiny).skill for s in (sight, turned)]
    assert skills[1] < skills[0]

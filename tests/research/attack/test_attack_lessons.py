# SPDX-License-Identifier: MIT
"""What reaches a learner: forged lessons, their admission, and each defence's part in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from seawall.model.errors import SettingsError
from seawall.research.attack.attacks import ATTACKS, Dose, attack_of, forge_lessons, stage
from seawall.research.attack.runs import Run, displacement
from seawall.research.attack.sampling import FEATURES
from seawall.research.attack.screen import (
    KEPT,
    LOOK_S,
    PATIENCE,
    Screen,
    admit_outcomes,
    drift,
    fit_screen,
    isolation,
    moments,
    tolerance,
)
from seawall.research.attack.settings import (
    DEFENCES,
    FULL,
    NAIVE,
    VARIANTS,
    Defences,
    LabSettings,
    lab_config,
)
from seawall.research.attack.sight import Sight, lessons_for
from seawall.research.attack.teaching import Teaching
from seawall.robust.gate import toxicity_weight

N = 1_200


@pytest.fixture
def agreed() -> np.ndarray:
    """Outcomes of three sources that differ by little."""
    rng = np.random.default_rng(5)
    return rng.normal(0, 1, (N, 1)) + rng.normal(0, 0.1, (N, 3))


def test_isolation_is_the_distance_from_the_nearest_other_source() -> None:
    outcomes = np.array([[0.0, 0.1, 5.0], [np.nan, 1.0, 3.0], [np.nan, np.nan, 1.0]])
    want = np.array([[0.1, 0.1, 4.9], [np.nan, 2.0, 2.0], [np.nan] * 3])
    np.testing.assert_allclose(isolation(outcomes), want)


def test_the_tolerance_lets_all_but_a_few_golden_lessons_pass(agreed: np.ndarray) -> None:
    limit = tolerance([agreed[:600], agreed[600:]])
    assert (isolation(agreed) <= limit).mean() == pytest.approx(KEPT, abs=1e-3)
    assert tolerance([agreed[:, :1]]) == float("inf")


def test_a_forged_source_is_refused_and_honest_ones_are_spared(agreed: np.ndarray) -> None:
    limit = tolerance([agreed])
    agreed[200:, 1] -= 2.0
    taught = admit_outcomes(agreed, limit)
    assert not taught[200:, 1].any()
    assert taught[:, [0, 2]].mean() > 0.95


def test_of_two_sources_that_differ_neither_is_believed(agreed: np.ndarray) -> None:
    two = agreed[:, :2].copy()
    limit = tolerance([two])
    two[200:, 1] -= 2.0
    taught = admit_outcomes(two, limit)
    assert not taught[200:].any()


def test_a_patient_liar_does_not_widen_its_tolerance(agreed: np.ndarray) -> None:
    limit = tolerance([agreed])
    drift = np.linspace(0.0, 3.0, N)
    agreed[:, 1] -= drift
    taught = admit_outcomes(agreed, limit)
    far = drift > limit + 0.6  # farther than the sources ever differ by themselves
    assert far.any()
    assert not taught[far, 1].any()
    assert taught[:, [0, 2]].mean() > 0.95


def test_a_source_refused_too_often_is_suspended_even_where_it_agrees(agreed: np.ndarray) -> None:
    limit = tolerance([agreed])
    agreed[200:300:2, 1] += 4.0
    taught = admit_outcomes(agreed, limit)
    assert not taught[250:300, 1].any(), "every second lesson agrees, and is refused with the rest"
    # The memory of refusals has to fade from its height before the source may teach again.
    share = 0.0
    for k in range(200, 300):
        share = share * 2 ** (-1 / LOOK_S) + (1 - 2 ** (-1 / LOOK_S)) * (k % 2 == 0)
    wait = int(np.ceil(LOOK_S * np.log2(share / PATIENCE)))
    assert taught[300 + wait + 5 : 400 + wait, 1].mean() > 0.9
    assert not taught[300 : 300 + wait - 5, 1].any()


def test_a_verdict_on_a_lesson_knows_no_later_lesson(agreed: np.ndarray) -> None:
    limit = tolerance([agreed])
    before = admit_outcomes(agreed, limit)
    agreed[700:, 1] += 9.0
    assert np.array_equal(before[:700], admit_outcomes(agreed, limit)[:700])


@pytest.fixture
def taught() -> np.ndarray:
    """Lessons of three sources, five features and an outcome, that share what happens."""
    rng = np.random.default_rng(6)
    common = rng.normal(0, 1, (6 * N, 1, 6))
    common[:, :, -1] = 0.4 * common[:, :, 0] + rng.normal(0, 0.8, (6 * N, 1))
    return common + rng.normal(0, 0.1, (6 * N, 3, 6))


@pytest.fixture
def screen(taught: np.ndarray) -> Screen:
    flat = taught[: 4 * N].reshape(-1, 6)
    return fit_screen([taught[: 4 * N]], flat.mean(axis=0), flat.std(axis=0))


def test_honest_sources_stay_within_the_drift_of_golden_ones(
    taught: np.ndarray, screen: Screen
) -> None:
    assert screen.apart.shape == (11,)
    assert screen.admit(taught[4 * N :]).mean() > 0.97


@pytest.mark.parametrize("column", range(5))
@pytest.mark.parametrize("size", [0.5, 2.0])
def test_a_source_whose_feature_is_shifted_is_suspended(
    taught: np.ndarray, screen: Screen, column: int, size: float
) -> None:
    lied = taught[4 * N :].copy()
    lied[200:, 1, column] += size
    weights = screen.admit(lied)
    assert not weights[300:, 1].any()
    assert weights[300:, [0, 2]].mean() > 0.95


def test_a_source_that_teaches_the_opposite_on_average_shifts_nothing_and_is_suspended(
    taught: np.ndarray, screen: Screen
) -> None:
    lied = taught[4 * N :].copy()
    lied[200:, 1, 0] -= np.sign(lied[200:, 1, -1])  # the mean of the feature stays as it is
    found = moments(lied, screen.centre, screen.scale)
    far = drift(found)[400:, 1].mean(axis=0)
    assert far[0] < 2 * screen.apart[0]
    assert far[6] > 8 * screen.apart[6], "but the mean of feature times outcome moves"
    weights = screen.admit(lied)
    assert not weights[300:, 1].any()
    assert weights[300:, [0, 2]].mean() > 0.95


def test_a_slow_drift_is_refused_long_before_it_is_large(
    taught: np.ndarray, screen: Screen
) -> None:
    lied = taught[4 * N :].copy()
    slope = np.linspace(0.0, 2.0, len(lied))
    lied[:, 1, 2] += slope
    weights = screen.admit(lied)
    assert not weights[slope > 0.5, 1].any()


def test_a_source_may_teach_again_when_it_agrees_again(taught: np.ndarray, screen: Screen) -> None:
    lied = taught[4 * N :].copy()
    lied[200:400, 1, 3] += 1.0
    weights = screen.admit(lied)
    assert not weights[300:400, 1].any()
    assert weights[400 + 6 * LOOK_S :, 1].mean() > 0.9


def test_of_two_sources_that_drift_apart_neither_teaches_and_one_alone_does(
    taught: np.ndarray,
) -> None:
    flat = taught[: 4 * N].reshape(-1, 6)
    two = fit_screen([taught[: 4 * N, :2]], flat.mean(axis=0), flat.std(axis=0))
    lied = taught[4 * N :, :2].copy()
    lied[200:, 1, 3] += 1.0
    assert not two.admit(lied)[300:].any()
    one = fit_screen([taught[: 4 * N, :1]], flat.mean(axis=0), flat.std(axis=0))
    assert one.admit(lied[:, 1:]).all()


def test_a_short_golden_set_widens_what_it_has_hardly_seen(taught: np.ndarray) -> None:
    flat = taught.reshape(-1, 6)
    short, long = (
        fit_screen([taught[:n]], flat.mean(axis=0), flat.std(axis=0)) for n in (240, 4 * N)
    )
    assert short.apart.mean() > 1.2 * long.apart.mean()
    assert short.admit(taught[4 * N :]).mean() > 0.98


def test_a_missing_lesson_moves_no_moment(taught: np.ndarray, screen: Screen) -> None:
    holed = taught[:300].copy()
    holed[100:150, 2, 1] = np.nan
    found = moments(holed, screen.centre, screen.scale)
    assert np.array_equal(found[99:150, 2, 1], np.full(51, found[99, 2, 1]))
    assert np.isfinite(found).all()


@pytest.fixture(scope="module")
def doubted(sight: Sight) -> Sight:
    """A sight with a doubt, a poisonous flow and an admission that changed something."""
    doubt = np.zeros_like(sight.doubt)
    doubt[150, 1, FEATURES.index("depth")] = True
    toxicity = np.full(sight.toxicity.shape, 0.1)
    toxicity[150:160] = 0.97
    changed = replace(sight.admitted, features=sight.raw.features + 0.5)
    return replace(sight, doubt=doubt, toxicity=toxicity, admitted=changed)


def without_all_but(name: str) -> Defences:
    return replace(NAIVE, **{name: True})


def test_the_naive_variant_is_taught_all_that_was_told(
    doubted: Sight, tiny: LabSettings, teaching: Teaching
) -> None:
    lessons = lessons_for(doubted, NAIVE, tiny.terms, teaching.screen)
    assert np.array_equal(lessons.rows[:, :, :-1], doubted.raw.features, equal_nan=True)
    want = doubted.raw.outcomes(tiny.terms.horizon)
    assert np.array_equal(lessons.rows[:, :, -1], want, equal_nan=True)
    assert (lessons.weights == 1.0).all()


def test_each_defence_alone_changes_its_own_part_of_the_lessons(
    doubted: Sight, tiny: LabSettings, teaching: Teaching
) -> None:
    screen = teaching.screen
    plain = lessons_for(doubted, NAIVE, tiny.terms, screen)
    found = {n: lessons_for(doubted, without_all_but(n), tiny.terms, screen) for n in DEFENCES}
    for name in ("clipping", "gate", "breaker"):  # these act later
        assert np.array_equal(found[name].rows, plain.rows, equal_nan=True)
        assert np.array_equal(found[name].weights, plain.weights)
    assert np.array_equal(found["evidence"].rows, plain.rows, equal_nan=True)
    silenced = np.argwhere(found["evidence"].weights == 0.0)
    assert silenced.tolist() == [[150, 1]], "what is held to be made up teaches nothing"
    toxic = found["toxicity"].weights
    assert (toxic[:150] == 1.0).all()
    assert np.array_equal(
        toxic[150:160], toxicity_weight(doubted.toxicity, fine=0.75, toxic=0.95)[150:160]
    )
    assert (toxic[150:160] < 1.0).all()
    assert (toxic[150:160] > 0.0).all(), "toxic rows weigh less; they are not skipped"
    admitted = found["admission"]
    np.testing.assert_array_equal(admitted.rows[:, :, :-1], doubted.admitted.features)
    assert np.array_equal(admitted.weights, screen.admit(admitted.rows))


def test_what_is_admitted_and_toxic_weighs_the_product_of_both(
    doubted: Sight, tiny: LabSettings, teaching: Teaching
) -> None:
    outcomes = doubted.admitted.outcomes(tiny.terms.horizon)
    some = float(np.nanquantile(isolation(outcomes), 0.95))  # some lessons are refused
    tight = replace(teaching.screen, tolerance=some)
    weights = {
        names: lessons_for(
            doubted, replace(NAIVE, **dict.fromkeys(names, True)), tiny.terms, tight
        ).weights
        for names in (("admission",), ("toxicity",), ("admission", "toxicity"))
    }
    apart = weights["admission",] * weights["toxicity",]
    assert len(np.unique(apart)) == 3
    assert np.array_equal(weights["admission", "toxicity"], apart)


def test_forged_lessons_reach_the_naive_and_are_refused_by_admission(
    sight: Sight, tiny: LabSettings, teaching: Teaching
) -> None:
    shape = (*sight.raw.features.shape[:2], 6)
    forged = forge_lessons(Dose("data_poisoning", 4.0, 60.0), shape, tiny, teaching)
    assert forged is not None
    limit = teaching.screen
    clean = lessons_for(sight, NAIVE, tiny.terms, limit)
    naive = lessons_for(sight, NAIVE, tiny.terms, limit, forged)
    np.testing.assert_array_equal(naive.rows, clean.rows + forged)
    kept = lessons_for(sight, FULL, tiny.terms, limit, forged).weights
    quiet = lessons_for(sight, FULL, tiny.terms, limit).weights
    assert kept[150:210, 1].sum() < 0.2 * quiet[150:210, 1].sum()
    assert kept[150:210, [0, 2]].sum() > 0.9 * quiet[150:210, [0, 2]].sum()


def test_poison_is_two_deviations_on_a_thousand_samples_of_one_source(teaching: Teaching) -> None:
    settings = LabSettings()
    forged = forge_lessons(Dose("data_poisoning"), (1_790, 3, 6), settings, teaching)
    assert forged is not None
    touched = np.flatnonzero(np.abs(forged).sum(axis=(1, 2)))
    assert touched.size == 1_000
    assert touched[0] == 500
    assert touched[-1] == 1_499
    assert not forged[:, [0, 2]].any()
    in_sd = forged[500:1_500, 1] / np.sqrt(np.diag(teaching.reference.covariance))
    np.testing.assert_allclose(in_sd, np.tile([2, 2, -2, 2, 2, -2], (1_000, 1)))


def test_slow_drift_grows_from_nothing_to_the_same_and_a_short_market_cuts_it_off(
    teaching: Teaching,
) -> None:
    settings = LabSettings()
    step = forge_lessons(Dose("data_poisoning"), (1_790, 3, 6), settings, teaching)
    slow = forge_lessons(Dose("slow_drift"), (1_790, 3, 6), settings, teaching)
    cut = forge_lessons(Dose("data_poisoning"), (700, 3, 6), settings, teaching)
    assert step is not None
    assert slow is not None
    assert cut is not None
    assert not slow[500].any()
    np.testing.assert_allclose(slow[1_499], step[1_499])
    assert (np.diff(np.abs(slow[500:1_500, 1]), axis=0) > 0).all()
    np.testing.assert_array_equal(cut, step[:700])


def test_a_direction_of_ones_own_is_scaled_by_the_golden_deviations(teaching: Teaching) -> None:
    direction = np.array([0.0, 1.0, 0.0, -0.5, 0.0, 0.0])
    forged = forge_lessons(
        Dose("data_poisoning", 3.0), (600, 3, 6), LabSettings(), teaching, direction
    )
    assert forged is not None
    sd = np.sqrt(np.diag(teaching.reference.covariance))
    np.testing.assert_allclose(forged[550, 1], 3.0 * direction * sd)


def test_attacks_on_the_market_forge_no_lesson(teaching: Teaching, tiny: LabSettings) -> None:
    for attack in ATTACKS.values():
        if attack.acts_on != "lessons":
            assert forge_lessons(Dose(attack.name), (230, 3, 6), tiny, teaching) is None


def test_the_attacks_that_were_asked_for_are_there() -> None:
    wanted = {
        "wash_trading", "spoofing", "layering", "quote_stuffing", "momentum_ignition",
        "flash_crash", "data_poisoning", "slow_drift", "replayed_packets", "skewed_packets",
        "single_source_wick", "pump_and_dump", "latency_arbitrage", "liquidation_cascade",
        "stablecoin_depeg",
    }  # fmt: skip
    assert wanted <= set(ATTACKS)
    for name, attack in ATTACKS.items():
        assert attack.name == name
        assert attack.acts_on in ("market", "feed", "lessons")
        assert attack.intensity > 0.0
        assert Dose(name).strength == attack.intensity
        assert Dose(name).length_s == attack.duration_s
    with pytest.raises(SettingsError, match="no attack 'rumour'"):
        attack_of("rumour")


def test_an_attack_strikes_the_traded_market_or_the_word_of_another_source(
    market: object, tiny: LabSettings
) -> None:
    config = lab_config(10_001, tiny)
    wash = stage(config, market, Dose("wash_trading", 0.2, 30.0), tiny)
    assert wash.told is wash.market
    assert wash.market is not market
    feed = stage(config, market, Dose("skewed_packets", 5.0, 30.0), tiny)
    assert feed.market is market, "the venue's truth is as it was"
    assert feed.told is not market
    lessons = stage(config, market, Dose("data_poisoning"), tiny)
    assert lessons.market is lessons.told is market


def test_every_variant_but_the_naive_lacks_one_defence_at_most() -> None:
    assert VARIANTS["naive"] == NAIVE
    assert not NAIVE.any
    assert list(VARIANTS)[:2] == ["naive", "defended"]
    for name in DEFENCES:
        up = VARIANTS[f"without {name}"]
        assert [d for d in DEFENCES if not getattr(up, d)] == [name]
    with pytest.raises(SettingsError, match="no defence 'luck'"):
        FULL.without("luck")
    with pytest.raises(SettingsError, match="attack at 500"):
        LabSettings(duration_s=520.0)


def ran(*path: tuple[int, np.ndarray, np.ndarray]) -> Run:
    return Run(0.0, 0, 0, 0, float("nan"), 0.0, list(path))


def test_equal_runs_are_not_displaced_and_a_shift_is_its_mahalanobis_length(
    teaching: Teaching,
) -> None:
    ref = teaching.reference
    mean, cov = ref.location, ref.covariance
    clean = ran((0, mean, cov), (30, mean, cov))
    assert displacement(clean, clean, ref, 30) == pytest.approx(0.0, abs=1e-9)
    unit = np.linalg.cholesky(ref.factor @ ref.factor.T)[:, 2]
    moved = ran((0, mean, cov), (30, mean + 1.5 * unit, cov))
    assert displacement(moved, clean, ref, 30) == pytest.approx(1.5, rel=1e-6)
    assert displacement(moved, clean, ref, 29) == pytest.approx(0.0, abs=1e-9), "not yet served"
    wider = ran((0, mean, cov), (30, mean, 2.0 * cov))
    want = np.sqrt(mean.size) * np.log(2.0)
    assert displacement(wider, clean, ref, 45) == pytest.approx(want, rel=1e-6)
    both = ran((0, mean + 1.5 * unit, 2.0 * cov))
    assert displacement(both, clean, ref, 0) == pytest.approx(np.hypot(1.5, want), rel=1e-6)

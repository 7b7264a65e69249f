# SPDX-License-Identifier: MIT
"""What a campaign says, against hand-made cases and a bootstrap of our own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest

from seawall.research.attack.intervals import RESAMPLES, cost_of, draws, of_mean, removed
from seawall.research.attack.quiet import clean_ablation, quiet_times
from seawall.research.attack.settings import DEFENCES
from seawall.research.attack.summary import TARGETS, AttackRow, summarise
from seawall.research.attack.trial import Record, alarm_quality, moved_by

Make = Callable[..., Record]
RNG = np.random.default_rng(11)
NAIVE = RNG.normal(-20.0, 6.0, 40)
DEFENDED = 0.1 * NAIVE + RNG.normal(0.0, 1.0, 40)


def bootstrap(statistic: Callable[[np.ndarray], float], n: int) -> tuple[float, float]:
    """Percentile interval from loops and another generator's draws."""
    rng = np.random.default_rng(99)
    found = sorted(statistic(rng.integers(0, n, n)) for _ in range(8_000))
    return found[200], found[7_799]


def test_the_share_removed_is_that_of_the_mean_impacts() -> None:
    share, _ = removed(np.array([-8.0, -12.0]), np.array([-1.0, -3.0]))
    assert share == pytest.approx(0.8)
    assert removed(np.array([-4.0, -6.0]), np.array([4.0, 6.0]))[0] == pytest.approx(0.0)
    assert removed(np.array([-4.0, -6.0]), np.array([-10.0, -10.0]))[0] == pytest.approx(-1.0)


def test_the_interval_of_the_share_is_that_of_a_paired_bootstrap() -> None:
    share, span = removed(NAIVE, DEFENDED)
    assert share == pytest.approx(1 - abs(sum(DEFENDED)) / abs(sum(NAIVE)))
    want = bootstrap(lambda p: 1 - abs(DEFENDED[p].mean()) / abs(NAIVE[p].mean()), 40)
    assert span == pytest.approx(want, abs=0.005)
    # Seeds are resampled together: what a seed does to both does not widen the interval.
    both = removed(NAIVE, 0.1 * NAIVE)
    assert both[1] == pytest.approx((0.9, 0.9), abs=1e-12)


def test_the_interval_of_a_mean_is_that_of_a_bootstrap_and_covers_it() -> None:
    low, high = of_mean(NAIVE)
    assert (low, high) == pytest.approx(bootstrap(lambda p: NAIVE[p].mean(), 40), abs=0.12)
    assert low < NAIVE.mean() < high
    half = 1.96 * NAIVE.std() / np.sqrt(40)
    assert (high - low) / 2 == pytest.approx(half, rel=0.06)
    assert of_mean(np.full(5, 3.0)) == (3.0, 3.0)


def test_the_cost_of_the_defences_is_a_share_of_the_naive_result() -> None:
    naive, defended = np.array([100.0, 60.0]), np.array([98.0, 58.0])
    value, _ = cost_of(naive, defended)
    assert value == pytest.approx(2.0 / 80.0)
    assert cost_of(defended, naive)[0] < 0.0, "defences that earn cost less than nothing"
    assert cost_of(-naive, -naive - 8.0)[0] == pytest.approx(0.1), "a loss is made larger by 10 %"
    base = -5.0 * NAIVE
    _, span = cost_of(base, base + DEFENDED)
    want = bootstrap(lambda p: -DEFENDED[p].mean() / base[p].mean(), 40)
    assert span == pytest.approx(want, abs=0.002)


@pytest.mark.parametrize("of", [removed, cost_of])
def test_one_seed_has_a_value_and_no_interval(of: Callable[..., tuple]) -> None:
    value, span = of(np.array([-4.0]), np.array([-1.0]))
    assert np.isfinite(value)
    assert np.isnan(span).all()
    assert np.isnan(of_mean(np.array([1.0]))).all()
    assert np.isnan(of(np.zeros(3), np.ones(3))[0]), "nothing to remove, or no result to share"


def test_resamples_are_the_same_every_time() -> None:
    assert draws(7).shape == (RESAMPLES, 7)
    assert np.array_equal(draws(7), draws(7))


def pairs(record: Make, naive: np.ndarray, defended: np.ndarray, **more: object) -> list[Record]:
    """Clean results of 50 and 49 and attacked ones that differ by what is given."""
    out = []
    for seed, (n, d) in enumerate(zip(naive, defended, strict=True)):
        for variant, base, change in (("naive", 50.0, n), ("defended", 49.0, d)):
            moved = 2.0 if variant == "naive" else 0.5
            out += [
                record(seed, "clean", variant, base + seed),
                record(seed, variant=variant, pnl=base + seed + change, displacement=moved, **more),
            ]
    return out


def test_a_measurable_change_of_the_result_is_what_the_share_is_of(record: Make) -> None:
    (row,) = summarise(pairs(record, NAIVE, DEFENDED))
    assert row.impact_measure == "pnl"
    assert (row.impact_removed, row.interval) == removed(NAIVE, DEFENDED) or row.interval == (
        pytest.approx(removed(NAIVE, DEFENDED)[1])
    )
    assert row.impact_removed == pytest.approx(removed(NAIVE, DEFENDED)[0])
    assert row.seeds == 40
    assert row.naive_clean_pnl == pytest.approx(69.5)
    assert row.defended_clean_pnl == pytest.approx(68.5)
    assert row.naive_pnl == pytest.approx(69.5 + NAIVE.mean())
    assert row.naive_change == pytest.approx(NAIVE.mean())
    assert row.defended_change == pytest.approx(DEFENDED.mean())
    assert row.naive_change_interval == pytest.approx(of_mean(NAIVE))
    assert row.clean_cost == pytest.approx(1.0 / 69.5)
    assert row.displacement_removed == pytest.approx(0.75)
    assert row.target == TARGETS["spoofing"]


def test_without_a_measurable_change_the_share_is_of_the_models_displacement(record: Make) -> None:
    noise = NAIVE - NAIVE.mean() + 0.1
    assert of_mean(noise)[0] < 0.0 < of_mean(noise)[1]
    (row,) = summarise(pairs(record, noise, DEFENDED))
    assert row.impact_measure == "model"
    assert row.impact_removed == pytest.approx(0.75)
    assert row.interval == row.displacement_interval == pytest.approx((0.75, 0.75))


def test_what_parted_paths_alone_displace_is_no_impact(record: Make) -> None:
    noise = NAIVE - NAIVE.mean() + 0.1
    (row,) = summarise(pairs(record, noise, DEFENDED, floor=0.4))
    assert (row.naive_floor, row.defended_floor) == (0.4, 0.4)
    assert row.impact_removed == pytest.approx(1.0 - 0.1 / 1.6)
    (row,) = summarise(pairs(record, noise, DEFENDED, floor=1.97))
    assert row.impact_measure == "none"


def test_the_cost_is_measured_on_every_clean_market_of_the_campaign(record: Make) -> None:
    more = [
        record(seed, "clean", variant, pnl)
        for seed in range(100, 140) for variant, pnl in (("naive", 50.0), ("defended", 45.0))
    ]  # fmt: skip
    (row,) = summarise([*pairs(record, NAIVE, DEFENDED), *more])
    assert row.seeds == 40
    assert row.clean_cost == pytest.approx((40 * 1.0 + 40 * 5.0) / (40 * 69.5 + 40 * 50.0))


def test_false_rollbacks_are_counted_by_time_with_a_poisson_interval(record: Make) -> None:
    clean = [
        record(seed, "clean", variant, 10.0, rollbacks=int(variant == "defended" and seed < 3))
        for seed in range(48) for variant in ("naive", "defended")
    ]  # fmt: skip
    quiet = quiet_times(clean, 1_800.0)
    assert (quiet.markets, quiet.days, quiet.rollbacks) == (48, 1.0, 3)
    assert quiet.rollbacks_per_day == 3.0
    assert quiet.rollbacks_per_day_interval == pytest.approx((0.6187, 8.7673), abs=1e-4)
    none = quiet_times([replace(r, rollbacks=0) for r in clean], 1_800.0)
    assert none.rollbacks_per_day_interval == pytest.approx((0.0, 3.6889), abs=1e-4)


def test_one_attack_of_two_lengths_has_two_rows(record: Make) -> None:
    base = pairs(record, NAIVE, DEFENDED)
    longer = [replace(r, duration_s=600.0) for r in base if r.attack != "clean"]
    rows = summarise([*base, *longer])
    assert [(r.attack, r.duration_s) for r in rows] == [("spoofing", 60.0), ("spoofing", 600.0)]


def test_a_gain_through_the_attack_is_an_impact_too(record: Make) -> None:
    (row,) = summarise(pairs(record, -NAIVE, DEFENDED))
    assert row.impact_measure == "pnl"
    assert row.impact_removed == pytest.approx(removed(NAIVE, DEFENDED)[0])


def test_records_are_paired_by_seed_whatever_their_order(record: Make) -> None:
    records = pairs(record, NAIVE, DEFENDED)
    mixed = [records[k] for k in np.random.default_rng(4).permutation(len(records))]
    first, second = (summarise(r)[0].as_dict() for r in (mixed, records))
    assert first == second


@pytest.mark.parametrize("variant", ["naive", "defended"])
@pytest.mark.parametrize("attack", ["clean", "spoofing"])
def test_a_seed_without_its_twin_is_left_out(record: Make, attack: str, variant: str) -> None:
    records = pairs(record, NAIVE, DEFENDED)
    kept = [r for r in records if (r.seed, r.attack, r.variant) != (3, attack, variant)]
    rest = np.arange(40) != 3
    (row,) = summarise(kept)
    assert row.seeds == 39
    assert row.naive_change == pytest.approx(NAIVE[rest].mean())
    assert row.defended_change == pytest.approx(DEFENDED[rest].mean())


def test_an_ablation_without_its_twin_is_left_out_and_an_attack_without_pairs_has_no_row(
    record: Make,
) -> None:
    records = pairs(record, NAIVE, DEFENDED)
    records += [record(77, a, "without gate", 5.0) for a in ("clean", "spoofing")]
    (row,) = summarise(records)
    assert row.ablation == {}
    assert clean_ablation(records) == {}
    assert summarise([r for r in records if r.variant != "defended"]) == []


def test_intensities_of_one_attack_are_rows_of_their_own(record: Make) -> None:
    strong = [r for r in pairs(record, 2 * NAIVE, DEFENDED, intensity=30.0) if r.attack != "clean"]
    rows = summarise([*pairs(record, NAIVE, DEFENDED), *strong])
    assert [(r.attack, r.intensity) for r in rows] == [("spoofing", 10.0), ("spoofing", 30.0)]
    assert rows[1].naive_change == pytest.approx(2 * rows[0].naive_change)


def test_a_defence_is_worth_what_is_lost_without_it(record: Make) -> None:
    records = pairs(record, NAIVE, DEFENDED)
    for seed in range(10):
        for attack, lost in (("clean", -0.5), ("spoofing", 4.0 + seed)):
            base = 49.0 + seed + (DEFENDED[seed] if attack == "spoofing" else 0.0)
            records.append(record(seed, attack, "without admission", base - lost))
    (row,) = summarise(records)
    assert set(row.ablation) == {"admission"}
    worth = row.ablation["admission"]
    assert worth.saved_pnl == pytest.approx(8.5)
    assert worth.interval == pytest.approx(of_mean(4.0 + np.arange(10.0)))
    clean = clean_ablation(records)
    assert clean["admission"].saved_pnl == pytest.approx(-0.5), "it costs where nobody attacks"
    assert set(clean) <= set(DEFENCES)


def test_alarms_and_recovery_are_summed_up_without_what_is_missing(record: Make) -> None:
    nan = float("nan")
    records = []
    for seed, (recall, precision, latency, back) in enumerate(
        [(1.0, 0.5, 4.0, 100.0), (1.0, 0.9, 8.0, nan), (0.0, nan, nan, 300.0)]
    ):
        for variant in ("naive", "defended"):
            records += [
                record(seed, "clean", variant, 1.0),
                record(
                    seed, variant=variant, pnl=0.0, alarm_recall=recall, rollbacks=seed,
                    alarm_precision=precision, alarm_latency_s=latency, recovery_s=back,
                    displacement=1.0,
                ),
            ]  # fmt: skip
    (row,) = summarise(records)
    assert row.alarm_recall == pytest.approx(2 / 3)
    assert row.alarm_precision == pytest.approx(0.7)
    assert row.alarm_latency_s == 6.0
    assert row.recovery_s == 200.0
    assert row.rollbacks == 1.0


def test_a_row_is_json_whatever_it_holds(record: Make) -> None:
    (row,) = summarise(pairs(record, np.array([-4.0]), np.array([-1.0])))
    shown = json.loads(json.dumps(row.as_dict(), allow_nan=False))
    assert set(shown) == {f.name for f in fields(AttackRow)}
    wanted = {"attack", "impact_removed", "interval", "naive_pnl", "defended_pnl", "clean_cost"}
    assert wanted <= set(shown)
    assert shown["interval"] == [None, None]
    assert shown["alarm_latency_s"] is None
    assert summarise([]) == []


def test_alarms_count_only_where_the_clean_twin_is_silent(tiny: object) -> None:
    from seawall.research.attack.attacks import Dose

    loud, quiet = np.zeros(239, np.bool_), np.zeros(239, np.bool_)
    dose = Dose("wash_trading", 0.05, 30.0)  # rows 150 to 180
    assert alarm_quality(loud, quiet, tiny, dose)[0] == 0.0
    assert np.isnan(alarm_quality(loud, quiet, tiny, dose)[1:]).all()
    loud[152:156] = quiet[152:156] = True
    assert alarm_quality(loud, quiet, tiny, dose)[0] == 0.0
    loud[160:164] = True
    loud[130:132] = True  # after the warm-up, before the attack: a false alarm
    recall, precision, latency = alarm_quality(loud, quiet, tiny, dose)
    assert recall == 1.0
    assert latency == 10.0
    assert precision == pytest.approx(8 / 10)
    loud[:120] = True  # during the warm-up nobody listens
    assert alarm_quality(loud, quiet, tiny, dose)[1] == pytest.approx(8 / 10)


def test_recovery_is_the_wait_until_a_quarter_of_the_displacement_is_left(
    tiny: object, teaching: object
) -> None:
    from seawall.research.attack.attacks import Dose
    from seawall.research.attack.runs import Run

    ref = teaching.reference
    unit = np.linalg.cholesky(ref.factor @ ref.factor.T)[:, 0]

    def path(*shifts: float) -> Run:
        steps = [(30 * k, ref.location + s * unit, ref.covariance) for k, s in enumerate(shifts)]
        return Run(0.0, 0, 0, 0, float("nan"), 0.0, steps)

    dose = Dose("data_poisoning", 2.0, 30.0)  # ends at row 180
    clean = path(*[0.0] * 10)
    hit = path(0, 0, 0, 0, 0, 1, 4.0, 3.0, 1.1, 0.9)
    moved, back = moved_by(hit, clean, teaching, tiny, dose)
    assert moved == pytest.approx(4.0, rel=1e-6)
    assert back == 90.0
    assert np.isnan(
        moved_by(path(0, 0, 0, 0, 0, 1, 4.0, 3.0, 2.0), path(*[0.0] * 9), teaching, tiny, dose)[1]
    )
    short = moved_by(path(0, 2.0), path(0, 0), teaching, tiny, dose)
    assert short[0] == pytest.approx(2.0, rel=1e-6), "the newest model where the run ends first"

# SPDX-License-Identifier: MIT
"""What trades in the lab: it learns late enough, forecasts from the past, and steps aside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from seawall.research.attack.guard import (
    Breaker,
    BreakerSettings,
    held,
    running_median,
    strain,
    trips,
)
from seawall.research.attack.learner import RIDGE, Lessons, ModelLearner
from seawall.research.attack.quoter import ForecastQuoter, Place, View
from seawall.research.attack.sampling import Samples
from seawall.research.attack.settings import FULL, NAIVE, Defences, LabSettings, Terms
from seawall.research.attack.sight import Sight, lessons_for
from seawall.research.attack.teaching import Teaching

NS = 10**9
TERMS = Terms(quantity=10.0, horizon=5, warmup=3)


class Desk(ForecastQuoter):
    """The strategy at a book that stands still; orders are kept in a list, never filled."""

    bid, ask, held, good = 99.0, 101.0, 0.0, True

    def __init__(self, *given: object) -> None:
        super().__init__(*given)
        self.sent: list[tuple] = []
        self.standing: dict[int, tuple[int, float, float]] = {}

    def best_bid(self, symbol: str = "") -> float:
        return self.bid

    def best_ask(self, symbol: str = "") -> float:
        return self.ask

    def position(self, symbol: str = "") -> float:
        return self.held

    def book_is_good(self, symbol: str = "") -> bool:
        return self.good

    def is_open(self, handle: int) -> bool:
        return handle in self.standing

    def cancel(self, handle: int) -> None:
        self.standing.pop(handle, None)

    def send(self, side: int, quantity: float, price: float, *, take: bool) -> int:
        handle = len(self.sent) + 1
        self.sent.append((side, quantity, price, take))
        if not take:
            self.standing[handle] = (side, quantity, price)
        return handle

    @property
    def quotes(self) -> list[tuple[int, float, float]]:
        return sorted(self.standing.values())


class Spy:
    """Notes what it is taught and when, and forecasts what it is told."""

    def __init__(self, says: float = 0.0) -> None:
        self.taught: list[tuple[int, int]] = []
        self.says = says

    def learn(self, row: int, ts: int) -> None:
        self.taught.append((row, ts))

    def forecast(self, features: np.ndarray) -> float:
        return self.says


class Switch:
    """A guard that is told what to say."""

    aside = False

    def stands_aside(self, row: int, book_is_good: bool) -> bool:
        return self.aside


def desk(says: float = 0.0, rows: int = 30, guard: object = None) -> Desk:
    ts = np.arange(1, rows + 1, dtype=np.int64) * NS
    view = View(ts, np.zeros((rows, 5)), np.full(rows, 1e-4))
    return Desk(Place("X@v", 0.5), TERMS, view, Spy(says), guard)


def test_a_row_is_taught_when_its_horizon_has_ended_once_and_in_order() -> None:
    d = desk()
    for ts in (4.0, 8.0, 8.7, 9.2, 15.0):
        d.on_timer(int(ts * NS))
    rows = [row for row, _ in d.learner.taught]
    assert rows == list(range(TERMS.warmup, 14 - TERMS.horizon + 1))
    for row, ts in d.learner.taught:
        assert ts == d.view.ts[row + TERMS.horizon]


@pytest.mark.parametrize("defences", [NAIVE, FULL], ids=["naive", "defended"])
def test_lessons_of_later_rows_never_change_an_earlier_forecast(
    sight: Sight, teaching: Teaching, tiny: LabSettings, defences: Defences
) -> None:
    terms, changed = tiny.terms, 160
    lessons = lessons_for(sight, defences, terms, teaching.screen)
    altered = lessons.rows.copy()
    altered[changed:] += 3.0
    runs = [
        _forecasts(sight, Lessons(rows, lessons.weights), defences, teaching, tiny)
        for rows in (lessons.rows, altered)
    ]
    known = changed + terms.horizon
    assert np.isfinite(runs[0][terms.warmup : known]).all()
    assert np.array_equal(runs[0][:known], runs[1][:known], equal_nan=True)
    # A gated model serves at its checks, and may go back to the reference for good.
    if not defences.gate:
        assert (runs[0][known:] != runs[1][known:]).all()


def _forecasts(
    sight: Sight, lessons: Lessons, defences: Defences, teaching: Teaching, tiny: LabSettings
) -> np.ndarray:
    samples = sight.raw
    learner = ModelLearner(
        teaching.reference, teaching.profile, defences, 50.0, tiny.check_every, lessons,
        samples.sources,
    )  # fmt: skip
    view = View(samples.ts, samples.features[:, 0], samples.volatility[:, 0])
    d = Desk(Place("X@v", 0.5), tiny.terms, view, learner)
    for ts in samples.ts:
        d.on_timer(int(ts))
    return d.forecasts


def test_before_its_first_lesson_the_learner_forecasts_the_golden_regression(
    sight: Sight, teaching: Teaching, tiny: LabSettings
) -> None:
    lessons = lessons_for(sight, NAIVE, tiny.terms, teaching.screen)
    learner = ModelLearner(
        teaching.reference, teaching.profile, NAIVE, 900.0, 60, lessons, sight.raw.sources
    )
    cov, mean = teaching.reference.covariance, teaching.reference.location
    own = cov[:5, :5] * (1 + RIDGE * np.eye(5))
    x = np.array([0.3, -0.2, 1.0, 0.5, -0.1])
    want = mean[5] + np.linalg.inv(own) @ cov[:5, 5] @ (x - mean[:5])
    assert learner.forecast(x) == pytest.approx(want, rel=1e-9)


def test_a_lesson_without_weight_or_with_a_missing_number_teaches_nothing(
    sight: Sight, teaching: Teaching, tiny: LabSettings
) -> None:
    rows = np.full((3, 3, 6), 5.0)
    rows[1, :, 2] = np.nan
    weights = np.array([[0.0] * 3, [1.0] * 3, [1.0, 0.0, 0.0]])
    learner = ModelLearner(
        teaching.reference, teaching.profile, NAIVE, 10.0, 60, Lessons(rows, weights),
        sight.raw.sources,
    )  # fmt: skip
    for row in (0, 1):
        learner.learn(row, NS)
    assert np.array_equal(learner.model.location, teaching.reference.location)
    learner.learn(2, 2 * NS)
    assert not np.array_equal(learner.model.location, teaching.reference.location)


@pytest.mark.parametrize(
    ("says", "held", "quotes"),
    [
        (0.1, 0.0, []),
        (1.0, 0.0, [(1, 10.0, 99.0)]),
        (-1.0, 0.0, [(-1, 10.0, 101.0)]),
        (1.0, 4.0, [(1, 6.0, 99.0)]),
        (-1.0, 4.0, [(-1, 14.0, 101.0)]),
        (1.0, 10.0, []),
    ],
)
def test_the_side_that_the_forecast_favours_is_joined_up_to_the_largest_position(
    says: float, held: float, quotes: list[tuple]
) -> None:
    d = desk(says)
    d.held = held
    d.on_timer(10 * NS)
    assert d.quotes == quotes
    assert not any(take for *_, take in d.sent)


def test_a_sure_forecast_withdraws_quotes_and_pays_the_spread_once_the_position_is_open() -> None:
    d = desk(1.0)
    d.on_timer(10 * NS)
    d.learner.says = -3.0
    d.on_timer(11 * NS)
    assert d.sent[-1] == (-1, 10.0, 99.0, True)
    assert d.quotes == []
    d.held = -10.0
    d.on_timer(12 * NS)
    assert len(d.sent) == 2


def test_a_quote_that_is_where_it_should_be_is_left_alone_and_follows_the_book() -> None:
    d = desk(1.0)
    d.on_timer(10 * NS)
    d.on_timer(11 * NS)
    assert len(d.sent) == 1
    d.bid = 99.5
    d.on_timer(12 * NS)
    assert d.quotes == [(1, 10.0, 99.5)]


def test_standing_aside_withdraws_what_would_add_and_works_the_position_off() -> None:
    guard = Switch()
    d = desk(1.0, guard=guard)
    d.on_timer(10 * NS)
    assert d.quotes == [(1, 10.0, 99.0)]
    guard.aside = True
    d.on_timer(11 * NS)
    assert d.quotes == []
    d.held = 4.0
    d.on_timer(12 * NS)
    assert d.quotes == [(-1, 4.0, 101.0)]
    assert d.aside == 2
    guard.aside = False
    d.on_timer(13 * NS)
    assert d.quotes == [(1, 6.0, 99.0)]


def test_what_patience_does_not_work_off_is_closed_at_the_touch() -> None:
    guard = Switch()
    guard.aside = True
    d = desk(0.0, guard=guard)
    d.held = -3.0
    patience = int(d.terms.patience_s)
    for k in range(patience):
        d.on_timer((10 + k) * NS)
        assert d.quotes == [(1, 3.0, 99.0)], "first it waits at its own side"
    d.on_timer((10 + patience) * NS)
    assert d.quotes == []
    assert d.sent[-1][:2] == (1, 3.0)
    guard.aside = False
    d.on_timer((11 + patience) * NS)
    guard.aside = True
    d.on_timer((12 + patience) * NS)
    assert d.quotes == [(1, 3.0, 99.0)], "patience begins anew with every opening"


@pytest.mark.parametrize("trouble", ["features", "book"])
def test_quotes_are_withdrawn_when_there_is_nothing_to_go_by(trouble: str) -> None:
    d = desk(1.0)
    d.on_timer(10 * NS)
    if trouble == "features":
        d.view.features[10, 2] = np.nan
    else:
        d.bid = 102.0
    d.on_timer(11 * NS)
    assert d.quotes == []
    assert len(d.sent) == 1


def test_nothing_is_sent_before_the_warmup() -> None:
    d = desk(5.0)
    d.on_timer(int(3.5 * NS))
    assert d.sent == []
    d.on_timer(4 * NS)
    assert len(d.sent) == 1


@pytest.fixture
def calm() -> Callable[..., Samples]:
    def make(**changes: tuple[int, float]) -> Samples:
        """Two hundred quiet seconds, with a value changed from a row on."""
        n = 200
        values = {
            "mid": np.full((n, 2), 100.0), "spread": np.full((n, 2), 1e-4),
            "gap": np.zeros((n, 2)),
        }  # fmt: skip
        for name, (row, value) in changes.items():
            values[name][row:, 0] = value
        features = np.zeros((n, 2, 5))
        features[:, :, 3] = values["gap"]
        return Samples(
            np.arange(n) * NS, features, values["mid"], values["spread"], np.zeros((n, 2)),
            np.full((n, 2), 1e-4), ("a", "b"),
        )  # fmt: skip

    return make


QUIET = np.zeros(200, np.bool_)


def test_a_quiet_market_never_trips_the_breaker(calm: Callable[..., Samples]) -> None:
    assert not Breaker(calm(), QUIET).open.any()
    assert not Breaker(calm(), ~QUIET).open.any()


@pytest.mark.parametrize(
    ("change", "below", "above"),
    [("spread", 79.9e-4, 85e-4), ("gap", 11.0, 11.1), ("mid", 100.189, 100.191)],
)
def test_the_breaker_trips_just_above_its_limit_and_not_below(
    calm: Callable[..., Samples], change: str, below: float, above: float
) -> None:
    settings = BreakerSettings()
    low, high = (strain(calm(**{change: (100, at)}), QUIET, settings) for at in (below, above))
    assert low.max() < 1.0
    assert np.flatnonzero(high > 1.0)[0] == 100
    # A second ahead of the others is no alarm; two are.
    assert np.flatnonzero(Breaker(calm(**{change: (100, above)}), QUIET).open)[0] == 101


def test_a_move_that_all_venues_share_is_no_reason_to_stop(calm: Callable[..., Samples]) -> None:
    shared = calm()
    shared.mid[100:] *= 1.01  # thirty volatilities of ten rows
    assert not Breaker(shared, ~QUIET).open.any()
    absurd = calm()
    absurd.mid[100:] *= 1.03
    assert Breaker(absurd, QUIET).open[101]


def test_what_is_far_over_a_limit_trips_at_once() -> None:
    worst = np.zeros(20)
    worst[[5, 7, 12, 15]] = 1.5, 1.5, 1.5, 3.5
    assert np.flatnonzero(trips(worst, 3.0)).tolist() == [7, 15]


def test_evidence_of_withdrawn_liquidity_lowers_the_limit_of_a_move(
    calm: Callable[..., Samples],
) -> None:
    moved = calm(mid=(100, 100.15))  # 4.7 volatilities alone
    assert not Breaker(moved, QUIET).open.any()
    assert Breaker(moved, ~QUIET).open[101]
    deaf = Breaker(moved, ~QUIET, BreakerSettings(evidence=False))
    assert not deaf.open.any()


def test_a_breaker_that_trips_often_knows_nothing_of_later_rows(
    calm: Callable[..., Samples],
) -> None:
    rng = np.random.default_rng(8)
    rough = replace(
        calm(), mid=100 * np.exp(np.cumsum(rng.standard_t(3, (200, 2)) * 1e-4, axis=0)),
        spread=1e-4 * np.exp(rng.normal(0, 1, (200, 2))),
        volatility=np.exp(rng.normal(-9, 0.7, (200, 2))),
    )  # fmt: skip
    suspect = rng.random(200) < 0.5
    whole = Breaker(rough, suspect).open
    assert 0.1 < whole.mean() < 0.9
    for n in range(30, 200, 10):
        names = ("ts", "features", "mid", "spread", "age_s", "volatility")
        past = replace(rough, **{k: getattr(rough, k)[:n] for k in names})
        assert np.array_equal(Breaker(past, suspect[:n]).open, whole[:n])


def test_the_breaker_holds_for_its_time_after_the_last_reason() -> None:
    trips = QUIET.copy()
    trips[[50, 53]] = True
    assert np.flatnonzero(held(trips, 10)).tolist() == list(range(50, 64))


def test_a_bad_book_holds_the_breaker_open_as_long(calm: Callable[..., Samples]) -> None:
    breaker = Breaker(calm(), QUIET)
    said = [breaker.stands_aside(row, book_is_good=row != 20) for row in range(40)]
    assert np.flatnonzero(said).tolist() == list(range(20, 40))


def test_no_print_moves_the_running_median_far() -> None:
    values = np.ones(100)
    values[50] = 1e9
    values[60] = np.nan
    got = running_median(values)
    assert np.array_equal(got[:50], np.ones(50))
    assert got.max() <= 1.02
    assert running_median(np.full(3, np.nan)).tolist() == pytest.approx([np.nan] * 3, nan_ok=True)

# SPDX-License-Identifier: MIT
"""What every registered analytic keeps, found by introspection."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from seawall.analytics.examples import example_columns
from seawall.analytics.registry import ANALYTICS, analytic
from seawall.analytics.spec import INPUTS, SECTIONS, Analytic, Result, Stream, run
from seawall.model.errors import ResearchError, SettingsError

LEVELS = 4
ROWS = 300
SMALL = {"rolling_realised": {"window": 20},
         "liquidity_alert": {"slow": 60.0},
         "crash_alert": {"fast": 3.0, "slow": 60.0, "window": 5.0},
         "lee_mykland": {"window": 20, "n": 100}, "range_volatility": {"window": 10},
         "vpin": {"bucket": 5.0, "window": 7}, "kyle_lambda": {"window": 20},
         "roll_spread": {"window": 20}, "amihud": {"window": 20},
         "realised_spread": {"capacity": 8}, "vwap": {"session": 60.0},
         "twap": {"session": 60.0},
         "book_temperature": {"bin_bps": 0.5, "bins": 8, "min_bins": 3, "min_r2": 0.0},
         "book_entropy": {"bin_bps": 0.5, "bins": 8}, "book_kinetics": {"history": 5},
         "book_kinetics_l2": {"history": 5}, "early_warning": {"window": 20, "trend": 20},
         "permutation_entropy": {"window": 40}, "hjorth": {"window": 20},
         "rolling_hurst": {"window": 30, "power": 3},
         "rolling_network": {"window": 20}, "absorption_ratio": {"short": 3, "long": 30},
         "decorrelation": {"fast": 5.0, "slow": 40.0},
         "pump_rush": {"chunk": 5.0, "window": 10}}  # fmt: skip
STREAMING = [a for a in ANALYTICS if a.batch is not None]
every = pytest.mark.parametrize("one", STREAMING, ids=lambda a: a.name)


@cache
def whole(name: str) -> Result:
    one = analytic(name)
    return run(one, example_columns(one, ROWS, levels=LEVELS), SMALL.get(name))


def same(a: np.ndarray, b: np.ndarray) -> None:
    assert np.array_equal(a, b, equal_nan=True)


@pytest.mark.parametrize("one", ANALYTICS, ids=lambda a: a.name)
def test_its_docstring_says_formula_unit_assumption_cost_and_source(one: Analytic) -> None:
    assert one.title
    for section in SECTIONS:
        assert len(one.section(section)) > 3, section
    assert set(one.inputs) <= set(INPUTS)
    assert (one.batch is None) != (one.fit is None)


def test_names_are_unique() -> None:
    assert len({a.name for a in ANALYTICS}) == len(ANALYTICS)


@every
def test_most_of_its_values_are_defined_on_ordinary_data(one: Analytic) -> None:
    values = whole(one.name).values[ROWS // 2 :]
    for k, name in enumerate(whole(one.name).outputs):
        assert np.isfinite(values[:, k]).mean() > 0.3, name


@every
def test_event_by_event_equals_the_batch(one: Analytic) -> None:
    columns = example_columns(one, ROWS, levels=LEVELS)
    stream = Stream(one, SMALL.get(one.name), levels=LEVELS)
    rows = zip(*(columns[name] for name in one.inputs), strict=True)
    same(np.array([stream.update(*row) for row in rows]), whole(one.name).values)
    assert stream.state.tobytes() == whole(one.name).state.tobytes()


@every
def test_the_past_does_not_change_when_the_future_is_taken_away(one: Analytic) -> None:
    columns = example_columns(one, ROWS, levels=LEVELS)
    for cut in (1, 2, 113, ROWS - 1):
        part = run(one, {k: v[:cut] for k, v in columns.items()}, SMALL.get(one.name))
        same(part.values, whole(one.name).values[:cut])


@every
def test_a_saved_state_goes_on_as_if_never_stopped(one: Analytic) -> None:
    columns, given = example_columns(one, ROWS, levels=LEVELS), SMALL.get(one.name)
    for cut in (1, 77, 200):
        first = run(one, {k: v[:cut] for k, v in columns.items()}, given)
        saved = np.frombuffer(first.state.tobytes())
        rest = run(one, {k: v[cut:] for k, v in columns.items()}, given, state=saved)
        same(rest.values, whole(one.name).values[cut:])
        same(saved, first.state)  # what was handed in is not changed


@every
def test_one_bad_number_gives_no_number_and_is_forgotten(one: Analytic) -> None:
    at = ROWS // 2
    for name in one.inputs:
        if INPUTS[name].whole:
            continue
        for bad in (np.nan, np.inf):
            columns = {k: v.copy() for k, v in example_columns(one, ROWS, levels=LEVELS).items()}
            columns[name][at] = bad
            got = run(one, columns, SMALL.get(one.name)).values
            assert np.isnan(got[at]).all(), (name, bad)
            same(got[:at], whole(one.name).values[:at])
            later = got[at + 60 :]
            assert (np.isfinite(later).any(axis=0)).all(), (name, bad)
            assert not np.isinf(got).any()


@every
def test_no_rows_give_no_rows_and_a_fresh_state(one: Analytic) -> None:
    columns = example_columns(one, 0, levels=LEVELS)
    got = run(one, columns, SMALL.get(one.name))
    assert got.values.shape == (0, len(got.outputs))
    assert not got.state.any()


@every
def test_a_state_of_another_size_is_refused(one: Analytic) -> None:
    columns = example_columns(one, 3, levels=LEVELS)
    with pytest.raises(ResearchError, match="state"):
        run(one, columns, SMALL.get(one.name), state=np.zeros(3_333))


def test_missing_columns_and_unknown_or_wild_parameters_are_refused() -> None:
    one = analytic("vpin")
    with pytest.raises(ResearchError, match="'side'"):
        run(one, {"qty": np.ones(3)})
    with pytest.raises(ResearchError, match="shape"):
        run(one, {"qty": np.ones(3), "side": np.ones(4)})
    for params in ({"bucke": 3.0}, {"bucket": 0.0}, {"window": 2.5}):
        with pytest.raises(SettingsError):
            run(one, example_columns(one, 3), params)
    with pytest.raises(ResearchError, match="no analytic"):
        analytic("vpinn")

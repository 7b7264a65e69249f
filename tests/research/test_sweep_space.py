# SPDX-License-Identifier: MIT
"""A space says what it holds, and reads from the command line what it would print."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.model.errors import SettingsError
from seawall.research.sweep import Choice, FloatRange, IntRange, neighbours, parse_space


def test_words_of_the_command_line_become_typed_axes():
    space = parse_space(
        ["fast=5:50:5", "risk=0.1:0.5", "step=0:1:0.25", "lr=1e-4:1e-1:log", "kind=a,b", "n=7"]
    )
    assert dict(space.axes) == {
        "fast": IntRange(5, 50, 5),
        "risk": FloatRange(0.1, 0.5),
        "step": FloatRange(0.0, 1.0, 0.25),
        "lr": FloatRange(1e-4, 1e-1, log=True),
        "kind": Choice(("a", "b")),
        "n": Choice((7,)),
    }


@pytest.mark.parametrize(
    "word", ["fast", "=1:2", "fast=", "fast=1:2:3:4", "fast=a:b", "fast=9:1", "x=1:log", "x=1:2:0"]
)
def test_a_word_that_is_no_axis_is_refused_with_the_way_to_write_it(word):
    with pytest.raises(SettingsError) as caught:
        parse_space([word])
    assert caught.value.mend


def test_a_name_given_twice_is_refused():
    with pytest.raises(SettingsError, match="twice"):
        parse_space(["a=1:2", "a=3:4"])


def test_a_float_grid_includes_its_end_in_spite_of_rounding():
    assert FloatRange(0.1, 0.3, 0.1).grid() == (0.1, 0.2, 0.3)


def test_a_logarithmic_grid_has_even_ratios():
    grid = np.array(FloatRange(1e-3, 1.0, log=True, points=4).grid())
    assert grid[1:] / grid[:-1] == pytest.approx([10.0, 10.0, 10.0])


@given(
    low=st.integers(-50, 50), span=st.integers(0, 60), step=st.integers(1, 9),
    seed=st.integers(0, 1000),
)  # fmt: skip
def test_every_draw_of_whole_numbers_lies_on_the_grid(low, span, step, seed):
    axis = IntRange(low, low + span, step)
    assert axis.draw(np.random.default_rng(seed)) in axis.grid()
    assert axis.grid()[-1] <= axis.high < axis.grid()[-1] + step


def test_the_grid_has_every_combination_once_with_the_last_axis_fastest():
    space = parse_space(["a=1:3", "b=x,y"])
    points = [tuple(p.values()) for p in space.grid()]
    assert points == [(1, "x"), (1, "y"), (2, "x"), (2, "y"), (3, "x"), (3, "y")]
    assert space.size == 6


def test_a_space_survives_pickling():
    space = parse_space(["a=1:3", "b=0.5,1"])
    assert pickle.loads(pickle.dumps(space)) == space


def test_neighbours_are_one_step_away_on_one_axis():
    space = parse_space(["a=1:9:2", "kind=x,y,z", "free=0.0:1.0"])
    near = neighbours(space, {"a": 1, "kind": "y", "free": 0.123})
    assert [(p["a"], p["kind"]) for p in near] == [(3, "y"), (1, "x"), (1, "z")]

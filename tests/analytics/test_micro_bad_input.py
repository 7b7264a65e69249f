# SPDX-License-Identifier: MIT
"""What fits over books, flow, costs and fills do with samples that tell nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass

import numpy as np
import pytest

from seawall.analytics.examples import example_columns
from seawall.analytics.registry import ANALYTICS
from seawall.analytics.spec import INPUTS, Analytic
from seawall.model.errors import ResearchError

FITS = [a for a in ANALYTICS if a.fit and a.group in ("book", "flow", "costs", "fills")]
Columns = dict[str, np.ndarray]
every = pytest.mark.parametrize("one", FITS, ids=lambda a: a.name)


def empty(columns: Columns) -> Columns:
    return {k: v[:0] for k, v in columns.items()}


def one_row(columns: Columns) -> Columns:
    return {k: v[:1] for k, v in columns.items()}


def constant(columns: Columns) -> Columns:
    return {k: v if k == "ts" else np.repeat(v[:1], len(v), axis=0) for k, v in columns.items()}


def not_numbers(columns: Columns) -> Columns:
    return {k: v if INPUTS[k].whole else v * np.nan for k, v in columns.items()}


def infinite(columns: Columns) -> Columns:
    return {k: v if INPUTS[k].whole else np.full(v.shape, np.inf) for k, v in columns.items()}


def no_levels(columns: Columns) -> Columns:
    return {k: v[:, :0] if v.ndim == 2 else v for k, v in columns.items()}


@every
@pytest.mark.parametrize(
    "spoil", [empty, one_row, constant, not_numbers, infinite, no_levels],
    ids=lambda f: f.__name__,
)  # fmt: skip
@pytest.mark.filterwarnings("error")
def test_a_sample_that_tells_nothing_is_refused_or_gives_no_infinity(
    one: Analytic, spoil: Callable[[Columns], Columns]
) -> None:
    assert one.fit is not None
    found, told = None, "how to mend it"
    try:
        found = one.fit(*one.columns(spoil(example_columns(one, 300, levels=3))))
    except ResearchError as refused:
        told = refused.mend or refused.where
    assert told
    if found is None:
        return
    assert is_dataclass(found)
    for field in fields(found):
        value = getattr(found, field.name)
        if isinstance(value, float | np.ndarray):
            assert not np.isinf(np.asarray(value, float)).any(), field.name


@every
@pytest.mark.filterwarnings("error")
def test_a_few_bad_rows_do_not_change_the_kind_of_answer(one: Analytic) -> None:
    columns = example_columns(one, 3_000, levels=3)
    assert one.fit is not None
    for name in one.inputs:
        if INPUTS[name].whole or name == "mids":  # a gap amid the mids is refused
            continue
        spoilt = {k: v.copy() for k, v in columns.items()}
        spoilt[name][100] = np.nan
        spoilt[name][200] = np.inf
        try:
            whole = one.fit(*one.columns(columns))
            got = one.fit(*one.columns(spoilt))
        except ResearchError:
            continue
        for field in fields(got):
            clean, value = getattr(whole, field.name), getattr(got, field.name)
            if isinstance(value, float) and np.isfinite(clean):
                assert np.isfinite(value), (name, field.name)

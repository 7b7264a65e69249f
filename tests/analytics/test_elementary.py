# SPDX-License-Identifier: MIT
"""The shared exponential and logarithm, and that a change of them is seen by all who call them."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import seawall.analytics as room
from seawall.analytics.elementary import __file__ as SHARED
from seawall.analytics.elementary import quick_exp, quick_log

CALLER = """
from shared import quick_exp, used_by
from seawall.analytics.jit import entry

fresh = used_by(__file__)

@entry
def one(x):
    return quick_exp(x)
"""
ASK = (
    "import caller; print(caller.fresh, caller.one(0.0), sum(caller.one.stats.cache_hits.values()))"
)


@given(st.floats(-700.0, 700.0))
def test_the_exponential_is_that_of_the_library(x: float) -> None:
    assert quick_exp.py_func(x) == pytest.approx(math.exp(x), rel=4e-16)


@given(st.floats(1e-300, 1e300))
def test_the_logarithm_is_that_of_the_library(x: float) -> None:
    assert quick_log.py_func(x) == pytest.approx(math.log(x), rel=1e-15, abs=4e-16)


def test_far_below_zero_the_exponential_is_next_to_nothing() -> None:
    assert 0.0 < quick_exp.py_func(-1e9) < 1e-300


def asked(folder: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", ASK], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_code_that_was_cached_with_another_version_is_dropped(tmp_path: Path) -> None:
    text = Path(SHARED).read_text()
    (tmp_path / "shared.py").write_text(text)
    (tmp_path / "caller.py").write_text(CALLER)
    assert asked(tmp_path) == ["False", "1.0", "0"]
    assert asked(tmp_path) == ["True", "1.0", "1"]  # from the cache
    changed = text.replace("(p * r * r + r + 1.0)", "(p * r * r + r + 3.0)")
    assert changed != text
    (tmp_path / "shared.py").write_text(changed)
    assert asked(tmp_path) == ["False", "3.0", "0"]  # the caller's own file is as it was
    assert asked(tmp_path) == ["True", "3.0", "1"]


def test_every_file_that_calls_them_says_so() -> None:
    callers = [
        p
        for p in Path(next(iter(room.__path__))).rglob("*.py")
        if re.search(r"from seawall.analytics.(elementary|hawkes.decays) import", p.read_text())
        and re.search(r"@entry|cache=True", p.read_text())  # only these have a cache
    ]
    assert len(callers) >= 6
    for file in callers:
        assert "used_by(__file__" in file.read_text(), file.name
        if "hawkes.decays" in file.read_text():
            assert "used_by(__file__, shared.__file__)" in file.read_text(), file.name

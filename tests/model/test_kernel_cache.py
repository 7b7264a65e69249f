# SPDX-License-Identifier: MIT
"""Machine code from a light cache does what freshly compiled code does."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from seawall.engine.kernel import actions, bits

MODULE = """
import numpy as np
from numba import njit
from seawall.model.kernel_cache import Deferred, LightCache

def cached(function):
    made = njit(function)
    made._cache = LightCache(function)
    return made

@njit
def checked(x, most):
    if x > most:
        raise ValueError("too much", x)
    return x

@cached
def first(values, most):
    out = np.empty(2)
    out[0] = checked(values[0], most)
    out[1] = values.sum()
    return out, 1

@cached
def looked_up(name):
    return {"kept": 41}[name] + 1
"""

USE = """
import json, sys
import numpy as np
import module
found, one = module.first(np.array([3, 4]), 5)
loaded = sum(module.first.stats.cache_hits.values())
early = "numba.np.arraymath" in sys.modules
try:
    module.first(np.array([7, 4]), 5)
except ValueError as error:
    said = [str(part) for part in error.args]
kept = module.looked_up("kept")
from numba import njit

@njit
def twice(values):
    return 2 * module.first(values, 5)[0][1]

print(json.dumps([loaded, early, found.tolist(), one, said, twice(np.array([3, 4])), kept]))
"""


def use(folder: Path) -> list[object]:
    """What a new process makes of the module's function."""
    done = subprocess.run(
        [sys.executable, "-c", USE], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    found: list[object] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the module, used once."""
    folder = tmp_path_factory.mktemp("cached")
    (folder / "module.py").write_text(MODULE)
    assert use(folder)[0] == 0
    return folder


def test_loaded_code_counts_raises_and_is_compiled_against_like_fresh_code(folder: Path) -> None:
    loaded, compiled, *found = use(folder)
    assert loaded == 1
    assert not compiled
    assert found == [[3.0, 7.0], 1, ["too much", "7"], 14.0, 42]


def test_a_file_of_another_form_is_compiled_anew(folder: Path) -> None:
    for data in folder.glob("__pycache__/*.nbc"):
        data.write_bytes(pickle.dumps(("another form",)))
    assert use(folder)[0] == 0
    assert use(folder)[0] == 1


def test_a_deferred_function_travels_by_name() -> None:
    for function in (actions.cancel, bits.as_bits):
        assert pickle.loads(pickle.dumps(function)) is function

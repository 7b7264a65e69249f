# SPDX-License-Identifier: MIT
"""Starting Numba for less changes neither what it is nor what the collector does later."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from seawall.model.numba_start import for_good, hidden


def test_what_is_hidden_cannot_be_imported_and_is_there_again_afterwards() -> None:
    sys.modules.pop("colorsys", None)
    with hidden("colorsys"), pytest.raises(ImportError):
        import colorsys
    import colorsys

    assert colorsys.rgb_to_hsv(0.0, 0.0, 0.0) == (0.0, 0.0, 0.0)


def test_what_was_imported_before_is_not_hidden() -> None:
    with hidden("sys"):
        import sys as again
    assert again is sys


def test_the_collector_works_again_also_after_an_error() -> None:
    def import_what_is_broken() -> None:
        with for_good():
            assert not gc.isenabled()
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        import_what_is_broken()
    assert gc.isenabled()


def test_a_collector_that_the_user_stopped_stays_stopped() -> None:
    gc.disable()
    try:
        frozen = gc.get_freeze_count()
        with for_good():
            pass
        assert not gc.isenabled()
        assert gc.get_freeze_count() == frozen
    finally:
        gc.enable()


IN_A_NEW_PROCESS = """
import gc, sys
ballast = [[] for _ in range({ballast})]
from seawall.model.numba_start import import_numba
import_numba()
import_numba()
frozen = gc.get_freeze_count()
class Node: pass
node = Node(); node.itself = node
died = []
import weakref; weakref.finalize(node, died.append, True)
del node
gc.collect()
import numba
import scipy, yaml
twice = numba.njit(lambda x: 2 * x)
print(frozen > 50_000, died == [True], twice(21), "scipy" in sys.modules)
"""


@pytest.mark.parametrize(("ballast", "frozen"), [(0, "True"), (200_000, "False")])
def test_only_a_process_that_has_just_begun_keeps_what_it_holds_from_the_collector(
    ballast: int, frozen: str
) -> None:
    code = IN_A_NEW_PROCESS.format(ballast=ballast)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [frozen, "True", "42", "True"]

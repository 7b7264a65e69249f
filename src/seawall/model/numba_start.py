# SPDX-License-Identifier: MIT
"""Importing Numba for less: a third of a short run's time was what nobody needs of it.

Numba asks for SciPy to compare its version and for YAML to read a file that hardly anyone
has; the collector looks, again and again while a hundred thousand objects are made and once
more when the process ends, for garbage among what stays for good.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

YOUNG_OBJECTS = 150_000
"""A process that holds fewer objects has only just begun."""


@contextmanager
def hidden(*names: str) -> Iterator[None]:
    """Let modules that are not imported yet look absent."""
    absent = [name for name in names if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


@contextmanager
def without_blas() -> Iterator[None]:
    """Let Numba's array functions load without SciPy, which costs 0.2 s.

    Numba asks for SciPy's BLAS when it first loads them; kernels use none.
    """
    if "numba.np.arraymath" in sys.modules or "scipy.linalg" in sys.modules:
        yield
        return
    with hidden("scipy.linalg"):
        yield


@contextmanager
def for_good() -> Iterator[None]:
    """Collect no garbage while objects are made that live as long as the process.

    Afterwards the collector never looks at them again, nor at what came before them: in a
    process that has only just begun that is modules and classes, in any other it may be
    somebody's garbage, and nothing is kept from the collector.
    """
    if not gc.isenabled():
        yield
        return
    begun = len(gc.get_objects()) < YOUNG_OBJECTS
    gc.disable()
    try:
        yield
    finally:
        if begun:
            gc.freeze()
        gc.enable()


def import_numba() -> None:
    """Import Numba, unless it is there already."""
    if "numba" in sys.modules:
        return
    needless = ["scipy"] if Path(".numba_config.yaml").exists() else ["scipy", "yaml"]
    with for_good(), hidden(*needless):
        import_module("numba")

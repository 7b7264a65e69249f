# SPDX-License-Identifier: MIT
"""How the decoder is compiled, and when compiled code on disk is stale.

``internal`` functions have no Python wrapper and no cache file: their code is part of every
``entry``.  Numba compares the entry's own file only, so a digest of all files of the decoder
is kept beside its cache, and the cache is dropped when they change.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numba import njit

from seawall.model.compiled import borrow as borrow
from seawall.model.compiled import drop_stale

_HERE = Path(__file__).parent
_MODEL = _HERE.parents[2] / "model"
_SOURCES = (*_HERE.glob("*.py"), _HERE.parent / "faults.py", _MODEL / "events.py")

drop_stale(_HERE / "__pycache__", "decoder", _SOURCES)

internal: Any = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy")
"""Decorator of functions that compiled code calls."""

entry: Any = njit(cache=True, error_model="numpy")
"""Decorator of functions that Python calls."""

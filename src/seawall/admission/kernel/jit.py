# SPDX-License-Identifier: MIT
"""How admission is compiled, and when compiled code on disk is stale.

``internal`` functions are part of the machine code of every ``entry`` that calls them.
Numba compares the entry's own file only, so a digest of all files is kept beside the cache.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from seawall.model import compiled
from seawall.model.compiled import borrow as borrow
from seawall.model.jit import entry as _entry
from seawall.model.jit import inlined as inlined
from seawall.model.jit import step as internal

__all__ = ["borrow", "drop_stale", "entry", "inlined", "internal"]

_HERE = Path(__file__).parent
_MODEL = _HERE.parents[1] / "model"


def drop_stale(folder: Path) -> bool:
    """Delete compiled code that was made from other sources; say whether it was up to date."""
    used = (_HERE.parent / "decision.py", _MODEL / "events.py", _MODEL / "jit.py")
    return compiled.drop_stale(folder, "admission", (*_HERE.glob("*.py"), *used))


drop_stale(_HERE / "__pycache__")

entry: Any = partial(_entry, nogil=False)
"""Decorator of functions that Python calls; they keep other threads off the state."""

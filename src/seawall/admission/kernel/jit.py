# SPDX-License-Identifier: MIT
"""How admission is compiled, and when compiled code on disk is stale.

``internal`` functions are part of the machine code of every ``entry`` that calls them.
Numba compares the entry's own file only, so a digest of all files is kept beside the cache.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from numba import njit
from numba.core import cgutils
from numba.extending import intrinsic

_HERE = Path(__file__).parent
_STAMP = "seawall-admission.stamp"


def drop_stale(folder: Path) -> bool:
    """Delete compiled code that was made from other sources; say whether it was up to date."""
    digest = hashlib.sha256()
    used = (_HERE.parent / "decision.py", _HERE.parents[1] / "model" / "events.py")
    for file in (*sorted(_HERE.glob("*.py")), *used):
        digest.update(file.read_bytes())
    stamp = folder / _STAMP
    try:
        if stamp.read_text() == digest.hexdigest():
            return True
    except OSError:
        pass
    try:
        folder.mkdir(exist_ok=True)
        for file in (*folder.glob("*.nbi"), *folder.glob("*.nbc")):
            file.unlink(missing_ok=True)
        stamp.write_text(digest.hexdigest())
    except OSError:
        pass  # a read-only installation: Numba then uses a folder of the user's
    return False


drop_stale(_HERE / "__pycache__")

internal: Any = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy")
"""Decorator of functions that compiled code calls."""

inlined: Any = njit(inline="always", error_model="numpy")
"""Decorator of functions on the hot path: a call would pass every array of the state."""

entry: Any = njit(cache=True, error_model="numpy")
"""Decorator of functions that Python calls."""


@intrinsic
def borrow(context: Any, array: Any) -> Any:
    """Give the same array without its owner, so that views of it count no references.

    Each count is an atomic addition; Python holds the arrays for as long as an entry runs.
    """

    def code(target: Any, builder: Any, signature: Any, values: Any) -> Any:
        view = target.make_array(signature.args[0])(target, builder, value=values[0])
        view.meminfo = cgutils.get_null_value(view.meminfo.type)
        return view._getvalue()

    return array(array), code

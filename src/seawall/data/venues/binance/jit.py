# SPDX-License-Identifier: MIT
"""How the decoder is compiled, and when compiled code on disk is stale.

``internal`` functions have no Python wrapper and no cache file: their code is part of every
``entry``.  Numba compares the entry's own file only, so a digest of all files of the decoder
is kept beside its cache, and the cache is dropped when they change.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from numba import njit
from numba.core import cgutils
from numba.extending import intrinsic

_HERE = Path(__file__).parent
_STAMP = "seawall-decoder.stamp"


def source_digest() -> str:
    """Digest of every source file whose constants or code are compiled in."""
    digest = hashlib.sha256()
    model = _HERE.parents[2] / "model"
    for file in (*sorted(_HERE.glob("*.py")), _HERE.parent / "faults.py", model / "events.py"):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def drop_stale(folder: Path) -> bool:
    """Delete compiled code that was made from other sources.

    Returns
    -------
    bool
        Whether what is there was up to date.
    """
    stamp, digest = folder / _STAMP, source_digest()
    try:
        if stamp.read_text() == digest:
            return True
    except OSError:
        pass
    try:
        folder.mkdir(exist_ok=True)
        for file in (*folder.glob("*.nbi"), *folder.glob("*.nbc")):
            file.unlink(missing_ok=True)
        stamp.write_text(digest)
    except OSError:
        pass  # a read-only installation: Numba then uses a folder of the user's
    return False


drop_stale(_HERE / "__pycache__")

internal: Any = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy")
"""Decorator of functions that compiled code calls."""

entry: Any = njit(cache=True, error_model="numpy")
"""Decorator of functions that Python calls."""


@intrinsic
def borrow(context: Any, array: Any) -> Any:
    """Give the same array without its owner, so that calls count no references.

    Each count is an atomic addition per array and call; Python holds the arrays for as long
    as an entry runs.
    """

    def code(target: Any, builder: Any, signature: Any, values: Any) -> Any:
        view = target.make_array(signature.args[0])(target, builder, value=values[0])
        view.meminfo = cgutils.get_null_value(view.meminfo.type)
        return view._getvalue()

    return array(array), code

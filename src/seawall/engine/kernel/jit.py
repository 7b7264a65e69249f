# SPDX-License-Identifier: MIT
"""How kernel functions are compiled, and when compiled code on disk is stale.

``internal`` functions are only called by other compiled functions, so they get no
Python wrapper and no cache file of their own: their machine code is part of every
``entry``, which is cached on disk beside the code.  Numba looks at the file of the
entry only, so a change in another kernel file would go unseen; a digest of all of
them, kept beside the cache, catches it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from numba import njit

STAMP = "seawall-kernel.stamp"
_HERE = Path(__file__).parent


def kernel_digest() -> str:
    """Digest of every source file that ends up in compiled kernels."""
    digest = hashlib.sha256()
    engine = _HERE.parent
    files = [*sorted(_HERE.glob("*.py")), engine / "layout.py"]
    files += [engine.parent / "model" / name for name in ("events.py", "order.py")]
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def drop_stale(folder: Path, pattern: str = "*") -> bool:
    """Delete cached machine code that was made from other kernel sources.

    Parameters
    ----------
    folder : Path
        A ``__pycache__`` folder.
    pattern : str
        Beginning of the names of the cache files.

    Returns
    -------
    bool
        Whether what is cached there is up to date.
    """
    stamp = folder / STAMP
    digest = kernel_digest()
    try:
        if stamp.read_text() == digest:
            return True
    except OSError:
        pass
    try:
        folder.mkdir(exist_ok=True)
        for kind in ("nbi", "nbc"):
            for file in folder.glob(f"{pattern}.{kind}"):
                file.unlink(missing_ok=True)
        stamp.write_text(digest)
    except OSError:
        pass  # a read-only installation: Numba then uses a folder of the user's
    return False


def is_compiled() -> bool:
    """Whether the kernel has been compiled on this machine and is up to date."""
    return drop_stale(_HERE / "__pycache__") and any(
        (_HERE / "__pycache__").glob("advance.advance-*.nbc")
    )


drop_stale(_HERE / "__pycache__")

internal: Any = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy")
"""Decorator of functions that compiled code calls."""

entry: Any = njit(cache=True, error_model="numpy")
"""Decorator of functions that Python calls."""

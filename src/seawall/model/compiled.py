# SPDX-License-Identifier: MIT
"""What all compiled rooms share: arrays that are borrowed, and caches that are not stale.

Numba's cache looks at the file of the cached function only.  Where its machine code holds
functions and constants of other files, a change in those goes unseen; so a digest of all
of them stands beside the cache, and the cache is dropped when it differs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from numba.core import cgutils
from numba.extending import intrinsic


def drop_stale(folder: Path, room: str, sources: Iterable[Path], pattern: str = "*") -> bool:
    """Delete cached machine code that was made from other sources.

    Parameters
    ----------
    folder : Path
        A ``__pycache__`` folder.
    room : str
        Names the stamp that keeps the digest.
    sources : iterable of Path
        Every file whose code or constants are compiled in; this one is always among them.
    pattern : str
        Beginning of the names of the cache files.

    Returns
    -------
    bool
        Whether what is cached there is up to date.
    """
    digest = hashlib.sha256()
    for file in (Path(__file__), *sorted(sources)):
        digest.update(file.read_bytes())
    stamp = folder / f"seawall-{room}.stamp"
    try:
        if stamp.read_text() == digest.hexdigest():
            return True
    except OSError:
        pass
    try:
        folder.mkdir(exist_ok=True)
        for kind in ("nbi", "nbc"):
            for file in folder.glob(f"{pattern}.{kind}"):
                file.unlink(missing_ok=True)
        stamp.write_text(digest.hexdigest())
    except OSError:
        pass  # a read-only installation: Numba then uses a folder of the user's
    return False


@intrinsic
def borrow(context: Any, array: Any) -> Any:
    """Give the same array without its owner, so that calls count no references.

    Counting costs an atomic addition per array and call; the caller of the entry point
    holds the arrays for as long as it runs.
    """

    def code(target: Any, builder: Any, signature: Any, values: Any) -> Any:
        view = target.make_array(signature.args[0])(target, builder, value=values[0])
        view.meminfo = cgutils.get_null_value(view.meminfo.type)
        return view._getvalue()

    return array(array), code

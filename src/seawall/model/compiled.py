# SPDX-License-Identifier: MIT
"""What all compiled rooms share: arrays that are borrowed, addresses, caches that are not stale.

Numba's cache looks at the file of the cached function only.  Where its machine code holds
functions and constants of other files, a change in those goes unseen; so a digest of all
of them stands beside the cache, and the cache is dropped when it differs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from numba import from_dtype, types
from numba.core import cgutils
from numba.extending import intrinsic

from seawall.model.events import EVENT


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


@contextmanager
def plain_indices() -> Iterator[None]:
    """Compile indexing without Python's meaning of negative indices.

    Numba adds the length to every negative index; kernels have none, and the compare and
    select at each of their loads costs a fifth of their speed.
    """
    from numba.np import arrayobj  # slow to load, and cached code needs it not

    usual = arrayobj.fix_integer_index

    def plain(context: Any, builder: Any, kind: Any, index: Any, size: Any) -> Any:
        return context.cast(builder, index, kind, types.intp)

    arrayobj.fix_integer_index = plain
    try:
        yield
    finally:
        arrayobj.fix_integer_index = usual


@intrinsic
def pointer(context: Any, array: Any) -> Any:
    """Give the address of an array's first element, typed.

    An array is seven machine words per call, most of them through memory; an address is
    one register.
    """

    def code(target: Any, builder: Any, signature: Any, values: Any) -> Any:
        return target.make_array(signature.args[0])(target, builder, value=values[0]).data

    return types.CPointer(array.dtype)(array), code


def _typed(element: Any) -> Any:
    def typed(context: Any, address: Any) -> Any:
        def code(target: Any, builder: Any, signature: Any, values: Any) -> Any:
            return builder.inttoptr(values[0], target.get_value_type(signature.return_type))

        return types.CPointer(element)(types.int64), code

    return typed


words_at = intrinsic(_typed(types.int64))
"""Make an address, given as an integer, one of int64 words."""

floats_at = intrinsic(_typed(types.float64))
"""Make an address, given as an integer, one of float64 numbers."""

bytes_at = intrinsic(_typed(types.uint8))
"""Make an address, given as an integer, one of bytes."""

_EVENTS = types.Array(from_dtype(EVENT), 1, "C")


@intrinsic
def events_at(context: Any, address: Any, size: Any) -> Any:
    """Make an address, given as an integer, an array of so many events that nobody owns."""

    def code(target: Any, builder: Any, signature: Any, values: Any) -> Any:
        from numba.np.arrayobj import populate_array  # slow to load

        made = target.make_array(_EVENTS)(target, builder)
        itemsize = target.get_constant(types.intp, EVENT.itemsize)
        data = builder.inttoptr(values[0], made.data.type)
        shape, strides = ((cgutils.pack_array(builder, [one])) for one in (values[1], itemsize))
        populate_array(made, data, shape, strides, itemsize, None)
        return made._getvalue()

    return _EVENTS(types.int64, types.int64), code

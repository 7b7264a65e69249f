# SPDX-License-Identifier: MIT
"""Compile the kernels once, so that the first run does not have to.

``python -m seawall.engine.warmup`` is part of the set-up; a run without it compiles
what it needs by itself and is slower once.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seawall.model.kernel_cache import Deferred


def entries() -> dict[str, Deferred]:
    """Every function of the kernel that Python calls, by name."""
    from seawall.engine.kernel import actions, advance, expand, orders, sample
    from seawall.model.kernel_cache import Deferred, LightCache

    return {
        name: thing
        for module in (actions, advance, expand, orders, sample)
        for name, thing in vars(module).items()
        if isinstance(thing, Deferred) and isinstance(thing.made._cache, LightCache)
    }


def compile_kernels() -> float:
    """Compile (or load) everything that Python calls; returns the seconds it took."""
    began = time.perf_counter()
    from seawall.engine.kernel.compiled import advance_with

    assert advance_with is not None
    for entry in entries().values():
        assert entry.now is not None
    return time.perf_counter() - began


def main() -> int:
    """Compile, say so, and say how long it took."""
    from seawall.engine.kernel.jit import is_compiled

    if is_compiled():
        print("kernels: compiled already")
        return 0
    print("kernels: compiling once, about a minute; cached beside the code ...", flush=True)
    print(f"kernels: compiled in {compile_kernels():.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())

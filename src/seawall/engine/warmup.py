# SPDX-License-Identifier: MIT
"""Compile the kernels once, so that the first run does not have to.

``python -m seawall.engine.warmup`` is part of the set-up; a run without it compiles
what it needs by itself and is slower once.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from seawall.engine.settings import EngineSettings
from seawall.model.events import Stream, empty_bars, empty_events
from seawall.model.instrument import spot
from seawall.model.market import Market


def compile_kernels() -> float:
    """Compile (or load) everything that Python calls; returns the seconds it took."""
    began = time.perf_counter()
    from seawall.engine.kernel.compiled import advance_with
    from seawall.engine.run import Engine
    from seawall.engine.strategy import Strategy

    market = Market(
        (spot("BTC/USDT", "0.01", "0.001"),),
        (Stream("sim", "BTC/USDT", "bars_1m"), Stream("sim", "BTC/USDT", "depth")),
    )
    engine = Engine(market, Strategy(), EngineSettings())
    engine.strategy._engine = engine  # type: ignore[union-attr]
    bars = empty_bars(3)
    bars[0] = np.arange(1, 4) * 60_000_000_000
    bars[1:5] = 100
    engine.feed(empty_events(), bars)
    order = engine.send(1, 1.0)
    engine.cancel(order)
    engine.amend(order, 0.0, 0.0)
    engine.send_target(1.0, None)
    engine.open_orders(None)
    engine.set_timer(10**9)
    engine.equity(), engine.imbalance(None), engine.book_is_good(None)
    engine.finish()
    assert advance_with is not None
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

# SPDX-License-Identifier: MIT
"""Starting: cached kernels load by themselves, into a process that compiles nothing."""

from __future__ import annotations

import json
import subprocess
import sys

LOAD = """
import json, sys
from seawall.engine.warmup import entries

found = entries()
for entry in found.values():
    entry.now
hits = {name: sum(entry.made.stats.cache_hits.values()) for name, entry in found.items()}
print(json.dumps({"hits": hits, "array functions": "numba.np.arraymath" in sys.modules}))
"""

RUN = """
import numpy as np
from seawall.engine.run import Engine
from seawall.engine.strategy import Strategy
from seawall.model.events import Stream, empty_bars
from seawall.model.instrument import spot
from seawall.model.market import Market

class Buyer(Strategy):
    def on_bar(self, bar):
        self.target_quantity(1.0)

bars = empty_bars(5)
bars[0] = np.arange(1, 6) * 60_000_000_000
bars[1:5], bars[5] = 10_000, 10**6
market = Market((spot("BTC/USDT", "0.01", "0.001"),), (Stream("sim", "BTC/USDT", "bars_1m"),))
engine = Engine(market, Buyer())
engine.feed(None, bars)
print(len(engine.finish().fills))
"""


def fresh(code: str) -> str:
    """What a new process prints; a missing symbol of loaded code would abort it."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout


def test_every_entry_loads_from_the_cache_without_what_compiling_needs() -> None:
    fresh(LOAD)  # compiles what is not cached yet
    found = json.loads(fresh(LOAD))
    assert len(found["hits"]) > 10
    assert set(found["hits"].values()) == {1}
    assert not found["array functions"]


def test_a_run_in_a_process_that_has_only_loaded_kernels_trades() -> None:
    assert fresh(RUN).strip() == "1"

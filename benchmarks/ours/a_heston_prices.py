# SPDX-License-Identifier: MIT
"""Heston's prices of 300 options."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from analytic_inputs import HESTON
from rows import Columns, Task, run_row
from seawall.analytics.registry import analytic
from seawall.analytics.spec import run


def make(x: Columns) -> Task:
    columns = {name: x[name] for name in ("forward", "strike", "years", "call")}
    params = {**HESTON, "nodes": 32.0}
    return Task(
        lambda: run(analytic("heston_price"), columns, params)["price"], 300, "prices/s",
        values=lambda price: price / x["forward"],
        note="32 nodes: 2e-14 of the forward off the exact prices; the peer with 192: 7e-15",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-heston-prices", "ours", "seawall", make, input="A-heston")

# SPDX-License-Identifier: MIT
"""All streaming analytics of book and flow over one day's events."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from rows import Columns, Task, run_row
from seawall.analytics.examples import example_columns
from seawall.analytics.registry import ANALYTICS
from seawall.analytics.spec import Analytic, output_names

GROUPS = ("book", "flow", "costs", "fills")
CHUNK = 4_096
DAY_NS = 86_400 * 10**9


def rows_of(one: Analytic, events: int) -> int:
    """Four quotes to one trade, bars of a minute; who reads quotes and trades gets all."""
    inputs = set(one.inputs)
    quotes = bool(inputs & {"bid_px", "bid_qty", "bid_pxs"})
    trades = bool(inputs & {"price", "qty"})
    if quotes and trades:
        return events
    return events * 4 // 5 if quotes else events // 5 if trades else 1_440


def ready(one: Analytic, rows: int) -> Callable[[], None]:
    """One pass over made-up columns in chunks, as a session feeds them."""
    columns = example_columns(one, rows)
    if "ts" in columns:  # the rows are those of one day
        columns["ts"] = np.linspace(0, DAY_NS, rows).astype(np.int64)
    arrays = one.columns(columns)
    levels = max((a.shape[1] for a in arrays if a.ndim == 2), default=0)
    params = one.vector()
    size, width = one.state_size(params, levels), len(output_names(one, levels))
    chunks = [[a[k : k + CHUNK] for a in arrays] for k in range(0, rows, CHUNK)]
    out = np.empty((CHUNK, width))

    def work() -> None:
        state = np.zeros(size)
        for chunk in chunks:
            one.batch(state, params, out[: len(chunk[0])], *chunk)

    return work


def make(x: Columns) -> Task:
    events = int(x["events"])
    ones = [a for a in ANALYTICS if a.batch is not None and a.group in GROUPS]
    passes = [ready(one, rows_of(one, events)) for one in ones]

    def run() -> None:
        for one_pass in passes:
            one_pass()

    return Task(run, events, "events/s", note=f"{len(ones)} analytics, one after another")


if __name__ == "__main__":
    run_row("A-book-and-flow", "ours", "seawall", make)

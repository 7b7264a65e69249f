# SPDX-License-Identifier: MIT
"""A-pin with frds, the likelihood of Lin and Ke."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from frds.measures import PIN

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    def numbers(got: PIN.Parameters) -> dict[str, float]:
        return {"pin": got.pin}

    buys, sells = np.asarray(x["buys"]), np.asarray(x["sells"])
    return Task(
        lambda: PIN(buys, sells).estimate(method="LK2011"), 1, "fits/s", numbers,
        note="125 starts; no standard errors",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-pin", "frds", "frds", make)

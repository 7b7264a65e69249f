# SPDX-License-Identifier: MIT
"""A-vpin with vpin-lab, trades split at the borders of buckets as the paper splits them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import logging

import numpy as np
import pandas as pd
from vpin_lab.core.bucketing import VolumeBucketer
from vpin_lab.core.vpin_calculator import VPINCalculator

from rows import Columns, Task, run_row

FEW = 500_000


def make(x: Columns) -> Task:
    logging.disable(logging.CRITICAL)
    qty, side = x["qty"][:FEW], x["side"][:FEW]
    table = pd.DataFrame(
        {
            "timestamp": pd.date_range("2026-01-01", periods=qty.size, freq="ms"),
            "price": 1.0,
            "quantity": qty,
            "buy_volume": np.where(side > 0, qty, 0.0),
            "sell_volume": np.where(side > 0, 0.0, qty),
        }
    )

    def run() -> list[float]:
        bucketer = VolumeBucketer(
            x["bucket"], handle_partial_buckets="drop", split_oversized_trades=True
        )
        calculator = VPINCalculator(
            50, x["bucket"], calculate_cdf=False, vpin_method="prado_original"
        )
        return [one.vpin for one in calculator.calculate_vpin(bucketer.create_buckets(table))]

    # What is left at the end is a value as well, of a bucket that is not full.
    full = int(qty.sum() / x["bucket"] + 1e-6) - 49

    return Task(
        run, qty.size, "trades/s", values=lambda got: got[:full], warm=False,
        note=f"the first {qty.size:,} trades, and without ranks",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-vpin", "vpin-lab", "vpin-lab", make)

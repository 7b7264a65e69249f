# SPDX-License-Identifier: MIT
"""The numpy half of the contract: reading the inputs, and fills as arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from contract import FEE_RATE, Arguments


def load_bars(folder: Path) -> dict[str, np.ndarray]:
    """The bar columns of one workload: ts_ns (bar open), open, high, low, close, volume."""
    names = ("ts_ns", "open", "high", "low", "close", "volume")
    return {name: np.load(folder / f"{name}.npy") for name in names}


def load_book(folder: Path) -> dict[str, np.ndarray]:
    """The book columns of one workload; the first `n_snapshot` rows are the snapshot."""
    with np.load(folder / "book.npz") as stored:
        return {name: stored[name] for name in stored.files}


def fills_array(where: Any, px: Any, qty: Any) -> np.ndarray:
    """Fills as one float64 array with columns: bar index or ts_ns, price, signed quantity.

    Time stamps lose under half a microsecond in a float64, less than any latency modelled here.
    """
    columns = [np.asarray(column, dtype=np.float64) for column in (where, px, qty)]
    return np.column_stack(columns) if len(columns[0]) else np.empty((0, 3))


def fills_outcome(fills: np.ndarray) -> dict[str, Any]:
    """The summary of a list of fills that two runs can be compared by."""
    import hashlib

    rounded = np.ascontiguousarray(np.round(fills, 6))
    return {
        "n_fills": len(fills),
        "sum_qty": round(float(np.abs(fills[:, 2]).sum()), 6),
        "sum_px": round(float(fills[:, 1].sum()), 4),
        "last_position": round(float(fills[:, 2].sum()), 6),
        "fills_sha": hashlib.sha256(rounded.tobytes()).hexdigest()[:16],
    }


def bars_pnl(fills: np.ndarray, last_close: float) -> float:
    """Final profit of a list of fills after the fee, the open position marked at `last_close`."""
    px, qty = fills[:, 1], fills[:, 2]
    cash = -(px * qty).sum() - FEE_RATE * (px * np.abs(qty)).sum()
    return round(float(cash + qty.sum() * last_close), 4)


def save_fills(args: Arguments, workload: str, peer: str, fills: np.ndarray) -> None:
    """Leave the fills where the driver looks for them."""
    np.save(args.outcomes / f"{workload}.{peer}.npy", fills)

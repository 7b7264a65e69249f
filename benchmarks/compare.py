# SPDX-License-Identifier: MIT
"""Whether two runs of one workload came to the same outcome: true, or the reason why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from registry import Workload

Answer = bool | str

# Prices are on a grid of 0.01 or coarser; positions and indices are whole numbers.
PRICE_TOLERANCE = 1e-6


def _first_difference(ours: np.ndarray, theirs: np.ndarray) -> str:
    """Where two lists of fills part, in words."""
    shared = min(len(ours), len(theirs))
    unequal = np.abs(ours[:shared] - theirs[:shared]).max(axis=1, initial=0.0) > PRICE_TOLERANCE
    rows = np.flatnonzero(unequal)
    counts = f"{len(ours)} fills against {len(theirs)}"
    if not len(rows):
        return f"{counts}, the shorter list begins the longer"
    row = int(rows[0])
    return (
        f"{counts}, first apart at fill {row}: {ours[row].tolist()} against {theirs[row].tolist()}"
    )


def _compare_fills(workload: str, peer: str, theirs: dict[str, Any], folder: Path) -> Answer:
    """Fill by fill: where, price and quantity."""
    our_fills = np.load(folder / f"{workload}.ours.npy")
    their_fills = np.load(folder / f"{workload}.{peer}.npy")
    if theirs.get("fill_convention") == "deciding_close":
        # One bar earlier at that bar's close: only the decisions can be the same.
        decisions = their_fills[:, [0, 2]] + np.array([1.0, 0.0])
        if np.array_equal(our_fills[:, [0, 2]], decisions):
            return "the same decisions, each filled at the deciding bar's close"
        return "other decisions: " + _first_difference(our_fills, their_fills)
    if our_fills.shape == their_fills.shape and np.allclose(
        our_fills, their_fills, rtol=0.0, atol=PRICE_TOLERANCE
    ):
        return True
    return _first_difference(our_fills, their_fills)


def _compare_metrics(peer: str, theirs: dict[str, Any], folder: Path) -> Answer:
    """W3's table: return, Sharpe, drawdown and trades of each pair."""
    ours_all = np.load(folder / "W3.ours.npy")
    table = np.load(folder / f"W3.{peer}.npy")
    sampled = "sampled" in theirs["outcome"]
    ours = ours_all[table[:, 0].astype(int)] if sampled else ours_all
    table = table[:, 1:] if sampled else table
    if len(ours) != len(table):
        return f"{len(ours)} pairs against {len(table)}"
    # The sampled peer counts closed trades only, and takes its Sharpe from daily returns.
    missed = ours[:, 3] - table[:, 3]
    columns = [("return", 0), ("drawdown", 2)] + ([] if sampled else [("Sharpe", 1)])
    apart = [
        name
        for name, column in columns
        if not np.allclose(ours[:, column], table[:, column], rtol=1e-5, atol=1e-9)
    ]
    if not np.all((missed == 0) | ((missed == 1) & sampled)):
        apart.append("trades")
    return f"other {' and '.join(apart)}" if apart else True


def _compare_books(peer: str, folder: Path) -> Answer:
    """W4's samples, over as much of the stream as the peer took."""
    ours = np.load(folder / "W4.ours.npy")
    table = np.load(folder / f"W4.{peer}.npy")
    if len(table) > len(ours):
        return f"{len(ours)} samples against {len(table)}"
    return bool(np.allclose(ours[: len(table)], table, rtol=0.0, atol=1e-9)) or "other samples"


def _compare_outcomes(ours: dict[str, Any], theirs: dict[str, Any]) -> Answer:
    """Summaries, key by key where both have one."""
    ours, theirs = ours["outcome"], theirs["outcome"]
    apart = [key for key in ours if key in theirs and ours[key] != theirs[key]]
    if not apart:
        return True
    return "; ".join(f"{key} {ours[key]} against {theirs[key]}" for key in apart)


def _compare_numbers(
    workload: Workload, peer: str, ours: dict[str, Any], theirs: dict[str, Any], folder: Path
) -> Answer:
    """A row of an analytic: the numbers and the array that its registration names."""
    apart = []
    for key, within in workload.within.items():
        a, b = ours["outcome"][key], theirs["outcome"][key]
        if not abs(a - b) <= within * max(1.0, abs(a), abs(b)):
            apart.append(f"{key} {a:.10g} against {b:.10g}")
    if workload.values is not None:
        a = np.load(folder / f"{workload.name}.ours.npy")
        b = np.load(folder / f"{workload.name}.{peer}.npy")
        apart += _arrays_apart(a, b, workload.values, part=theirs["work"] < ours["work"])
    if not apart:
        return True
    return "; ".join([*apart, *([theirs["why"]] if theirs.get("why") else [])])


def _arrays_apart(a: np.ndarray, b: np.ndarray, within: float, *, part: bool) -> list[str]:
    """What is wrong with the peer's array, which may be the beginning of ours if it did a part."""
    if part and a.ndim == b.ndim == 1 and len(b) < len(a):
        a = a[: len(b)]
    if a.shape != b.shape:
        return [f"{len(a)} values against {len(b)}"]
    gone = np.isnan(a) != np.isnan(b)
    far = np.abs(a - b) / np.maximum(1.0, np.maximum(np.abs(a), np.abs(b)))
    if gone.any() or not np.nanmax(far, initial=0.0) <= within:
        return [f"values up to {np.nanmax(far):.2g} apart, {int(gone.sum())} of one side only"]
    return []


def same_outcome(
    row: Workload, peer: str, ours: dict[str, Any], theirs: dict[str, Any], folder: Path
) -> Answer:
    """Compare what the two scripts said and left in `folder`."""
    if row.family != "W":
        return _compare_numbers(row, peer, ours, theirs, folder)
    workload = row.name
    if workload in ("W6", "fills-scaling"):
        return "nothing to compare but the cost"
    if "differs" in theirs:
        return str(theirs["differs"])
    if workload == "W3":
        return _compare_metrics(peer, theirs, folder)
    if workload == "W4":
        return _compare_books(peer, folder)
    if workload == "W5":
        return _compare_outcomes(ours, theirs)
    answer = _compare_fills(workload, peer, theirs, folder)
    if workload == "W2" and answer is True and (folder / "W2-power.ours.npy").exists():
        second = _compare_fills("W2-power", peer, theirs, folder)
        return second if second is True else f"power-probability queue: {second}"
    return answer

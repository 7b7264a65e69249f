# SPDX-License-Identifier: MIT
"""Figures that others published, to stand beside ours; they are not ours to claim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Published:
    """One published result on pumps.

    Parameters
    ----------
    detector, data, protocol : str
        What, on what, and how it was split.
    precision, recall, f1 : float
        Per cent, as printed.
    """

    detector: str
    data: str
    protocol: str
    precision: float
    recall: float
    f1: float


_KAMPS = "Kamps and Kleinberg 2018, bars of 1 h"
_FOREST = "La Morgia et al., random forest"
_OLD, _NEW = "104 Binance pumps", "317 Binance pumps"

PUBLISHED: Final[tuple[Published, ...]] = (
    Published(f"{_KAMPS}, initial", _OLD, "re-run by La Morgia et al. 2020", 15.6, 96.7, 26.8),
    Published(f"{_KAMPS}, balanced", _OLD, "re-run by La Morgia et al. 2020", 38.4, 93.5, 54.4),
    Published(f"{_KAMPS}, strict", _OLD, "re-run by La Morgia et al. 2020", 50.1, 75.0, 60.5),
    Published(f"{_FOREST}, 25 s", _OLD, "5 folds of chunks", 93.7, 91.3, 91.8),
    Published(f"{_FOREST}, 15 s", _OLD, "5 folds of chunks", 91.3, 84.4, 87.7),
    Published(f"{_FOREST}, 5 s", _OLD, "5 folds of chunks", 92.4, 78.4, 84.0),
    Published(f"{_FOREST}, 25 s", _NEW, "folds of chunks", 98.2, 91.2, 94.5),
    Published("La Morgia et al. 2020, std of rush orders above 30.32", "half of 104",
              "training half", 91.1, 89.9, 90.5),
)  # fmt: skip
"""Precision, recall and F1 in per cent.

Their folds split chunks, so chunks of one pump stand on both sides, and their negatives lie
within a day of a pump: a deployed detector meets far more quiet time.  The F1 of the last
row is computed from the other two.
"""

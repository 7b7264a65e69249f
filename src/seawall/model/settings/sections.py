# SPDX-License-Identifier: MIT
"""The two sections that every run has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from seawall.model.errors import SettingsError


@dataclass(frozen=True, slots=True)
class CatalogueSettings:
    """Where market data lie.

    Parameters
    ----------
    root : Path
        Folder of the catalogue; made on first import.
    """

    root: Path = Path("catalogue")


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What every run has in common.

    Parameters
    ----------
    seed : int
        Seed of everything random; equal seeds give equal runs, bit for bit.
    out_dir : Path
        Folder in which each run leaves its results and manifest.
    workers : int
        Processes for sweeps and bootstraps; 0 takes one per core.
    """

    seed: int = 1
    out_dir: Path = Path("runs")
    workers: int = 0

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise SettingsError(f"run.seed is {self.seed}", mend="give a seed of 0 or more")
        if self.workers < 0:
            raise SettingsError(
                f"run.workers is {self.workers}", mend="give 0 for one per core, or a number"
            )

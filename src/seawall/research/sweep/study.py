# SPDX-License-Identifier: MIT
"""The definition of a sweep in its study's folder, so that it can be shown and resumed."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from seawall.model.errors import DataError, ResearchError
from seawall.research.choose import DataChoice

FOLDER = "sweeps"


@dataclass(frozen=True, slots=True)
class Definition:
    """What a user asked for.

    Parameters
    ----------
    name : str
        ``path/to/file.py:Name`` of the strategy or objective.
    space : tuple of str
        Words such as ``fast=5:50:5``.
    data : DataChoice
        What it runs on.
    method, trials, seed, metric, maximize, batch
        As in :class:`~seawall.research.sweep.Sweep`; 0 trials means all of a grid.
    sweep : str
        Identity of the sweep.
    """

    name: str
    space: tuple[str, ...]
    data: DataChoice = field(default_factory=DataChoice)
    method: str = "grid"
    trials: int = 0
    seed: int = 0
    metric: str = "sharpe"
    maximize: bool = True
    batch: int = 8
    sweep: str = field(default="")

    def save(self, study: Path) -> Path:
        """Write it to the study, replacing an earlier one of the same sweep."""
        folder = study / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        path, draft = folder / f"{self.sweep}.json", folder / f".{self.sweep}.{os.getpid()}"
        draft.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
        draft.replace(path)
        return path


def load_definitions(study: Path) -> list[Definition]:
    """Definitions of a study, the latest last.

    Raises
    ------
    ResearchError
        When the folder is no study.
    DataError
        When a definition cannot be read.
    """
    files = sorted((study / FOLDER).glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    if not files:
        raise ResearchError(
            "there is no sweep in this folder",
            where=str(study),
            mend="name the folder that `seawall sweep run --study` was given",
        )
    return [_load(path) for path in files]


def _load(path: Path) -> Definition:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        data = DataChoice(**found["data"])
        return Definition(**{**found, "space": tuple(found["space"]), "data": data})
    except (ValueError, TypeError, KeyError) as problem:
        raise DataError(
            f"the definition of a sweep cannot be read: {problem}",
            where=str(path),
            mend="remove the file and give the sweep again; its trials are kept",
        ) from None

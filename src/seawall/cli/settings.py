# SPDX-License-Identifier: MIT
"""The one place where the settings of all rooms are joined.

A room that has settings declares a frozen dataclass beside the code they configure and
is given a line in :class:`Settings`; nothing else is needed for its names to be
accepted in the file, the environment and on the command line.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import typer

from seawall.admission.settings import AdmissionSettings
from seawall.engine.settings import EngineSettings
from seawall.model.settings import (
    CatalogueSettings,
    Resolved,
    RunSettings,
    from_arguments,
    from_environment,
    from_toml,
    resolve,
)

FILE = Path("seawall.toml")
"""Read from the present folder when ``--config`` is not given."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of Seawall.

    Parameters
    ----------
    catalogue : CatalogueSettings
        Where market data lie.
    run : RunSettings
        What every run has in common.
    engine : EngineSettings
        Latency, fills and account of a simulated venue.
    admission : AdmissionSettings
        How sources of data are judged.
    """

    catalogue: CatalogueSettings = field(default_factory=CatalogueSettings)
    run: RunSettings = field(default_factory=RunSettings)
    engine: EngineSettings = field(default_factory=EngineSettings)
    admission: AdmissionSettings = field(default_factory=AdmissionSettings)


@dataclass(frozen=True, slots=True)
class Shared:
    """Options that all commands share, as they were typed.

    Parameters
    ----------
    config : Path or None
        Settings file; ``seawall.toml`` of the present folder when it exists.
    sets : tuple of str
        ``key=value`` pairs.
    debug : bool
        Whether errors show their traceback.
    """

    config: Path | None = None
    sets: tuple[str, ...] = ()
    debug: bool = False


def load(
    config: Path | None = None,
    sets: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> Resolved[Settings]:
    """Resolve all settings: defaults, then file, environment and ``--set`` pairs.

    Raises
    ------
    SettingsError
        When a source holds an unknown name or a wrong value.
    """
    path = config or (FILE if FILE.is_file() else None)
    return resolve(
        Settings,
        [
            *(from_toml(path) if path else []),
            *from_environment(os.environ if environment is None else environment),
            *from_arguments(sets),
        ],
    )


def resolved(ctx: typer.Context) -> Resolved[Settings]:
    """Resolve the settings of the command that is running."""
    shared = ctx.find_object(Shared) or Shared()
    return load(shared.config, shared.sets)


def settings_of(ctx: typer.Context) -> Settings:
    """Return the settings of the command that is running."""
    return resolved(ctx).settings

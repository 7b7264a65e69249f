# SPDX-License-Identifier: MIT
"""Typed, frozen settings and where each value came from.

A room declares its settings as a frozen dataclass beside the code that they configure;
the composition root of the command line joins all sections into one tree.  Values come
from four places, the later winning: the defaults of the dataclass, a TOML file,
``SEAWALL_SECTION__NAME`` in the environment, and ``--set section.name=value``.

An unknown name is refused with the nearest valid one, a wrong type with what was
expected, both with the file and line (or variable) where they stand.
Callers: ``cli.settings``, and ``research`` for the two sections that every run has.
"""

from seawall.model.settings.resolve import Origin, Resolved, resolve
from seawall.model.settings.schema import Setting, schema_of
from seawall.model.settings.sections import CatalogueSettings, RunSettings
from seawall.model.settings.sources import Given, from_arguments, from_environment, from_toml

__all__ = [
    "CatalogueSettings",
    "Given",
    "Origin",
    "Resolved",
    "RunSettings",
    "Setting",
    "from_arguments",
    "from_environment",
    "from_toml",
    "resolve",
    "schema_of",
]

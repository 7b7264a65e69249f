# SPDX-License-Identifier: MIT
"""The command line: one binary, noun and verb.

Each command group is one module with an ``app`` of typer, listed in
:data:`seawall.cli.app.COMMANDS` and imported only when it is called, so that
``seawall --help`` needs none of the rooms below.  What all commands share lives in
``output`` (tables, progress, JSON), ``failure`` (errors as people read them) and
``settings`` (the composition of all rooms' settings).

Nothing imports this room; it decides nothing about markets, only about words.
"""

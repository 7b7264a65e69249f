# SPDX-License-Identifier: MIT
"""What a script is made of, and what it may know of the world that it is written for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from seawall.data.attacks.kinds import KINDS
from seawall.data.simulated.config import AttackConfig, SimConfig
from seawall.model.errors import SettingsError

AGENTS_PER_ATTACK = 3
ANCHOR_PLACES = 4
"""Places that ``S_ANCHOR`` writes."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a scripted agent.

    Parameters
    ----------
    at_s : float
        Time from the start of the feeds, s.
    agent : int
        0, 1 or 2 among the agents of the script.
    op : int
        An ``S_`` code of the layout, which says what the other fields mean.
    side : int
        1 buy, -1 sell.
    offset, lots : int
        Distance and quantity.
    slot : int
        Name of the order within the script, for its cancel.
    anchor : int
        Name of the anchor within the script; takes ``ANCHOR_PLACES`` names from here.
    book : int
        Instrument, -1 for that of the attack.
    """

    at_s: float
    agent: int
    op: int
    side: int = 0
    offset: int = 0
    lots: int = 0
    slot: int = 0
    anchor: int = 0
    book: int = -1


@dataclass(frozen=True, slots=True)
class Scene:
    """What a script is written for.

    Parameters
    ----------
    size : int
        Median taker of the asset, lots.
    price_ticks : int
        Price at the start of the run.
    books : tuple of int
        All books of the asset.
    spots : tuple of int
        Those whose mids make the index.
    """

    size: int
    price_ticks: int
    books: tuple[int, ...]
    spots: tuple[int, ...]


Script = Callable[[AttackConfig, Scene, np.random.Generator], list[Step]]


def scene_of(config: SimConfig, book: int) -> Scene:
    """Scene of an attack on a book of a configuration."""
    per_asset = config.books // len(config.assets)
    number = book // per_asset
    asset = config.assets[number]
    books = tuple(range(number * per_asset, (number + 1) * per_asset))
    spots = books[:: 2 if config.perpetuals else 1]
    tick, lot = float(asset.tick), float(asset.lot)
    return Scene(max(1, round(asset.size / lot)), round(asset.price / tick), books, spots)


def params_of(attack: AttackConfig) -> dict[str, float]:
    """Parameters of an attack, the defaults of its kind filled in.

    Raises
    ------
    SettingsError
        When the kind has no parameter of that name.
    """
    kind = KINDS.get(attack.kind)
    known = {p.name: p.default for p in kind.params} if kind else {}
    for name, value in attack.params:
        if name not in known:
            raise SettingsError(
                f"{attack.kind} has no parameter {name!r}",
                where="params",
                mend=f"it knows {', '.join(known) or 'none'}",
            )
        known[name] = value
    return known


def ppm(fraction: float) -> int:
    """Fraction in millionths."""
    return round(fraction * 1e6)


def every(start_s: float, end_s: float, step_s: float) -> Iterator[float]:
    """Times from ``start_s`` to before ``end_s``."""
    count = max(0, round((end_s - start_s) / step_s))
    return (start_s + k * step_s for k in range(count))

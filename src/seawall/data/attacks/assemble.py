# SPDX-License-Identifier: MIT
"""Put forged and genuine records together again, in order of receive time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from seawall.data.attacks.labels import Bools, Ints
from seawall.data.attacks.spec import AttackSpec
from seawall.model.events import Bars, Events
from seawall.model.market import Market


@dataclass(frozen=True, eq=False)
class Written:
    """What a writer made of a market; the fields are those of ``Labels``.

    ``windows`` and ``directions`` are None where the attack is one episode.
    """

    market: Market
    forged: Bools
    forged_bars: Bools
    realised: float
    windows: Ints | None = None
    directions: Ints | None = None


def assemble(
    market: Market,
    spec: AttackSpec,
    events: Events,
    forged: Bools,
    extra: Sequence[tuple[Events, bool]] = (),
    bars: Bars | None = None,
) -> tuple[Market, Bools]:
    """Market with forged events, and their mask.

    Parameters
    ----------
    events, forged : ndarray
        All records that were there, changed or not, and which of them are forged.
    extra : sequence of (Events, bool)
        Records to add, and whether they are forged; at equal times they come after what
        was there, so no message is torn apart.
    bars : Bars, optional
        Instead of the market's.
    """
    parts = [events, *(e for e, _ in extra)]
    marks = [forged, *(np.full(len(e), lie, np.bool_) for e, lie in extra)]
    joined, mask = np.concatenate(parts), np.concatenate(marks)
    order = np.argsort(joined["ts"], kind="stable")
    joined, mask = joined[order], mask[order]
    told = hashlib.sha256(repr((spec, sorted(market.hashes.items()))).encode()).hexdigest()
    made = replace(
        market,
        events=joined,
        bars=market.bars if bars is None else bars,
        hashes={**market.hashes, f"attack:{spec.kind}": told},
    )
    return made, mask

# SPDX-License-Identifier: MIT
"""Write an attack into an existing market; nobody in it reacts."""

from __future__ import annotations

from seawall.data.attacks.labels import Labels
from seawall.data.attacks.spec import AttackSpec
from seawall.model.market import Market


def inject(
    market: Market, spec: AttackSpec, seed: int, origin_ns: int | None = None
) -> tuple[Market, Labels]:
    raise NotImplementedError

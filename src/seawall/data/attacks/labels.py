# SPDX-License-Identifier: MIT
"""Ground truth of one attack."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from seawall.data.attacks.kinds import kind_of
from seawall.data.attacks.spec import AttackSpec

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def _none() -> Ints:
    return np.empty(0, np.int64)


@dataclass(frozen=True, eq=False)
class Labels:
    """What was forged, when, and in which direction.

    Parameters
    ----------
    spec : AttackSpec
        What was asked for.
    windows : ndarray of int64, shape (n, 2)
        Start and end of each episode, ns UTC in receive time of recordings and in true
        venue time of simulated markets, which feeds show some milliseconds later.
    directions : ndarray of int64, shape (n,)
        Expected push of each episode on the price, or on what is learnt: -1, 0 or 1.
    forged : ndarray of bool, shape (n_events,)
        Events of the attacked market that are not genuine.  Of a simulated market attack:
        prints in which the attacker took part and best prices that the attacker changed;
        depth is not marked, because a level mixes participants.
    forged_bars : ndarray of bool, shape (n_bars,)
        Bars of the attacked market that are not genuine.
    orders, agents : ndarray of int64
        Order ids and agents of the attacker in a simulated market.
    realised : float
        Intensity that came about, in the unit of the kind; nan where it is not measured.
    """

    spec: AttackSpec
    windows: Ints
    directions: Ints
    forged: Bools
    forged_bars: Bools
    orders: Ints = field(default_factory=_none)
    agents: Ints = field(default_factory=_none)
    realised: float = float("nan")

    @property
    def start_ns(self) -> int:
        """Start of the first episode, ns UTC."""
        return int(self.windows[:, 0].min())

    @property
    def end_ns(self) -> int:
        """End of the last episode, ns UTC."""
        return int(self.windows[:, 1].max())

    def inside(self, ts: Ints) -> Bools:
        """Tell which times lie in an episode; ``ts`` in ns UTC."""
        out: Bools = np.zeros(len(ts), np.bool_)
        for start, end in self.windows:
            out |= (ts >= start) & (ts < end)
        return out


def direction_of(spec: AttackSpec) -> int:
    """Expected push of an attack: -1, 0 or 1."""
    sign = kind_of(spec.kind).direction
    if spec.kind == "liquidation_cascade" and spec.param("squeeze"):
        return 1
    if spec.kind == "wash_trading":
        return int(np.sign(spec.param("bias") - 0.5))
    if spec.kind == "momentum_ignition" and spec.param("alternate"):
        return 0
    return sign

# SPDX-License-Identifier: MIT
"""Table of Stoikov's micro-price from a whole sample, to be used on later quotes.

Formula: states as in ``microprice``; Q, T chances to go to a state without and with a change
of the mid, K mean change; G1 = (I - Q)^-1 K, B = (I - Q)^-1 T, g = G1 + B G1 + B^2 G1 + …
until what is added falls below a millionth of a tick.
Unit: quote currency.
Assumption: as ``microprice``.  ``state`` starts a stream of ``microprice`` with ``learn`` 0
and the same parameters; judge it on quotes that come later.
Cost: O(rows + states^3), a whole sample at once.
Source: Stoikov (2018), Quantitative Finance 18(12), section 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.book import microprice
from seawall.analytics.jit import Array, Table
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

ROUNDS_MOST = 10_000


@dataclass(frozen=True, slots=True)
class MicropriceTable:
    """What to add to the mid.

    Parameters
    ----------
    tick : float
        Tick that was used, quote currency.
    adjustment, first : array of shape (spreads, classes)
        g, and G1 alone: the mean change at the next move of the mid.
    visits : array of shape (spreads, classes)
        Rows in each state, mirrored ones too.
    stay, go : array of shape (states, states)
        Chances Q and T to go from one state to another, spread by spread, without and with a
        change of the mid; a row of both sums to 1 where the state was visited.
    rounds : int
        Terms of the series.
    rows : int
        Transitions that were counted.
    params : dict of str to float
        Parameters for ``microprice`` to go with ``state``.
    state : array
        State for ``microprice``.
    """

    tick: float
    adjustment: Table
    first: Table
    visits: Table
    stay: Table
    go: Table
    rounds: int
    rows: int
    params: dict[str, float]
    state: Array


def fit(
    bid_px: Array, bid_qty: Array, ask_px: Array, ask_qty: Array, *,
    tick: float = 0.0, half_classes: float = 5.0, spreads: float = 2.0,
) -> MicropriceTable:  # fmt: skip
    """Count transitions and sum the series.

    Parameters
    ----------
    bid_px, bid_qty, ask_px, ask_qty : arrays
        Quotes in order of time.
    tick : float
        Tick; 0: the smallest spread seen.
    half_classes, spreads : float
        Classes of the imbalance on each side of balance, and of the spread.

    Raises
    ------
    ResearchError
        When the mid never changes, or fewer than 100 quotes are sound.
    """
    total = bid_qty + ask_qty
    with np.errstate(invalid="ignore"):
        ok = np.isfinite(bid_px + ask_px + total) & (ask_px > bid_px) & (total > 0.0)
        ok &= (bid_qty >= 0.0) & (ask_qty >= 0.0)
    if ok.sum() < microprice.FIRST:
        raise ResearchError(
            f"{int(ok.sum())} sound quotes are too few", mend="give a hundred at least"
        )
    tick = tick or float(f"{(ask_px[ok] - bid_px[ok]).min():.6g}")
    classes, width = 2 * int(half_classes), int(spreads)
    n = classes * width
    wide = np.clip(np.rint((ask_px[ok] - bid_px[ok]) / tick) - 1, 0, width - 1).astype(np.int64)
    share = np.floor(classes * bid_qty[ok] / total[ok]).astype(np.int64)
    at = wide * classes + np.minimum(share, classes - 1)
    mid = 0.5 * (bid_px[ok] + ask_px[ok])
    joined = np.diff(np.flatnonzero(ok)) == 1
    stay, go, move = _count(at, mid, joined, n, classes)
    if not go.any():
        raise ResearchError("the mid never changes", mend="give a longer sample")
    seen = (stay + go).sum(axis=1)
    safe = np.maximum(seen, 1.0)[:, None]
    inverse = np.linalg.inv(np.eye(n) - stay / safe)
    first = inverse @ (move / safe[:, 0])
    g, rounds = _series(first, inverse @ (go / safe), 1e-6 * tick)
    params = {"tick": tick, "half_classes": half_classes, "spreads": spreads, "learn": 0.0}
    vector = microprice.ANALYTIC.vector(params)
    state = np.zeros(microprice.ANALYTIC.state_size(vector, 0))
    state[microprice.HEAD : microprice.HEAD + n] = g
    shape = (width, classes)
    return MicropriceTable(
        tick, g.reshape(shape), first.reshape(shape), seen.reshape(shape), stay / safe,
        go / safe, rounds, int(joined.sum()), params, state,
    )  # fmt: skip


def _count(
    at: npt.NDArray[np.int64], mid: Array, joined: npt.NDArray[np.bool_], n: int, classes: int
) -> tuple[Table, Table, Array]:
    """Transitions without and with a change of the mid, and summed changes; mirrored too."""
    was, now, change = at[:-1][joined], at[1:][joined], np.diff(mid)[joined]
    stay, go, move = np.zeros((n, n)), np.zeros((n, n)), np.zeros(n)
    still = change == 0.0
    for sign in (1.0, -1.0):
        if sign < 0.0:
            was, now = _mirror(was, classes), _mirror(now, classes)
        np.add.at(stay, (was[still], now[still]), 1.0)
        np.add.at(go, (was[~still], now[~still]), 1.0)
        np.add.at(move, was, sign * change)
    return stay, go, move


def _mirror(at: npt.NDArray[np.int64], classes: int) -> npt.NDArray[np.int64]:
    spread = at // classes
    return spread * classes + classes - 1 - at % classes


def _series(first: Array, turn: Table, small: float) -> tuple[Array, int]:
    g, term, rounds = first.copy(), first, 1
    while np.abs(term).max() > small and rounds < ROUNDS_MOST:
        term = turn @ term
        g = g + term
        rounds += 1
    return g, rounds


ANALYTIC = Analytic(
    name="microprice_fit", group="book", inputs=("bid_px", "bid_qty", "ask_px", "ask_qty"),
    doc=__doc__, fit=fit,
    params=(
        Param("tick", 0.0, "tick, quote currency; 0: the smallest spread", 0.0),
        Param("half_classes", 5, "classes of the imbalance on each side of balance", 1, 20, True),
        Param("spreads", 2, "classes of the spread", 1, 10, True),
    ),
    need=Need(seconds=300.0),
)  # fmt: skip
